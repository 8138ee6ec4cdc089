"""What both readers share: collect, and never lose the reason why it is not all."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, Self, TypeVar

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import (
    Failed,
    Rejected,
    SyncError,
    Unavailable,
    Unclear,
    Unreachable,
)
from connector.providers.addresses import path_to
from connector.providers.base import Remembered
from connector.providers.http import ReadOnly
from mappings.answers import Dialect, is_absence, record_in
from mappings.canonical import Coupon, Partner, PromoCode, Side, fold
from mappings.redemptions import Log
from mappings.rows import Unread, decode_row, shown_name, told
from mappings.tolerant_json import Unparsed
from mappings.wire import Json, Malformed, Row, mapping

T = TypeVar("T")
Place = tuple[Json, str]
"""A row, and where in its listing it stands."""
Rows = Collection[Json]


def placed(pages: Iterable[Rows], first: int = 1) -> Iterator[Place]:
    """Yield the rows of all pages with where they stand."""
    for page, found in enumerate(pages, first):
        for number, row in enumerate(found, 1):
            yield row, f"row {number} of page {page}"


class Reading:
    """What has been read so far, kept even when the rest cannot be had."""

    def __init__(self) -> None:
        self.codes: dict[str, PromoCode] = {}
        self.partners: dict[str, Partner] = {}
        self.coupons: dict[str, Coupon] = {}
        self.doubled: set[str] = set()
        self.drift: set[str] = set()
        self.absent: set[str] = set()
        self.present: set[str] = set()
        self.programs: set[str] = set()
        self.learned: dict[str, str] = {}
        self.again: set[str] = set()
        self.logs: dict[str, Log] = {}
        self.unlogged = 0
        self.marks: dict[str, Mapping[str, Json] | None] = {}
        self.pages = 0
        self.unread: list[Unread] = []
        self.unusable: set[str] = set()
        self.hidden: set[str] = set()
        self.hidden_texts: set[str] = set()

    def notice(
        self,
        found: Rows,
        known: frozenset[str],
        noun: str,
        needed: frozenset[str] = frozenset(),
    ) -> None:
        """Remember fields that the documentation does not name, and needed ones."""
        names = set().union(*(row for row in found if isinstance(row, dict)))
        if not names <= known:
            self.drift |= {f"{noun}.{name}" for name in names - known}
        if found:
            self.present |= {f"{noun}.{name}" for name in needed & names}
            self.absent |= {f"{noun}.{name}" for name in needed - names}

    def decoded(
        self,
        decode: Callable[[Row], T],
        row: Json,
        noun: str,
        named_by: str,
        place: str,
    ) -> T | None:
        """Return what a row says; one that says nothing is kept as unread."""
        try:
            return decode_row(decode, row)
        except (Malformed, Unclear) as error:
            name = told(row, named_by)
            text = told(row, {CODE: "code", PARTNER: "email"}.get(noun, named_by))
            if noun == CODE:
                self.hide(name, text)
            place = "" if name else place
            self.unread.append(Unread(noun, name, place, str(error), text))
            return None

    def hide(self, id_: str, text: str) -> None:
        """Remember that a code is listed and cannot be understood."""
        self.hidden |= {id_} - {""}
        self.hidden_texts |= {fold(text)} - {""}

    def ask_for_owners(
        self, ask: Callable[[str], Partner | None], remembered: Remembered
    ) -> None:
        """Ask singly for owners of codes whom the partners' list leaves out."""
        owners = {code.values.partner for code in self.codes.values()}
        for owner in sorted(one for one in owners if one):
            if owner in self.partners or owner in remembered.partners:
                continue
            try:
                found = ask(owner)
            except Unclear:
                continue  # nothing is known of them: their codes wait
            if found is not None:
                self.partners[owner] = found


COUPON, PARTNER = "coupon", "partner"


class Ahead:
    """One listing, whose next page is on its way while this one is decoded.

    Never more than one page ahead, and only once a page has said that another one
    follows: a plan asks for the pages that there are and for no other.
    """

    def __init__(self, http: ReadOnly, path: str) -> None:
        self._http = http
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._coming: Future[Json] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def ask(self, query: Mapping[str, str | int]) -> None:
        """Send for a page; what goes wrong is raised by ``answer``."""
        self._coming = self._thread.submit(self._http.get, self._path, query)

    def answer(self) -> Json:
        """Wait for the page that was asked for last."""
        if self._coming is None:
            raise AssertionError(f"nobody asked for {self._path}")
        return self._coming.result()


def _of_something_else(side: Side, reading: Reading) -> str:
    """Say of which listing nothing at all is what was asked for, or ""."""
    understood = {
        CODE: reading.codes,
        PARTNER: reading.partners,
        COUPON: reading.coupons,
    }
    for noun, records in understood.items():
        rows = sum(row.noun == noun for row in reading.unread)
        if rows > 1 and not records:
            return (
                f"{side.label}: of the {rows} rows in the list of {noun}s none can be "
                "understood: it is the answer to something else"
            )
    return ""


def read_all(side: Side, http: ReadOnly, fill: Callable[[Reading], None]) -> Snapshot:
    """Read a side; Failed ends the run, everything else makes it incomplete."""
    reading = Reading()
    missed = ""
    unreachable = False
    try:
        fill(reading)
    except Failed:
        raise
    except (SyncError, Malformed) as error:
        missed = str(error)
        unreachable = isinstance(error, Unreachable) and not reading.pages
    missed = missed or _of_something_else(side, reading)
    return Snapshot(
        side=side,
        codes=reading.codes,
        partners=reading.partners,
        coupons=reading.coupons,
        missed=missed,
        unreachable=unreachable,
        doubled=frozenset(reading.doubled),
        drift=tuple(sorted(reading.drift)),
        absent=tuple(sorted(reading.absent - reading.present)),
        limit=http.limit,
        retired=http.retired or "",
        requests=http.requests,
        learned=reading.learned,
        logs=reading.logs,
        unlogged=reading.unlogged,
        marks=reading.marks,
        unread=tuple(dict.fromkeys(reading.unread)),
        hidden=frozenset(reading.hidden),
        hidden_texts=frozenset(reading.hidden_texts),
    )


def record(
    http: ReadOnly,
    dialect: Dialect,
    collection: str,
    name: str,
    is_it: Callable[[Row], bool],
) -> Row | None:
    """Ask for one record; None where the product itself says that it is not there.

    Unclear where the answer is neither: of something in between, of another record,
    or nothing that anybody documented.
    """
    return _record(http, dialect, _Asked(path_to(collection, name), {}, name), is_it)


def found_by(
    http: ReadOnly,
    dialect: Dialect,
    path: str,
    query: Mapping[str, str],
    is_it: Callable[[Row], bool],
) -> Row | None:
    """Ask for one record by what is known of it, likewise."""
    asked = _Asked(path, query, " ".join(query.values()))
    return _record(http, dialect, asked, is_it)


class _Asked(NamedTuple):
    path: str
    query: Mapping[str, str]
    name: str


def _record(
    http: ReadOnly, dialect: Dialect, what: _Asked, is_it: Callable[[Row], bool]
) -> Row | None:
    noun = what.path.partition("/")[0]
    asked = f"{http.access.name}: {noun} {shown_name(what.name)}"
    try:
        row = record_in(http.get(what.path, what.query or None), dialect)
    except Rejected as refused:
        if refused.status == 404 and is_absence(refused.body, dialect, what.name):
            return None
        raise Unclear(f"{asked}: the answer tells nothing of it: {refused}") from None
    except Malformed as error:
        raise Unclear(f"{asked}: the answer tells nothing of it: {error}") from None
    if not is_it(row):
        raise Unclear(f"{asked}: the answer is about another one")
    return row


def whole_row(asked: str, row: Row | None) -> Row | None:
    """Return a row to be kept; Unclear where it could not be made again from that."""
    if row and any(isinstance(value, Unparsed) for value in row.values()):
        raise Unclear(f"{asked} cannot be read as a whole")
    return row


def clear(asked: str, decode: Callable[[Row], T], row: Row) -> T:
    """Return what one record says; Unclear where it cannot be understood."""
    try:
        return decode_row(decode, row)
    except Malformed as error:
        raise Unclear(f"{asked} cannot be understood: {error}") from None


@contextmanager
def understood(asked: str) -> Iterator[None]:
    """Make an answer about no record, which cannot be understood, one that failed."""
    try:
        yield
    except Malformed as error:
        raise Unavailable(f"{asked} cannot be understood: {error}") from None


def those(
    asked: str,
    decode: Callable[[Row], T],
    rows: Iterable[Json],
    may_be: Callable[[Json], bool],
) -> list[T]:
    """Return what rows say; Unclear where one that may be meant says nothing."""
    found: list[T] = []
    for row in rows:
        try:
            found.append(decode_row(decode, row))
        except Malformed as error:
            if may_be(row):
                why = f"{asked}: a row that may be it cannot be understood: {error}"
                raise Unclear(why) from None
    return found


def data_of(body: Json) -> Row:
    """Return ``data`` (an object, or a list of one), or a body that has none.

    For answers that prove nothing: of a write, or of who is there.
    """
    whole = mapping(body)
    return mapping(whole["data"]) if "data" in whole else whole
