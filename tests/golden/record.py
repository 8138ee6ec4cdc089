"""What a plan comes to, as plain JSON; and apart from it what is said to people.

With engine.py the one place that knows the engine: it edits this file who changes a
type of a plan. What is in a record has to stay as it is.
"""

from dataclasses import asdict

from connector.engine.change import digest
from connector.engine.choose import (
    chosen_of,
)
from connector.engine.marks import claiming_mark, own, parse_marks
from connector.engine.notes import note, parse_note
from connector.engine.partners import perhaps_left
from connector.engine.proposals.limits import acceptances
from connector.reports.messages.say import message
from mappings.canonical import Fixed, Percentage, Unreadable
from mappings.discounts import discount_text
from tests.golden.world import AT, MINE, NOW


def plain(value):
    """Return a value as JSON: sets in order, discounts as they are stored."""
    match value:
        case None | str() | bool() | int():
            shown = str(value) if isinstance(value, str) else value
        case list() | tuple():
            shown = [plain(one) for one in value]
        case dict():
            shown = {str(name): plain(one) for name, one in value.items()}
        case set() | frozenset():
            shown = sorted(plain(one) for one in value)
        case Percentage() | Fixed():
            shown = discount_text(value)
        case Unreadable():
            shown = f"? {value.why}"
        case _:
            shown = str(value)
    return shown


def filled(**members):
    return {name: plain(one) for name, one in members.items() if one or one == 0}


def change_record(one):
    """Return everything of a change but its sentence."""
    return filled(
        id=one.id,
        action=one.action,
        target=one.target,
        key=one.key,
        code=one.code,
        status=one.status,
        reason=one.reason,
        row=one.row,
        grant=one.grant,
        fields=[list(f) for f in one.fields],
        lost=one.lost,
        raises=one.raises_exposure,
        decided=one.decided,
        needs=one.needs,
        consents=one.consents,
        decision=one.decision and one.decision.id,
        accepts=one.accepts,
        parts=one.parts,
        members=one.members,
        values=dict(one.values),
        preconditions=one.precondition,
        wanted=one.wanted,
        kept=one.want and one.want.kept,
        scope=one.scope,
        mark=one.mark,
        link=link_record(one.link) if one.link else None,
        executable=one.executable,
        note=digest(note(one))[:6],
        again=parse_note(note(one)).with_id().id,
        agreed=[decision_record(d) for d in acceptances(one, AT)],
    )


def link_record(one):
    return [
        *one.ids,
        *one.base.left,
        *one.base.right,
        one.written,
        one.version,
        one.unset,
    ]


def decision_record(one):
    return filled(**asdict(one))


def finding_record(one):
    return filled(
        kind=one.kind,
        code=one.code,
        codes=one.codes,
        id=one.id,
        decision=one.decision and one.decision.id,
        limits=one.limits,
    )


def partners_record(partners):
    return filled(
        matched=sorted([*one] for one in partners.links()),
        ambiguous=sorted([*one] for one in partners.ambiguous),
        alike=sorted([*k, v] for k, v in partners.suggestions.items()),
        ended=[[*e.link, e.why, e.line and e.line.line] for e in partners.ended],
        conflicts=[[one.line for one in group] for group in partners.conflicts],
        back=sorted([side, *ids, new] for side, ids, new in perhaps_left(partners)),
    )


def without_sentences(part):
    """Return a document without what is said in it, and the marks of that."""
    if isinstance(part, dict):
        said = ("message", "commands", "seal", "error", "redemptions_not_compared")
        return {k: without_sentences(v) for k, v in part.items() if k not in said}
    return [without_sentences(one) for one in part] if isinstance(part, list) else part


def commands(document):
    parts = [*document["changes"], *document["findings"]]
    return [typed for part in parts for typed in part.get("commands", ())]


def plan_record(seen):
    plan, decided = seen.plan, seen.decided
    ids = sorted(one.id for one in plan.changes)
    middle = ids[len(ids) // 2 :][:1]
    marks = parse_marks(seen.marks)
    return filled(
        changes=[change_record(one) for one in plan.changes],
        findings=[finding_record(one) for one in plan.findings],
        accepted=[finding_record(one) for one in plan.accepted],
        acceptable=[finding_record(one) for one in plan.acceptable],
        tally=asdict(plan.tally),
        early=seen.early and [seen.early.guard, seen.early.side],
        refused=plan.refused and [plan.refused.guard, plan.refused.side],
        ended=decided.ended,
        restored=decided.restored,
        carried={k: decision_record(one) for k, one in seen.carried.items()},
        links=[link_record(one) for one in seen.links if one not in seen.bases],
        partners=partners_record(seen.partners),
        chosen=sorted(chosen_of(plan.changes, middle)),
        spared=[
            one.id
            for one, was in zip(seen.spared, plan.changes, strict=True)
            if one is not was
        ],
        claim=marks and [claiming_mark(marks, NOW), bool(own(marks, MINE))],
        digest=plan.digest.removeprefix("sha256:")[:16],
        document=seen.document and digest(without_sentences(seen.document))[:16],
        certificate=certificate_record(seen.proof),
    )


def certificate_record(proof):
    return filled(
        equal=proof.equal,
        open=proof.open,
        complete=proof.complete,
        dead=proof.dead,
        exceptions=[
            [e.code, e.reason, e.accepted, e.by, e.at, e.note] for e in proof.exceptions
        ],
        sides={k: v.digest[7:15] for k, v in proof.sides.items()},
    )


def plan_sentences(seen):
    """Return all that is said to people, in the order of the record."""
    plan = seen.plan
    every = (*plan.findings, *plan.accepted, *plan.acceptable)
    return filled(
        changes=[f"{one.id}: {message(one.causes)}" for one in plan.changes],
        findings=[f"{one.kind}: {message(one.causes)}" for one in every],
        refused=plan.refused and message(plan.refused.causes),
        commands=seen.document and commands(seen.document),
        proof=digest([message(one.causes) for one in seen.proof.exceptions])[:8],
        spared=[
            message(one.causes)
            for one, was in zip(seen.spared, plan.changes, strict=True)
            if one is not was
        ],
    )


def answer_record(answer):
    return filled(
        decision=decision_record(answer.decision),
        refused=bool(answer.why),
        effects=[one.id for one in answer.effects],
        needs=[one.id for one in answer.needs],
        destroys=answer.destroys,
    )
