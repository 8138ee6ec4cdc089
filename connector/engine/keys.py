"""Which records there are, under which key, and which code of each side is which.

Made once in a run, of the records as the planner matched them: redemptions are
compared, and partners counted, by these keys.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import itemgetter

from connector.engine.match import Paired, Pairing
from mappings.canonical import PromoCode, Side
from state.model import Link


class Keys:
    """The records that both sides have together, by their keys.

    Records that are a collision are not one: each of their codes is ``alone`` under a
    key of its own, so that what was sold for one partner never stands against what was
    for another. All others are ``pairs``.
    """

    def __init__(self, every: Paired, links: Sequence[Link]) -> None:
        pairs = [*every.linked, *every.free]
        self.pairs: Mapping[str, Pairing]
        self.pairs = dict(zip(map(itemgetter(0), pairs), pairs, strict=True))
        self.alone: Mapping[str, tuple[Side, PromoCode]] = {
            f"{crowd.key} ({code.id})": (side, code)
            for crowd in every.crowds
            for side, codes in zip(Side, crowd.sides, strict=True)
            for code in codes
        }
        self._links = links

    # Both are for the codes that were redeemed, and made where there is one.

    @cached_property
    def partnero(self) -> Mapping[str, str]:
        """The key of each code of Partnero, by its id."""
        return self._by_id(Side.PARTNERO)

    @cached_property
    def tolt(self) -> Mapping[str, str]:
        """The key of each code of Tolt, by its id; of those that are gone as well."""
        gone = {link.ids.right: link.base.left.code for link in self._links}
        return gone | self._by_id(Side.TOLT)

    def _by_id(self, side: Side) -> dict[str, str]:
        found = {
            code.id: key
            for key, pair in self.pairs.items()
            if (code := pair.of(side)) is not None
        }
        alone = self.alone.items()
        return found | {code.id: key for key, (of, code) in alone if of is side}
