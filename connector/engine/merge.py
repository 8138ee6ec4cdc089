"""Three-way merge of one record that both sides have, field by field.

It only says what the table says; who may do what is the policy's business.
"""

from typing import NamedTuple

from connector.engine.match import Pairing
from connector.engine.table import Base, FieldRow, Verb, field_row
from mappings.canonical import Both, PromoCode, Values
from mappings.fields import MERGED, Field, People
from state.model import Link


class FieldVerdict(NamedTuple):
    """What the table says of one field; ``row`` is None where it cannot be read."""

    field: str
    row: FieldRow | None

    @property
    def verb(self) -> Verb | None:
        return self.row.verb if self.row else None


def merge(
    pairing: Pairing, left: PromoCode, right: PromoCode, people: People
) -> tuple[FieldVerdict, ...]:
    """Look every field up in the table."""
    both = Both(left.values, right.values)
    return tuple(_verdict(field, pairing.link, both, people) for field in MERGED)


def _verdict(
    field: Field, link: Link | None, now: Both[Values], people: People
) -> FieldVerdict:
    if field.unreadable(now.left) or field.unreadable(now.right):
        return FieldVerdict(field.name, None)
    equal = field.same(*now, people)
    if link is None or field.name in link.unset:
        row = field_row(field.name, Base.NONE, (False, False), equal=equal)
        return FieldVerdict(field.name, row)
    was = link.base
    changed = (field.changed(was.left, now.left), field.changed(was.right, now.right))
    base = Base.AGREED if field.same(*was, people) else Base.DIFFERED
    row = field_row(field.name, base, changed, equal=equal)
    return FieldVerdict(field.name, row)
