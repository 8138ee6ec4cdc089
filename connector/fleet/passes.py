"""The passes that are under way in this worker: a thread each, with a time-out.

A pass belongs to its thread and its lease, not to the queue's job: where the server is
away for a moment, the job is lost and the pass may still end well. A time-out ends it
between two writes. One that does not even end then is stuck: nothing can be done about
a thread, so the worker says so, and its process is started anew.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from connector.fleet.timing import Ended, due_again
from connector.logs import bound, log
from state.database import StateProblem
from state.fleet import SECOND, Claim, Fleet, FleetPair

STUCK = 120.0
"""Seconds that a pass may still take after its time-out: a request, and its answer."""


class Stop(threading.Event):
    """Asks a pass for its end between two writes; ``late``: its time was over."""

    late = False

    def time_out(self) -> None:
        self.late = True
        self.set()


Work = Callable[[FleetPair, Stop], Ended]
"""Does the pass of a row, tells what became of it, and says how it ended."""


@dataclass(slots=True)
class Under:
    """A pass under way, for the job of this number."""

    claim: Claim
    job: int
    begun: float = field(default_factory=time.monotonic)
    stop: Stop = field(default_factory=Stop)

    @property
    def age(self) -> float:
        return time.monotonic() - self.begun


class Passes:
    """Begins passes, and ends those that take too long."""

    def __init__(
        self,
        fleet: Fleet,
        work: Work,
        *,
        name: str,
        timeout: float,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.count = 0
        self._fleet, self._work, self._name = fleet, work, name
        self._timeout, self._ended = timeout, ended
        self._lock = threading.Condition()
        self._under: dict[Claim, Under] = {}
        self.interrupted = threading.Event()

    @property
    def running(self) -> set[str]:
        """The names of the pairs that are passed now."""
        with self._lock:
            return {claim.pair for claim in self._under}

    @property
    def jobs(self) -> set[int]:
        """The jobs whose passes are under way."""
        with self._lock:
            return {under.job for under in self._under.values()}

    async def do(self, claim: Claim, job: int) -> None:
        """Do the pass of a claim in a thread of its own, and wait for its end."""
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()

        def finish() -> None:
            if not over.done():
                over.set_result(None)

        def work() -> None:
            try:
                self._whole(claim, job)
            finally:
                with suppress(RuntimeError):  # the queue is gone, the pass was not
                    loop.call_soon_threadsafe(finish)

        name = f"pass of {claim.pair}"
        threading.Thread(target=work, name=name, daemon=True).start()
        await over

    def watch(self) -> None:
        """End the passes whose time is over."""
        with self._lock:
            late = [under for under in self._under.values() if self._is_late(under)]
        for under in late:
            log.warning("time-out", pair=under.claim.pair, seconds=self._timeout)
            under.stop.time_out()

    def _is_late(self, under: Under) -> bool:
        return under.age > self._timeout and not under.stop.is_set()

    def stuck(self) -> list[str]:
        """Return the pairs whose passes do not end although they were told to."""
        longest = self._timeout + STUCK
        with self._lock:
            return [
                under.claim.pair
                for under in self._under.values()
                if under.stop.late and under.age > longest
            ]

    def interrupt(self) -> None:
        """End all passes between two writes, and those that are still to begin."""
        with self._lock:
            self.interrupted.set()
            for under in self._under.values():
                under.stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait until no pass is under way; False where that takes too long."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._under, seconds)

    def _whole(self, claim: Claim, job: int) -> None:
        under = Under(claim, job)
        with self._lock:
            self._under[claim] = under
            if self.interrupted.is_set():
                under.stop.set()
        try:
            self._one(under)
        except StateProblem as error:  # what is claimed is healed
            log.warning("the state cannot be used", pair=claim.pair, error=str(error))
        finally:
            with self._lock:
                del self._under[claim]
                self.count += 1
                self._lock.notify_all()
            self._ended()

    def _one(self, under: Under) -> None:
        """Begin, work, end; a claim that is no longer good is left alone."""
        row = self._fleet.begin(under.claim, self._name)
        if row is None or row.begun is None:
            return
        begun = time.monotonic()
        try:
            with bound(pair=row.pair):
                ended = self._work(row, under.stop)
        except Exception as error:  # noqa: BLE001 (a bug in one pass ends nothing else)
            log.error("a bug around a pass", pair=row.pair, kind=type(error).__name__)
            ended = Ended("failed")
        now = row.begun + int((time.monotonic() - begun) * SECOND)
        due, failures = due_again(ended, now, row.failures)
        self._fleet.end(under.claim, due, failures, was=row.due)
