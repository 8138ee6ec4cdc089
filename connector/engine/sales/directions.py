"""What is pushed in one direction, and when nothing is. Pure.

Where both sides hang on one billing system a push would count and pay twice, so a
direction stops as a whole. The evidence for that is remembered for good: what is done
about a sale later, by a push or a person, takes nothing from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from connector.engine.causes.pushes import (
    CameFromThere,
    CodesNotPushed,
    CommissionsNeeded,
    OneBillingSystem,
)
from connector.engine.causes.sales import KeptAsItIs
from connector.engine.change import Change, Finding, Status
from connector.engine.consent import PUSHED
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy
from connector.engine.sales.facts import PushFacts
from connector.engine.sales.hindrances import KEPT_AS_IT_IS, why_no_code
from connector.engine.sales.lines import Note
from connector.engine.sales.pushes import propose
from connector.engine.sales.redemptions import Id, common_root
from connector.engine.sales.standings import MISSING, Standing
from connector.engine.sales.totals import number
from mappings.canonical import Side
from mappings.redemptions import Entry, Total
from state.model import Decision

NAMED = 20
"""Codes of which nothing is pushed that are named with their reasons."""


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction in one run: what is permitted, and what both sides have shown.

    ``evidence`` counts what earlier runs have seen on the target without us.
    """

    target: Side
    policy: Policy
    totals: Sequence[Total]
    evidence: int
    today: str
    accepted: frozenset[str] = frozenset()
    quarantined: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)


class Pushes(NamedTuple):
    """What follows for one direction.

    ``learnt`` is what the ledger has to keep whatever becomes of the changes, ``used``
    the decisions that need nothing more than that, ``asked`` the ids of all that a
    person could have decided about, ``ended`` consents whose sale is another by now.
    ``notes`` say why a sale is not pushed, or what is asked about it.
    """

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    learnt: tuple[Entry, ...] = ()
    used: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    notes: Mapping[Id, Note] = {}


def pushable_codes(
    target: Side,
    totals: Iterable[Total],
    pairs: Mapping[str, Pairing],
    partners: PartnerMap,
) -> tuple[list[str], list[Finding]]:
    """Return the codes that lack redemptions on the target and may get them."""
    wanted = (MISSING[target], Standing.QUARANTINED)
    lacking = sorted({total.code for total in totals if total.standing in wanted})
    reasons = {code: why_no_code(pairs.get(code), partners) for code in lacking}
    good = [code for code, why in reasons.items() if why is None]
    bad = [(code, why) for code, why in reasons.items() if why is not None]
    if not bad:
        return good, []
    cause = CodesNotPushed(target, len(bad), tuple(bad[:NAMED]))
    codes = tuple(code for code, _ in bad)
    return good, [Finding("push_blocked", (cause,), None, codes)]


def sent_from_there(target: Side, entries: Sequence[Entry]) -> list[Finding]:
    """Name what the target lacks and once had: we pushed it from there ourselves."""
    if not entries:
        return []
    named = tuple(entry.key for entry in entries[:NAMED])
    cause = CameFromThere(target, len(entries), named)
    codes = tuple(sorted({entry.code for entry in entries}))
    return [Finding("push_blocked", (cause,), None, codes)]


def lacks_commissions(target: Side, policy: Policy) -> bool:
    """Say whether nothing goes in this direction without a yes to commissions."""
    return target is Side.TOLT and not policy.commissions


def commissions_needed(target: Side, totals: Iterable[Total]) -> list[Finding]:
    """Name how many redemptions wait for that yes."""
    waiting = number(totals, MISSING[target])
    if not waiting:
        return []
    return [Finding("commissions_needed", (CommissionsNeeded(waiting),))]


def decide(
    direction: Direction, sales: Sequence[PushFacts], noted: Mapping[Id, Entry]
) -> Pushes:
    """Propose what to push; nothing is ready where the root is common.

    ``noted`` are entries of which the look-ups themselves have shown more.
    """
    evidence = _evidence(direction.target, sales, noted)
    fresh = sum(sale.brought and not sale.entry.evidence for sale in sales)
    root = _common_root(direction, fresh)
    proposals = [(sale, _proposed(direction, sale)) for sale in sales]
    now = {**noted, **evidence}
    changes: dict[str, Change] = {}
    answers: list[_Answer] = []
    notes: dict[Id, Note] = {}
    for sale, steps in proposals:
        if root and (len(steps) != 1 or steps[0].status is Status.READY):
            continue
        answered = [
            answer for step in steps if (answer := _answer(direction, sale, step, now))
        ]
        answers += answered
        for answer in answered:
            now |= answer.learnt
        for step in () if answered else steps:
            changes.setdefault(step.id, step)
        notes |= _noted(sale, steps, answered)
    return Pushes(
        changes=tuple(changes.values()),
        findings=tuple(root),
        accepted=tuple(f for answer in answers for f in answer.accepted),
        learnt=tuple(now.values()),
        used=tuple(id_ for answer in answers for id_ in answer.used),
        asked=_asked(direction, proposals),
        notes=notes,
    )


def _noted(
    sale: PushFacts, steps: Iterable[Change], answers: Sequence["_Answer"]
) -> dict[Id, Note]:
    """Return why a sale is not pushed, as its line says it; nothing where it is."""
    kept = [finding for answer in answers for finding in answer.accepted]
    for finding in kept:
        word = finding.decision
        said = (KeptAsItIs(word.who, word.at, word.note),) if word else ()
        causes = (*finding.causes, *said)
        return {_id(sale.entry): Note(finding.kind, causes, accepted=True)}
    waits = [step for step in steps if step.status is not Status.READY]
    if answers or not waits:
        return {}
    first = waits[0]
    return {_id(sale.entry): Note(first.reason, first.causes, first.id)}


def _proposed(direction: Direction, sale: PushFacts) -> list[Change]:
    accepted, quarantined = direction.accepted, direction.quarantined
    return propose(sale, direction.policy, accepted, quarantined, direction.decisions)


def over(direction: Direction, asked: frozenset[str]) -> frozenset[str]:
    """Return the consents about sales that are not as they were when given."""
    return frozenset(
        decision.id
        for decision in direction.decisions.values()
        if decision.action in PUSHED
        and decision.target == direction.target
        and decision.id not in asked
    )


def _asked(
    direction: Direction, proposals: Iterable[tuple[PushFacts, list[Change]]]
) -> frozenset[str]:
    """Return the ids of all that a person could have decided about.

    Consents about sales of which nothing can be told wait.
    """
    proposals = tuple(proposals)
    steps = [step for _, proposed in proposals for step in proposed]
    waiting = {(sale.entry.code, sale.target) for sale, _ in proposals if sale.unknown}
    words = direction.decisions.values()
    undisturbed = {word.id for word in words if (word.key, word.target) in waiting}
    return frozenset(undisturbed.union(*({step.id, *step.consents} for step in steps)))


# -- what both sides have in common --------------------------------------------------


def _evidence(
    target: Side, sales: Iterable[PushFacts], noted: Mapping[Id, Entry]
) -> dict[Id, Entry]:
    """Return the entries that the target is now seen to have without us, and as what.

    A lookalike that was known before is not forgotten, nor what had the very key: it
    may have vanished unjudged.
    """
    seen: dict[Id, Entry] = {}
    for sale in sales:
        entry = sale.entry
        others = (*sale.lookalikes, *(s for s in sale.there if not s.ours))
        alike = {(other.reference, other.key) for other in others} | {*entry.alike}
        evidence = entry.evidence or (target.value if sale.brought else "")
        if evidence and (evidence, alike) != (entry.evidence, {*entry.alike}):
            known = noted.get(_id(entry), entry)
            now = replace(known, evidence=evidence, alike=tuple(sorted(alike)))
            seen[_id(entry)] = now
    return seen


def _common_root(direction: Direction, fresh: int) -> list[Finding]:
    """Say that both sides hang on one billing system, where they do."""
    totals, target = direction.totals, direction.target
    known = direction.evidence + fresh
    shared = number(totals, Standing.IN_SYNC) + known
    missing = max(0, number(totals, MISSING[target]) - known)
    if not common_root(shared, missing):
        return []
    cause = OneBillingSystem(target, shared, direction.today)
    return [Finding("common_root", (cause,))]


# -- what a person has said ----------------------------------------------------------


class _Answer(NamedTuple):
    """What a person's word about one step comes to."""

    learnt: Mapping[Id, Entry] = {}
    used: tuple[str, ...] = ()
    accepted: tuple[Finding, ...] = ()


def _answer(
    direction: Direction, sale: PushFacts, step: Change, now: Mapping[Id, Entry]
) -> _Answer | None:
    """Return what follows where a held or blocked step was decided to stay as it is."""
    decision = direction.decisions.get(step.id)
    if decision is None or decision.take != "keep" or step.status is Status.READY:
        return None
    if step.status is Status.HELD:
        return _Answer(learnt=_linked(sale, now), used=(step.id,))
    if step.reason not in KEPT_AS_IT_IS:
        return None
    finding = Finding(step.reason, step.causes, step.code, id=step.id)
    return _Answer(accepted=(finding._replace(decision=decision),))


def _linked(sale: PushFacts, now: Mapping[Id, Entry]) -> dict[Id, Entry]:
    """Note that it is the same sale as the target's, on the other's entry too."""
    entry = now.get(_id(sale.entry), sale.entry)
    same = next(iter((*sale.lookalikes, *sale.vanished)), None)
    reference = same.reference if same else entry.key
    linked = {_id(entry): replace(entry, linked=reference, doubt="")}
    for other in sale.nearby if same else ():
        theirs = same and other.key == same.key and other.seen_on(sale.target)
        if theirs and not other.seen_on(sale.target.other):
            known = now.get(_id(other), other)
            linked[_id(other)] = replace(known, linked=entry.key)
    return linked


def _id(entry: Entry) -> Id:
    return entry.code, entry.key
