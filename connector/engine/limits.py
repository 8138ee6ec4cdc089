"""What one side alone enforces, compared for what it means to a customer.

A code that is dead on one side and live on the other is no equal pair. A limit that
Partnero enforces and Tolt does not makes a code looser there: said once for each kind
of limit, until a person accepts it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from connector.engine import words
from connector.engine.change import Change, Finding
from connector.engine.consent import Consents, finding_id
from connector.engine.desk import Desk
from mappings.canonical import PromoCode, Side, fold
from mappings.fields import MERGED
from mappings.limits import looser, why_dead
from state.model import Decision

KINDS = {
    "expires": "an expiry date",
    "redemption_limit": "a limit of uses",
    "first_order": "first orders only",
    "minimum_order": "a minimum order",
    "customer": "one customer only",
}


def compare(
    desk: Desk,
    consents: Consents,
    pairs: Iterable[tuple[PromoCode, PromoCode]],
    accepted: list[Finding],
) -> None:
    """Compare records that both sides have, and file what is not the same in effect."""
    loose: dict[str, list[str]] = defaultdict(list)
    for left, right in pairs:
        finding = _difference(desk, left, right)
        if finding is not None:
            _count_as_different(desk, left, right)
        limits = () if finding or right.carried.limited else _enforced(desk, left)
        if limits:
            finding = looser_finding(left.written, [text for _kind, text in limits])
        if finding is None:
            continue
        agreed = consents.accepted(finding)
        if agreed is not None:
            accepted.append(agreed)
            continue
        desk.acceptable.append(finding)
        if not limits:
            desk.findings.append(finding)
        for kind, _text in limits:
            loose[kind].append(left.written)
    for kind, codes in sorted(loose.items()):
        desk.findings.append(_line(kind, sorted(codes)))


def _enforced(desk: Desk, code: PromoCode) -> tuple[tuple[str, str], ...]:
    """Return what Partnero enforces for a code that is live there."""
    if not code.carried.limited or why_dead(code.carried, desk.facts.today):
        return ()
    return looser(code.carried)


def _count_as_different(desk: Desk, left: PromoCode, right: PromoCode) -> None:
    """What is equal in every field and dead on one side alone is not in step."""
    if all(f.same(left.values, right.values, desk.partners) for f in MERGED):
        desk.tally.in_sync -= 1
        desk.tally.differ += 1


def _difference(desk: Desk, left: PromoCode, right: PromoCode) -> Finding | None:
    """Return the finding about a code that is dead on one side alone."""
    today = desk.facts.today
    deaths = {
        Side.PARTNERO: why_dead(left.carried, today),
        Side.TOLT: why_dead(right.carried, today),
    }
    dead = [(side, death) for side, death in deaths.items() if death is not None]
    if len(dead) != 1:
        return None
    ((side, death),) = dead
    kind = "switched_off" if side is Side.TOLT else "dead_here_live_there"
    message = f"{left.written} is {words.death(death)} on {side.label} and live on "
    message += f"{side.other.label}: customers can still use it there. Neither API can "
    message += "switch a code off."
    # A counter that grows ends nothing: it is the limit that was accepted.
    facts = (side.value, death.kind, death.lasting)
    mark = finding_id(kind, left.values.code, facts)
    return Finding(kind, (message,), left.written, id=mark)


def looser_finding(code: str, limits: Sequence[str]) -> Finding:
    """Return what is looser on Tolt about one code, to be accepted as it is."""
    message = f"{code}: Tolt does not enforce {', '.join(limits)}."
    mark = finding_id("looser_on_tolt", fold(code), limits)
    kind, texts = "looser_on_tolt", tuple(limits)
    return Finding(kind, (message,), code, id=mark, limits=texts)


def acceptances(change: Change, at: str) -> list[Decision]:
    """Return what was accepted with a create that loses restrictions: they are lost.

    Whoever agreed to that is not asked about the same limits once more.
    """
    if not change.accepts or change.action != "create":
        return []
    finding = looser_finding(change.code, change.accepts)
    agreed = "apply --accept" if change.decided else "the policy (lossy)"
    who = change.decision.who if change.decision else change.values.get("by") or agreed
    decision = Decision(
        finding.id, change.key, change.code, "keep", "", who, at, finding.kind, "tolt"
    )
    note = "accepted when it was made on Tolt"
    return [replace(decision, lost=change.accepts, note=note)]


def _line(kind: str, codes: list[str]) -> Finding:
    have = "code has" if len(codes) == 1 else "codes have"
    message = f"{len(codes)} {have} {KINDS[kind]} on Partnero, which Tolt does not "
    message += "enforce."
    return Finding("looser_on_tolt", (message,), None, tuple(codes))


def name_the_dead(desk: Desk) -> None:
    """Name the codes that are not carried because nobody can redeem them."""
    for side in Side:
        codes = sorted(text for text, where in desk.dead if where is side)
        if codes:
            message = f"{len(codes)} codes are expired, used up or switched off on "
            message += f"{side.label} and are not made on {side.other.label}: policy "
            message += 'dead is "never".'
            desk.findings.append(Finding("dead", (message,), None, tuple(codes)))
