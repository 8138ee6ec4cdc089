"""Three-way merge of one record that both sides have, field by field.

It only says what the table says; who may do what is the policy's business.
"""

from typing import NamedTuple

from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.table import Base, FieldRow, Verb, field_row
from mappings.canonical import FIELDS, PromoCode, Unreadable
from state.model import Link


class FieldVerdict(NamedTuple):
    """What the table says of one field; ``row`` is None where it cannot be read."""

    field: str
    row: FieldRow | None

    @property
    def verb(self) -> Verb | None:
        return self.row.verb if self.row else None


def equal(field: str, left: PromoCode, right: PromoCode, partners: PartnerMap) -> bool:
    """Say whether both sides mean the same by this field."""
    if field == "partner":
        return partners.same(left.values.partner, right.values.partner)
    if field == "discount":
        return left.values.discount == right.values.discount
    return left.values.code == right.values.code


def merge(
    pairing: Pairing, left: PromoCode, right: PromoCode, partners: PartnerMap
) -> tuple[FieldVerdict, ...]:
    """Look every field up in the table."""
    return tuple(
        _verdict(field, pairing.link, left, right, partners) for field in FIELDS
    )


def _verdict(
    field: str,
    link: Link | None,
    left: PromoCode,
    right: PromoCode,
    partners: PartnerMap,
) -> FieldVerdict:
    ours, theirs = getattr(left.values, field), getattr(right.values, field)
    if isinstance(ours, Unreadable) or isinstance(theirs, Unreadable):
        return FieldVerdict(field, None)
    same = equal(field, left, right, partners)
    if link is None or field in link.unset:
        row = field_row(field, Base.NONE, (False, False), equal=same)
        return FieldVerdict(field, row)
    was, were = getattr(link.base.partnero, field), getattr(link.base.tolt, field)
    changed = (ours != was, theirs != were)
    agreed = _base_agrees(field, was, were, partners)
    base = Base.AGREED if agreed else Base.DIFFERED
    return FieldVerdict(field, field_row(field, base, changed, equal=same))


def _base_agrees(
    field: str, was: str | None, were: str | None, partners: PartnerMap
) -> bool:
    return partners.same(was, were) if field == "partner" else was == were
