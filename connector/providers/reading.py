"""What both readers share: collect, and never lose the reason why it is not all."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Failed, SyncError, Unclear, Unreachable
from connector.providers.base import Remembered
from connector.providers.http import ReadOnly
from connector.providers.listing import Rows, placed
from mappings.canonical import Coupon, Partner, PromoCode, Side, fold
from mappings.redemptions import Log
from mappings.rows import Unread, decode_row, told
from mappings.wire import Json, Malformed, Row

T = TypeVar("T")


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

    def counted(self, pages: Iterable[list[Json]]) -> Iterator[list[Json]]:
        """Yield pages, and count those that came."""
        for page in pages:
            self.pages += 1
            yield page

    def take_partners(
        self, pages: Iterable[list[Json]], decode: Callable[[Row], Partner]
    ) -> None:
        """Keep the partners of all pages."""
        for row, place in placed(self.counted(pages)):
            partner = self.decoded(decode, row, PARTNER, "id", place)
            if partner is not None:
                self.partners[partner.id] = partner

    def notice(
        self,
        rows: Rows,
        known: frozenset[str],
        noun: str,
        needed: frozenset[str] = frozenset(),
    ) -> None:
        """Remember fields that the documentation does not name, and needed ones."""
        names = set().union(*(row for row in rows if isinstance(row, dict)))
        if not names <= known:
            self.drift |= {f"{noun}.{name}" for name in names - known}
        if rows:
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
        for owner in sorted(id_ for id_ in owners if id_):
            if owner in self.partners or owner in remembered.partners:
                continue
            try:
                person = ask(owner)
            except Unclear:
                continue  # nothing is known of them: their codes wait
            if person is not None:
                self.partners[owner] = person


COUPON, PARTNER = "coupon", "partner"


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
    missed = reason = ""
    unreachable = False
    try:
        fill(reading)
    except Failed:
        raise
    except SyncError as error:
        missed, reason = str(error), error.reason
        unreachable = isinstance(error, Unreachable) and not reading.pages
    if not missed and (missed := _of_something_else(side, reading)):
        reason = "bad_answer"
    snapshot = _snapshot(side, http, reading)
    return replace(snapshot, missed=missed, reason=reason, unreachable=unreachable)


def _snapshot(side: Side, http: ReadOnly, reading: Reading) -> Snapshot:
    """Return what was read, as if it were all that there is."""
    return Snapshot(
        side=side,
        codes=reading.codes,
        partners=reading.partners,
        coupons=reading.coupons,
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
