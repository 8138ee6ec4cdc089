"""What waits, as it is kept for people: with both sides' values and each answer.

The document of a change is that of a plan, and more: ``sights`` (each side in a line),
``partner`` (who is paid), and ``options`` (what each word would do, or why it does not
fit). Everything in it is masked, but the consents in the options: nobody prints those.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from connector.engine.acts import Collision, PushSale
from connector.engine.causes.consents import DeadHereLiveThere
from connector.engine.change import Change, Finding, Status
from connector.engine.decisions import Answer, Waits
from connector.engine.facts import Facts
from connector.engine.options import (
    Options,
    basis_of,
    grounds_of,
    kept,
    open_questions,
)
from connector.engine.options import options as worked_out
from connector.engine.planned import Plan
from connector.engine.policy import Policy
from connector.reports import typed
from connector.reports.documents import item_document
from connector.reports.meaning import commands, rank
from connector.reports.messages.say import Reader, message, reader_of, said
from connector.reports.persons import OneQuestion, answers, together
from connector.reports.safe import cell
from connector.reports.typed import said_by
from mappings.canonical import Side, fold
from mappings.fields import NOBODY, shown_owner
from mappings.masking import masked, masked_values
from mappings.redemptions import shown
from state.model import Waiting

NOT_THERE = "not there"
BASIS = "basis"
"""The member of a kept document that no person reads: what its answers rest on."""
Said = dict[str, Any]
"""What each word would do, or why it does not fit, as it is kept (JSON)."""
NOTHING_KNOWN: Mapping[str, Waiting] = {}
MOST = 2000
"""So many are worked out at the end of a run; more would keep it too long."""


def waiting_rows(
    plan: Plan,
    facts: Facts,
    policy: Policy,
    run: str = "",
    later: Iterable[str] = (),
    *,
    known: Mapping[str, Waiting] = NOTHING_KNOWN,
) -> list[Waiting]:
    """Return all that waits by a complete look, with what can be answered to it.

    For the first ``MOST`` that is worked out, those that matter most before all;
    ``known`` is what waited in the last look: where nothing that they rest on is
    another since then, its answers are those of now.
    """
    waiting = sorted(open_questions(plan, later), key=rank)
    looked = _Looked(plan, facts, policy, run)
    return _rows(looked, waiting[:MOST], waiting[MOST:], known)


def rows(
    waiting: Sequence[Waits], plan: Plan, facts: Facts, policy: Policy, run: str = ""
) -> list[Waiting]:
    """Return some of what waits, each with what can be answered to it."""
    return _rows(_Looked(plan, facts, policy, run), waiting, (), NOTHING_KNOWN)


class _Looked(NamedTuple):
    """One look: the plan, what it was made of, and the run that it belongs to."""

    plan: Plan
    facts: Facts
    policy: Policy
    run: str


def _rows(
    looked: _Looked,
    first: Sequence[Waits],
    rest: Sequence[Waits],
    known: Mapping[str, Waiting],
) -> list[Waiting]:
    """Return what waits: the first of it with answers, kept or worked out anew."""
    plan, facts, policy, run = looked
    waiting = [*first, *rest]
    shown = {waits.id: item_document(plan, waits) for waits in waiting}
    grounds = grounds_of(facts, plan.config)
    basis = {w.id: basis_of(w, shown[w.id], facts, grounds) for w in first}
    answered = _kept(basis, known)
    anew = [waits for waits in first if waits.id not in answered]
    worked = worked_out(anew, facts, policy) if anew else {}
    answered |= {id_: _said(plan, options) for id_, options in worked.items()}
    texts = {fold(waits.code or "") for waits in waiting if isinstance(waits, Finding)}
    asked = _questions(plan, first, answered) | _questions(plan, rest, {})
    view = _View(plan, facts, _owners(facts, texts), run, asked, shown, basis)
    return [_row(view, waits, answered.get(waits.id)) for waits in waiting]


def _kept(basis: Mapping[str, str], known: Mapping[str, Waiting]) -> dict[str, Said]:
    """Return the answers that the last look has worked out and that still stand."""
    kept: dict[str, Said] = {}
    for id_ in basis.keys() & known.keys():
        document = json.loads(known[id_].document)
        if document.get(BASIS) == basis[id_] and "options" in document:
            kept[id_] = document["options"]
    return kept


def _said(plan: Plan, options: Options) -> Said:
    reader = reader_of(plan)
    return {take: option(answer, reader) for take, answer in options.items()}


Owners = Mapping[str, Mapping[Side, str | None]]


class _View(NamedTuple):
    """What was seen; of codes that have findings whom each credits, by text, side.

    ``shown`` are the documents of a plan by id, ``basis`` the marks of what the answers
    rest on.
    """

    plan: Plan
    facts: Facts
    owners: Owners
    run: str
    questions: Mapping[str, Mapping[str, Any]]
    shown: Mapping[str, Mapping[str, Any]]
    basis: Mapping[str, str]


def _questions(
    plan: Plan, waiting: Sequence[Waits], options: Mapping[str, Said]
) -> dict[str, dict[str, Any]]:
    """Return by id the one question about a person that answers several changes."""
    found: dict[str, dict[str, Any]] = {}
    for one in together(plan, waiting):
        if isinstance(one, OneQuestion):
            known = [options.get(change.id) for change in one.changes]
            ways = _ways(answers(plan, one), known)
            question = {"title": one.title, "text": one.text, "ways": ways}
            found |= {change.id: question for change in one.changes}
    return found


def _ways(
    typed: Iterable[tuple[str, str]], options: Iterable[Said | None]
) -> list[dict[str, str]]:
    """Return what can be typed, without what would be refused to one of these."""
    refused = {
        take for each in options for take, told in (each or {}).items() if "why" in told
    }
    return [
        {"command": command, "does": does}
        for command, does in typed
        if said_by(command) not in refused
    ]


def _owners(facts: Facts, texts: Collection[str]) -> Owners:
    owners: dict[str, dict[Side, str | None]] = {}
    for side in Side if texts else ():
        for code in facts.of(side).codes.values():
            if code.values.code in texts:
                owners.setdefault(code.values.code, {})[side] = code.values.partner
    return owners


def _row(view: _View, waits: Waits, options: Said | None) -> Waiting:
    code = waits.code or ""
    paid = _paid(waits, view.owners)
    ways = _ways(commands(view.plan, waits), [options])
    more: dict[str, Any] = {"partner": _partner(paid, view.facts)}
    more |= {"sights": sights(waits), "ways": ways}
    if ways:
        more["commands"] = [way["command"] for way in ways]
    document = masked_values({**view.shown[waits.id], **more})
    if question := view.questions.get(waits.id):
        document |= {"question": masked_values(dict(question))}
    if options is not None:
        document |= {"options": options, BASIS: view.basis[waits.id]}
    return Waiting(
        waits.id,
        waits.key if isinstance(waits, Change) else fold(code),
        code,
        view.run,
        view.plan.created_at,
        json.dumps(document),
        "\n".join(_people(paid, view.facts)),
        part=waits.status.value if isinstance(waits, Change) else "acceptable",
        reason=waits.reason if isinstance(waits, Change) else waits.kind,
    )


# -- who it is about ------------------------------------------------------------------


def _paid(waits: Waits, owners: Owners) -> dict[Side, str]:
    """Return the partner whom a code credits, by side."""
    if isinstance(waits, Change) and isinstance(waits.act, PushSale):
        sale, side = waits.act.sale, waits.act.side
        found = {side: sale.partner, side.other: sale.origin_partner}
    elif isinstance(waits, Change) and any(waits.seen.values()):
        found = {s: seen.values.partner or "" for s, seen in waits.seen.items() if seen}
    else:
        known = owners.get(fold(waits.code or ""), {})
        found = {side: owner or "" for side, owner in known.items()}
    return {side: owner for side, owner in found.items() if owner}


def _partner(paid: Mapping[Side, str], facts: Facts) -> str:
    """Say who is paid for it: one person, or who on which side."""
    left, right = paid.get(Side.PARTNERO), paid.get(Side.TOLT)
    texts = {s: shown_owner(s, owner, facts.partners) for s, owner in paid.items()}
    if left and right and not facts.partners.same(left, right):
        return ", ".join(f"{text} on {side.label}" for side, text in texts.items())
    return next((texts[side] for side in Side if side in texts), "")


def _people(paid: Mapping[Side, str], facts: Facts) -> list[str]:
    """Return by what a person can ask for it: ids and folded e-mails."""
    named: set[str] = set()
    for side, owner in paid.items():
        email = facts.partners.person(side, owner).email
        other = facts.partners.counterpart(side, owner)
        named |= {owner, *([email.strip().lower()] if email else [])}
        named |= {other} if other else set()
    return sorted(named)


# -- both sides beside each other -----------------------------------------------------


def sights(waits: Waits) -> dict[str, str]:
    """Return what each side shows, in a line."""
    return {side.value: cell(_sight(waits, side)) for side in Side}


def _sight(waits: Waits, side: Side) -> str:
    if isinstance(waits, Finding):
        return _effect(waits, side)
    match waits.act:
        case PushSale():
            return _sale(waits, side)
        case Collision(ids=ids):
            return ", ".join(ids.of(side)) or NOT_THERE
    if side in waits.seen and waits.seen[side] is None:
        return NOT_THERE
    values = [(row.field, getattr(row, side.value)) for row in waits.fields]
    texts = [
        value if value == NOBODY else f"{field} {value}"
        for field, value in values
        if value is not None
    ]
    seen = waits.seen.get(side)
    return "; ".join(texts) or (seen.written if seen else "")


def _effect(finding: Finding, side: Side) -> str:
    """Say what a code is on a side, where that is what differs."""
    for cause in finding.causes:
        if isinstance(cause, DeadHereLiveThere):
            return "cannot be used" if cause.side is side else "can be used"
    return ", ".join(finding.limits) if side is Side.PARTNERO else ""


def _sale(change: Change, side: Side) -> str:
    """Name a sale where it is, and what looks like it on the other side."""
    push = change.push
    if push is None:
        return ""
    if side.value != change.target:
        money = str(push.money) if push.currency else "no exact amount"
        return f"{shown(push.key)}, {money}, {push.at[:10]}"
    alike = change.values.get("lookalikes", ())
    return "; ".join(map(_lookalike, alike)) or NOT_THERE


def _lookalike(sale: Mapping[str, str | None]) -> str:
    money = f"{sale['amount']} {sale['currency']}" if sale["amount"] else ""
    parts = (shown(sale["key"] or ""), money, (sale["at"] or "")[:10])
    return ", ".join(part for part in parts if part)


# -- what can be answered -------------------------------------------------------------


def option(answer: Answer, reader: Reader) -> dict[str, Any]:
    """Return what a word would do, or why it does not fit, as JSON."""
    if answer.why:
        return {"why": masked(cell(message(answer.why, reader)))}
    decision = answer.decision
    shown_lost = decision.lost if answer.effects else ()
    return {
        "effects": [masked(line) for line in effects(answer, reader)],
        "lost": [masked(text) for text in shown_lost],
        "destroys": answer.destroys,
        "decision": kept(decision),
    }


def effects(answer: Answer, reader: Reader) -> list[str]:
    """Say in sentences what an answer will do, what it needs first."""
    lines = [said(need, reader) for need in answer.needs]
    lines += [typed.effect(change) for change in answer.effects]
    return [cell(line) for line in lines or [_accepted(answer, reader)]]


def _accepted(answer: Answer, reader: Reader) -> str:
    """Say what an answer means that changes nothing at once on either side."""
    waits, code = answer.waits, answer.decision.code
    if not isinstance(waits, Change):
        return f"{code}: accepted as it is."
    if waits.push is None:
        return f"{code}: {_STAYS.get(waits.action, 'the difference is accepted')}."
    if answer.decision.take != "keep":
        return f"{code}: pushed. {said(waits, reader.reading_beside(code))}"
    if waits.status is Status.BLOCKED:
        return f"{code}: accepted as an exception, and never pushed."
    return f"{code}: it is the same sale: linked, and never pushed."


_STAYS = {
    "create": "it stays on one side",
    "delete": "it stays on one side",
    "adopt": "accepted with the records that it has now",
}
