"""Under which key the redemptions of a code are compared."""

from collections.abc import Mapping
from typing import NamedTuple

from connector.engine.facts import Facts
from connector.engine.match import Pairing, pair_up


class Keys(NamedTuple):
    """Under which key each side's codes are compared, and the pairs by that key."""

    partnero: Mapping[str, str]
    tolt: Mapping[str, str]
    pairs: Mapping[str, Pairing]


def keys_of(facts: Facts) -> Keys:
    """Return under which key the redemptions of each code are compared.

    Records that are a collision are not one: each keeps a key of its own, so that
    what was sold for one partner never stands against what was for another.
    """
    left: dict[str, str] = {}
    right = {link.ids.right: link.base.left.code for link in facts.links}
    pairs: dict[str, Pairing] = {}
    for group in pair_up(facts.partnero, facts.tolt, facts.links):
        if isinstance(group, Pairing):
            pairs[group.key] = group
            if group.partnero:
                left[group.partnero.id] = group.key
            if group.tolt:
                right[group.tolt.id] = group.key
        else:
            left |= {code.id: f"{group.key} ({code.id})" for code in group.partnero}
            right |= {code.id: f"{group.key} ({code.id})" for code in group.tolt}
    return Keys(left, right, pairs)
