"""What both readers share: collect, and never lose the reason why it is not all."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self
from urllib.parse import quote

from connector.engine.snapshot import Snapshot
from connector.errors import Failed, SyncError, Unreachable
from connector.providers.base import Remembered
from connector.providers.http import ReadOnly
from mappings.canonical import Coupon, Partner, PromoCode, Side
from mappings.redemptions import Log
from mappings.wire import Json, Malformed, Row, mapping


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

    def notice(
        self,
        found: list[Row],
        known: frozenset[str],
        noun: str,
        needed: frozenset[str] = frozenset(),
    ) -> None:
        """Remember fields that the documentation does not name, and needed ones."""
        names = set().union(*found)
        if not names <= known:
            self.drift |= {f"{noun}.{name}" for name in names - known}
        if found:
            self.present |= {f"{noun}.{name}" for name in needed & names}
            self.absent |= {f"{noun}.{name}" for name in needed - names}

    def ask_for_owners(
        self, http: ReadOnly, decode: Callable[[Row], Partner], remembered: Remembered
    ) -> None:
        """Ask singly for owners of codes whom the partners' list leaves out."""
        owners = {code.values.partner for code in self.codes.values()}
        for owner in sorted(one for one in owners if one):
            if owner in self.partners or owner in remembered.partners:
                continue
            body = http.get_or_none(f"partners/{quote(owner, safe='')}")
            if body is not None:
                self.partners[owner] = decode(data_of(body))


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
    )


def data_of(body: Json) -> Row:
    """Return ``data`` (an object, or a list of one), or a body that has none."""
    whole = mapping(body)
    return mapping(whole["data"]) if "data" in whole else whole
