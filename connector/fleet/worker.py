"""One worker of a fleet: claims what is due, passes it, heals, survives the server.

Four things go on beside each other. The tick claims due pairs about once a second and
whenever a pass has ended. The session is Procrastinate's own worker, which hands out
the jobs; it ends when the server is away, and is begun anew after growing waits. The
passes have a thread each. The look after all that heals; what else is to be looked at
now and then, silence above all, is given.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from procrastinate.worker import Worker as Session

from connector.fleet.heal import EVERY, Healer
from connector.fleet.health import Health
from connector.fleet.passes import STUCK, Passes, Work
from connector.fleet.queue import Queue
from connector.logs import log
from state.database import StateProblem
from state.fleet import SECOND, Fleet

TICK, GAP = 1.0, 0.2
"""Seconds between two ticks: where nothing happens, and where passes end."""
DEBOUNCE = 5
"""Seconds that a hint waits for others of the same burst."""
STEADY = 1.0
"""Seconds after which a session counts: one that ends sooner is none."""
LONGEST = 30.0
"""Seconds between two tries to reach the server, at most."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker is told: its name, passes at a time, seconds of a pass."""

    name: str
    slots: int
    timeout: float
    heal_every: float = EVERY
    tick: float = TICK


def waits() -> Iterator[float]:
    """Yield growing seconds, each a little random: not all workers come at once."""
    seconds = 1.0
    while True:
        yield seconds * random.uniform(0.75, 1.25)  # noqa: S311 (nothing secret)
        seconds = min(2 * seconds, LONGEST)


class Worker:
    """Runs until it is stopped; what a pass is, and who hears of it, is given."""

    def __init__(
        self,
        fleet: Fleet,
        queue: Queue,
        work: Work,
        settings: Settings,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self.health = Health()
        self._fleet, self._queue, self._settings = fleet, queue, settings
        self._look, self._healer = look, Healer(fleet, queue, settings.timeout)
        self._stopping, self._wake = threading.Event(), threading.Event()
        self.passes = Passes(
            fleet,
            work,
            name=settings.name,
            timeout=settings.timeout,
            ended=self._wake.set,
        )
        self._session: Session | None = None
        self._opened = 0.0
        self._serving: asyncio.Task[None] | None = None
        self._loop, self._over = asyncio.new_event_loop(), asyncio.Event()
        self._threads = [
            threading.Thread(target=does, name=name, daemon=True)
            for name, does in (
                ("queue", self._serve),
                ("tick", self._ticks),
                ("look after", self._look_after),
                ("watch", self._watch),
            )
        ]

    @property
    def running(self) -> set[str]:
        return self.passes.running

    def ailing(self) -> str:
        """Say why this worker cannot do anything just now, or ""."""
        if self._stopping.is_set():
            return "stopping"
        begun = [thread for thread in self._threads if thread.ident is not None]
        dead = [thread.name for thread in begun if not thread.is_alive()]
        if dead:
            return f"ended by a bug: {', '.join(dead)}"
        if stuck := self.passes.stuck():
            return f"passes that do not end: {', '.join(sorted(stuck))}"
        return ""

    @property
    def has_died(self) -> bool:
        """Say whether nothing would go on any more, although nobody stopped it."""
        return bool(self.ailing()) and not self._stopping.is_set()

    def hint(self, name: str) -> None:
        """Let a pair be due a little earlier; a burst of hints is one pass."""
        with suppress(StateProblem):
            self._fleet.hint(name, self._fleet.now() + DEBOUNCE * SECOND)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, grace: float) -> None:
        """Begin nothing more, let passes finish; after this long, end them.

        An end between two writes is waited for as long as a request may take.
        """
        self._stopping.set()
        self._wake.set()
        patience = threading.Timer(min(grace, threading.TIMEOUT_MAX), self.interrupt)
        patience.daemon = True
        patience.start()
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._end_session)
        self.passes.wait(min(grace + STUCK, threading.TIMEOUT_MAX))
        patience.cancel()
        for thread in self._threads:
            thread.join(STUCK)
        with suppress(StateProblem):
            self._fleet.gone(self._settings.name)

    def interrupt(self) -> None:
        """Make the running passes end between two writes."""
        self.passes.interrupt()

    @property
    def interrupted(self) -> threading.Event:
        return self.passes.interrupted

    @property
    def slots(self) -> int:
        return self._settings.slots

    # -- the session: Procrastinate's own worker --------------------------------

    def _serve(self) -> None:
        self._loop.set_exception_handler(_told)
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._sessions())
        finally:
            self._loop.close()

    async def _sessions(self) -> None:
        seconds = waits()
        while not self._stopping.is_set():
            begun = time.monotonic()
            self._serving = asyncio.create_task(self._one_session())
            with suppress(asyncio.CancelledError):
                await self._serving
            if time.monotonic() - begun > LONGEST:
                seconds = waits()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), next(seconds))

    async def _one_session(self) -> None:
        why = "the worker of the queue has ended"
        try:
            app = self._queue.app(self.passes.do)
            async with app.open_async():
                self._session = self._queue.worker(app, self._settings.slots)
                self._opened = time.monotonic()
                self._wake.set()
                await self._session.run()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 (whatever ended it, another one begins)
            why = f"the server of the queue does not answer ({type(error).__name__})"
        finally:
            self._session = None
            if not self._stopping.is_set():
                self.health.bad("queue", why)

    def _end_session(self) -> None:
        """End the session: with its passes, or at once where it has not begun."""
        self._over.set()
        session = self._session
        if session is not None and session.worker_id is not None:
            session.shutdown_graceful_timeout = None
            session.stop()  # type: ignore[no-untyped-call]
        elif self._serving is not None:
            self._serving.cancel()

    # -- the tick ---------------------------------------------------------------

    def _ticks(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._settings.tick)
            self._wake.clear()
            self._tick()
            self.passes.watch()
            self._stopping.wait(min(GAP, self._settings.tick))

    def _tick(self) -> None:
        """Claim what is due: as much as can soon be passed, so that order stays."""
        try:
            room = 2 * self._settings.slots - self._fleet.waiting()
            if self._session is not None:
                if room > 0:
                    self._fleet.claim(room, self._queue.defer)
                if time.monotonic() - self._opened > STEADY:
                    self.health.good("queue")
        except StateProblem as error:
            self.health.bad("state", str(error))
        else:
            self.health.good("state")

    # -- the look after all ------------------------------------------------------

    def _look_after(self) -> None:
        with suppress(StateProblem):  # the first look says so itself
            self._say_alive()
        while not self._stopping.wait(self._settings.heal_every):
            try:
                self._heal()
            except StateProblem as error:
                log.warning("nothing could be healed", error=str(error))

    def _watch(self) -> None:
        while not self._stopping.wait(self._settings.heal_every):
            try:
                self._look()
            except StateProblem as error:
                log.warning("nobody was looked after", error=str(error))

    def _say_alive(self) -> None:
        running, count = len(self.running), self.passes.count
        self._fleet.alive(self._settings.name, self._settings.slots, running, count)

    def _heal(self) -> None:
        self._say_alive()
        session = self._session
        worker = session.worker_id if session else None
        if worker is not None and not self._queue.lives(worker):
            # Its heartbeat has ended unseen: to the others it is dead.
            with suppress(RuntimeError):  # the loop has ended: so does this worker
                self._loop.call_soon_threadsafe(self._begin_anew)
            return
        self._healer.look(worker, self.passes.jobs)

    def _begin_anew(self) -> None:
        if self._session is not None:
            self._session.stop()  # type: ignore[no-untyped-call]


def _told(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log what went wrong beside everybody, in a line, without a traceback."""
    error = context.get("exception")
    log.warning("the queue", what=context.get("message"), kind=type(error).__name__)
