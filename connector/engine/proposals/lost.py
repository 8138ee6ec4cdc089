"""What is lost where a record is taken away, or moves to another coupon.

These phrases are stored with decisions, and consent is compared by them: a reworded
one asks anew for what was agreed to.
"""

from mappings import partnero, tolt
from mappings.canonical import Carried, Coupon, PromoCode, Side

UNLIMITED = (None, "forever")
"""Durations on Tolt that a code made anew does not lose."""
LOSSES = {Side.PARTNERO: partnero.losses, Side.TOLT: tolt.losses}
"""What the other side cannot hold of a code, by the side that it is on."""


def dies_with(side: Side, code: PromoCode) -> tuple[str, ...]:
    """Name what a deletion of this record takes with it."""
    if side is Side.TOLT:
        lasts = code.carried.duration
        limited = (f"its duration ({lasts})",) if lasts not in UNLIMITED else ()
        return ("the id that its customers and transactions point to", *limited)
    return ("its counter", "its redemption log")


def lost_terms(old: Coupon | None, new: Coupon | str) -> tuple[str, ...]:
    """Name what the old coupon holds and the new one does not.

    ``new`` is the duration alone where the coupon is still to be made: a plain one.
    """
    if old is None:
        return ("what its coupon limits, which is not known",)
    plain = Carried()
    terms = plain if isinstance(new, str) else new.restrictions
    duration = new if isinstance(new, str) else new.duration
    was = old.restrictions
    named = (
        (
            was.switched_off and not terms.switched_off,
            "that its coupon is switched off",
        ),
        (
            was.expires and was.expires != terms.expires,
            f"its coupon's expiry ({was.expires})",
        ),
        (
            _limit(was) is not None and _limit(was) != _limit(terms),
            f"its coupon's limit (at most {_limit(was)} redemptions)",
        ),
        (old.duration != duration, f"its coupon's duration ({lasting(old.duration)})"),
    )
    return tuple(words for holds, words in named if holds)


def lasting(duration: str) -> str:
    """Return how long a discount goes on for a customer, as people say it."""
    kind, _, count = duration.partition(":")
    if kind == "once":
        return "the discount for once only"
    if kind == "lifetime":
        return "the discount for ever"
    return f"the discount for {count} {kind}" if count else duration or "not told"


def changed_terms(was: Coupon, now: Coupon) -> str:
    """Say how a coupon differs from what a plan rests on, or ""."""
    before, after = _terms(was), _terms(now)
    return "; ".join(
        f"{name}: {before[name]} -> {after[name]}"
        for name in before
        if before[name] != after[name]
    )


def _terms(coupon: Coupon) -> dict[str, str]:
    limits = coupon.restrictions
    held = {
        "discount": coupon.discount,
        "duration": coupon.duration,
        "expiry": limits.expires or "none",
        "limit": "none" if _limit(limits) is None else _limit(limits),
        "active": not limits.switched_off,
        "reach": limits.reaches or "none",
    }
    return {name: str(value) for name, value in held.items()}


def _limit(terms: Carried) -> int | None:
    own = terms.redemption_limit
    return terms.coupon_limit if own is None else own
