"""Tolt's transactions and customers: looking at what moves money.

Facts: docs.tolt.com, transactions and customers of both versions, and the guide on
keeping data in sync. v2 tells what changed: a window of ``updated_at`` that ends five
minutes before Tolt's own clock, because a row can show up a little after its time.
v1 tells only what is new. Writing is in sales_writing.py.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connector.errors import Unclear
from connector.providers.base import PAGE
from connector.providers.records import clear, named, those
from connector.providers.tolt import ToltProgramme
from mappings.redemption_wire import (
    decode_charge,
    decode_customer,
    moment,
)
from mappings.redemptions import Charge, Customer
from mappings.rows import Unread, decode_row, shown_name, told
from mappings.shapes import member
from mappings.wire import Json, Malformed, Row

CHARGES, CUSTOMERS = "transactions", "customers"
FEW = 20
"""Up to so many customers are asked for singly; more, and all pages are walked."""
SETTLED = timedelta(minutes=5)
"""How long after its time a row may still appear."""
OVERLAP = {"v1": timedelta(days=1), "v2": timedelta(minutes=10)}
"""How much of what was read is read again: v1 sorts by creation only, and a
transaction can be entered late."""


class ToltCharges:
    """Transactions and customers that can only be looked at.

    ``unread`` are rows that could not be understood: nothing rests on them.
    """

    def __init__(self, programme: ToltProgramme) -> None:
        self._programme = programme
        self.version: str = programme.version
        self.unread: list[Unread] = []
        self._tells: bool | None = None
        self._everybody: list[Json] | None = None
        self._statuses: dict[str, str] = {}

    def window(self, since: str) -> tuple[list[Charge], str]:
        """Return what changed since the mark, and the new mark.

        The mark is the time of the newest row that was seen, not a clock's: where
        nothing happens it stays, and so does everything that is remembered. It never
        passes a row that could not be understood: that one is read again.
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
        charges: dict[str, Charge] = {}
        mark, latest = since, until
        for number, row in enumerate(self._programme.rows(CHARGES, filters), 1):
            at = self._time_of(row, since)
            charge = self._kept(row, f"entry {number} of page 1")
            if charge is None:
                latest = min(latest, at)
                continue
            charges[charge.id] = charge
            mark = max(mark, at)
        return list(charges.values()), max(since, min(mark, latest))

    def _time_of(self, row: Json, otherwise: str) -> str:
        """Return the time by which rows are listed, where it can be read."""
        timed_by = "updated_at" if self.version == "v2" else "created_at"
        try:
            return moment(member(row, timed_by)) or otherwise
        except Malformed:
            return otherwise

    def _kept(self, row: Json, place: str) -> Charge | None:
        """Return a transaction; one that cannot be understood is remembered as such."""
        try:
            return decode_row(self._charge, row)
        except Malformed as error:
            name = told(row, "id")
            self.unread.append(
                Unread("transaction", name, "" if name else place, str(error))
            )
            return None

    def _settled(self) -> str:
        """Return Tolt's own time, less what may still be on its way."""
        stated = self._programme.http.server_date
        try:
            now = parsedate_to_datetime(stated) if stated else datetime.now(UTC)
        except ValueError:
            now = datetime.now(UTC)
        return _iso(now - SETTLED)

    def _charge(self, row: Row) -> Charge:
        return decode_charge(row, self._programme.currency)

    def charges_of(self, key: str, customer: str) -> list[Charge]:
        """Return the transactions with exactly this charge id.

        v2 searches by it; v1 cannot, so there it is this customer's transactions.
        """
        if self.version != "v2":
            return [charge for charge in self.charges_by(customer) if charge.key == key]
        rows = self._programme.rows(CHARGES, {"search": key})
        asked = f"Tolt: transaction {shown_name(key)}"
        may_be_it = named("charge_id", key)
        charges = those(asked, self._charge, rows, may_be_it)
        return [charge for charge in charges if charge.key == key]

    def charges_by(self, customer: str) -> list[Charge]:
        """Return the transactions of one customer, with a code or without."""
        if not customer:
            return []
        rows = self._programme.rows(CHARGES, {"customer_id": customer})
        asked = f"Tolt: transactions of customer {shown_name(customer)}"
        may_be_theirs = named("customer_id", customer)
        charges = those(asked, self._charge, rows, may_be_theirs)
        return [charge for charge in charges if charge.customer in ("", customer)]

    def charge(self, id_: str) -> Charge | None:
        """Return one transaction, or None where Tolt says that it is not there."""
        row = self._programme.one(CHARGES, id_)
        if row is None:
            return None
        return clear(f"Tolt: transaction {shown_name(id_)}", self._charge, row)

    def customer(self, id_: str) -> Customer | None:
        """Return one customer, or None where Tolt says that they are not there."""
        row = self._programme.one(CUSTOMERS, id_)
        if row is None:
            return None
        return clear(f"Tolt: customer {shown_name(id_)}", decode_customer, row)

    def tells_codes(self) -> bool:
        """Say whether Tolt tells by which code a customer came, as far as it shows.

        v2 does; of v1 its customers show it, one as good as another. Where it has none,
        nothing says that it does not.
        """
        if self._tells is None:
            self._tells = self.version == "v2" or self._shown_by_one()
        return self._tells

    def _shown_by_one(self) -> bool:
        nobody = True
        for row in self._programme.rows(CUSTOMERS, {}):
            nobody = False
            if told(row, "id"):
                customer = self.customer(told(row, "id"))
                return customer is not None and customer.code is not None
        return nobody

    def inactive(self, partner: str) -> str:
        """Return why a partner gets nothing, where only a single read of them tells.

        The lists of v1 show no status.
        """
        if self.version != "v1":
            return ""
        if partner not in self._statuses:
            person = self._programme.partner(partner)
            self._statuses[partner] = person.inactive if person else ""
        return self._statuses[partner]

    def customers(self, ids: Collection[str]) -> dict[str, Customer]:
        """Return customers by id; whoever is not there is left out.

        Of one who cannot be understood nothing is told, not even a code.
        """
        customers: dict[str, Customer] = {}
        wanted = set(ids)
        if len(wanted) > FEW:
            pages = self._programme.rows(CUSTOMERS, {})
            for count, row in enumerate(pages):
                if count >= len(wanted) * PAGE or customers.keys() >= wanted:
                    break
                if told(row, "id") in wanted:
                    customers |= _perhaps(row)
        for id_ in sorted(wanted - customers.keys()):
            try:
                customer = self.customer(id_)
            except Unclear as error:
                self.unread.append(Unread("customer", id_, "", str(error)))
                customer = Customer(id_, "", "", "", None, None)
            if customer is not None:
                customers[id_] = customer
        return customers

    def emailed(self, email: str) -> list[Customer]:
        """Search, then compare for oneself: all customers with exactly this e-mail."""
        return [
            customer
            for customer in self._searched(email, "email")
            if customer.has_email(email)
        ]

    def with_email(self, email: str) -> Customer | None:
        """Return the customer with exactly this e-mail."""
        return next(iter(self.emailed(email)), None)

    def numbered(self, number: str) -> Customer | None:
        """Return the customer with exactly this number of the merchant's.

        v1 searches e-mails alone, so there all customers are read, once.
        """
        if self.version == "v1":
            if self._everybody is None:
                self._everybody = list(self._programme.rows(CUSTOMERS, {}))
            customers = self._among(self._everybody, number, "customer_id")
        else:
            customers = self._searched(number, "customer_id")
        return next(
            (customer for customer in customers if customer.external == number), None
        )

    def _searched(self, name: str, by: str) -> list[Customer]:
        return self._among(self._programme.rows(CUSTOMERS, {"search": name}), name, by)

    def _among(self, rows: Iterable[Json], name: str, by: str) -> list[Customer]:
        asked = f"Tolt: customer {shown_name(name)}"
        return those(asked, decode_customer, rows, named(by, name))


def _perhaps(row: Row) -> dict[str, Customer]:
    """Return a customer by id, or nobody where their row cannot be understood."""
    try:
        customer = decode_customer(row)
    except Malformed:
        return {}
    return {customer.id: customer}


def _iso(at: datetime) -> str:
    return moment(at.isoformat())
