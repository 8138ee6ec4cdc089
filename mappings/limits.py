"""What restrictions mean: whether a code is dead, and what Tolt would not enforce.

A code is dead when nobody can redeem it on its side. What is not told (no counter,
no ``active``, a date in a form that is not documented) is unknown and counts as live.
Pure.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from mappings.canonical import Carried


class Death(NamedTuple):
    """Why nobody can redeem a code: expired, used_up or switched_off.

    ``facts`` are the last day of validity, or both numbers; ``lasting`` is what of
    them stays as it is while a counter goes on.
    """

    kind: str
    facts: str = ""
    lasting: str = ""


def why_dead(carried: Carried, today: str) -> Death | None:
    """Return why a code is dead, or None for a live one.

    ``today`` is a date of UTC, like 2026-01-31.
    """
    if not carried.limited:
        return None
    expires = carried.expires
    if expires is not None and _is_date(expires) and expires < today:
        return Death("expired", expires, expires)
    for limit, used, whose in _limits(carried):
        if used is not None and used >= limit:
            return Death("used_up", f"{used} of {limit}{whose}", f"{limit}{whose}")
    return Death("switched_off") if carried.switched_off else None


def looser(carried: Carried) -> tuple[tuple[str, str], ...]:
    """Return kind and text of what Partnero enforces for a live code and Tolt does not.

    The counter is no part of a text: it grows, and the limit stays what it was.
    """
    named = (
        ("expires", carried.expires is not None, f"expires {carried.expires}"),
        *(
            ("redemption_limit", True, f"at most {limit} redemptions{whose}")
            for limit, _used, whose in _limits(carried)
        ),
        ("first_order", carried.first_order_only, "first orders only"),
        (
            "minimum_order",
            carried.minimum_order is not None,
            f"orders from {carried.minimum_order}",
        ),
        (
            "customer",
            carried.customer is not None,
            f"only for customer {carried.customer}",
        ),
    )
    return tuple((kind, text) for kind, holds, text in named if holds)


def earlier(first: str | None, other: str | None) -> str | None:
    """Return the earlier of two dates; one that cannot be read ends nothing earlier."""
    dates = [text for text in (first, other) if text is not None]
    return min(dates, key=lambda text: (not _is_date(text), text), default=None)


def _limits(carried: Carried) -> Iterator[tuple[int, int | None, str]]:
    """Yield each limit with its counter, and whose it is where not the code's own."""
    if carried.redemption_limit is not None:
        yield carried.redemption_limit, carried.redeemed, ""
    if carried.coupon_limit is not None:
        yield carried.coupon_limit, carried.coupon_redeemed, " (of its coupon)"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
