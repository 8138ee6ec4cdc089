"""Partnero's customers and transactions in memory, and the logs that count a redeem."""

from collections.abc import Collection
from dataclasses import dataclass, field

from connector.providers.memory.partnero import MemoryPartnero, named
from connector.providers.memory.programme import Tables
from mappings.canonical import Partner, PromoCode
from mappings.redemption_wire import encode_redeem, encode_sale
from mappings.redemptions import MARK, Customer, Logged, Money, Sale
from mappings.rows import Unread

NOW = "2026-01-01T10:00:00Z"
"""When everything happens whose time nobody told."""


@dataclass(slots=True)
class MemorySales:
    """Transactions under keys that need not be unique; a log under each code."""

    client: MemoryPartnero
    unread: list[Unread] = field(default_factory=list)

    @property
    def currency(self) -> str | None:
        return self.client.programme.currency

    # -- looking --------------------------------------------------------------------

    def sales(self, keys: Collection[str]) -> dict[str, list[Sale]]:
        return {key: self.sales_of(key) for key in sorted(keys)}

    def sales_of(self, key: str) -> list[Sale]:
        sales = self.client.tables("sales_of").sales.values()
        return [sale for sale in sales if sale.key == key]

    def sales_by(self, buyer: str) -> list[Sale]:
        sales = self.client.tables("sales_by").sales.values()
        return [sale for sale in sales if sale.customer == buyer]

    def is_gone(self, key: str) -> bool:
        return not self.sales_of(key)

    def numbered(self, number: str) -> Customer | None:
        return self.client.tables("numbered").customers.get(number)

    def emailed(self, email: str) -> list[Customer]:
        people = self.client.tables("emailed").customers.values()
        return [person for person in people if person.has_email(email)]

    def payee(self, name: str, people: Collection[Partner], likely: str) -> str | None:
        known = {partner.id for partner in people if name in (partner.id, partner.key)}
        if known:
            return known.pop() if len(known) == 1 else None
        if name == likely:
            return name
        partners = self.client.tables("payee").partners
        keyed = (partner.id for partner in partners.values() if partner.key == name)
        return name if name in partners else next(keyed, None)

    def code_and_log(self, code: str) -> tuple[PromoCode, list[Logged]] | None:
        tables = self.client.tables("code_and_log")
        there = named(tables, code)
        return None if there is None else (there, list(tables.logs.get(there.id, ())))

    def log_of(self, code: str) -> list[Logged] | None:
        tables = self.client.tables("log_of")
        there = named(tables, code)
        return None if there is None else list(tables.logs.get(there.id, ()))

    # -- writing --------------------------------------------------------------------

    def create_customer(self, key: str, email: str, name: str, partner: str) -> None:
        def effect(tables: Tables) -> None:
            if key in tables.customers:
                raise self._refusal(422, "The key has already been taken.")
            if partner not in tables.partners:
                raise self._refusal(400, "The partner does not exist.")
            tables.customers[key] = Customer(key, email, name, key, partner)

        self.client.send("create_customer", effect)

    def create_sale(
        self, key: str, money: Money, buyer: str, at: str, *, rewardable: bool
    ) -> None:
        encode_sale(key, money, buyer, at, rewardable=rewardable)  # never without a key

        def effect(tables: Tables) -> None:
            customer = tables.customers.get(buyer)
            if customer is None:
                raise self._refusal(400, "The customer does not exist.")
            id_ = self.client.programme.new_id("trx")
            owner = customer.partner
            sale = Sale(key, money, buyer, at or NOW, partner=owner, action=MARK)
            tables.sales[id_] = sale

        self.client.send("create_sale", effect)

    def redeem(self, code: str, key: str) -> list[Logged]:
        encode_redeem(code, key)  # never without a key

        def effect(tables: Tables) -> list[Logged]:
            there = named(tables, code)
            if there is None:
                raise self._refusal(404, "Promotion code not found.")
            log = tables.logs.get(there.id, ())
            if _counts(tables, there, log, key):
                log = (*log, Logged(key, NOW))
                tables.logs[there.id] = log
            return list(log)  # 200 in either case

        return self.client.send("redeem", effect)

    def _refusal(self, status: int, why: str) -> Exception:
        return self.client.programme.refusal(status, why)


def _counts(tables: Tables, code: PromoCode, log: Collection[Logged], key: str) -> bool:
    """Say whether a redeem has an effect: once for a key, with its sale, in limits."""
    sold = any(sale.key == key and not sale.archived for sale in tables.sales.values())
    logged = any(entry.key == key for entry in log)
    limit = code.carried.redemption_limit
    return sold and not logged and (limit is None or len(log) < limit)
