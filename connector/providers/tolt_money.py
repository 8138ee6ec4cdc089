"""Tolt's transactions and customers: looking at what moves money.

Facts: docs.tolt.com, transactions and customers of both versions, and the guide on
keeping data in sync. v2 tells what changed: a window of ``updated_at`` that ends five
minutes before Tolt's own clock, because a row can show up a little after its time.
v1 tells only what is new. Writing is in money_writing.py.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from connector.providers.base import PAGE
from connector.providers.reading import data_of
from connector.providers.tolt import ToltReader
from mappings.redemption_wire import (
    decode_charge,
    decode_customer,
    moment,
)
from mappings.redemptions import Charge, Customer
from mappings.wire import Row

CHARGES, CUSTOMERS = "transactions", "customers"
FEW = 20
"""Up to so many customers are asked for singly; more, and all pages are walked."""
SETTLED = timedelta(minutes=5)
"""How long after its time a row may still appear."""
OVERLAP = {"v1": timedelta(days=1), "v2": timedelta(minutes=10)}
"""How much of what was read is read again: v1 sorts by creation only, and a
transaction can be entered late."""


class ToltMoney:
    """Transactions and customers that can only be looked at."""

    def __init__(self, reader: ToltReader) -> None:
        self._reader = reader

    @property
    def version(self) -> str:
        return self._reader.version

    def window(self, since: str) -> tuple[list[Charge], str]:
        """Return what changed since the mark, and the new mark.

        The mark is the time of the newest row that was seen, not a clock's: where
        nothing happens it stays, and so does everything that is remembered.
        """
        until = self._settled()
        if since > until:  # the mark was made by a clock that was ahead: it is unknown
            since = ""
        filters: dict[str, str] = {}
        start = None
        if since:
            start = datetime.fromisoformat(since) - OVERLAP[self.version]
        if self.version == "v2":
            filters = {"sort": "updated_at", "updated_before": until}
            if start is not None:
                filters["updated_after"] = _iso(start)
        elif start is not None:
            filters = {"created_gte": _iso(start)}
        timed_by = "updated_at" if self.version == "v2" else "created_at"
        found: dict[str, Charge] = {}
        mark = since
        for row in self._reader.pages(CHARGES, filters):
            charge = self._charge(row)
            found[charge.id] = charge
            if at := moment(row.get(timed_by)):
                mark = max(mark, min(at, until))
        return list(found.values()), mark

    def _settled(self) -> str:
        """Return Tolt's own time, less what may still be on its way."""
        stated = self._reader.http.server_date
        try:
            now = parsedate_to_datetime(stated) if stated else datetime.now(UTC)
        except ValueError:
            now = datetime.now(UTC)
        return _iso(now - SETTLED)

    def _charge(self, row: Row) -> Charge:
        return decode_charge(row, self._reader.currency)

    def charges_of(self, key: str, customer: str) -> list[Charge]:
        """Return the transactions with exactly this charge id.

        v2 searches by it; v1 cannot, so there it is this customer's transactions.
        """
        if self.version != "v2":
            return [one for one in self.charges_by(customer) if one.key == key]
        pages = self._reader.pages(CHARGES, {"search": key})
        return [one for one in map(self._charge, pages) if one.key == key]

    def charges_by(self, customer: str) -> list[Charge]:
        """Return the transactions of one customer, with a code or without."""
        if not customer:
            return []
        pages = self._reader.pages(CHARGES, {"customer_id": customer})
        found = map(self._charge, pages)
        return [one for one in found if one.customer in ("", customer)]

    def charge(self, id_: str) -> Charge | None:
        """Return one transaction, or None where Tolt says that it is not there."""
        body = self._reader.http.get_or_none(f"{CHARGES}/{quote(id_, safe='')}")
        return None if body is None else self._charge(data_of(body))

    def customers(self, ids: Collection[str]) -> dict[str, Customer]:
        """Return customers by id; whoever is not there is left out."""
        found: dict[str, Customer] = {}
        wanted = set(ids)
        if len(wanted) > FEW:
            pages = self._reader.pages(CUSTOMERS, {})
            for count, row in enumerate(pages):
                if count >= len(wanted) * PAGE or found.keys() >= wanted:
                    break
                one = decode_customer(row)
                found |= {one.id: one} if one.id in wanted else {}
        for id_ in sorted(wanted - found.keys()):
            body = self._reader.http.get_or_none(f"{CUSTOMERS}/{quote(id_, safe='')}")
            if body is not None:
                found[id_] = decode_customer(data_of(body))
        return found

    def emailed(self, email: str) -> list[Customer]:
        """Search, then compare for oneself: all customers with exactly this e-mail."""
        return [one for one in self._searched(email) if one.has_email(email)]

    def with_email(self, email: str) -> Customer | None:
        """Return the customer with exactly this e-mail."""
        return next(iter(self.emailed(email)), None)

    def numbered(self, number: str) -> Customer | None:
        """Return the customer with exactly this number of the merchant's."""
        found = self._searched(number)
        return next((one for one in found if one.external == number), None)

    def _searched(self, name: str) -> Iterator[Customer]:
        return map(decode_customer, self._reader.pages(CUSTOMERS, {"search": name}))


def _iso(at: datetime) -> str:
    return moment(at.isoformat())
