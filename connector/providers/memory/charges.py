"""Tolt's customers and transactions in memory, as v1 or as v2."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from connector.providers.memory.programme import Tables
from connector.providers.memory.sales import NOW
from connector.providers.memory.tolt import MemoryTolt, named
from mappings.redemption_wire import encode_charge
from mappings.redemptions import MARK, Charge, Customer, Money
from mappings.rows import Unread


@dataclass(slots=True)
class MemoryCharges:
    """Transactions of customers who came with a code; ``tells`` whether that shows.

    A transaction of v1 does not show the code itself: its customer does.
    """

    client: MemoryTolt
    unread: list[Unread] = field(default_factory=list)
    tells: bool = True

    @property
    def version(self) -> str:
        return self.client.version

    # -- looking --------------------------------------------------------------------

    def window(self, since: str) -> tuple[list[Charge], str]:
        charges = list(self.client.tables("window").charges.values())
        return charges, max((charge.at for charge in charges), default=since)

    def charges_of(self, key: str, customer: str) -> list[Charge]:
        charges = self.client.tables("charges_of").charges.values()
        whose = {customer} if self.version == "v1" else None
        return [
            charge
            for charge in charges
            if charge.key == key and (whose is None or charge.customer in whose)
        ]

    def charges_by(self, customer: str) -> list[Charge]:
        if not customer:
            return []
        charges = self.client.tables("charges_by").charges.values()
        return [charge for charge in charges if charge.customer == customer]

    def charge(self, id_: str) -> Charge | None:
        return self.client.tables("charge").charges.get(id_)

    def customer(self, id_: str) -> Customer | None:
        customer = self.client.tables("customer").customers.get(id_)
        return customer and self._told(customer)

    def customers(self, ids: Collection[str]) -> dict[str, Customer]:
        there = self.client.tables("customers").customers
        return {id_: self._told(there[id_]) for id_ in sorted(ids) if id_ in there}

    def emailed(self, email: str) -> list[Customer]:
        people = self.client.tables("emailed").customers.values()
        return [self._told(person) for person in people if person.has_email(email)]

    def with_email(self, email: str) -> Customer | None:
        return next(iter(self.emailed(email)), None)

    def numbered(self, number: str) -> Customer | None:
        people = self.client.tables("numbered").customers.values()
        same = (person for person in people if person.external == number)
        customer = next(same, None)
        return customer and self._told(customer)

    def tells_codes(self) -> bool:
        return self.tells

    def inactive(self, partner: str) -> str:
        if self.version != "v1":
            return ""
        person = self.client.tables("inactive").partners.get(partner)
        return person.inactive if person else ""

    def _told(self, customer: Customer) -> Customer:
        return customer if self.tells else replace(customer, code=None)

    # -- writing --------------------------------------------------------------------

    def create_customer(
        self, email: str, external: str, name: str, partner: str, code: str
    ) -> None:
        id_ = self.client.programme.new_id("cust")

        def effect(tables: Tables) -> None:
            if partner not in tables.partners:
                raise self._refusal(400, "partner_id: does not exist")
            people = tables.customers.values()
            if email and any(person.has_email(email) for person in people):
                raise self._refusal(409, "email: exists", "already_exists")
            by = _resolved(tables, partner, code)
            customer = Customer(id_, email.lower(), name, external, partner, by)
            tables.customers[id_] = customer

        self.client.send("create_customer", effect)

    def set_code(self, id_: str, code: str) -> None:
        def effect(tables: Tables) -> None:
            customer = tables.customers.get(id_)
            if customer is None:
                raise self._refusal(404, "not found", "not_found")
            by = _resolved(tables, customer.partner or "", code)
            was = customer.code if self.version == "v1" else ""
            tables.customers[id_] = replace(customer, code=by or was)

        self.client.send("set_code", effect)

    def create_charge(self, key: str, money: Money, customer: str, at: str) -> None:
        encode_charge(key, money, customer, at)  # never without a charge id
        id_ = self.client.programme.new_id("txn")

        def effect(tables: Tables) -> None:
            buyer = tables.customers.get(customer)
            if buyer is None:
                raise self._refusal(400, "customer_id: does not exist")
            theirs = [c for c in tables.charges.values() if c.customer == customer]
            if self.version == "v2" and any(c.charge_id == key for c in theirs):
                raise self._refusal(409, "charge_id: exists", "already_exists")
            by = (buyer.code or "") if self.version == "v2" else ""
            owner = buyer.partner
            charge = Charge(id_, key, money, customer, by, at or NOW, partner=owner)
            tables.charges[id_] = replace(charge, source=MARK)

        self.client.send("create_charge", effect)

    def _refusal(self, status: int, why: str, word: str = "") -> Exception:
        return self.client.programme.refusal(status, why, word)


def _resolved(tables: Tables, partner: str, text: str) -> str:
    """Return the id of the partner's own code with this text; no other one counts."""
    codes = named(tables, text)
    return next((code.id for code in codes if code.values.partner == partner), "")
