"""How a value, a partner and a change are said to a person."""

from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from mappings.canonical import Discount, Partner, PromoCode, Side
from mappings.discounts import shown_discount
from mappings.fields import BY_NAME, NOBODY, shown_owner, shown_person
from mappings.limits import Death

__all__ = [
    "NOBODY",
    "base",
    "death",
    "dies_with",
    "discount",
    "owner",
    "person",
    "value",
]

UNLIMITED = (None, "forever")
"""Durations on Tolt that a code made anew does not lose."""


def owner(partners: PartnerMap, side: Side, partner: str | None) -> str:
    """Return "s***@example.com (prt_1)", or "no partner"."""
    return shown_owner(side, partner, partners)


def person(partner: Partner) -> str:
    """Return "s***@example.com (prt_1)"."""
    return shown_person(partner)


def value(
    partners: PartnerMap, side: Side, field: str, code: PromoCode | None
) -> str | None:
    """Return one field of a record for people; None where there is no record."""
    return None if code is None else BY_NAME[field].shown_of(side, code, partners)


def base(partners: PartnerMap, pairing: Pairing, field: str) -> str | None:
    """Return the base of a field; both halves where they differ."""
    link, told = pairing.link, BY_NAME[field]
    if link is None or field in link.unset:
        return None
    left = told.shown(Side.PARTNERO, link.base.left, partners)
    right = told.shown(Side.TOLT, link.base.right, partners)
    if left == right or told.same(*link.base, partners):
        return left
    return f"{left} / {right}"


def discount(stated: Discount | None) -> str:
    """Return the discount for people."""
    return shown_discount(stated)


def death(dead: Death) -> str:
    """Say why nobody can redeem a code any more, and since when."""
    shown = {
        "expired": f"expired, last valid on {dead.facts}",
        "used_up": f"used up ({dead.facts})",
        "switched_off": "switched off",
    }
    return shown[dead.kind]


def dies_with(side: Side, code: PromoCode) -> tuple[str, ...]:
    """Name what a deletion of this record takes with it."""
    if side is Side.TOLT:
        lasts = code.carried.duration
        limited = (f"its duration ({lasts})",) if lasts not in UNLIMITED else ()
        return ("the id that its customers and transactions point to", *limited)
    return ("its counter", "its redemption log")
