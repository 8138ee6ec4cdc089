"""The merged fields: one descriptor each, and what each product can do with them.

Whoever compares, shows, stores, checks or writes merged values asks the descriptors
and enumerates no field by hand. A new field is a new name in ``Values`` and a new
descriptor in ``MERGED``; each ``Capability`` has to say whether it can be changed.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Protocol

from mappings.canonical import (
    FIELDS,
    Discount,
    Partner,
    PromoCode,
    Side,
    Unreadable,
    Values,
    mask,
)
from mappings.capability import Capability, why_discount_inexpressible
from mappings.discounts import (
    discount_text,
    is_wrong_unit,
    parse_discount,
    raises_discount,
    shown_discount,
)

NOBODY = "no partner"


class People(Protocol):
    """Who of one side is whom on the other: ids belong to their side."""

    def same(self, on_left: str | None, on_right: str | None) -> bool:
        """Say whether both are one person, or both nobody."""

    def counterpart(self, side: Side, owner: str | None) -> str | None:
        """Return the other side's id of somebody on this side."""

    def person(self, side: Side, owner: str) -> Partner:
        """Return who an id of this side is."""


class Field(ABC):
    """How one merged field is compared, shown, stored and limited.

    ``names`` is true of the field by which people call a record, ``pays`` of the one
    that says who is paid: it needs a permission of its own. ``reason`` is why a change
    of it is proposed, where it has a word of its own.
    """

    name: str
    names = False
    pays = False
    reason = ""

    def of(self, values: Values) -> object:
        return getattr(values, self.name)

    def changed(self, before: Values, after: Values) -> bool:
        """Say whether one side holds another value than it did."""
        was, now = getattr(before, self.name), getattr(after, self.name)
        return was is not now and bool(was != now)

    def unreadable(self, values: Values) -> Unreadable | None:
        """Return why the value cannot be compared, where it cannot."""
        value = getattr(values, self.name)
        return value if isinstance(value, Unreadable) else None

    def same(self, left: Values, right: Values, people: People) -> bool:
        """Say whether both sides mean the same by it."""
        del people
        return not self.changed(left, right)

    def crossed(self, source: Side, values: Values, people: People) -> object:
        """Return a side's value as the other side has to hold it."""
        del source, people
        return self.of(values)

    @abstractmethod
    def shown(self, side: Side, values: Values, people: People) -> str:
        """Return the value as people read it."""

    def shown_of(self, side: Side, code: PromoCode, people: People) -> str:
        """Return a record's value as it stands there."""
        return self.shown(side, code.values, people)

    def shown_across(self, source: Side, code: PromoCode, people: People) -> str | None:
        """Return what the other side would show; None where nobody can say."""
        return self.shown_of(source, code, people)

    @abstractmethod
    def text(self, values: Values) -> str | None:
        """Return the value as it is stored."""

    def mark(self, values: Values) -> str | None:
        """Return the value as it goes into ids and digests."""
        return self.text(values)

    @abstractmethod
    def parse(self, text: str | None) -> object:
        """Return the value that ``text`` has made a text of."""

    @abstractmethod
    def raises(self, before: Values, after: Values) -> bool:
        """Say whether customers get more off than before."""

    def is_wrong_unit(self, left: Values, right: Values) -> bool:
        """Say whether both sides seem to hold one value in two units."""
        del left, right
        return False

    @abstractmethod
    def why_inexpressible(self, values: Values, target: Capability) -> str:
        """Say why the target cannot hold the value, or ""."""


class CodeText(Field):
    """The text that customers type. In ``Values`` it is folded."""

    name = "code"
    names = True
    reason = "renamed"

    def shown(self, side: Side, values: Values, people: People) -> str:
        del side, people
        return values.code

    def shown_of(self, side: Side, code: PromoCode, people: People) -> str:
        del side, people
        return code.written

    def text(self, values: Values) -> str:
        return values.code

    def parse(self, text: str | None) -> str:
        return text or ""

    def raises(self, before: Values, after: Values) -> bool:
        del before, after
        return False

    def why_inexpressible(self, values: Values, target: Capability) -> str:
        text = values.code.strip()
        if not 0 < len(text) <= target.code_length:
            rule = target.code_rule
            return f"its text has {len(text)} characters, allowed are {rule}"
        if not target.code_pattern.fullmatch(text):
            rule = target.code_rule
            return f"its text has characters that are refused there ({rule})"
        return ""


class DiscountOfCode(Field):
    """How much a customer gets off."""

    name = "discount"

    def shown(self, side: Side, values: Values, people: People) -> str:
        del side, people
        return shown_discount(values.discount)

    def text(self, values: Values) -> str:
        return discount_text(values.discount)

    def mark(self, values: Values) -> str:
        return discount_text(values.discount) or str(values.discount)

    def parse(self, text: str | None) -> Discount | None:
        return parse_discount(text or "")

    def raises(self, before: Values, after: Values) -> bool:
        return raises_discount(before.discount, after.discount)

    def is_wrong_unit(self, left: Values, right: Values) -> bool:
        return is_wrong_unit(left.discount, right.discount)

    def why_inexpressible(self, values: Values, target: Capability) -> str:
        return why_discount_inexpressible(values.discount, target)


class Owner(Field):
    """The partner whom the code credits, by the id of that side's own API."""

    name = "partner"
    pays = True
    reason = "payee_change"

    def same(self, left: Values, right: Values, people: People) -> bool:
        return people.same(left.partner, right.partner)

    def crossed(self, source: Side, values: Values, people: People) -> str | None:
        return people.counterpart(source, values.partner)

    def shown(self, side: Side, values: Values, people: People) -> str:
        return shown_owner(side, values.partner, people)

    def shown_across(self, source: Side, code: PromoCode, people: People) -> str | None:
        there = people.counterpart(source, code.values.partner)
        return shown_owner(source.other, there, people) if there else None

    def text(self, values: Values) -> str | None:
        return values.partner

    def parse(self, text: str | None) -> str | None:
        return text

    def raises(self, before: Values, after: Values) -> bool:
        del before, after
        return False

    def why_inexpressible(self, values: Values, target: Capability) -> str:
        del values, target
        return ""


MERGED: tuple[Field, ...] = (CodeText(), DiscountOfCode(), Owner())
"""The descriptors, in the order of ``Values``."""
BY_NAME: dict[str, Field] = {field.name: field for field in MERGED}


def fields_of(names: Iterable[str]) -> tuple[Field, ...]:
    """Return the descriptors of these fields, in the order of ``Values``."""
    wanted = set(names)
    return tuple(field for field in MERGED if field.name in wanted)


def pays(names: Iterable[str]) -> bool:
    """Say whether one of these fields says who is paid."""
    return any(BY_NAME[name].pays for name in names)


def is_named_by(names: Iterable[str]) -> bool:
    """Say whether one of these fields is what people call a record by."""
    return any(BY_NAME[name].names for name in names)


def taken(source: Values, onto: Values, names: Iterable[str]) -> Values:
    """Return values with some fields of others."""
    return onto._replace(**{name: getattr(source, name) for name in names})


def texts(values: Values) -> list[str | None]:
    """Return merged values as they are stored."""
    return [field.text(values) for field in MERGED]


def marks(values: Values, names: Iterable[str] = FIELDS) -> list[str | None]:
    """Return merged values, or some of them, as they go into ids and digests."""
    return [BY_NAME[name].mark(values) for name in names]


def parsed(stored: Sequence[str | None]) -> Values:
    """Return what ``texts`` has made texts of."""
    pairs = zip(MERGED, stored, strict=True)
    return Values._make(field.parse(text) for field, text in pairs)


def why_inexpressible(values: Values, target: Capability) -> str:
    """Say why the target cannot hold a code as it is written, or ""."""
    reasons = (field.why_inexpressible(values, target) for field in MERGED)
    return next(filter(None, reasons), "")


def shown_owner(side: Side, owner: str | None, people: People) -> str:
    """Return "s***@example.com (prt_1)", or "no partner"."""
    return NOBODY if owner is None else shown_person(people.person(side, owner))


def shown_person(partner: Partner) -> str:
    """Return "s***@example.com (prt_1)", after the name where that may be told."""
    known = f"{mask(partner.email)} ({partner.id})"
    return f'"{partner.told}" {known}' if partner.told else known
