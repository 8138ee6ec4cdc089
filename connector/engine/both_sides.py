"""Records that both sides have: what agrees is adopted, what changed is carried.

Each field follows its row of the table. Fields that go to one side become one
change, split by the permission that they need; what only a person can say becomes
an open question.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.engine import words
from connector.engine.causes import Causes
from connector.engine.change import Change, Grant, Status, Want
from connector.engine.consent import Given, covers
from connector.engine.desk import Desk, blocked, written
from connector.engine.match import Pairing
from connector.engine.merge import FieldVerdict, merge
from connector.engine.one_side import consented, delete_wherever
from connector.engine.table import RecordRow, Verb
from mappings.canonical import FIELDS, Both, PromoCode, Side, Unreadable
from mappings.discounts import is_wrong_unit, raises_discount
from mappings.limits import why_dead
from state.model import Decision, Link


@dataclass(frozen=True, slots=True)
class Going:
    """A proposal that goes to one side, by itself or because a person said so."""

    proposal: Change
    decision: Decision | None = None


def compare(
    desk: Desk,
    pairing: Pairing,
    row: RecordRow,
    given: Given,
    winner: Decision | None = None,
) -> Iterable[Change]:
    """Merge field by field: adopt what agrees, update what one side changed.

    ``winner`` is the decision about a record that is back: one side is right in all.
    """
    left, right = pairing.partnero, pairing.tolt
    if left is None or right is None:
        return
    verdicts = merge(pairing, left, right, desk.partners)
    if all(v.row and v.row.equal for v in verdicts):
        desk.tally.in_sync += 1
    else:
        desk.tally.differ += 1
    for adopt in _adopt(desk, pairing, (left, right), verdicts):
        yield adopt if winner is None else _bound(adopt, [winner])
    yield from _unreadable(desk, pairing, (left, right), verdicts)
    open_ones = [v for v in verdicts if v.row and not v.row.equal]
    drafts = _proposals(desk, pairing, open_ones, winner)
    proposals = [draft if draft.id else draft.with_id() for draft in drafts]
    if given.decisions:
        given = given.with_older([one for one in proposals if not desk.goes(one)])
    answers = {one.id: winner or given.to(one) for one in proposals}
    removals = [d for d in answers.values() if d and d.take == "delete"]
    doomed = [*delete_wherever(desk, pairing, row)] if removals else []
    if removals and (agreed := consented(given, removals, doomed)):
        yield from agreed
        return
    answers = {id_: d for id_, d in answers.items() if d not in removals}
    going: dict[Side, list[Going]] = {side: [] for side in Side}
    for proposal in proposals:
        decision = answers.get(proposal.id)
        side = _destination(desk, proposal, decision)
        if side is not None and desk.policy.allows(side):
            going[side].append(Going(proposal, decision))
        elif decision is not None and decision.take == "keep":
            yield proposal._replace(decision=decision)
        else:
            yield proposal
    for side, members in going.items():
        yield from _together(desk, pairing, given, side, members)


def _proposals(
    desk: Desk,
    pairing: Pairing,
    verdicts: Sequence[FieldVerdict],
    winner: Decision | None,
) -> Iterable[Change]:
    """Yield what the table proposes for the fields that differ, and its questions."""
    bound = [(v, toward) for v in verdicts if (toward := _toward(desk, v))]
    if winner is not None:
        side = Side(winner.take).other
        bound = [(v, side) for v in verdicts]
    for target in Side:
        rows = {v.field: v.row.number for v, side in bound if v.row and side is target}
        if rows and desk.policy.allows(target):
            yield from _carry(desk, pairing, rows, target)
    for verdict, toward in bound:
        if not desk.policy.allows(toward):
            _say_it_is_forbidden(desk, pairing, verdict.field, toward)
    if winner is None:
        yield from _open_questions(desk, pairing, verdicts)


def _destination(
    desk: Desk, proposal: Change, decision: Decision | None
) -> Side | None:
    """Return the side that a proposal goes to now, or None where it waits."""
    if decision is not None:
        if decision.take == "keep":
            return None
        if decision.take == "proposed":
            return proposal.side
        return Side(decision.take).other
    return proposal.side if desk.goes(proposal) else None


def _together(
    desk: Desk,
    pairing: Pairing,
    given: Given,
    target: Side,
    members: Sequence[Going],
) -> Iterable[Change]:
    """Carry what goes to one side as one change, if one of its fields needs that.

    A replace that is not allowed holds up nothing that can be updated alone.
    """
    names = [name for one in members for name in one.proposal.scope]
    can = desk.facts.can[target].updates
    if set(names) <= can:
        yield from _updated(desk, pairing, given, target, members)
        return
    draft = _drafted(desk, pairing, target, _rows(desk, pairing, names))
    whole = _agreed(desk, given, members, draft)
    if whole is not None:
        yield whole
        return
    alone = [one for one in members if set(one.proposal.scope) <= can]
    yield from _updated(desk, pairing, given, target, alone)
    for one in members:
        if one not in alone:
            rows = _rows(desk, pairing, one.proposal.scope)
            draft = _drafted(desk, pairing, target, rows)
            single = _agreed(desk, given, [one], draft)
            yield single or one.proposal


def _updated(
    desk: Desk,
    pairing: Pairing,
    given: Given,
    target: Side,
    members: Sequence[Going],
) -> Iterable[Change]:
    """Yield the updates, apart by the permission that they need."""
    for payee in (False, True):
        group = [one for one in members if ("partner" in one.proposal.scope) is payee]
        names = [name for one in group for name in one.proposal.scope]
        if names:
            draft = group[0].proposal
            if len(group) > 1 or draft.target != target or draft.want is None:
                rows = _rows(desk, pairing, names)
                draft = _drafted(desk, pairing, target, rows)
            agreed = _agreed(desk, given, group, draft)
            if agreed is not None:
                yield agreed
            else:
                yield from (one.proposal for one in group)


def _agreed(
    desk: Desk, given: Given, members: Sequence[Going], change: Change
) -> Change | None:
    """Return the change bound to its consents, or None where they do not cover it."""
    decisions = [one.decision for one in members if one.decision is not None]
    parts = tuple(sorted(one.proposal.id for one in members))
    change = change._replace(parts=parts)
    if decisions:
        if not covers(decisions, change):
            if len(members) == 1:
                given.refuse(decisions[0])
            return None
        change = _bound(change, decisions)
    elif set(parts) & desk.facts.accepted:
        change = change._replace(decided=True)
    return change if len(members) == 1 or desk.may(change) else None


def _bound(change: Change, decisions: Sequence[Decision]) -> Change:
    ids = tuple(sorted(one.id for one in decisions))
    return change._replace(decided=True, decision=decisions[0], consents=ids)


def _drafted(
    desk: Desk, pairing: Pairing, target: Side, rows: Mapping[str, int]
) -> Change:
    """Return the one change of these fields of one side; ``rows`` are the table's."""
    can = desk.facts.can[target].updates
    if not rows.keys() <= can:
        grant = Grant.REPLACE
    else:
        grant = Grant.PAYEE if "partner" in rows else Grant.UPDATE
    draft = _moved(desk, pairing, target, list(rows), grant, max(rows.values()))
    if grant is Grant.REPLACE:
        draft = _replacement(desk, pairing, draft)
    return draft.with_id()


def _rows(desk: Desk, pairing: Pairing, names: Iterable[str]) -> dict[str, int]:
    """Return the row of the table that each of these fields falls under."""
    left, right, wanted = pairing.partnero, pairing.tolt, set(names)
    if left is None or right is None:
        return {}
    return {
        verdict.field: verdict.row.number
        for verdict in merge(pairing, left, right, desk.partners)
        if verdict.row and verdict.field in wanted
    }


def _adopt(
    desk: Desk,
    pairing: Pairing,
    both: tuple[PromoCode, PromoCode],
    verdicts: tuple[FieldVerdict, ...],
) -> Iterable[Change]:
    """Write a base for the fields that agree, and the link if it is new."""
    (left, right), link = both, pairing.link
    agreed = {v.field for v in verdicts if v.verb is Verb.ADOPT}
    if link and not agreed and link.ids == (left.id, right.id):
        return
    was = link.base if link else Both(left.values, right.values)
    unset = link.unset if link else frozenset(FIELDS)
    new = Link(
        ids=Both(left.id, right.id),
        base=Both(
            was.partnero._replace(**{f: getattr(left.values, f) for f in agreed}),
            was.tolt._replace(**{f: getattr(right.values, f) for f in agreed}),
        ),
        written=left.written,
        version=desk.facts.version,
        unset=unset - agreed,
    )
    rows = [v.row.number for v in verdicts if v.row and v.verb is Verb.ADOPT]
    message = f"{left.written} is on both sides; what agrees is remembered."
    if link and link.ids != new.ids:
        message = f"{link.written} was renamed, or made anew: it is {left.written} on "
        message += f"Partnero and {right.written} on Tolt now, and still one record."
    draft = desk.draft(
        pairing,
        "adopt",
        None,
        row=min(rows, default=5),
        grant=Grant.FREE,
        reason="equal",
        causes=(message,),
        fields=sorted(agreed),
    )
    yield draft._replace(link=new)


def _unreadable(
    desk: Desk,
    pairing: Pairing,
    both: tuple[PromoCode, PromoCode],
    verdicts: tuple[FieldVerdict, ...],
) -> Iterable[Change]:
    """Block what one side states in a way that cannot be compared."""
    blind = [v.field for v in verdicts if v.row is None]
    if not blind:
        return
    stated = [code.values.discount for code in both]
    found = next(one for one in stated if isinstance(one, Unreadable))
    draft = desk.draft(
        pairing,
        "update",
        Side.TOLT,
        row=17,
        grant=Grant.DECIDE,
        reason="currency_unknown" if found.kind == "currency" else "not_expressible",
        causes=(f"{written(pairing)}: the discounts cannot be compared: {found.why}.",),
        fields=blind,
    )
    yield draft._replace(status=Status.BLOCKED)


def _carry(
    desk: Desk, pairing: Pairing, rows: Mapping[str, int], target: Side
) -> Iterable[Change]:
    """Propose fields for one side: updates, a move of the payee, a replacement."""
    can = desk.facts.can[target].updates
    for names in (
        [f for f in rows if f in can and f != "partner"],
        [f for f in rows if f in can and f == "partner"],
        [f for f in rows if f not in can],
    ):
        if names:
            yield _drafted(desk, pairing, target, {f: rows[f] for f in names})


def _toward(desk: Desk, verdict: FieldVerdict) -> Side | None:
    """Return where a field would go: by the table, or by policy."""
    if verdict.verb is Verb.CONFLICT:
        winner = desk.policy.winner(verdict.field)
        return winner.other if winner else None
    return verdict.row.toward if verdict.row else None


def _moved(  # noqa: PLR0917 (each of them is in the change)
    desk: Desk,
    pairing: Pairing,
    target: Side,
    names: list[str],
    grant: Grant,
    row: int,
) -> Change:
    """Draft the update of some fields of one side with the other's values."""
    source = target.other
    new, old = pairing.of(source), pairing.of(target)
    draft = desk.draft(
        pairing,
        "update",
        target,
        row=row,
        grant=grant,
        reason=_reason(names, source),
        causes=(),
        fields=names,
        source=source,
    )
    message = f"{draft.code} on {target.label}: {_told(draft, 'becomes')}."
    owner = new.values.partner if new else None
    partner = desk.partners.counterpart(source, owner)
    stated = draft._replace(causes=(message,))
    if new is None or old is None:
        return stated
    if "partner" in names and partner is None:
        return blocked(stated, *desk.carriers.why_no_partner(source, owner))
    if "partner" in names and (why := desk.why_inactive(target, partner)):
        return blocked(stated, "partner_inactive", why)
    raises = "discount" in names and raises_discount(
        old.values.discount, new.values.discount
    )
    want = Want(new.written, new.values.discount, partner, frozenset(names))
    stated = stated._replace(want=want, raises_exposure=raises)
    if "discount" in names and _is_unit_mixed_up(pairing):
        stated = _asks_about_the_unit(stated)
    return stated if names == ["partner"] else desk.expressible(stated, new, target)


WRONG_UNIT = (
    "Both amounts differ by exactly the currency's power of ten: one of them is "
    "probably in another unit."
)


def _is_unit_mixed_up(pairing: Pairing) -> bool:
    left, right = pairing.partnero, pairing.tolt
    if left is None or right is None:
        return False
    return is_wrong_unit(left.values.discount, right.values.discount)


def _asks_about_the_unit(draft: Change) -> Change:
    grant = Grant.DECIDE if draft.grant is Grant.UPDATE else draft.grant
    causes = (*draft.causes, WRONG_UNIT)
    return draft._replace(reason="wrong_unit", grant=grant, causes=causes)


def _replacement(desk: Desk, pairing: Pairing, draft: Change) -> Change:
    """Turn an update that the target cannot do into a new record for the old one."""
    target = draft.side
    old, source = pairing.of(target), pairing.of(target.other)
    if draft.want is None or old is None or source is None:
        return draft._replace(action="replace")
    names = draft.want.fields
    message = f"{target.label} cannot change this: {draft.code}, "
    message += f"{_told(draft, 'would become')}. It takes a new code in place of the "
    dead = why_dead(old.carried, desk.facts.today)
    history = "old one, and the old one's history is lost."
    history += f" It is dead there: {words.death(dead)}." if dead else ""
    kept = draft.reason if names & {"partner", "code"} else "replace_needed"
    draft = draft._replace(
        action="replace",
        reason="wrong_unit" if draft.reason == "wrong_unit" else kept,
        lost=words.dies_with(target, old),
        causes=(f"{message}{history}",),
        values={"dead": dead.kind, "since": dead.facts} if dead else {},
    )
    discount = (source if "discount" in names else old).values.discount
    whole = source._replace(
        written=(source if "code" in names else old).written,
        values=source.values._replace(discount=discount),
    )
    if "partner" not in names:
        partner = old.values.partner
    else:
        partner = draft.want.partner if draft.want else None
    want = Want(whole.written, discount, partner, names)
    drawn = desk.carried(draft._replace(want=want), whole, target)
    return desk.replaceable(drawn, old)


def _open_questions(
    desk: Desk, pairing: Pairing, verdicts: Iterable[FieldVerdict]
) -> Iterable[Change]:
    """Hold what only a person can say: which of two values is right."""
    groups: dict[str, list[FieldVerdict]] = {}
    for verdict in verdicts:
        if verdict.verb is Verb.CONFLICT and not desk.policy.winner(verdict.field):
            groups.setdefault("both_changed", []).append(verdict)
        elif verdict.verb is Verb.DIVERGED:
            payee = verdict.field == "partner"
            groups.setdefault("payee_change" if payee else "diverged", []).append(
                verdict
            )
    for reason, group in groups.items():
        # Who is paid is a question of its own: an answer about a value is none.
        for payee in (False, True):
            apart = [v for v in group if (v.field == "partner") is payee]
            if apart:
                yield _question(desk, pairing, reason, apart)


def _question(
    desk: Desk, pairing: Pairing, reason: str, group: list[FieldVerdict]
) -> Change:
    names = [verdict.field for verdict in group]
    row = max(verdict.row.number for verdict in group if verdict.row)
    able = [side for side in Side if names[0] in desk.facts.can[side].updates]
    draft = desk.draft(
        pairing,
        "update",
        (able or [Side.TOLT])[0],
        row=row,
        grant=Grant.DECIDE,
        reason=reason,
        causes=(),
        fields=names,
    )
    told = "; ".join(
        f"{f.field} is {_said(f.partnero)} on Partnero and {_said(f.tolt)} on Tolt"
        for f in draft.fields
    )
    if row == 6:
        desk.report("diverged", (f"{draft.code}: {told}.",), draft.code)
    hints = _same_person(desk, pairing) if reason == "payee_change" else ()
    if "discount" in names and _is_unit_mixed_up(pairing):
        hints = (*hints, WRONG_UNIT)
        draft = draft._replace(reason="wrong_unit")
    return draft._replace(causes=(f"{draft.code}: {told}.", *hints))


def _said(value: str | None) -> str | None:
    return "nobody" if value == words.NOBODY else value


def _same_person(desk: Desk, pairing: Pairing) -> Causes:
    """Ask whether two owners whose e-mails look alike are one person."""
    left, right = pairing.partnero, pairing.tolt
    owner = left.values.partner if left else None
    if owner is None or right is None:
        return ()
    alike = desk.partners.suggestions.get((Side.PARTNERO, owner))
    same = alike is not None and alike == right.values.partner
    row = f"{owner},{right.values.partner}"
    return (f"If both are one person, add {row} to the alias file.",) if same else ()


def _say_it_is_forbidden(
    desk: Desk, pairing: Pairing, field: str, toward: Side
) -> None:
    """Name a field that would be carried, were it not for the direction."""
    text, source = written(pairing), toward.other
    message = f"{text}: {field} of {source.label} is not carried over; the "
    message += f"direction is {desk.policy.direction}, so nothing is written."
    desk.report(f"changed_on_{source}", (message,), text)


def _told(draft: Change, verb: str) -> str:
    return "; ".join(
        f"{f.field} {f.partnero if draft.target == Side.PARTNERO else f.tolt} {verb} "
        f"{f.new}"
        for f in draft.fields
    )


def _reason(names: list[str], source: Side) -> str:
    if "partner" in names:
        return "payee_change"
    return "renamed" if "code" in names else f"changed_on_{source}"
