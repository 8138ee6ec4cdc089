"""The records that are as they were: nearly all of them, in nearly every run.

One loop sets them aside, so that only the others are looked at singly. Another one sets
aside what a first look finds equal on both sides.
"""

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import NamedTuple

from connector.engine.adoptions import NOTHING_ADOPTED, Adoptions, Pair
from connector.engine.facts import Facts
from connector.engine.match import Crowd, Paired, Pairing, pair_up
from mappings.canonical import Unreadable


class Matched(NamedTuple):
    """Which records are the same, and those among them that have to be looked at.

    ``every`` are all there are, ``records`` those that are neither as they were, which
    ``unchanged`` counts, nor ``adopted``: equal and without a base. ``limited`` are
    those of both that may be dead, or looser on one side: they are compared for that
    all the same.
    """

    every: Paired
    records: Sequence[Pairing | Crowd]
    unchanged: int
    limited: Sequence[Pair]
    adopted: Adoptions = NOTHING_ADOPTED


def match(facts: Facts, awaited: Collection[str]) -> Matched:
    """Match all records of both sides; ``awaited`` are looked at in any case."""
    every = pair_up(facts.partnero, facts.tolt, facts.links, facts.version)
    always = {*awaited, *facts.unreadable, *facts.unfinished}
    always |= facts.partnero.hidden_texts | facts.tolt.hidden_texts
    changed, limited = _changed(facts, every.linked, always)
    equal, others = list[Pair](), every.free
    if facts.complete:
        spoken = (decision.key for decision in facts.foreign.values())
        equal, others = _equal(facts, others, {*always, *facts.tombstones, *spoken})
        limited += [
            (left, right)
            for left, right in equal
            if left.carried.limited or right.carried.limited
        ]
    records: list[Pairing | Crowd] = [*changed, *others, *every.crowds]
    unchanged = len(every.linked) - len(changed)
    adopted = Adoptions(equal, facts.version)
    return Matched(every, records, unchanged, limited, adopted)


def _changed(
    facts: Facts, linked: Sequence[Pairing], always: Collection[str]
) -> tuple[list[Pairing], list[Pair]]:
    """Return the linked records about which there may be something to say.

    With them those that are as they were and limited. Most records end here, so it is
    one loop that calls nothing written in Python and takes tuples apart by place. A
    field more makes it fail at once.
    """
    counterpart = facts.partners.to_tolt.get
    changed, limited = list[Pairing](), list[Pair]()
    for pairing in linked:
        _key, link, left, right = pairing
        if link is not None and left is not None and right is not None:
            ids, (was, were), _written, _version, unset = link
            left_id, left_written, left_values, left_carried = left
            right_id, right_written, right_values, right_carried = right
            if (
                left_values == was
                and right_values == were
                and (left_id, right_id) == ids  # one made anew has another
                and left_written == right_written
                and not unset
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
        changed.append(pairing)
    return changed, limited


def _equal(
    facts: Facts, free: Sequence[Pairing], apart: Collection[str]
) -> tuple[list[Pair], list[Pairing]]:
    """Return the free records that both sides have alike, by key, and the others.

    Alike in writing as well. In a first look that is nearly all there is, so this is
    such a loop as well. What is not tried again by itself is left to be looked at.
    """
    counterpart = facts.partners.to_tolt.get
    found, others = list[Pair](), list[Pairing]()
    for pairing in sorted(free, key=itemgetter(0)):
        key, _none, left, right = pairing
        if left is not None and right is not None and key not in apart:
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
                continue
        others.append(pairing)
    if facts.quarantined:
        tried, again = Adoptions(found, facts.version).among(facts.quarantined)
        kept = (Pairing(left.values.code, None, left, right) for left, right in tried)
        return list(again), [*others, *kept]
    return found, others


def of_these(matched: Matched, keys: Collection[str]) -> Matched:
    """Return these records alone: they were awaited, so that all were looked at."""
    records = [record for record in matched.records if record.key in keys]
    return Matched(matched.every, records, 0, ())
