"""Tolt, v1 and v2: reading promotion codes and partners.

Facts: docs.tolt.com. Both versions page by cursor and say ``has_more``; v2 gives
opaque cursors, v1 takes the last row's id. Sorted from old to new, so that rows
that appear while pages are read come at the end. Rows of another programme are
never taken, whatever a filter may have done.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Failed, Rejected, Unavailable
from connector.providers.base import PAGE, Identity, Progress, Remembered
from connector.providers.http import ReadOnly
from connector.providers.reading import (
    PARTNER,
    Ahead,
    Reading,
    clear,
    placed,
    read_all,
    record,
    those,
    understood,
)
from connector.providers.windows import (
    NotAsked,
    Span,
    Windows,
    checked,
    filters,
    passed,
    starts_of,
)
from mappings.answers import Dialect, rows_in
from mappings.canonical import Partner, PromoCode, Side, fold, fold_email
from mappings.rows import may_be, shown_name, told
from mappings.tolt import (
    CODE_FIELDS,
    NEEDED_FIELDS,
    Version,
    decode_code,
    decode_partner,
    shown_version,
)
from mappings.wire import (
    Json,
    Malformed,
    Row,
    mapping,
    optional_text,
    rows,
    text,
)

_rows = chain.from_iterable
CODES, PARTNERS = "promotion-codes", "partners"


class ToltReader:
    """A Tolt programme that can only be looked at."""

    side = Side.TOLT

    def __init__(
        self,
        http: ReadOnly,
        *,
        version: Version,
        program_id: str,
        currency: str | None,
        windows: Windows | None = None,
        on_progress: Progress = lambda _side, _count: None,
    ) -> None:
        self._http = http
        self._windows = windows or Windows(None)
        self.version = version
        self._program_id = program_id
        self._currency = currency
        self._on_progress = on_progress
        self._known = False

    @property
    def http(self) -> ReadOnly:
        """The client, for what reads or writes other things of this programme."""
        return self._http

    @property
    def dialect(self) -> Dialect:
        return "tolt-v1" if self.version == "v1" else "tolt-v2"

    @property
    def currency(self) -> str | None:
        return self._currency

    @property
    def requests(self) -> int:
        return self._http.requests

    def close(self) -> None:
        self._http.close()

    def read(self, remembered: Remembered) -> Snapshot:
        """Read partners and codes; what fails ends up in ``missed``."""

        def fill(reading: Reading) -> None:
            for row, place in placed(self._pages(PARTNERS, {}, reading)):
                partner = reading.decoded(decode_partner, row, PARTNER, "id", place)
                if partner is not None:
                    reading.partners[partner.id] = partner
            self._read_codes(reading)
            if not reading.programs:  # nothing at all: is this the right programme?
                self.identify()
            reading.ask_for_owners(self.partner, remembered)

        return replace(read_all(self.side, self._http, fill), identity=self._program_id)

    def _read_codes(self, reading: Reading) -> None:
        """Read the windows of last time at the same time, or else the whole listing."""
        spans = self._windows.spans() if self.version == "v2" else []
        starts = self._read_windows(reading, *spans) if spans else None
        if starts is None:
            starts = self._keep(self._pages(CODES, {}, reading), reading)
        self._windows.remember(starts)

    def _read_windows(
        self, reading: Reading, first: Span, *others: Span
    ) -> list[str] | None:
        """Return when new windows might begin; None where these could not be had."""

        def read(span: Span) -> list[str]:
            pages = self._walk(CODES, filters(span), reading)
            starts = self._keep(checked(pages, span), reading)
            return [str(span[0]), *starts]

        try:
            starts = self._keep(self._walk(CODES, filters(first), reading), reading)
            if passed(starts, first):  # not heeded: this was the whole listing
                return starts
            with ThreadPoolExecutor(len(others)) as pool:
                return [*starts, *_rows(pool.map(read, others))]
        except NotAsked:
            return None
        except Rejected as refused:
            self._windows.refused = refused.word != "invalid_cursor"
            return None

    def _keep(self, pages: Iterable[list[Json]], reading: Reading) -> list[str]:
        """Keep the codes of all pages; returns when windows might begin."""
        begins = []
        for page, (found, begin) in enumerate(starts_of(pages), 1):
            reading.notice(found, CODE_FIELDS, CODE, NEEDED_FIELDS)
            for row, place in placed([found], page):
                code = reading.decoded(self._listed, row, CODE, "id", place)
                if code is not None:
                    reading.codes[code.id] = code
            self._on_progress(self.side, len(reading.codes))
            if begin:
                begins.append(begin)
        return begins

    def _listed(self, row: Row) -> PromoCode:
        """Decode a row of the listing, which must tell what is compared."""
        if "partner_id" not in row:
            raise Malformed("it does not tell whose it is")
        return self._code(row)

    def _code(self, row: Row) -> PromoCode:
        code = decode_code(row, self.version, self._currency)
        if code is None:  # it is there, whatever it is: only a 404 proves absence
            raise Malformed("it has no text")
        return code

    def pages(self, path: str, filters: dict[str, str]) -> Iterator[Json]:
        """Yield the rows of any listing of this programme, undecoded."""
        return _rows(self._pages(path, filters, Reading()))

    def _pages(
        self, path: str, filters: dict[str, str], reading: Reading
    ) -> Iterator[list[Json]]:
        """Yield the rows of each page; a rejected cursor starts the walk once more."""
        try:
            yield from self._walk(path, filters, reading)
        except Rejected as refused:
            if refused.word != "invalid_cursor":
                raise Unavailable(str(refused)) from None
            try:
                yield from self._walk(path, filters, reading)
            except Rejected as again:
                raise Unavailable(str(again)) from None

    def _walk(
        self, path: str, filters: dict[str, str], reading: Reading
    ) -> Iterator[list[Json]]:
        asked: dict[str, str | int] = {"limit": PAGE, "order": "asc", **filters}
        asked["program_id"] = self._program_id
        cursors: set[str] = set()
        with Ahead(self._http, path) as ahead:
            ahead.ask(asked)
            while True:
                body = ahead.answer()
                try:
                    found = rows_in(body)
                except Malformed as error:
                    why = f"Tolt: {path} is no listing: {error}"
                    raise Unavailable(why) from None
                self._know_version(path, body, found)
                reading.pages += 1
                try:
                    cursor = self._following(path, body, found, cursors)
                except (Unavailable, Malformed):
                    yield self._own(found, reading)  # seen, if not all there is
                    raise
                if cursor is not None:
                    cursors.add(cursor)
                    ahead.ask({**asked, "starting_after": cursor})
                yield self._own(found, reading)
                if cursor is None:
                    return

    def _know_version(self, path: str, body: Row, found: list[Json]) -> None:
        """Failed where an answer is that of the other version: its units are others."""
        shows = path == CODES and not self._known
        codes = [row for row in found if shows and isinstance(row, dict)]
        seen = shown_version(body, codes)
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
        asked: dict[str, str | int] = {"program_id": self._program_id, "limit": 1}
        body = mapping(self._http.get(CODES, asked))
        try:
            self._know_version(CODES, body, rows_in(body))
        except Malformed as error:
            raise Unavailable(f"Tolt: {CODES} is no listing: {error}") from None

    def _own(self, found: list[Json], reading: Reading) -> list[Json]:
        """Return the rows that belong to this programme, or do not tell."""
        mine = self._program_id
        named = [told(row, "program_id") or mine for row in found]
        reading.programs.update(named)
        return [row for row, name in zip(found, named, strict=True) if name == mine]

    def _following(
        self, path: str, body: Row, found: list[Json], cursors: set[str]
    ) -> str | None:
        """Return where the next page begins, or None where this is proven the last."""
        if body.get("has_more") is False:
            return None
        if body.get("has_more") is not True:
            raise Unavailable(f"Tolt: {path} does not say whether more follow")
        if not found:
            raise Unavailable(f"Tolt: an empty page of {path} says that more follow")
        cursor = self._cursor(body, found)
        if cursor in cursors:
            raise Unavailable(f"Tolt: {path} gives the same cursor twice")
        return cursor

    def _cursor(self, body: Row, found: list[Json]) -> str:
        if self.version == "v2":
            return text(body, "next_cursor")
        ids = [told(row, "id") for row in found]
        known = [one for one in ids if one]  # where the last one tells none: from there
        if not known:
            raise Malformed("no row of the page tells its id")
        return known[-1]

    def one(self, collection: str, id_: str) -> Row | None:
        """Return the row with an id; None where Tolt says that it is not there."""

        def is_it(row: Row) -> bool:
            return told(row, "id") == id_

        return record(self._http, self.dialect, collection, id_, is_it)

    def row(self, id_: str) -> Row | None:
        """Return one code's row; None where Tolt says that it is not there."""
        row = self.one(CODES, id_)
        if row is not None:
            unit = {name: row.get(name) for name in ("type", "value")}
            self._know_version(CODES, {}, [unit])  # its id may be that of both versions
        return row

    def get(self, id_: str) -> PromoCode | None:
        """Return one code by its id."""
        row = self.row(id_)
        if row is None:
            return None
        return clear(f"Tolt: promotion code {shown_name(id_)}", self._code, row)

    def find(self, code: str) -> list[PromoCode]:
        """Search, then compare for oneself: the filter matches parts of a text."""
        rows_ = self.pages(CODES, {"search": code.strip()})
        asked = f"Tolt: promotion code {shown_name(code)}"
        found = those(asked, self._code, rows_, lambda row: may_be(row, "code", code))
        return [one for one in found if one.values.code == fold(code)]

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
        rows_ = self.pages(PARTNERS, search)
        found = those(asked, decode_partner, rows_, lambda r: may_be(r, "email", email))
        wanted = fold_email(email)
        return [one for one in found if one.email and fold_email(one.email) == wanted]

    def _identify_by_partner(self) -> Identity:
        asked: dict[str, str | int] = {"program_id": self._program_id, "limit": 1}
        body = mapping(self._http.get(PARTNERS, {**asked, "expand[]": "program"}))
        self._know_version(PARTNERS, body, [])
        programs = [mapping(row.get("program")) for row in rows(body.get("data"))]
        told = [optional_text(one, "currency_code") for one in programs]
        currency = next(filter(None, told), None)
        return Identity(self._program_id, currency and currency.upper())

    @understood("Tolt: what GET programs says of the programme")
    def identify(self) -> Identity:
        """Return the programme with its currency; Failed where it is not there."""
        found = self._http.get_or_none("programs", {"limit": PAGE})
        if found is None:
            self.prove_version()  # the reason, perhaps, why there is no such path
        if found is None and self.version == "v1":  # there it came later
            return self._identify_by_partner()
        body = mapping(found)
        self._know_version("programs", body, [])
        try:
            programs = [row for row in rows_in(body) if isinstance(row, dict)]
        except Malformed as error:
            raise Unavailable(f"Tolt: programs is no listing: {error}") from None
        for program in programs:
            if program.get("id") == self._program_id:
                currency = optional_text(program, "currency_code")
                return Identity(self._program_id, currency and currency.upper())
        seen = (
            ", ".join(sorted(str(program.get("id")) for program in programs)) or "none"
        )
        raise Failed(
            f"Tolt: programme {self._program_id} is not among those of this key "
            f"({seen}). Nothing was changed. Correct pairs.tolt.program_id."
        )
