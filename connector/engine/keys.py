"""Which records there are, under which key, and which code of each side is which.

Made once from the facts of a run: redemptions are compared, and partners counted, by
these keys.
"""

from collections.abc import Mapping
from typing import NamedTuple

from connector.engine.facts import Facts
from connector.engine.match import Pairing, pair_up
from mappings.canonical import PromoCode, Side


class Keys(NamedTuple):
    """The key of each side's codes by their ids, and the pairs by that key.

    ``alone`` are the codes that are a collision, each by a key of its own.
    """

    partnero: Mapping[str, str]
    tolt: Mapping[str, str]
    pairs: Mapping[str, Pairing]
    alone: Mapping[str, tuple[Side, PromoCode]]


def keys_of(facts: Facts) -> Keys:
    """Return under which key each code is compared.

    Records that are a collision are not one: each keeps a key of its own, so that
    what was sold for one partner never stands against what was for another. Nearly
    all records pass this one loop, so it takes tuples apart by place.
    """
    left: dict[str, str] = {}
    right = {
        ids[1]: base[0][0] for ids, base, _written, _version, _unset in facts.links
    }
    pairs: dict[str, Pairing] = {}
    alone: dict[str, tuple[Side, PromoCode]] = {}
    for group in pair_up(facts.partnero, facts.tolt, facts.links):
        if isinstance(group, Pairing):
            key, _link, here, there = group
            pairs[key] = group
            if here is not None:
                left[here[0]] = key
            if there is not None:
                right[there[0]] = key
            continue
        for ids, side, codes in zip((left, right), Side, group.sides, strict=True):
            for code in codes:
                own = f"{group.key} ({code.id})"
                ids[code.id] = own
                alone[own] = side, code
    return Keys(left, right, pairs, alone)
