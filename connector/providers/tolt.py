"""Tolt, v1 and v2, record by record: codes and partners, and rows of any listing.

Facts: docs.tolt.com. Both versions page by cursor and say ``has_more``; v2 gives
opaque cursors, v1 takes the last row's id. Sorted from old to new, so that rows
that appear while pages are read come at the end. Rows of another programme are
never taken, whatever a filter may have done. Reading a whole side is in
tolt_reading.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Any, NamedTuple

from connector.errors import Failed, Rejected, Unavailable
from connector.providers.base import PAGE, Identity
from connector.providers.http import ReadOnly
from connector.providers.listing import Page, Query, walk
from connector.providers.records import clear, named, record, those, understood
from mappings.answers import Dialect, rows_in
from mappings.canonical import Partner, PromoCode, Side, fold, fold_email
from mappings.pages import Listed, Paged
from mappings.redemption_rows import ChargeRow, CustomerRow
from mappings.rows import shown_name, told
from mappings.shapes import Shape, member
from mappings.tolt import Version, decode_code, decode_partner, shown_version
from mappings.tolt_rows import CodeRow, PartnerRow
from mappings.wire import (
    Json,
    Malformed,
    Row,
    as_text,
    mapping,
    optional_text,
)
from mappings.wire import rows as rows_of

CODES, PARTNERS = "promotion-codes", "partners"
NO_FILTERS: Mapping[str, str] = {}
_SHAPES: Mapping[str, type[Shape]] = {
    CODES: CodeRow,
    PARTNERS: PartnerRow,
    "customers": CustomerRow,
    "transactions": ChargeRow,
}


class _Cursors:
    """Pages of one listing by cursor, and where they end.

    ``programs`` learns of which programmes its rows say that they are.
    """

    def __init__(
        self,
        tolt: "ToltProgramme",
        paged: Paged[Shape],
        path: str,
        filters: Mapping[str, str],
        programs: set[str],
    ) -> None:
        self._tolt = tolt
        self._paged = paged
        self._path = path
        self._programs = programs
        self._seen: set[str] = set()
        self.query: Query = {"limit": PAGE, "order": "asc", **filters}
        self.query |= {"program_id": tolt.program_id}

    def __call__(self, answer: Json) -> Page:
        """Return the rows of a page that are this programme's."""
        try:
            listed = self._paged.listed(answer)
        except Malformed as error:
            why = f"Tolt: {self._path} is no listing: {error}"
            raise Unavailable(why) from None
        rows = listed.rows
        self._tolt.know_version(self._path, listed, rows)
        own = self._own(rows)
        try:
            cursor = self._following(listed, rows)
        except (Unavailable, Malformed) as error:
            return Page(own, broken=error)
        if cursor is None:
            return Page(own)
        self._seen.add(cursor)
        return Page(own, {**self.query, "starting_after": cursor})

    def _own(self, rows: list[Shape]) -> list[Shape]:
        """Return the rows that belong to this programme, or do not tell."""
        mine = self._tolt.program_id
        stated = [getattr(row, "program_id", None) for row in rows]
        if rows and stated.count(mine) == len(rows):  # nearly always
            self._programs.add(mine)
            return rows
        names = [told(row, "program_id") or mine for row in rows]
        self._programs.update(names)
        return [row for row, name in zip(rows, names, strict=True) if name == mine]

    def _following(self, listed: Listed[Shape], rows: list[Shape]) -> str | None:
        """Return where the next page begins, or None where this is proven the last."""
        if listed.has_more is False:
            return None
        if listed.has_more is not True:
            raise Unavailable(f"Tolt: {self._path} does not say whether more follow")
        if not rows:
            why = f"Tolt: an empty page of {self._path} says that more follow"
            raise Unavailable(why)
        cursor = self._cursor(listed, rows)
        if cursor in self._seen:
            raise Unavailable(f"Tolt: {self._path} gives the same cursor twice")
        return cursor

    def _cursor(self, listed: Listed[Shape], rows: list[Shape]) -> str:
        if self._tolt.version == "v2":
            return as_text(member(listed, "next_cursor"), "next_cursor")
        ids = [told(row, "id") for row in rows]
        known = [id_ for id_ in ids if id_]  # the last one that tells one: from there
        if not known:
            raise Malformed("no row of the page tells its id")
        return known[-1]


class Program(NamedTuple):
    """A programme as a listing of them tells it; "" where it says nothing."""

    id: str
    name: str
    currency: str


class ToltProgramme:
    """A Tolt programme whose records can be asked for."""

    side = Side.TOLT

    def __init__(
        self,
        http: ReadOnly,
        *,
        version: Version,
        program_id: str,
        currency: str | None,
    ) -> None:
        self.http = http
        self.version = version
        self.currency = currency
        self.program_id = program_id
        self._known = False

    @property
    def dialect(self) -> Dialect:
        return "tolt-v1" if self.version == "v1" else "tolt-v2"

    @property
    def requests(self) -> int:
        return self.http.requests

    def close(self) -> None:
        self.http.close()

    def decoded(self, row: Row | CodeRow) -> PromoCode:
        code = decode_code(row, self.version, self.currency)
        if code is None:  # it is there, whatever it is: only a 404 proves absence
            raise Malformed("it has no text")
        return code

    def walk(
        self,
        path: str,
        filters: Mapping[str, str] = NO_FILTERS,
        programs: set[str] | None = None,
        paged: Paged[Any] | None = None,
    ) -> Iterator[list[Json]]:
        """Yield the rows of each page; Rejected where a cursor is refused."""
        paged = paged or Paged(_SHAPES[path])
        programs = set() if programs is None else programs
        cursors = _Cursors(self, paged, path, filters, programs)
        return walk(self.http, path, cursors.query, paged.read, cursors)

    def pages(
        self,
        path: str,
        filters: Mapping[str, str] = NO_FILTERS,
        programs: set[str] | None = None,
        paged: Paged[Any] | None = None,
    ) -> Iterator[list[Json]]:
        """Yield the rows of each page; a rejected cursor starts the walk once more."""
        try:
            yield from self.walk(path, filters, programs, paged)
        except Rejected as refused:
            if refused.word != "invalid_cursor":
                raise Unavailable(str(refused)) from None
            try:
                yield from self.walk(path, filters, programs, paged)
            except Rejected as again:
                raise Unavailable(str(again)) from None

    def rows(
        self, path: str, filters: Mapping[str, str] = NO_FILTERS
    ) -> Iterator[Json]:
        """Yield the rows of any listing of this programme, undecoded."""
        return chain.from_iterable(self.pages(path, filters))

    def know_version(self, path: str, answer: Json, rows: Sequence[Json]) -> None:
        """Failed where an answer is that of the other version: its units are others."""
        shows = path == CODES and not self._known
        seen = shown_version(answer, rows if shows else ())
        if seen is None:
            return
        self._known = True
        version, sign = seen
        if version != self.version:
            raise Failed(
                f"Tolt answers as {version} of its API does ({sign} in {path}), but "
                f"pairs.tolt.api_version is {self.version}: a fixed amount would be "
                "read, and written, in the wrong unit. Nothing was written. Correct "
                f'api_version to "{version}", or base_url to that of {self.version}.'
            )

    def prove_version(self) -> None:
        """Ask for one promotion code; Failed where the answer is of the other version.

        A report finds it out with its first page: this is for who only looks whether
        the configuration is right.
        """
        asked: dict[str, str | int] = {"program_id": self.program_id, "limit": 1}
        body = mapping(self.http.get(CODES, asked))
        try:
            self.know_version(CODES, body, rows_in(body))
        except Malformed as error:
            raise Unavailable(f"Tolt: {CODES} is no listing: {error}") from None

    def one(self, collection: str, id_: str) -> Row | None:
        """Return the row with an id; None where Tolt says that it is not there."""

        def is_it(row: Row) -> bool:
            return told(row, "id") == id_

        return record(self.http, self.dialect, collection, id_, is_it)

    def row(self, id_: str) -> Row | None:
        """Return one code's row; None where Tolt says that it is not there."""
        row = self.one(CODES, id_)
        if row is not None:
            unit = {name: row.get(name) for name in ("type", "value")}
            self.know_version(CODES, {}, [unit])  # its id may be that of both versions
        return row

    def get(self, id_: str) -> PromoCode | None:
        """Return one code by its id."""
        row = self.row(id_)
        if row is None:
            return None
        return clear(f"Tolt: promotion code {shown_name(id_)}", self.decoded, row)

    def find(self, code: str) -> list[PromoCode]:
        """Search, then compare for oneself: the filter matches parts of a text."""
        rows_ = self.rows(CODES, {"search": code.strip()})
        asked = f"Tolt: promotion code {shown_name(code)}"
        codes = those(asked, self.decoded, rows_, named("code", code))
        return [promo for promo in codes if promo.values.code == fold(code)]

    def partner(self, id_: str) -> Partner | None:
        """Return one partner by id, listed or not."""
        row = self.one(PARTNERS, id_)
        if row is None:
            return None
        return clear(f"Tolt: partner {shown_name(id_)}", decode_partner, row)

    def find_partner(self, email: str) -> list[Partner]:
        """Search by e-mail, then compare for oneself."""
        search = {"search": email} if self.version == "v2" else {"email": email}
        asked = f"Tolt: partner {shown_name(email)}"
        rows_ = self.rows(PARTNERS, search)
        people = those(asked, decode_partner, rows_, named("email", email))
        wanted = fold_email(email)
        return [
            person
            for person in people
            if person.email and fold_email(person.email) == wanted
        ]

    def changed(self, since: str | None) -> tuple[bool, datetime]:
        """Say whether v2 names any change since, and what its clock shows."""
        query: dict[str, str | int] = {"program_id": self.program_id}
        query |= {"limit": 1, "sort": "updated_at", "order": "asc"}
        query |= {"updated_after": since} if since else {}
        news = False
        for path in (CODES, PARTNERS) if since else (CODES,):
            body = self.http.get(path, query)
            try:
                news |= bool(rows_in(body)) or body.get("has_more") is not False
            except Malformed as error:
                raise Unavailable(f"Tolt: {path} is no listing: {error}") from None
            if news:
                break
        try:
            clock = parsedate_to_datetime(self.http.server_date or "")
            return news, clock.astimezone(UTC)
        except ValueError:
            raise Unavailable("Tolt does not tell its clock") from None

    @understood("Tolt: what GET programs says of the programmes")
    def programs(self) -> list[Program]:
        """Return the programmes of this key, whichever is configured."""
        rows = self._programs(self.http.get("programs", {"limit": PAGE}))
        return [
            Program(told(row, "id"), told(row, "name"), told(row, "currency_code"))
            for row in rows
        ]

    def _programs(self, answer: Json) -> list[Row]:
        body = mapping(answer)
        self.know_version("programs", body, [])
        try:
            return [row for row in rows_in(body) if isinstance(row, dict)]
        except Malformed as error:
            raise Unavailable(f"Tolt: programs is no listing: {error}") from None

    def _identify_by_partner(self) -> Identity:
        asked: dict[str, str | int] = {"program_id": self.program_id, "limit": 1}
        body = mapping(self.http.get(PARTNERS, {**asked, "expand[]": "program"}))
        self.know_version(PARTNERS, body, [])
        programs = [mapping(row.get("program")) for row in rows_of(body.get("data"))]
        currencies = [optional_text(program, "currency_code") for program in programs]
        currency = next(filter(None, currencies), None)
        return Identity(self.program_id, currency and currency.upper())

    @understood("Tolt: what GET programs says of the programme")
    def identify(self) -> Identity:
        """Return the programme with its currency; Failed where it is not there."""
        answer = self.http.get_or_none("programs", {"limit": PAGE})
        if answer is None:
            self.prove_version()  # the reason, perhaps, why there is no such path
        if answer is None and self.version == "v1":  # there it came later
            return self._identify_by_partner()
        programs = self._programs(answer)
        for program in programs:
            if program.get("id") == self.program_id:
                currency = optional_text(program, "currency_code")
                return Identity(self.program_id, currency and currency.upper())
        seen = (
            ", ".join(sorted(str(program.get("id")) for program in programs)) or "none"
        )
        raise Failed(
            f"Tolt: programme {self.program_id} is not among those of this key "
            f"({seen}). Nothing was changed. Correct pairs.tolt.program_id."
        )
