"""The background job: every pair on its own timetable, and never two passes of one.

The passes run in a few threads. A pass that is still running when the next one is due
makes that one skip; what was missed while the machine slept or the program was down
is made up for once. Stopping pauses the timetable and lets running passes finish.
What a pass does, and who hears of it, is given; nothing is kept here but the present.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from apscheduler.events import (  # type: ignore[import-untyped]
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    JobEvent,
)
from apscheduler.executors.pool import (  # type: ignore[import-untyped]
    ThreadPoolExecutor,
)
from apscheduler.jobstores.base import (  # type: ignore[import-untyped]
    JobLookupError,
)
from apscheduler.schedulers.background import (  # type: ignore[import-untyped]
    BackgroundScheduler,
)

from connector.logs import bound, log
from connector.service.schedule import Due, Every, Scheduled, timetable

WORKERS = 8
"""Passes at the same time; more pairs than that wait for a moment."""
DEBOUNCE = timedelta(seconds=5)
"""A hint waits so long for others of the same burst."""
CALM = timedelta(seconds=60)
"""Hints start a pass at most this often."""
MINUTE = timedelta(minutes=1)
"""Between two looks for silence; nor does the scheduler sleep for longer."""
SLEWED = timedelta(seconds=2)
"""A clock that is kept right may go back so far."""
LATE = 300.0
"""Seconds without a look for silence after which the job is not well."""
WATCH = "watch the pairs"
"""The name of the job that looks for silence; no pair can have a blank in its name."""


Given_contra = TypeVar("Given_contra", bound=Scheduled, contravariant=True)
Kept = TypeVar("Kept", bound=Scheduled)


class Passes(Protocol[Given_contra]):
    """What the background job does when a pair is due, and around it."""

    def begin(self, pair: Given_contra, stop: threading.Event) -> None: ...
    def crashed(self, pair: Given_contra, error: BaseException) -> None: ...
    def watch(self) -> None: ...
    def last_start(self, pair: str) -> datetime | None: ...


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """A scheduler that never sleeps long, whatever is done to the clock.

    It waits by a clock that nobody sets, at most a minute, and looks anew each time.
    """

    def __init__(self, before: Callable[[], None], **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._before = before

    @property
    def is_alive(self) -> bool:
        thread = getattr(self, "_thread", None)
        return bool(self.running and thread and thread.is_alive())

    def _process_jobs(self) -> float | None:
        self._before()
        seconds: float | None = super()._process_jobs()
        return None if seconds is None else min(seconds, MINUTE.total_seconds())


class Background(Generic[Kept]):
    """Runs pairs until it is stopped; ``running`` names those that run now."""

    def __init__(self, pairs: Sequence[Kept], passes: Passes[Kept]) -> None:
        self.running: set[str] = set()
        self._pairs = {pair.name: pair for pair in pairs}
        self._passes = passes
        self._hinted: dict[str, float] = {}
        self._watched = time.monotonic()
        self._latest: datetime | None = None
        self._stopping = threading.Event()
        self._interrupt = threading.Event()
        own = logging.getLogger("apscheduler")  # would print tracebacks, unredacted
        own.addHandler(logging.NullHandler())
        own.propagate = False
        pools = {
            "default": ThreadPoolExecutor(WORKERS),
            "watch": ThreadPoolExecutor(1),
        }
        each = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler = _Scheduler(
            self._correct, timezone=UTC, executors=pools, job_defaults=each
        )
        self._scheduler.add_listener(self._crashed, EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)

    @property
    def alive(self) -> bool:
        return not self.ailing()

    def ailing(self) -> str:
        """Say why nothing would run any more, or "" where all is well."""
        if self._stopping.is_set():
            return "stopping"
        if not self._scheduler.is_alive:
            return "the scheduler has ended"
        silent = time.monotonic() - self._watched
        if silent > LATE:
            return f"the job that looks for silence has not run for {silent:.0f} s"
        return ""

    @property
    def has_died(self) -> bool:
        """Say whether the scheduler ended although nobody stopped it."""
        return not (self._stopping.is_set() or self._scheduler.is_alive)

    def start(self) -> None:
        """Begin; a pair whose due time was missed begins at once."""
        for pair in self._pairs.values():
            self._add(pair)
        self._scheduler.add_job(self._watch, Every(MINUTE), id=WATCH, executor="watch")
        self._watched = time.monotonic()
        self._scheduler.start()

    def reload(self, pairs: Sequence[Kept]) -> None:
        """Go on with other pairs; running passes keep what they began with."""
        before, self._pairs = self._pairs, {pair.name: pair for pair in pairs}
        for name in before.keys() - self._pairs.keys():
            self._forget(name)
        for name, pair in self._pairs.items():
            if name not in before:
                self._add(pair)
            elif timetable(pair) != timetable(before[name]):
                self._forget(name)
                self._due_again(pair, datetime.now(UTC))

    def _add(self, pair: Kept) -> None:
        times, now = timetable(pair), datetime.now(UTC)
        begin = times.first(self._passes.last_start(pair.name), now)
        self._schedule(pair, begin)

    def _due_again(self, pair: Kept, now: datetime) -> None:
        if (due := timetable(pair).after(now)) is not None:
            self._schedule(pair, due)

    def _schedule(self, pair: Kept, begin: datetime | None) -> None:
        times, name = Due(timetable(pair)), pair.name
        self._scheduler.add_job(
            self._pass, times, (name,), id=name, next_run_time=begin
        )

    def _forget(self, name: str) -> None:
        with suppress(JobLookupError):  # one that is never due again is gone already
            self._scheduler.remove_job(name)

    def _correct(self) -> None:
        """After a clock was set back, wait for no time that it had shown before."""
        now, before = datetime.now(UTC), self._latest
        self._latest = now
        if before is None or now > before - SLEWED:
            return
        log.warning("the clock was set back, what is due is told anew")
        for name, pair in list(self._pairs.items()):
            due, job = timetable(pair).after(now), self._scheduler.get_job(name)
            if job is None:
                self._due_again(pair, now)
            elif due and job.next_run_time and job.next_run_time > due:
                job.modify(next_run_time=due)
        watch = self._scheduler.get_job(WATCH)
        if watch is not None and watch.next_run_time > now + MINUTE:
            watch.modify(next_run_time=now)

    def hint(self, name: str) -> None:
        """Run a pair a little earlier; a burst of hints is one pass."""
        if (job := self._scheduler.get_job(name)) is None:
            return
        clock, wait = time.monotonic(), DEBOUNCE
        if name in self._hinted:
            calm = timedelta(seconds=self._hinted[name] - clock) + CALM
            wait = max(wait, calm)
        begin = datetime.now(UTC) + wait
        if job.next_run_time is None or begin < job.next_run_time:
            self._hinted[name] = clock + wait.total_seconds()
            job.modify(next_run_time=begin)

    def stop(self, grace: float) -> None:
        """Let the running passes finish; after this long, end them between two writes.

        An end by ``interrupt`` is never waited for longer than one request.
        """
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.pause()
        patience = threading.Timer(min(grace, threading.TIMEOUT_MAX), self.interrupt)
        try:
            patience.start()
        except RuntimeError:  # no room for a thread
            self.interrupt()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        patience.cancel()

    def interrupt(self) -> None:
        """Make the running passes end between two writes."""
        self._interrupt.set()

    @property
    def interrupted(self) -> threading.Event:
        return self._interrupt

    def _watch(self) -> None:
        self._watched = time.monotonic()
        self._passes.watch()

    def _pass(self, name: str) -> None:
        pair = self._pairs.get(name)
        if pair is None or self._stopping.is_set():
            return
        self.running.add(name)
        try:
            with bound(pair=name):
                self._passes.begin(pair, self._interrupt)
        finally:
            self.running.discard(name)

    def _crashed(self, event: JobEvent) -> None:
        """A bug in one pass is told and ends nothing else."""
        pair = self._pairs.get(event.job_id)
        if pair is None:
            log.error(
                "a job failed", job=event.job_id, kind=type(event.exception).__name__
            )
        else:
            self._passes.crashed(pair, event.exception)

    def _skipped(self, event: JobEvent) -> None:
        log.warning("still running, a due pass is skipped", pair=event.job_id)
