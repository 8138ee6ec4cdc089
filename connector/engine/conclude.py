"""The end of a plan: what is only known once every record was looked at.

That is what both sides make of a code in effect, which decisions fit nothing, what
codes need first, in which order renames go, and how many records there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connector.engine.adoptions import NOTHING_ADOPTED, Adoptions, Pair
from connector.engine.causes.consents import (
    DecisionFitsNothing,
    DecisionOfOtherVersion,
)
from connector.engine.change import Change, Finding, Status, order
from connector.engine.consent import ACCEPTABLE, Consents
from connector.engine.decide import Sight
from connector.engine.facts import Facts
from connector.engine.match import NOTHING_PAIRED, Crowd, Paired, Pairing
from connector.engine.planned import Tally
from connector.engine.proposals.items import (
    Acceptable,
    Accepted,
    Compared,
    DeadOnOneSide,
    Item,
    Met,
    Over,
)
from connector.engine.proposals.limits import compared_in_effect, dead_ones
from connector.engine.proposals.record import sight
from connector.engine.proposals.renames import in_order
from connector.engine.propose import Grounds
from connector.engine.unchanged import Matched
from mappings.canonical import Side
from state.model import Decision


@dataclass(frozen=True, slots=True)
class CodePlan:
    """What follows for the codes: sorted, so that equal facts print equal bytes.

    ``adopted`` are changes as well, those that need nobody: told by their number.
    ``ended`` are the ids of consents that are over, because a value is another one;
    ``restored`` the keys of codes that a replace had left missing and that are back.
    ``every`` are all records, whether there is anything to say about them or not.
    """

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    tally: Tally
    acceptable: tuple[Finding, ...] = ()
    adopted: Adoptions = NOTHING_ADOPTED
    ended: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()
    every: Paired = NOTHING_PAIRED


def conclude(grounds: Grounds, matched: Matched, items: Sequence[Item]) -> CodePlan:
    """Return the plan that the reviewed items come to, sorted."""
    facts, consents = grounds.facts, grounds.consents
    pairs = [*matched.limited, *_pairs(matched)]
    effects = compared_in_effect(facts, consents, pairs)
    every = [*items, *effects, *dead_ones(items)]
    used = {item.decision for item in every if isinstance(item, Met)}
    over = {item.decision for item in every if isinstance(item, Over)}
    over |= {d.id for d in _over_at_the_end(facts, consents, matched, used)}
    waiting = [d for d in consents.every() if d.id not in used | over]
    findings = [item for item in every if isinstance(item, Finding)]
    findings += [*_of_other_versions(facts), *map(_fits_nothing, waiting)]
    changes = in_order([c for c in every if isinstance(c, Change)], facts.owners)
    accepted = [item.finding for item in every if isinstance(item, Accepted)]
    acceptable = [item.finding for item in every if isinstance(item, Acceptable)]
    return CodePlan(
        changes=tuple(sorted([*changes, *_needed(changes)], key=order)),
        findings=_sorted(findings),
        accepted=_sorted(accepted),
        tally=_tally(facts, matched, every),
        acceptable=_sorted(acceptable),
        adopted=matched.adopted,
        ended=frozenset(over),
        restored=frozenset(_restored(facts, matched)),
        every=matched.every,
    )


def _pairs(matched: Matched) -> Iterator[Pair]:
    """Yield the records that were looked at and that both sides have."""
    for record in matched.records:
        if isinstance(record, Pairing) and record.partnero and record.tolt:
            yield record.partnero, record.tolt


def _over_at_the_end(
    facts: Facts, consents: Consents, matched: Matched, used: set[str]
) -> Iterator[Decision]:
    """Yield decisions about records that are nowhere, or limits that are others."""
    if not facts.complete:
        return
    met = {record.key for record in matched.records} - facts.unreadable.keys()
    for decision in consents.every():
        unused = decision.action in ACCEPTABLE and decision.id not in used
        if unused or decision.key not in met:
            yield decision


def _of_other_versions(facts: Facts) -> Iterator[Finding]:
    """Name the decisions that were made by ids which mean nothing now."""
    for d in facts.foreign.values():
        cause = DecisionOfOtherVersion(d.code, d.take, d.who, d.version, facts.version)
        yield Finding("decision_waits", (cause,), d.code)


def _fits_nothing(decision: Decision) -> Finding:
    cause = DecisionFitsNothing(decision.code, decision.take, decision.who)
    return Finding("decision_waits", (cause,), decision.code)


def _restored(facts: Facts, matched: Matched) -> Iterator[str]:
    """Yield the codes that a replace had left missing and that are back."""
    for record in matched.records:
        missing = facts.unfinished.get(record.key)
        if missing and isinstance(record, Pairing) and record.of(Side(missing.target)):
            yield record.key


def _needed(changes: Iterable[Change]) -> list[Change]:
    """Return what is made for changes, ready where a ready change needs it.

    It stands once, under the first of the codes that need it.
    """
    needed: dict[str, Change] = {}
    for change in changes:
        for need in change.requires:
            known = needed.get(need.id)
            ready = Status.READY in (change.status, known and known.status)
            code = min(need.code, known.code) if known else need.code
            status = Status.READY if ready else Status.HELD
            needed[need.id] = need._replace(status=status, code=code)
    return list(needed.values())


def _tally(facts: Facts, matched: Matched, items: Iterable[Item]) -> Tally:
    """Count every record once; what is dead on one side alone is not in step."""
    compared = [item.equal for item in items if isinstance(item, Compared)]
    dead = sum(isinstance(item, DeadOnOneSide) for item in items)
    equal = matched.unchanged + len(matched.adopted) + sum(compared)
    tally = Tally(in_sync=equal - dead)
    tally.differ = len(compared) - sum(compared) + dead
    for record in matched.records:
        if isinstance(record, Crowd):
            tally.collisions += 1
        elif Sight.UNSEEN in (sight(facts, record, side) for side in Side):
            tally.unproven += 1
        elif record.partnero is None or record.tolt is None:
            tally.only_on_partnero += record.partnero is not None
            tally.only_on_tolt += record.tolt is not None
    return tally


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=_finding_order))


def _finding_order(finding: Finding) -> tuple[str, str, str]:
    causes = " ".join(cause.order for cause in finding.causes)
    return (finding.kind, finding.code or "", causes)
