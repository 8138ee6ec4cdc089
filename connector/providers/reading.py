"""What both readers share: collect, and never lose the reason why it is not all."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Failed, SyncError, Unclear, Unreachable
from connector.providers.base import Remembered
from connector.providers.http import ReadOnly
from mappings.canonical import Coupon, Partner, PromoCode, Side, fold
from mappings.embedded import codes_of
from mappings.pages import Paged
from mappings.redemptions import Log
from mappings.rows import Unread, decode_row, told
from mappings.shapes import S
from mappings.wire import Json, Malformed

COUPON, PARTNER = "coupon", "partner"
_TEXT = {CODE: "code", COUPON: "uuid_code", PARTNER: "email"}
"""The member by which people know a row."""


class Reading:
    """What has been read so far, kept even when the rest cannot be had."""

    def __init__(self) -> None:
        self.codes: dict[str, PromoCode] = {}
        self.partners: dict[str, Partner] = {}
        self.coupons: dict[str, Coupon] = {}
        self.doubled: set[str] = set()
        self._paged: list[tuple[str, Paged[Any]]] = []
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

    def noticing(
        self,
        noun: str,
        shape: type[S],
        known: frozenset[str],
        needed: frozenset[str] = frozenset(),
    ) -> Paged[S]:
        """Return what reads pages; what it notices of their rows' names is kept."""
        paged = Paged(shape, known, needed)
        self._paged.append((noun, paged))
        return paged

    @property
    def drift(self) -> set[str]:
        """The members of rows that the documentation does not name."""
        return {f"{noun}.{name}" for noun, p in self._paged for name in p.unknown}

    @property
    def absent(self) -> set[str]:
        """The needed members that no row has."""
        return {f"{noun}.{name}" for noun, p in self._paged for name in p.absent}

    def take_partners(
        self, pages: Iterable[list[Json]], decode: Callable[[Any], Partner]
    ) -> None:
        """Keep the partners of all pages."""

        def keep(row: Json) -> None:
            partner = decode(row)
            self.partners[partner.id] = partner

        for page, rows in enumerate(self.counted(pages), 1):
            self.take(keep, rows, page, PARTNER, "id")

    def take(
        self,
        keep: Callable[[Any], object],
        rows: Iterable[Json],
        page: int,
        noun: str,
        named_by: str,
    ) -> None:
        """Keep each row of a page; one that says nothing is kept as unread."""
        for number, row in enumerate(rows, 1):
            try:
                keep(row)
            except (Malformed, Unclear) as error:
                name, text = told(row, named_by), told(row, _TEXT[noun])
                place = "" if name else f"entry {number} of page {page}"
                self.unread.append(Unread(noun, name, place, str(error), text))
                if noun == CODE:
                    self.hide(name, text)
                if noun == COUPON:
                    self._hide_codes(row, name)

    def _hide_codes(self, row: Json, uuid: str) -> None:
        """Hide the codes of a coupon that cannot be understood: they give what it does.

        Those that it does not name are known by what is remembered of them.
        """
        self.unusable |= {uuid} - {""}
        try:
            codes = decode_row(codes_of, row)
        except Malformed:  # nor can these be understood
            return
        for code in codes:
            self.hide(code, code)

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
        absent=tuple(sorted(reading.absent)),
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
