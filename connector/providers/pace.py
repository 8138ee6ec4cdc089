"""One sliding window per API key, shared by all who use the state.

A request takes its place before it leaves: in this process, and then wherever others
may be that use the key (state/sharing.py). As long as it is under way it counts as new.
When the answer is there, its place is moved to when it may have arrived at the latest:
later than a moment after its departure by what it took longer than the fastest one.
Others are told of that with the next request, as long as few places are concerned:
until then these count as new. What cannot be shared just now stops nothing: this
process goes on alone.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from connector.logs import log
from state.sharing import Shared, Sharing
from state.sliding import FLIGHT, Move, moved, turn
from state.unshared import NotYet, Unshared

SECOND = 1_005_000
"""Microseconds: two clocks need not agree about a second to the last of them."""
POLLED = 50_000
"""Microseconds between two looks for the answers that others wait for."""
PART = 4
"""At most one place in so many is one of which others have not heard that it ended."""
SURE = 10
"""Answers after which the fastest of them says how long one takes at least."""
IDLE = 300_000_000
"""Microseconds after which a key's own window is forgotten; the longest is 101 s."""
_told: set[str] = set()


class Pace(Protocol):
    """Something that makes a caller wait for its turn."""

    def wait(self) -> None: ...

    def ended(self, status: int | None) -> None:
        """Hear how the request for which this thread waited ended; None: no answer."""

    def close(self) -> None:
        """Give back what is held open: nothing waits here any more."""


class Unhurried:
    """No limit at all: for a reader that is given its pages."""

    def wait(self) -> None:
        return None

    def ended(self, status: int | None) -> None:
        del status

    def close(self) -> None:
        return None


@dataclass(slots=True)
class Own:
    """The window of a key in this process, whoever uses the key here.

    ``taken`` are moments in microseconds of the clock that nobody sets.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: list[int] = field(default_factory=list)
    used: int = 0


class Place(NamedTuple):
    """When a request left, and what it has taken, here and where it is shared."""

    left: int
    flight: int
    own: int
    shared: "Taken"


Taken = tuple[tuple[Shared, int], ...]
"""Places where processes meet."""
_own: dict[str, Own] = {}
_registering = threading.Lock()


class SlidingWindow:
    """At most so many requests in any second, over all processes with this key.

    Without ``sharing`` it is kept to by this process alone.
    """

    def __init__(
        self,
        requests_per_second: float,
        key: str,
        host: str,
        sharing: Sharing | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name_of(key, host)
        self._sharing, self._sleep = sharing, sleep
        if requests_per_second >= 1:
            self._limit, self._span = int(requests_per_second), SECOND
        else:
            self._limit, self._span = 1, int(SECOND / requests_per_second)
        self._own = _own_of(self._name)
        self._thread = threading.local()
        self._fastest, self._answers = self._span, 0
        self._untold: dict[Shared, list[Move]] = {}

    def wait(self) -> None:
        """Return as soon as one more request is allowed."""
        while (pause := self._try()) > 0:
            # Longer than a span is waited for answers, which may come any moment.
            self._sleep((pause if pause <= self._span else POLLED) / 1_000_000)

    def ended(self, status: int | None) -> None:
        """Date the place anew: so late may the request have arrived."""
        place: Place = self._thread.place
        took = _now() - place.left
        if status is not None:
            self._fastest = min(self._fastest, took)
            self._answers += 1
        sure = self._answers > max(SURE, self._limit)
        by = took - (self._fastest if sure else 0) - place.flight
        with self._own.lock:
            self._own.taken = moved(self._own.taken, Move(place.own, by))
            for shared, taken in place.shared:
                self._untold.setdefault(shared, []).append(Move(taken, by))
            few = max(map(len, self._untold.values()), default=0) * PART < self._limit
        if not few:
            self._tell_others()

    def close(self) -> None:
        """Give back what is shared; who still waits opens it anew."""
        self._tell_others()
        if self._sharing:
            self._sharing.close()

    def _tell_others(self) -> None:
        """Tell which places count as earlier by now than others have heard."""
        with self._own.lock:
            untold, self._untold = self._untold, {}
        for shared, moves in untold.items():
            for move in moves:
                self._move(shared, move)

    def _try(self) -> int:
        """Take a place, or return the microseconds until one may be free."""
        own, flight = self._own, self._flight
        with own.lock:
            now = _now()
            mine = turn(own.taken, now, self._limit, self._span, flight)
            if mine.place is None:
                return mine.wait
            shared, wait = self._shared_turn(flight)
            if wait:
                return wait
            own.taken, own.used = mine.kept, now
        self._thread.place = Place(now, flight, mine.place, shared)
        return 0

    @property
    def _flight(self) -> int:
        """How long a request counts as new: of no use where all are slow."""
        slow = self._answers and self._fastest > self._span / 2
        return 0 if slow else FLIGHT

    def _shared_turn(self, flight: int) -> tuple[Taken, int]:
        """Take a place among all processes, or say how long to wait for one.

        What cannot be shared must not stop a run between a write and its verdict.
        """
        taken: Taken = ()
        for shared in self._sharing.windows if self._sharing else ():
            moves = self._untold.pop(shared, ())
            try:
                found = shared.turn(self._name, self._limit, self._span, flight, moves)
            except (
                Unshared
            ) as error:  # they count until the time of their flight is over
                _tell(error)
                continue
            if found.place is None:  # what was taken elsewhere is given back
                for one, place in taken:
                    self._move(one, Move(place, -flight - self._span))
                return (), found.wait
            taken = (*taken, (shared, found.place))
        return taken, 0

    def _move(self, shared: Shared, move: Move) -> None:
        try:
            shared.move(self._name, move)
        except Unshared as error:  # it counts until the time of its flight is over
            _tell(error)


def _own_of(name: str) -> Own:
    """Return the one window of a key here, and forget those that nobody uses."""
    with _registering:
        for idle in [one for one, own in _own.items() if own.used < _now() - IDLE]:
            del _own[idle]
        return _own.setdefault(name, Own(used=_now()))


def _tell(error: Unshared) -> None:
    """Say once why a pace is not shared; that there is no state yet needs no words."""
    why = str(error)
    if not isinstance(error, NotYet) and why not in _told:
        _told.add(why)
        log.warning("the pace of a key is not shared with others", reason=why)


def _now() -> int:
    return time.monotonic_ns() // 1000


def name_of(key: str, host: str) -> str:
    """Return a name for what belongs to a key; the key cannot be told from it."""
    return hashlib.sha256(f"{host}\n{key}".encode()).hexdigest()[:20]
