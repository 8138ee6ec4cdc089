"""What one side alone enforces, compared for what it means to a customer.

A code that is dead on one side and live on the other is no equal pair. A limit that
Partnero enforces and Tolt does not makes a code looser there: said once for each kind
of limit, until a person accepts it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connector.engine.causes.consents import (
    DeadHereLiveThere,
    DeadNotCarried,
    KindNotEnforced,
    NotEnforced,
)
from connector.engine.change import Change, Finding
from connector.engine.consent import Consents, finding_id
from connector.engine.facts import Facts
from connector.engine.proposals.items import (
    Acceptable,
    Accepted,
    DeadOnOneSide,
    Item,
    Met,
    NotCarried,
)
from mappings.canonical import PromoCode, Side, fold
from mappings.fields import MERGED
from mappings.limits import looser, why_dead
from state.model import Decision


def compared_in_effect(
    facts: Facts, consents: Consents, pairs: Iterable[tuple[PromoCode, PromoCode]]
) -> Iterator[Item]:
    """Compare records that both sides have, and tell what is not the same in effect."""
    loose: dict[str, list[str]] = defaultdict(list)
    for left, right in pairs:
        finding = _difference(facts, left, right)
        if finding is not None and _are_equal(facts, left, right):
            yield DeadOnOneSide(left.written)
        limits = () if finding or right.carried.limited else _enforced(facts, left)
        if limits:
            finding = looser_finding(left.written, [text for _kind, text in limits])
        if finding is None:
            continue
        decision = consents.accepted(finding)
        if decision is not None:
            yield Met(decision.id)
            yield Accepted(finding._replace(decision=decision))
            continue
        yield Acceptable(finding)
        if not limits:
            yield finding
        for kind, _text in limits:
            loose[kind].append(left.written)
    for kind, codes in sorted(loose.items()):
        cause = KindNotEnforced(len(codes), kind)
        yield Finding("looser_on_tolt", (cause,), None, tuple(sorted(codes)))


def _are_equal(facts: Facts, left: PromoCode, right: PromoCode) -> bool:
    people = facts.partners
    return all(field.same(left.values, right.values, people) for field in MERGED)


def _enforced(facts: Facts, code: PromoCode) -> tuple[tuple[str, str], ...]:
    """Return what Partnero enforces for a code that is live there."""
    if not code.carried.limited or why_dead(code.carried, facts.today):
        return ()
    return looser(code.carried)


def _difference(facts: Facts, left: PromoCode, right: PromoCode) -> Finding | None:
    """Return the finding about a code that is dead on one side alone."""
    deaths = {
        Side.PARTNERO: why_dead(left.carried, facts.today),
        Side.TOLT: why_dead(right.carried, facts.today),
    }
    dead = [(side, death) for side, death in deaths.items() if death is not None]
    if len(dead) != 1:
        return None
    ((side, death),) = dead
    kind = "switched_off" if side is Side.TOLT else "dead_here_live_there"
    # A counter that grows ends nothing: it is the limit that was accepted.
    known = (side.value, death.kind, death.lasting)
    mark = finding_id(kind, left.values.code, known)
    cause = DeadHereLiveThere(left.written, side, death)
    return Finding(kind, (cause,), left.written, id=mark)


def looser_finding(code: str, limits: Sequence[str]) -> Finding:
    """Return what is looser on Tolt about one code, to be accepted as it is."""
    kind, texts = "looser_on_tolt", tuple(limits)
    mark = finding_id(kind, fold(code), limits)
    return Finding(kind, (NotEnforced(code, texts),), code, id=mark, limits=texts)


def acceptances(change: Change, at: str) -> list[Decision]:
    """Return what was accepted with a create that loses restrictions: they are lost.

    Whoever agreed to that is not asked about the same limits once more.
    """
    if not change.accepts:
        return []
    finding = looser_finding(change.code, change.accepts)
    agreed = "apply --accept" if change.decided else "the policy (lossy)"
    who = change.decision.who if change.decision else change.by or agreed
    decision = Decision(
        finding.id, change.key, change.code, "keep", "", who, at, finding.kind, "tolt"
    )
    note = "accepted when it was made on Tolt"
    return [replace(decision, lost=change.accepts, note=note)]


def dead_ones(items: Iterable[Item]) -> Iterator[Finding]:
    """Name the codes that are not carried because nobody can redeem them."""
    dead = [item for item in items if isinstance(item, NotCarried)]
    for side in Side:
        codes = tuple(sorted(lost.code for lost in dead if lost.side is side))
        if codes:
            yield Finding("dead", (DeadNotCarried(len(codes), side),), None, codes)
