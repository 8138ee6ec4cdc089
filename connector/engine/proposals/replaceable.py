"""Whether a code may be taken away, to be made anew under the same text.

On Partnero the text is the identity, so the old one has to go before the new one can
come. Nothing is taken away unless it is known that the new one can be made, and that
the old one could be put back if it cannot.
"""

from collections.abc import Mapping

from connector.engine.acts import Want
from mappings.canonical import Coupon, Partner, PromoCode
from mappings.capability import Capability, why_discount_inexpressible
from mappings.fields import shown_person, why_inexpressible
from mappings.partnero import (
    SEVERAL,
    UNNAMED,
)


def why_not_replaceable(
    old: PromoCode,
    want: Want,
    partners: Mapping[str, Partner | None],
    coupons: Mapping[str, Coupon | None],
    can: Capability,
) -> str:
    """Say why the old code must stay, or "".

    None in ``partners`` and ``coupons`` is somebody, or something, that is proven not
    to be there. Who is in neither is not known yet: a plan lets that pass, because the
    write asks for them all before it takes anything away.
    """
    return (
        _why_not_owner(old.values.partner)
        or _why_not_minimum(old.carried.minimum_order)
        or _why_not_text(old, want, can)
        or why_discount_inexpressible(want.discount, can)
        or _why_not_partner("its new partner", want.partner, partners)
        or _why_not_partner("its partner of today", old.values.partner, partners)
        or _why_not_new_coupon(want, coupons)
        or _why_not_old_coupon(old, coupons)
    )


def _why_not_owner(owner: str | None) -> str:
    if owner == UNNAMED:
        return "it belongs to a partner who is not named, and could not be put back"
    if owner and SEVERAL in owner:
        return "it belongs to several partners, and could not be put back"
    return ""


def _why_not_minimum(least: str | None) -> str:
    """A code is read with any amount, and made with a whole one only."""
    if least is None or least.isdecimal():
        return ""
    return f"its minimum order ({least}) is no whole amount, and could not be set again"


def _why_not_text(old: PromoCode, want: Want, can: Capability) -> str:
    """Say what is wrong with the text; what stands there now was allowed once."""
    if want.written.strip() == old.written:
        return ""
    return why_inexpressible(want.values, can)


def _why_not_partner(
    noun: str, id_: str | None, partners: Mapping[str, Partner | None]
) -> str:
    if id_ is None or id_ not in partners:
        return ""
    partner = partners[id_]
    if partner is None:
        return f"{noun} ({id_}) is not there any more"
    if partner.inactive:
        return f"{noun} {shown_person(partner)} is {partner.inactive}"
    return ""


def _why_not_new_coupon(want: Want, coupons: Mapping[str, Coupon | None]) -> str:
    uuid = want.coupon
    if uuid is None:
        return "no coupon is known for the new one"
    if uuid not in coupons:
        return ""
    coupon = coupons[uuid]
    if coupon is None:
        return f"coupon {uuid} for the new one is not there"
    if coupon.discount != want.discount:
        return f"coupon {uuid} gives {coupon.discount}, wanted is {want.discount}"
    if coupon.restrictions.switched_off:
        return f"coupon {uuid} for the new one is switched off"
    return ""


def why_not_under(want: Want, coupons: Mapping[str, Coupon]) -> str:
    """Say why a code cannot hang on its coupon, where all coupons are known."""
    known: dict[str, Coupon | None] = {**coupons}
    if want.coupon is not None:
        known.setdefault(want.coupon, None)
    return _why_not_new_coupon(want, known)


def _why_not_old_coupon(old: PromoCode, coupons: Mapping[str, Coupon | None]) -> str:
    uuid = old.carried.coupon
    if uuid is None:
        return "the coupon that it uses is not known"
    if uuid in coupons and coupons[uuid] is None:
        return f"coupon {uuid}, under which it could be put back, is not there any more"
    return ""
