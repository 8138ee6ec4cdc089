"""Who bought, and who that is on the target: each person is asked for once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from connector.engine.sales.lookalikes import SaleThere
from connector.errors import Unclear
from connector.providers.base import Charges, Sales
from mappings.canonical import Side
from mappings.redemptions import Customer, Entry

if TYPE_CHECKING:
    from state.ledger import Ledger


class Buyer(NamedTuple):
    """One person where they bought, on the target, or who has their number there.

    ``namesakes`` are all of the target with their e-mail, where it is not only one.
    """

    source: Customer | None
    buyer: Customer | None
    stranger: Customer | None = None
    namesakes: tuple[Customer, ...] = ()


NOBODY = Buyer(None, None)


@dataclass(slots=True)
class Buyers:
    """Looks up the buyers of sales."""

    partnero: Sales
    tolt: Charges
    ledger: "Ledger | None"
    _known: dict[tuple[Side, str], Buyer] = field(default_factory=dict)

    def of(self, target: Side, entry: Entry, origin: SaleThere | None) -> Buyer:
        """Return the buyer of a sale; Unclear where Tolt could not be credited by."""
        who = (origin.customer if origin else "") or self._remembered(target, entry)
        if (target, who) not in self._known:
            self._known[target, who] = self._look_up(target, who)
        buyer = self._known[target, who]
        if target is Side.TOLT:
            self._tells_code(buyer.buyer)
        return buyer

    def _remembered(self, target: Side, entry: Entry) -> str:
        if target is Side.TOLT:
            return entry.buyer
        # The id of a customer belongs to a version.
        return entry.customer if entry.is_only_of(self.tolt.version) else ""

    def _look_up(self, target: Side, who: str) -> Buyer:
        if not who:
            return NOBODY
        to_partnero = target is Side.PARTNERO
        source = self.tolt.customer(who) if to_partnero else self.partnero.numbered(who)
        return self._counterpart(target, source) if source else NOBODY

    def _counterpart(self, target: Side, source: Customer) -> Buyer:
        """Find the same person: as stored, by e-mail, else by number."""
        there = self.partnero if target is Side.PARTNERO else self.tolt
        people = there.emailed(source.email) if source.email else []
        if linked := self._linked(target, source, people):
            # Somebody with the same e-mail may have come since.
            others = {person.id: person for person in (linked, *people)}
            several = tuple(others.values()) if len(others) > 1 else ()
            return Buyer(source, linked, namesakes=several)
        if len(people) > 1:  # one mailbox, several customers: their number tells
            same = [who for who in people if any(map(who.has_number, source.numbers))]
            buyer = same[0] if len(same) == 1 else None
            return Buyer(source, buyer, namesakes=tuple(people))
        buyer = people[0] if people else None
        for number in source.numbers[: 0 if buyer else 1]:
            numbered = there.numbered(number)
            if numbered is not None and numbered.differs_from(source):
                return Buyer(source, None, numbered)
            buyer = numbered
        return Buyer(source, buyer)

    def _linked(
        self, target: Side, source: Customer, people: Sequence[Customer]
    ) -> Customer | None:
        """Return whom the ledger remembers as this person, where they still are."""
        if not self.ledger:
            return None
        stored = self.ledger.counterpart(target.other, source.id, self.tolt.version)
        shown = [person for person in people if person.id == stored]
        if shown or not stored:
            return shown[0] if shown else None
        if target is Side.PARTNERO:
            return self.partnero.numbered(stored)
        return self.tolt.customer(stored)

    def _tells_code(self, buyer: Customer | None) -> None:
        """Raise Unclear where Tolt would not tell by which code the buyer came.

        Asked before anything is made: whom Tolt credits can be seen by nothing else.
        """
        if buyer.code is None if buyer else not self.tolt.tells_codes():
            raise Unclear(
                f"Tolt {self.tolt.version} does not tell by which code a customer "
                "came, so nobody can see whom it would credit"
            )
