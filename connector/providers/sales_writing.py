"""Writing what moves money, on both sides. A report never imports this module.

Every method sends one request and repeats nothing. A redeem without a key, and a
transaction without one, are refused in here, before any request: there is nothing
by which a second one could be told from the first.
"""

from connector.errors import Rejected, Uncertain
from connector.providers.addresses import path_to
from connector.providers.partnero import CODES
from connector.providers.partnero_sales import BUYERS, SALES, PartneroSales, log_in
from connector.providers.partnero_writing import PartneroWriter
from connector.providers.records import data_of
from connector.providers.tolt_charges import CHARGES, CUSTOMERS, ToltCharges
from connector.providers.tolt_writing import ToltWriter
from connector.providers.writing import ReadWrite
from mappings.redemption_wire import (
    encode_buyer,
    encode_charge,
    encode_customer,
    encode_redeem,
    encode_sale,
)
from mappings.redemptions import Logged, Money
from mappings.wire import Json, Malformed


def _pay(http: ReadWrite, path: str, body: Json) -> None:
    """Send a payment; that something in between refuses it says nothing of it."""
    try:
        http.post(path, body)
    except Rejected as refused:
        if refused.foreign:
            raise Uncertain(f"refused by something in between: {refused}") from None
        raise


class PartneroSalesWriter(PartneroSales):
    """Transactions, customers and redeems that can be made."""

    def __init__(self, writer: PartneroWriter) -> None:
        super().__init__(writer)
        self._http = writer.http

    def create_customer(self, key: str, email: str, name: str, partner: str) -> None:
        """Send a new customer of this partner; Partnero refuses a key it knows."""
        self._http.post(BUYERS, encode_buyer(key, email, name, partner))

    def create_sale(
        self, key: str, money: Money, buyer: str, at: str, *, rewardable: bool
    ) -> None:
        """Send a transaction. Nothing there stops a second one under the same key."""
        body = encode_sale(key, money, buyer, at, rewardable=rewardable)
        _pay(self._http, SALES, body)

    def redeem(self, code: str, key: str) -> list[Logged]:
        """Send a redeem, and nothing with it; returns the log as the answer shows it.

        200 is no proof: without a transaction, or past a limit, nothing happens.
        """
        answer = self._http.put(CODES, encode_redeem(code, key))
        try:
            return log_in(data_of(answer)) or []
        except Malformed:
            return []


class ToltChargesWriter(ToltCharges):
    """Transactions and customers that can be made."""

    def __init__(self, writer: ToltWriter) -> None:
        super().__init__(writer)
        self._http = writer.http

    def create_customer(
        self, email: str, external: str, name: str, partner: str, code: str
    ) -> None:
        """Send a new customer with the code; one that does not match is ignored."""
        body = encode_customer(email, external, name, partner, code)
        self._http.post(CUSTOMERS, body)

    def set_code(self, id_: str, code: str) -> None:
        """Send the code that a customer without one has used."""
        self._http.put(path_to(CUSTOMERS, id_), {"promotion_code": code})

    def create_charge(self, key: str, money: Money, customer: str, at: str) -> None:
        """Send a transaction, which pays a commission; v2 refuses a known charge id."""
        _pay(self._http, CHARGES, encode_charge(key, money, customer, at))
