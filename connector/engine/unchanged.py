"""The records that are as they were: nearly all of them, in nearly every run.

One loop takes them out of both sides, so that only the others are looked at singly.
Another one takes out what a first look finds equal on both sides.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from connector.engine.adoptions import NOTHING_ADOPTED, Adoptions, Pair
from connector.engine.facts import Facts
from connector.engine.match import Codes, Crowd, Pairing, pair_up
from mappings.canonical import Unreadable
from state.model import Link


class Matched(NamedTuple):
    """Which records are the same, those set aside that are as they were.

    ``unchanged`` counts these, ``adopted`` are those that have no base yet and are
    equal; ``limited`` are those of both that may be dead, or looser on one side: they
    are compared for that all the same.
    """

    records: Sequence[Pairing | Crowd]
    unchanged: int
    limited: Sequence[Pair]
    adopted: Adoptions = NOTHING_ADOPTED


def match(facts: Facts, awaited: Collection[str]) -> Matched:
    """Match all records of both sides; ``awaited`` are looked at in any case."""
    limited: list[Pair] = []
    equal: list[Pair] = []
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

    def take(lefts: Codes, rights: Codes, crowded: Collection[str]) -> None:
        if not facts.complete:
            return
        spoken = (decision.key for decision in facts.foreign.values())
        apart = {*crowded, *always, *facts.tombstones, *spoken}
        equal.extend(_equal(facts, (lefts, rights), apart))
        for left, right in equal:
            del lefts[left.values.code], rights[right.values.code]

    records = list(pair_up(facts.partnero, facts.tolt, facts.links, claim, take))
    limited += [pair for pair in equal if any(one.carried.limited for one in pair)]
    adopted = Adoptions(equal, facts.version)
    return Matched(records, len(facts.links) - left_over, limited, adopted)


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


def _equal(
    facts: Facts,
    sides: tuple[Codes, Codes],
    apart: Collection[str],
) -> Sequence[Pair]:
    """Return the free records that both sides have alike, in writing as well, by key.

    In a first look that is nearly all there is, so this is such a loop as well. What is
    not tried again by itself is left to be looked at.
    """
    lefts, rights = sides
    there = rights.get
    counterpart = facts.partners.to_tolt.get
    found = []
    for key, left in lefts.items():
        right = there(key)
        if right is None or key in apart:
            continue
        _id, left_written, (_key, discount, owner), _carried = left
        _id, right_written, (_key, discount_there, owner_there), _carried = right
        if (
            left_written == right_written
            and (discount is discount_there or discount == discount_there)
            and not isinstance(discount, Unreadable)
            and (owner is None or owner_there is not None)
            and (counterpart(owner) if owner else None) == owner_there
        ):
            found.append((left, right))
    found.sort(key=_text)
    if facts.quarantined:
        return Adoptions(found, facts.version).among(facts.quarantined)[1].pairs
    return found


def _text(pair: Pair) -> str:
    return pair[0].values.code


def of_these(matched: Matched, keys: Collection[str]) -> Matched:
    """Return these records alone: they were awaited, so that all were looked at."""
    return Matched([record for record in matched.records if record.key in keys], 0, ())
