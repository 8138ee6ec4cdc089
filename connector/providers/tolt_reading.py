"""Tolt: reading all promotion codes and partners, in windows where that is quicker."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain

from msgspec import UNSET

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Rejected
from connector.providers.base import Progress, Remembered, silent
from connector.providers.http import ReadOnly
from connector.providers.kept import NotKept
from connector.providers.listing import (
    NotAsked,
    Span,
    Windows,
    checked,
    filters,
    passed,
    starts_of,
)
from connector.providers.reading import Reading, read_all
from connector.providers.tolt import CODES, PARTNERS, ToltProgramme
from mappings.pages import Paged
from mappings.shapes import row_of
from mappings.tolt import Version, decode_partner
from mappings.tolt_rows import CODE_FIELDS, NEEDED_FIELDS, CodeRow
from mappings.wire import Json, Malformed

_rows = chain.from_iterable


class ToltReader(ToltProgramme):
    """A Tolt programme that can only be looked at."""

    def __init__(
        self,
        http: ReadOnly,
        *,
        version: Version,
        program_id: str,
        currency: str | None,
        windows: Windows | None = None,
        on_progress: Progress = silent,
    ) -> None:
        super().__init__(
            http, version=version, program_id=program_id, currency=currency
        )
        self._windows = windows or Windows(NotKept())
        self._on_progress = on_progress

    def read(self, remembered: Remembered) -> Snapshot:
        """Read partners and codes; what fails ends up in ``missed``."""

        def fill(reading: Reading) -> None:
            people = self.pages(PARTNERS, programs=reading.programs)
            reading.take_partners(people, decode_partner)
            self._read_codes(reading)
            if not reading.programs:  # nothing at all: is this the right programme?
                self.identify()
            reading.ask_for_owners(self.partner, remembered)

        return replace(read_all(self.side, self.http, fill), identity=self.program_id)

    def _read_codes(self, reading: Reading) -> None:
        """Read the windows of last time at the same time, or else the whole listing."""
        paged = reading.noticing(CODE, CodeRow, CODE_FIELDS, NEEDED_FIELDS)
        spans = self._windows.spans() if self.version == "v2" else []
        starts = self._read_windows(reading, paged, *spans) if spans else None
        if starts is None:
            pages = self.pages(CODES, programs=reading.programs, paged=paged)
            starts = self._keep(pages, reading)
        self._windows.remember(starts)

    def _read_windows(
        self, reading: Reading, paged: Paged[CodeRow], first: Span, *others: Span
    ) -> list[str] | None:
        """Return when new windows might begin; None where these could not be had."""

        def read(span: Span) -> list[str]:
            pages = self.walk(CODES, filters(span), reading.programs, paged)
            starts = self._keep(checked(pages, span), reading)
            return [str(span[0]), *starts]

        try:
            pages = self.walk(CODES, filters(first), reading.programs, paged)
            starts = self._keep(pages, reading)
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

        def keep(row: Json) -> None:
            if row_of(CodeRow, row).partner_id is UNSET:
                raise Malformed("it does not tell whose it is")
            code = self.decoded(row)
            reading.codes[code.id] = code

        for page, (rows, begin) in enumerate(starts_of(reading.counted(pages)), 1):
            reading.take(keep, rows, page, CODE, "id")
            self._on_progress(self.side, len(reading.codes))
            if begin:
                begins.append(begin)
        return begins
