"""Partnero's transactions, customers and logs: looking at what moves money.

Facts: docs.partnero.com, promotion-codes/update, transactions and customers. Keys of
transactions are not unique, so they are always looked up, compared exactly, and all
of them counted. Writing is in money_writing.py.
"""

from collections.abc import Collection
from urllib.parse import quote

from connector.errors import Rejected, Unavailable
from connector.providers.base import PAGE
from connector.providers.partnero import CODES, PartneroReader, affiliate_only
from connector.providers.reading import data_of
from mappings.canonical import PromoCode
from mappings.partnero import decode_partner
from mappings.programmes import shown_kind
from mappings.redemption_wire import (
    decode_buyer,
    decode_logged,
    decode_sale,
    raw_log,
)
from mappings.redemptions import Customer, Logged, Sale
from mappings.wire import Row, mapping, rows

SALES, BUYERS = "transactions", "customers"
FEW = 20
"""Up to so many transactions are asked for singly; more, and all pages are walked."""


class PartneroMoney:
    """Transactions, customers and logs that can only be looked at."""

    def __init__(self, reader: PartneroReader) -> None:
        self._reader = reader
        self._everybody: list[Customer] | None = None

    def sales(self, keys: Collection[str]) -> dict[str, list[Sale]]:
        """Return all transactions under each key; [] where there is none."""
        if len(keys) > FEW:
            walked = self._walk(set(keys), most=len(keys))
            if walked is not None:
                return walked
        return {key: self.sales_of(key) for key in sorted(keys)}

    def sales_of(self, key: str) -> list[Sale]:
        """Return the transactions with exactly this key, whatever the filter does."""
        return [sale for sale in self._listed({"key": key}) if sale.key == key]

    def _listed(self, filters: dict[str, str]) -> list[Sale]:
        found = self._reader.pages(SALES, filters)
        return [decode_sale(row, self._reader.currency) for row in found]

    def _walk(self, keys: set[str], most: int) -> dict[str, list[Sale]] | None:
        """Return them from the whole listing; None where it is longer than worth it.

        At the last page it is known that no second one under a key follows.
        """
        found: dict[str, list[Sale]] = {key: [] for key in keys}
        for count, row in enumerate(self._reader.pages(SALES, {})):
            if count >= most * PAGE:
                return None
            sale = decode_sale(row, self._reader.currency)
            if sale.key in keys:
                found[sale.key].append(sale)
        return found

    def sales_by(self, buyer: str) -> list[Sale]:
        """Return the sales of one customer, logged or not, whatever a filter does.

        The customer's own listing first; where there is none, the filtered one.
        """
        try:
            path = f"{BUYERS}/{quote(buyer, safe='')}/{SALES}"
            found = list(self._reader.pages(path, {}))
        except Rejected as refused:
            if refused.status not in (404, 405):
                raise Unavailable(str(refused)) from None
            return self._filtered(buyer)
        sales = [decode_sale(row, self._reader.currency) for row in found]
        theirs = [sale for sale in sales if sale.customer in ("", buyer)]
        # Where no row says the key the customer has another name there: all count.
        return theirs or sales

    def _filtered(self, buyer: str) -> list[Sale]:
        """Return a customer's sales from the listing, whose filter may do nothing.

        Rows that name no customer, or name them otherwise than by key, cannot be told
        from theirs: then all count, rather than that one is overlooked.
        """
        sales = self._listed({"customer.key": buyer})
        theirs = [sale for sale in sales if sale.customer in ("", buyer)]
        others = {sale.customer for sale in sales} - {"", buyer}
        if theirs or not others:
            return theirs
        return [] if self.numbered(min(others)) else sales

    def is_gone(self, key: str) -> bool:
        """Say whether Partnero itself says that there is no such transaction."""
        path = f"{SALES}/{quote(key, safe='')}"
        return self._reader.http.get_or_none(path) is None

    def numbered(self, key: str) -> Customer | None:
        """Return the customer with exactly this key."""
        found = self._buyer(key)
        return found if found and found.id == key else None

    def emailed(self, email: str) -> list[Customer]:
        """Return all customers with exactly this e-mail; it need not be unique.

        By search, else by path; where there is no search, all of them are read, once.
        """
        searched = self._searched(email)
        found = [one for one in searched or () if one.has_email(email)]
        if found:
            return found
        named = self._buyer(email)
        if named and named.has_email(email):
            return [named]
        return [] if searched is not None else self._listed_with(email)

    def _searched(self, email: str) -> list[Customer] | None:
        """Return what the search finds, maybe more than was asked for; None: no such.

        A search that does not say where it ends has shown all that it has.
        """
        path, asked = f"{BUYERS}:search", {"email": email}
        try:
            body = mapping(self._reader.http.get(path, {"limit": PAGE, **asked}))
            more = mapping(body.get("links")).get("next")
            found = self._reader.pages(path, asked) if more else rows(body.get("data"))
            found = list(found)
            for row in found:
                affiliate_only(shown_kind(row))
            return [decode_buyer(row) for row in found]
        except Rejected as refused:
            if refused.status in (400, 404, 405, 422):
                return None
            raise Unavailable(str(refused)) from None

    def _listed_with(self, email: str) -> list[Customer]:
        if self._everybody is None:
            self._everybody = list(map(decode_buyer, self._reader.pages(BUYERS, {})))
        return [one for one in self._everybody if one.has_email(email)]

    def _buyer(self, name: str) -> Customer | None:
        body = self._reader.http.get_or_none(f"{BUYERS}/{quote(name, safe='')}")
        if body is None:
            return None
        row = data_of(body)
        affiliate_only(shown_kind(row))
        return decode_buyer(row)

    def partner_called(self, key: str) -> str:
        """Return the id of the partner with this referral key, or ""."""
        row = self._reader.http.get_or_none("partner", {"key": key})
        return "" if row is None else decode_partner(data_of(row)).id

    def code_and_log(self, code: str) -> tuple[PromoCode, list[Logged]] | None:
        """Return one code with its redemption log; None where there is no such code."""
        body = self._reader.http.get_or_none(f"{CODES}/{quote(code, safe='')}")
        if body is None:
            return None
        row = data_of(body)
        return self._reader.whole(row), log_in(row)

    def log_of(self, code: str) -> list[Logged] | None:
        """Return the redemption log of one code; None where there is no such code."""
        row = self._reader.http.get_or_none(f"{CODES}/{quote(code, safe='')}")
        return None if row is None else log_in(data_of(row))


def log_in(row: Row) -> list[Logged]:
    """Return the log that a code's row shows."""
    log = raw_log(row)
    return [] if log is None else [decode_logged(one) for one in log.entries]
