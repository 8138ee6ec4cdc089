"""How a partner is said to a person."""

from connector.engine.partners import PartnerMap
from mappings.canonical import Side
from mappings.discounts import shown_discount
from mappings.fields import NOBODY, shown_owner, shown_person

__all__ = ["NOBODY", "discount", "owner", "person"]

discount, person = shown_discount, shown_person


def owner(partners: PartnerMap, side: Side, partner: str | None) -> str:
    """Return "s***@example.com (prt_1)", or "no partner"."""
    return shown_owner(side, partner, partners)
