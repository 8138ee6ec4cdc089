"""Partnero's transactions, customers and logs: looking at what moves money.

Facts: docs.partnero.com, promotion-codes/update, transactions and customers. Keys of
transactions are not unique, so they are always looked up, compared exactly, and all
of them counted. Writing is in sales_writing.py.
"""

from collections.abc import Collection, Iterable
from functools import partial

from connector.errors import Rejected, Unclear
from connector.providers.addresses import path_to, why_unaddressable
from connector.providers.base import PAGE
from connector.providers.partnero import PartneroProgramme, affiliate_only
from connector.providers.records import clear, found_by, named, record, those
from mappings.answers import rows_in
from mappings.canonical import Partner, PromoCode, fold_email
from mappings.partnero import (
    decode_partner,
)
from mappings.programmes import shown_kind
from mappings.redemption_wire import (
    decode_buyer,
    decode_logged,
    decode_sale,
    raw_log,
)
from mappings.redemptions import Customer, Logged, Sale
from mappings.rows import Unread, decode_row, may_be, shown_name, told, understood
from mappings.wire import Json, Malformed, Row, mapping

SALES, BUYERS = "transactions", "customers"
FEW = 20
"""Up to so many transactions are asked for singly; more, and all pages are walked."""


class PartneroSales:
    """Transactions, customers and logs that can only be looked at.

    ``unread`` are rows that could not be understood: nothing rests on them.
    """

    def __init__(self, programme: PartneroProgramme) -> None:
        self._programme = programme
        self.currency = programme.currency
        self.unread: list[Unread] = []
        self._everybody: tuple[list[Customer], list[Json]] | None = None

    def _sale(self, row: Row) -> Sale:
        return decode_sale(row, self.currency)

    def sales(self, keys: Collection[str]) -> dict[str, list[Sale]]:
        """Return all transactions under each key; [] where there is none.

        A key of which a transaction cannot be understood is left out.
        """
        if len(keys) > FEW:
            walked = self._walk(set(keys), most=len(keys))
            if walked is not None:
                return walked
        sales: dict[str, list[Sale]] = {}
        for key in sorted(keys):
            try:
                sales[key] = self.sales_of(key)
            except Unclear as error:
                self.unread.append(Unread("transaction", key, "", str(error)))
        return sales

    def sales_of(self, key: str) -> list[Sale]:
        """Return the transactions with exactly this key, whatever the filter does."""
        return [sale for sale in self._listed({"key": key}) if sale.key == key]

    def _listed(self, filters: dict[str, str]) -> list[Sale]:
        """Return the sales that a filter finds, maybe more than were asked for."""
        ((field, name),) = filters.items()
        rows = self._programme.rows(SALES, filters)
        return self._meant(field.partition(".")[0], name, rows)

    def _meant(self, field: str, name: str, rows: Iterable[Json]) -> list[Sale]:
        """Return sales; Unclear where one that may be meant cannot be understood."""
        asked = f"Partnero: transactions of {field} {shown_name(name)}"
        return those(asked, self._sale, rows, named(field, name))

    def _walk(self, keys: set[str], most: int) -> dict[str, list[Sale]] | None:
        """Return them from the whole listing; None where it is longer than worth it.

        At the last page it is known that no second one under a key follows; where a row
        cannot be understood, that is known of no key: then each is asked for.
        """
        sales: dict[str, list[Sale]] = {key: [] for key in keys}
        for count, row in enumerate(self._programme.rows(SALES, {})):
            if count >= most * PAGE:
                return None
            try:
                sale = decode_row(self._sale, row)
            except Malformed:
                if may_be(row, "key", *keys):
                    return None
                continue
            if sale.key in keys:
                sales[sale.key].append(sale)
        return sales

    def sales_by(self, buyer: str) -> list[Sale]:
        """Return the sales of one customer, logged or not, whatever a filter does.

        The customer's own listing first; where there is none, the filtered one.
        """
        if why_unaddressable(buyer):
            return self._filtered(buyer)
        try:
            path = f"{path_to(BUYERS, buyer)}/{SALES}"
            rows = list(self._programme.rows(path, {}))
        except Rejected as refused:
            if refused.status not in (404, 405):
                raise Unclear(str(refused)) from None
            return self._filtered(buyer)
        sales = self._meant("customer", buyer, rows)
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

        def is_it(row: Row) -> bool:
            return told(row, "key") == key

        try:
            return record(self._programme.http, "partnero", SALES, key, is_it) is None
        except Unclear:
            return False

    def numbered(self, key: str) -> Customer | None:
        """Return the customer with exactly this key."""
        buyer = self._buyer(key)
        return buyer if buyer and buyer.id == key else None

    def emailed(self, email: str) -> list[Customer]:
        """Return all customers with exactly this e-mail; it need not be unique.

        By search, else by path; where there is no search, all of them are read, once.
        """
        searched = self._searched(email)
        theirs = [buyer for buyer in searched or () if buyer.has_email(email)]
        if theirs:
            return theirs
        try:
            by_path = self._buyer(email)
        except Unclear:
            by_path = (
                None  # of another mailbox, perhaps: the listings show all there are
            )
        if by_path and by_path.has_email(email):
            return [by_path]
        return [] if searched is not None else self._listed_with(email)

    def _searched(self, email: str) -> list[Customer] | None:
        """Return what the search finds, maybe more than was asked for; None: no such.

        A search that does not say where it ends has shown all that it has.
        """
        path, query = f"{BUYERS}:search", {"email": email}
        asked = f"Partnero: customer {shown_name(email)}"
        try:
            body = self._programme.http.get(path, {"limit": PAGE, **query})
            rows: Iterable[Json] = rows_in(body)
            if mapping(mapping(body).get("links")).get("next"):
                rows = self._programme.rows(path, query)
            rows = list(rows)
            for row in rows:
                affiliate_only(shown_kind(row))
            return those(asked, decode_buyer, rows, named("email", email))
        except Malformed as error:
            raise Unclear(f"{asked}: the answer tells nothing: {error}") from None
        except Rejected as refused:
            if refused.status in (400, 404, 405, 422):
                return None
            raise Unclear(str(refused)) from None

    def _listed_with(self, email: str) -> list[Customer]:
        if self._everybody is None:
            good, bad = understood(decode_buyer, self._programme.rows(BUYERS, {}))
            self._everybody = good, [row for _number, row, _why in bad]
        listed, unread = self._everybody
        if any(may_be(row, "email", email) for row in unread):
            asked = f"Partnero: customer {shown_name(email)}"
            raise Unclear(f"{asked}: a row that may be theirs cannot be understood")
        return [buyer for buyer in listed if buyer.has_email(email)]

    def _buyer(self, name: str) -> Customer | None:
        """Return the customer whom a path names: by key, by id or by e-mail."""
        mailbox = fold_email(name)

        def is_it(row: Row) -> bool:
            named = (told(row, "key"), told(row, "id"))
            return name in named or fold_email(told(row, "email")) == mailbox

        row = record(self._programme.http, "partnero", BUYERS, name, is_it)
        if row is None:
            return None
        affiliate_only(shown_kind(row))
        return clear(f"Partnero: customer {shown_name(name)}", decode_buyer, row)

    def payee(self, name: str, people: Collection[Partner], likely: str) -> str | None:
        """Return the id of the partner whom a customer names, by id or by referral key.

        None where that cannot be told: nobody has the name, or several. ``people`` are
        those that are known, ``likely`` is the id of the one whom it should be.
        """
        known = {person.id for person in people if name in (person.id, person.key)}
        if known:
            return known.pop() if len(known) == 1 else None
        if name == likely:
            return name
        for ask in (self._with_id, partial(self._keyed, likely), self._called):
            try:
                if payee := ask(name):
                    return payee
            except Unclear:
                continue
        return None

    def _keyed(self, id_: str, name: str) -> str:
        """Return a partner's id where their own row shows this referral key."""
        person = self._programme.partner(id_) if id_ else None
        return id_ if person and person.key == name else ""

    def _called(self, name: str) -> str:
        query = {"key": name}
        row = found_by(
            self._programme.http, "partnero", "partner", query, lambda _: True
        )
        if row is None:
            return ""
        person = clear(f"Partnero: partner {shown_name(name)}", decode_partner, row)
        # A row need not show the key by which it was found.
        return person.id if person.key in ("", name) else ""

    def _with_id(self, name: str) -> str:
        person = self._programme.partner(name)
        return person.id if person else ""

    def code_and_log(self, code: str) -> tuple[PromoCode, list[Logged]] | None:
        """Return one code with its redemption log; None where there is no such code."""
        row = self._programme.row(code)
        if row is None:
            return None
        log = self._shown_log(code, row)
        asked = f"Partnero: promotion code {shown_name(code)}"
        return clear(asked, self._programme.whole, row), log

    def log_of(self, code: str) -> list[Logged] | None:
        """Return the redemption log of one code; None where there is no such code."""
        row = self._programme.row(code)
        return None if row is None else self._shown_log(code, row)

    @staticmethod
    def _shown_log(code: str, row: Row) -> list[Logged]:
        """Return a code's log; Unclear where its row shows none: that is not empty."""
        asked = f"Partnero: the log of promotion code {shown_name(code)}"
        log = clear(asked, log_in, row)
        if log is None:
            raise Unclear(f"{asked} is not shown")
        return log


def log_in(row: Row) -> list[Logged] | None:
    """Return the log that a code's row shows, or None where it shows none."""
    log = raw_log(row)
    return None if log is None else [decode_logged(entry) for entry in log.entries]
