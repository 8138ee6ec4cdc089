"""What a first look finds equal on both sides: remembered in bulk, no change for each.

Nearly all records of a first look are like this, and nobody has to read about each. So
they are kept as the two records that were read; the link that each becomes, its id and
its part of a plan's digest are made when they are asked for, by the rules of a change.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from mappings.canonical import Both, PromoCode, Values
from mappings.fields import BY_NAME
from state.model import Link

Pair = tuple[PromoCode, PromoCode]
OF_THE_STATE = ("adopt", "state")
"""The action and the target that an adoption has wherever it is named."""


class Adopted(NamedTuple):
    """One adoption as ids, digests and documents name it.

    ``seen`` is what the plan saw of it on each side, as canonical JSON.
    """

    key: str
    id: str
    code: str
    seen: str

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Its place among the changes of codes."""
        return (self.key, *OF_THE_STATE, self.id)


@dataclass(frozen=True, slots=True)
class Adoptions:
    """Pairs of records that are equal and have no base yet, in the order of their keys.

    ``version`` is that of Tolt's API, whose ids these are.
    """

    pairs: Sequence[Pair] = ()
    version: str = ""

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    def links(self) -> Iterator[Link]:
        """Yield what is remembered of each."""
        for left, right in self.pairs:
            ids, base = Both(left.id, right.id), Both(left.values, right.values)
            yield Link(ids, base, left.written, self.version)

    def named(self) -> Iterator[Adopted]:
        """Yield each by the rules of a change; see Change.with_id.

        A loop that takes tuples apart by place: a field more makes it fail at once.
        """
        marks: dict[int, str] = {}  # of the few discounts; all are there until the end

        def mark(values: Values) -> str:
            made = marks[id(values.discount)] = _json(DISCOUNT.mark(values))
            return made

        for left, right in self.pairs:
            left_id, code, here_values, _ = left
            right_id, _, there_values, _ = right
            key, discount, owner = here_values
            _key, discount_there, owner_there = there_values
            text = quoted(key)
            off = marks.get(id(discount)) or mark(here_values)
            off_there = marks.get(id(discount_there)) or mark(there_values)
            seen = (
                f'{{"partnero":[{quoted(left_id)},{text},{off},{_json(owner)}],'
                f'"tolt":[{quoted(right_id)},{text},{off_there},{_json(owner_there)}]}}'
            )
            content = f'["adopt","state",{text},{seen},[]]'
            id_ = f"c_{sha256(content.encode()).hexdigest()[:12]}"
            yield Adopted(key, id_, code, seen)

    def ids(self) -> Iterator[str]:
        return (one.id for one in self.named())

    def among(self, ids: Collection[str]) -> "tuple[Adoptions, Adoptions]":
        """Return those that are named by these ids, and the others."""
        chosen, others = list[Pair](), list[Pair]()
        for pair, id_ in zip(self.pairs, self.ids(), strict=True):
            (chosen if id_ in ids else others).append(pair)
        return replace(self, pairs=chosen), replace(self, pairs=others)


NOTHING_ADOPTED = Adoptions()
DISCOUNT = BY_NAME["discount"]


def _json(text: str | None) -> str:
    return "null" if text is None else quoted(text)
