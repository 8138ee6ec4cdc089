"""The records that are as they were: nearly all of them, in nearly every run.

One loop takes them out of both sides, so that only the others are looked at singly.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from connector.engine.facts import Facts
from connector.engine.match import Codes, Crowd, Pairing, pair_up
from mappings.canonical import PromoCode
from state.model import Link

Pair = tuple[PromoCode, PromoCode]


class Matched(NamedTuple):
    """Which records are the same, those set aside that are as they were.

    ``unchanged`` counts these; ``limited`` are those of them that may be dead, or
    looser on one side: they are compared for that all the same.
    """

    records: Sequence[Pairing | Crowd]
    unchanged: int
    limited: Sequence[Pair]


def match(facts: Facts, awaited: Collection[str]) -> Matched:
    """Match all records of both sides; ``awaited`` are looked at in any case."""
    limited: list[Pair] = []
    left_over = len(facts.links)
    always = {*awaited, *facts.unreadable, *facts.unfinished}
    always |= facts.partnero.hidden_texts | facts.tolt.hidden_texts

    def claim(
        links: Sequence[Link],
        lefts: Codes,
        rights: Codes,
        crowded: Collection[str],
    ) -> list[Pairing]:
        nonlocal left_over
        limited.clear()
        changed = _changed(facts, links, (lefts, rights), {*crowded, *always}, limited)
        left_over = len(changed)
        return changed

    records = list(pair_up(facts.partnero, facts.tolt, facts.links, claim))
    return Matched(records, len(facts.links) - left_over, limited)


def _changed(
    facts: Facts,
    links: Sequence[Link],
    sides: tuple[Codes, Codes],
    always: Collection[str],
    limited: list[Pair],
) -> list[Pairing]:
    """Return the linked records about which there may be something to say.

    Most records end here, so it is one loop that calls nothing written in Python and
    takes tuples apart by place. A field more makes it fail at once.
    """
    lefts, rights = sides
    take_left, take_right = lefts.pop, rights.pop
    counterpart = facts.partners.to_tolt.get
    spoken = facts.version  # an id of another version means nothing here
    changed = []
    for link in links:
        (left_id, right_id), (was, were), _written, version, unset = link
        left = take_left(left_id, None)
        right = take_right(right_id, None) if version == spoken else None
        if left is not None and right is not None and not unset:
            _id, left_written, left_values, left_carried = left
            _id, right_written, right_values, right_carried = right
            if (
                left_values == was
                and right_values == were
                and left_written == right_written
            ):
                key, discount, owner = left_values
                _key, discount_there, owner_there = right_values
                if (
                    # Equal discounts are one object, nearly always.
                    (discount is discount_there or discount == discount_there)
                    and (owner is None or owner_there is not None)
                    and (counterpart(owner) if owner else None) == owner_there
                    and key not in always
                ):
                    if left_carried.limited or right_carried.limited:
                        limited.append((left, right))
                    continue
        changed.append(Pairing(was[0], link, left, right))
    return changed


def of_these(matched: Matched, keys: Collection[str]) -> Matched:
    """Return these records alone: they were awaited, so that all were looked at."""
    return Matched([record for record in matched.records if record.key in keys], 0, ())
