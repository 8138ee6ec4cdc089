"""One product's records, what it is asked, and the faults with which it answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import TypeVar

from connector.errors import (
    Rejected,
    SyncError,
    Throttled,
    Unavailable,
    Uncertain,
    Unreachable,
)
from mappings.canonical import Coupon, Partner, PromoCode, Side
from mappings.redemptions import Charge, Customer, Logged, Sale

T = TypeVar("T")


class Killed(BaseException):
    """The process ends here: no handler, no verdict, no farewell."""


@dataclass(slots=True)
class Process:
    """The process that asks: once it is killed, nothing of it leaves any more.

    ``ends`` is the request, counted over both products, at which it is killed: before
    it leaves, or ``after`` it was carried out and before its answer is heard.
    """

    ends: int | None = None
    after: bool = False
    alive: bool = True
    asked: int = 0

    def kill(self) -> None:
        """End it."""
        self.alive = False
        raise Killed

    def check(self) -> None:
        """Go on, if it still lives."""
        if not self.alive:
            raise Killed

    def asks(self) -> None:
        """Count a request that is about to leave."""
        self.check()
        self.asked += 1
        if self.asked == self.ends and not self.after:
            self.kill()

    def hears(self) -> None:
        """Hear an answer."""
        if self.asked == self.ends and self.after:
            self.kill()


class Kind(Enum):
    """What may become of one request."""

    LOST_BEFORE = "it never arrives, and nobody can know"
    LOST_AFTER = "it is carried out, and its answer is lost"
    NOT_SENT = "there is no connection: it surely never left"
    THROTTLED = "a longer pause is asked for than a run may take"
    REFUSED = "it is understood and refused"


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of the requests of one name: of the ``nth`` one, 0 for each.

    ``request`` is "create", "get", ...; "" for any, "read" for any that changes
    nothing, and "write" for any that does.
    """

    kind: Kind
    request: str = ""
    nth: int = 1
    status: int = 400
    word: str = ""


@dataclass(slots=True)
class Tables:
    """The records of one product, each under its id."""

    codes: dict[str, PromoCode] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    coupons: dict[str, Coupon] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    logs: dict[str, tuple[Logged, ...]] = field(default_factory=dict)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """Return the records as they are now: the values themselves never change."""
        return Tables(**{f.name: dict(getattr(self, f.name)) for f in fields(self)})


@dataclass(slots=True)
class Programme:
    """One product: its records, and how it answers.

    ``lag`` is how many readings after a write still show what was before it;
    ``unlisted`` are ids that no listing shows, though each can be asked for; ``cut`` is
    after how many codes a listing breaks off. ``meanwhile`` is what somebody else does
    right before the request of a name, once. ``asked`` are the requests that came.
    """

    side: Side
    tables: Tables = field(default_factory=Tables)
    faults: list[Fault] = field(default_factory=list)
    meanwhile: dict[str, Callable[[Tables], object]] = field(default_factory=dict)
    lag: int = 0
    unlisted: set[str] = field(default_factory=set)
    cut: int | None = None
    currency: str | None = "USD"
    name: str = "prg_memory"
    asked: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    _shown: Tables | None = None
    _behind: int = 0
    _number: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def new_id(self, mark: str) -> str:
        """Return an id that no record has."""
        with self._lock:
            self._number += 1
            return f"{mark}_m{self._number}"

    def read(self, process: Process, request: str) -> Tables:
        """Return the records as a reading shows them."""
        with self._lock:
            fault = self._arrived(process, request, "read")
            _fail(fault, f"{self.side.label}: {request}", Unavailable)
            process.hears()
            if self._behind and self._shown is not None:
                self._behind -= 1
                return self._shown
            return self.tables

    def write(self, process: Process, request: str, effect: Callable[[Tables], T]) -> T:
        """Carry a write out and return what it answers."""
        with self._lock:
            what = f"{self.side.label}: {request}"
            fault = self._arrived(process, request, "write")
            self.writes.append(request)
            _fail(fault, what, Uncertain)
            before = self.tables.copy()
            answer = effect(self.tables)
            self._shown, self._behind = before, self.lag
            process.hears()
            if fault is not None and fault.kind is Kind.LOST_AFTER:
                raise Uncertain(f"{what}: no answer came")
            return answer

    def show(self) -> None:
        """Let readings show from now on what stands."""
        self._behind = 0

    def refusal(self, status: int, why: str, word: str = "") -> Rejected:
        """Return the product's own refusal."""
        return Rejected(f"{self.side.label}: {status} {why}", status=status, word=word)

    def _arrived(self, process: Process, request: str, group: str) -> Fault | None:
        """Note a request; return the fault that strikes it."""
        process.asks()
        for name in (request, group):
            change = self.meanwhile.pop(name, None)
            if change is not None:
                change(self.tables)
        self.asked.append(request)
        for place, fault in enumerate(self.faults):
            if fault.request not in ("", request, group):
                continue
            if fault.nth > 1:
                self.faults[place] = replace(fault, nth=fault.nth - 1)
                return None
            if fault.nth == 1:
                del self.faults[place]
            return fault
        return None


def _fail(fault: Fault | None, what: str, lost: type[SyncError]) -> None:
    """Raise what a fault brings before anything is carried out."""
    match fault and fault.kind:
        case Kind.LOST_BEFORE:
            raise lost(f"{what}: no answer came")
        case Kind.NOT_SENT:
            raise Unreachable(f"{what}: no connection")
        case Kind.THROTTLED:
            raise Throttled(f"{what}: too many requests")
        case Kind.REFUSED if fault is not None:
            why, status = f"{what}: {fault.status}, refused", fault.status
            raise Rejected(why, status=status, word=fault.word)
        case _:
            return
