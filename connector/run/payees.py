"""Who is paid for a sale, as each side names them: by id, or by referral key.

The documentation of Partnero says that a customer names the partner's key, and shows an
id. So a name is looked for among the ids first, then among the keys; where it is no
one's, or several people's, nobody knows who would be paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.errors import Unclear
from connector.providers.base import Sales
from mappings.canonical import Partner, Side
from mappings.redemptions import shown


@dataclass(slots=True)
class Payees:
    """Brings whoever is named as paid into one common form, each asked for once."""

    partnero: Sales
    partners: PartnerMap
    _names: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def credited(
        self, pairing: Pairing, paid: Iterable[tuple[Side, str | None]]
    ) -> frozenset[str]:
        """Name the code's partners on both sides and those in ``paid``.

        There None is not told, and "" is nobody. Unclear where a name is unknown.
        """
        left, right = pairing.partnero, pairing.tolt
        owner = (left.values.partner or "") if left else ""
        named = {self._on_partnero(owner)} if left else set()
        if right:
            named.add(self._on_tolt(right.values.partner or ""))
        for side, name in paid:
            if name is not None and side is Side.PARTNERO:
                named.add(self._on_partnero(name and self._resolved(name, owner)))
            elif name is not None:
                named.add(self._on_tolt(name))
        return frozenset(named)

    @staticmethod
    def _on_partnero(id_: str) -> str:
        return f"partnero:{id_}" if id_ else ""

    def _on_tolt(self, id_: str) -> str:
        there = self.partners.counterpart(Side.TOLT, id_)
        return f"partnero:{there}" if there else f"tolt:{id_}" if id_ else ""

    def _resolved(self, name: str, likely: str) -> str:
        """Return the id of a partner whom Partnero names by id or by referral key."""
        if (name, likely) not in self._names:
            known = self.partners.partnero
            unlisted = self.partners.to_tolt.keys() - known.keys()
            people = [*known.values(), *(Partner(id_, None) for id_ in unlisted)]
            self._names[name, likely] = self.partnero.payee(name, people, likely)
        payee = self._names[name, likely]
        if payee is None:
            raise Unclear(
                f"Partnero names {shown(name)} as the partner: no one's id and no "
                "one's referral key, or more than one partner's"
            )
        return payee
