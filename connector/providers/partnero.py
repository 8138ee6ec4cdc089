"""Partnero, record by record: codes, coupons and partners, and rows of any listing.

Facts: docs.partnero.com/api-reference. Pages are numbered and shift while data
changes. A page is the last one only when ``links.next`` is null. Reading a whole side
is in partnero_reading.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from connector.errors import Failed, Unavailable, Unclear
from connector.providers.addresses import why_unaddressable
from connector.providers.base import PAGE, Identity
from connector.providers.http import ReadOnly
from connector.providers.listing import Page, Query, walk
from connector.providers.records import (
    clear,
    data_of,
    found_by,
    named,
    record,
    those,
    understood,
)
from mappings.answers import why_failed
from mappings.canonical import Coupon, Partner, PromoCode, Side, fold, fold_email
from mappings.pages import Paged
from mappings.partnero import (
    decode_code,
    decode_coupon,
    decode_marks,
    decode_partner,
)
from mappings.partnero_rows import CodeRow, CouponRow, PartnerRow
from mappings.programmes import Kind, shown_kind, told_kind
from mappings.redemption_rows import BuyerRow, SaleRow
from mappings.rows import shown_name, told
from mappings.rows import understood as understood_rows
from mappings.shapes import Shape
from mappings.wire import (
    Json,
    Malformed,
    Row,
    mapping,
    optional_text,
    text,
)

CODES, COUPONS, PARTNERS = "promotion-codes", "coupons", "partners"
OF_SALES = ("customers", "transactions")
"""Listings whose rows show of which kind the programme is."""
_SHAPES: Mapping[str, type[Shape]] = {
    CODES: CodeRow,
    COUPONS: CouponRow,
    PARTNERS: PartnerRow,
    "customers": BuyerRow,
    "transactions": SaleRow,
}
NO_FILTERS: Mapping[str, str] = {}


def _shape_of(path: str) -> type[Shape]:
    """Return what the rows of a listing are, be it a customer's own or a search."""
    return _SHAPES[path.rpartition("/")[2].partition(":")[0]]


def affiliate_only(kind: Kind | None) -> None:
    """Failed where the key opens a programme of another kind."""
    if kind is not None:
        raise Failed(
            f"Partnero: this key opens a {kind} programme, which has no partners who "
            "are paid for promotion codes. Only affiliate programmes are connected. "
            "Nothing was written. Use the API key of an affiliate programme: Program, "
            "Integration, API there."
        )


class _Numbered:
    """Numbered pages of one listing, and where they end."""

    def __init__(
        self, paged: Paged[Shape], path: str, host: str, filters: Mapping[str, str]
    ) -> None:
        self._paged = paged
        self._path = path
        self._host = host
        self._filters = filters
        self._number = 1
        self._before: list[Json] | None = None

    @property
    def query(self) -> Query:
        return {"limit": PAGE, "page": self._number, **self._filters}

    def __call__(self, answer: Json) -> Page:
        """Return the rows of a page; Unavailable where it is none."""
        page = f"Partnero: {self._path} page {self._number}"
        try:
            listed = self._paged.listed(answer)
        except Malformed as error:
            raise Unavailable(f"{page} is no listing: {error}") from None
        rows = listed.rows
        if rows and rows == self._before:
            raise Unavailable(f"{page} repeats the one before")
        try:
            last = self._is_last(listed.links)
        except (Unavailable, Malformed) as error:
            return Page(rows, broken=error)
        if last:
            return Page(rows)
        if not rows:
            return Page(rows, broken=Unavailable(f"{page} is empty, but not last"))
        self._before, self._number = rows, self._number + 1
        return Page(rows, self.query)

    def _is_last(self, links: Json) -> bool:
        if not isinstance(links, dict) or "next" not in links:
            why = f"Partnero: {self._path} does not say which page is the last"
            raise Unavailable(why)
        following = links["next"]
        if following is None:
            return True
        if not isinstance(following, str):
            raise Malformed("links.next should be a text")
        host = urlsplit(following).hostname
        if host is not None and host != self._host:
            why = f"Partnero: {self._path} continues on another host: not followed"
            raise Unavailable(why)
        return False


class PartneroProgramme:
    """A Partnero programme whose records can be asked for."""

    side = Side.PARTNERO

    def __init__(self, http: ReadOnly, *, currency: str | None) -> None:
        self.http = http
        self.currency = currency
        self._coupons: Mapping[str, Coupon] = {}

    @property
    def requests(self) -> int:
        return self.http.requests

    def close(self) -> None:
        self.http.close()

    def pages(
        self,
        path: str,
        filters: Mapping[str, str] = NO_FILTERS,
        paged: Paged[Any] | None = None,
    ) -> Iterator[list[Json]]:
        """Yield the rows of each page; Unavailable where the end is not proven."""
        paged = paged or Paged(_shape_of(path))
        numbered = _Numbered(paged, path, self.http.host, filters)
        return walk(self.http, path, numbered.query, paged.read, numbered)

    def rows(
        self, path: str, filters: Mapping[str, str] = NO_FILTERS
    ) -> Iterator[Json]:
        """Yield the rows of any listing, with the same proof of its end.

        What each of them is stands open: whoever decodes them tells what cannot be.
        """
        for row in chain.from_iterable(self.pages(path, filters)):
            if path.startswith(OF_SALES):
                affiliate_only(shown_kind(row))
            yield row

    def row(self, id_: str) -> Row | None:
        """Return one code's row; None where Partnero says that it is not there."""

        def is_it(row: Row) -> bool:  # a server may know it in another spelling
            return fold(told(row, "code")) == fold(id_)

        return record(self.http, "partnero", CODES, id_, is_it)

    def get(self, id_: str) -> PromoCode | None:
        """Return one code with its coupon (GET names it)."""
        row = self.row(id_)
        if row is None:
            return None
        return clear(f"Partnero: promotion code {shown_name(id_)}", self.whole, row)

    def whole(self, row: Row) -> PromoCode:
        """Decode a single row; of its coupon the listing alone tells the limits."""
        named = mapping(row.get("coupon") or None)
        own = decode_coupon(named, self.currency) if named else None
        listed = self._coupons.get(own.uuid) if own else None
        if own is None or listed is None:
            return decode_code(row, None, self.currency)
        terms = own.restrictions._asdict()
        stated = {
            name: term for name, term in terms.items() if term not in (None, False)
        }
        if "active" in named:
            stated["switched_off"] = own.restrictions.switched_off
        whole = replace(own, restrictions=listed.restrictions._replace(**stated))
        return decode_code({**row, "coupon": None}, whole, self.currency)

    def find(self, code: str) -> list[PromoCode]:
        """Return the code with this text; Partnero knows a code by nothing else."""
        name = code.strip()
        if why_unaddressable(name):
            return self._listed_as(name)
        partner = self.get(name)
        return [] if partner is None else [partner]

    def _listed_as(self, name: str) -> list[PromoCode]:
        """Return the codes with a text that no address can hold: from their listing."""
        asked = f"Partnero: promotion code {shown_name(name)}"
        rows = self.rows(CODES)
        listed = those(asked, self._without_coupon, rows, named("code", name))
        return [code for code in listed if code.values.code == fold(name)]

    def listed(self) -> list[PromoCode]:
        """Return the codes of the listing that can be read, without their coupons."""
        codes, _unread = understood_rows(self._without_coupon, self.rows(CODES))
        return codes

    def _without_coupon(self, row: Json) -> PromoCode:
        return decode_code(row, None, self.currency)

    def prove_version(self) -> None:
        """Partnero's API has one version alone."""

    def marks(self, id_: str) -> tuple[str, Mapping[str, Json]] | None:
        """Return a code's own spelling with the marks on it; None where it is absent.

        Unavailable where its metadata is not shown: no mark is seen, none is ruled out.
        """
        row = self.row(id_)
        if row is None:
            return None
        written, shown = text(row, "code"), decode_marks(row)
        if shown is None:
            raise Unavailable(f"Partnero does not show the metadata of {written}")
        return written, shown

    def coupon(self, uuid: str) -> Coupon | None:
        """Return one coupon, or None."""

        def is_it(row: Row) -> bool:
            return told(row, "uuid_code") == uuid

        row = record(self.http, "partnero", COUPONS, uuid, is_it)
        if row is None:
            return None

        def decode(row: Json) -> Coupon:
            return decode_coupon(row, self.currency)

        return clear(f"Partnero: coupon {shown_name(uuid)}", decode, row)

    def partner(self, id_: str) -> Partner | None:
        """Return one partner by id, listed or not."""

        def is_it(row: Row) -> bool:
            return told(row, "id") == id_

        row = record(self.http, "partnero", PARTNERS, id_, is_it)
        if row is None:
            return None
        return clear(f"Partnero: partner {shown_name(id_)}", decode_partner, row)

    def find_partner(self, email: str) -> list[Partner]:
        """Return the partner with this e-mail (GET /partner?email=).

        Whatever else than theirs it answers, all partners are looked at: a 404 may
        mean that there is no such path.
        """
        wanted = fold_email(email)

        def is_it(row: Row) -> bool:
            return fold_email(told(row, "email")) == wanted

        asked = f"Partnero: partner {shown_name(email)}"
        try:
            row = found_by(self.http, "partnero", "partner", {"email": email}, is_it)
        except Unclear:
            row = None
        if row is not None:
            return [clear(asked, decode_partner, row)]
        rows = self.rows(PARTNERS)
        people = those(asked, decode_partner, rows, named("email", email))
        return [
            person
            for person in people
            if person.email and fold_email(person.email) == wanted
        ]

    @understood("Partnero: what GET test says of the programme")
    def identify(self) -> Identity:
        """Ask GET /test, whose shape is not documented, for anything that lasts."""
        body = mapping(self.http.get("test"))
        if why := why_failed(body):
            raise Unavailable(f"Partnero: asked who is behind the key: {why}")
        who = data_of(body)
        program = mapping(who.get("program") or None) or who
        affiliate_only(told_kind(program, who))
        for field in ("id", "uuid", "key", "public_id", "name"):
            if program.get(field):
                currency = optional_text(program, "currency")
                return Identity(str(program[field]), currency)
        return Identity("")
