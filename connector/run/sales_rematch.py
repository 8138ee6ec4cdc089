"""Sales without a charge id after a switch of Tolt's version, under their old keys.

Their id is another one there, so each would seem to be new, and be paid again. It is
taken for what the other version knew only where code, amount and time are the same, as
far as it can be asked the customer too, and one to one.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.sales.redemptions import Id, rematched, unmatched
from connector.errors import Unclear
from connector.providers.base import Sales
from mappings.redemptions import Charge, Customer, Entry

if TYPE_CHECKING:
    from state.ledger import Ledger


class Rematch:
    """Finds the sales of one reading again; ``until`` is how far the others read."""

    def __init__(
        self,
        ledger: "Ledger | None",
        partnero: Sales,
        version: str,
        until: str,
        *,
        everything: bool,
    ) -> None:
        self._ledger = ledger
        self._partnero = partnero
        self._version = version
        self._until = until
        self._taken: list[tuple[Entry, Entry]] = []
        self._known = _by_time(ledger) if everything else None

    def take(self, entry: Entry, charge: Charge, buyer: Customer | None) -> None:
        """Keep a sale, under the key that it had."""
        self._taken.append((entry, self._named(entry, charge, buyer)))

    def entries(self) -> list[Entry]:
        """Return all that were taken."""
        return rematched(self._taken)

    def _named(self, entry: Entry, charge: Charge, buyer: Customer | None) -> Entry:
        ledger = self._ledger
        if ledger is None or ledger.entries([(entry.code, entry.key)]):
            return entry
        there = self._there(ledger, entry.code, charge.at)
        for known in there:
            if charge.id in known.of_version(self._version):
                return replace(entry, key=known.key)
        same, alike = unmatched(charge, self._version, there)
        if same and not self._is_anothers(same, buyer):
            return replace(entry, key=same.key)
        old = alike or not charge.at or charge.at <= self._until
        return replace(entry, doubt="unmatched") if old else entry

    def _there(self, ledger: "Ledger", code: str, at: str) -> list[Entry]:
        if self._known is not None:
            return self._known.get((code, at), [])
        return ledger.sold_at(code, at)

    def _is_anothers(self, entry: Entry, buyer: Customer | None) -> bool:
        """Say whether the customer of a pushed sale is known to be somebody else."""
        if not (entry.buyer and buyer):
            return False
        try:
            pushed = self._partnero.numbered(entry.buyer)
        except Unclear:
            return True  # nobody can tell: it is matched with nothing
        return pushed is not None and pushed.differs_from(buyer)


def _by_time(ledger: "Ledger | None") -> dict[Id, list[Entry]]:
    """Return the whole ledger by code and time: one switch, one walk."""
    known: dict[Id, list[Entry]] = {}
    for entry, _ in ledger.everything().values() if ledger else ():
        known.setdefault((entry.code, entry.charged_at), []).append(entry)
    return known
