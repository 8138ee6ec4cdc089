"""Who is credited for the sales of a code, on each side, as they may be shown. Pure.

A partner of both sides has one name, Partnero's, so that their sales add up; two who
are not known to be one person are never added together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.engine.causes.cause import Cause
from connector.engine.causes.sales import CodeOnOneSide, CreditedDifferently
from connector.engine.facts import Facts
from connector.engine.keys import Keys
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from mappings.canonical import PromoCode, Side
from mappings.fields import NOBODY, shown_owner
from state.model import Link


@dataclass(frozen=True, slots=True)
class Owners:
    """The codes of one comparison, by the key under which their sales are compared.

    ``alone`` are codes that are a collision, ``links`` what is remembered under their
    text: the sales of a code that is gone are still somebody's.
    """

    pairs: Mapping[str, Pairing]
    alone: Mapping[str, tuple[Side, PromoCode]]
    links: Mapping[str, Link]
    partners: PartnerMap

    def code(self, key: str) -> str:
        """Return a code as it is written."""
        pair = self.pairs.get(key)
        shown = (pair.partnero or pair.tolt) if pair else None
        return shown.written if shown else key

    def partner(self, key: str, side: Side) -> str:
        """Name whom a sale on this side is credited to, masked."""
        pair = self.pairs.get(key)
        mine, other = (pair.of(side), pair.of(side.other)) if pair else (None, None)
        if mine is not None:
            return self._shown(side, mine.values.partner)
        if other is not None:
            return self._shown(side.other, other.values.partner)
        if key in self.alone:
            where, code = self.alone[key]
            return self._shown(where, code.values.partner)
        known = pair.link if pair else self.links.get(key)
        return self._shown(Side.PARTNERO, known.base.left.partner if known else None)

    def hindrance(self, key: str, missing: Side) -> tuple[str, Cause] | None:
        """Say what of the code keeps a sale from being on the other side, if anything.

        Sales of a code that is not there cannot be; and where both sides credit
        different partners, one of them is paid wrongly.
        """
        pair = self.pairs.get(key)
        if pair is None or pair.of(missing) is None:
            return "", CodeOnOneSide(missing)
        if pair.partnero is None or pair.tolt is None:
            return None
        both = pair.partnero.values.partner, pair.tolt.values.partner
        if self.partners.same(*both):
            return None
        named = (self._shown(side, who) for side, who in zip(Side, both, strict=True))
        return "payee_change", CreditedDifferently(*named)

    def _shown(self, side: Side, owner: str | None) -> str:
        if owner is None:
            return NOBODY
        same = self.partners.counterpart(side, owner) if side is Side.TOLT else None
        if same is not None:
            return shown_owner(Side.PARTNERO, same, self.partners)
        return shown_owner(side, owner, self.partners)


def owners_of(facts: Facts, keys: Keys) -> Owners:
    """Return who is credited for what, as both sides show it now."""
    # Each link is in a pair, but for those that are in a collision.
    links = {link.base.left.code: link for link in facts.links if keys.alone}
    return Owners(keys.pairs, keys.alone, links, facts.partners)
