"""How a value, a partner and a change are said to a person."""

from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from mappings.canonical import Discount, Partner, PromoCode, Side, Values, mask
from mappings.limits import Death

NOBODY = "no partner"
UNLIMITED = (None, "forever")
"""Durations on Tolt that a code made anew does not lose."""


def owner(partners: PartnerMap, side: Side, partner: str | None) -> str:
    """Return "s***@example.com (prt_1)", or "no partner"."""
    if partner is None:
        return NOBODY
    return person(partners.person(side, partner))


def person(partner: Partner) -> str:
    """Return "s***@example.com (prt_1)"."""
    return f"{mask(partner.email)} ({partner.id})"


def value(
    partners: PartnerMap, side: Side, field: str, code: PromoCode | None
) -> str | None:
    """Return one field of a record for people; None where there is no record."""
    if code is None:
        return None
    if field == "code":
        return code.written
    return value_of(partners, side, field, code.values)


def value_of(partners: PartnerMap, side: Side, field: str, values: Values) -> str:
    """Return one field of merged values for people."""
    if field == "partner":
        return owner(partners, side, values.partner)
    return values.code if field == "code" else discount(values.discount)


def base(partners: PartnerMap, pairing: Pairing, field: str) -> str | None:
    """Return the base of a field; both halves where they differ."""
    link = pairing.link
    if link is None or field in link.unset:
        return None
    left = value_of(partners, Side.PARTNERO, field, link.base.partnero)
    right = value_of(partners, Side.TOLT, field, link.base.tolt)
    if field == "partner" and partners.same(
        link.base.partnero.partner, link.base.tolt.partner
    ):
        return left
    return left if left == right else f"{left} / {right}"


def discount(stated: Discount | None) -> str:
    """Return the discount for people."""
    return "no discount" if stated is None else str(stated)


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
