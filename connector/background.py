"""The background job: every pair on its own timetable, and never two passes of one.

The passes run in a few threads. A pass that is still running when the next one is due
makes that one skip; what was missed while the machine slept or the program was down
is made up for once. Stopping pauses the timetable and lets running passes finish.
What a pass does, and who hears of it, is given; nothing is kept here but the present.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from apscheduler.events import (  # type: ignore[import-untyped]
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    JobEvent,
)
from apscheduler.executors.pool import (  # type: ignore[import-untyped]
    ThreadPoolExecutor,
)
from apscheduler.schedulers.background import (  # type: ignore[import-untyped]
    BackgroundScheduler,
)

from connector.schedule import Due, timetable
from connector.sections import PairSection

WORKERS = 8
"""Passes at the same time; more pairs than that wait for a moment."""
DEBOUNCE = timedelta(seconds=5)
"""A hint waits so long for others of the same burst."""
CALM = timedelta(seconds=60)
"""Hints start a pass at most this often."""
WATCH = "watch the pairs"
"""The name of the job that looks for silence; no pair can have a blank in its name."""
log = structlog.get_logger()


class Passes(Protocol):
    """What the background job does when a pair is due, and around it."""

    def begin(self, pair: PairSection, stop: threading.Event) -> None: ...
    def crashed(self, pair: PairSection, error: BaseException) -> None: ...
    def watch(self) -> None: ...
    def last_start(self, pair: str) -> datetime | None: ...


class Background:
    """Runs pairs until it is stopped; ``running`` names those that run now."""

    def __init__(self, pairs: Sequence[PairSection], passes: Passes) -> None:
        self.running: set[str] = set()
        self._pairs = {pair.name: pair for pair in pairs}
        self._passes = passes
        self._hinted: dict[str, datetime] = {}
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
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors=pools, job_defaults=each
        )
        self._scheduler.add_listener(self._crashed, EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)

    @property
    def alive(self) -> bool:
        return bool(self._scheduler.running) and not self._stopping.is_set()

    def start(self) -> None:
        """Begin; a pair whose due time was missed begins at once."""
        for pair in self._pairs.values():
            self._add(pair)
        self._scheduler.add_job(
            self._passes.watch, "interval", minutes=1, id=WATCH, executor="watch"
        )
        self._scheduler.start()

    def reload(self, pairs: Sequence[PairSection]) -> None:
        """Go on with other pairs; running passes keep what they began with."""
        before, self._pairs = self._pairs, {pair.name: pair for pair in pairs}
        for name in before.keys() - self._pairs.keys():
            self._scheduler.remove_job(name)
        for name, pair in self._pairs.items():
            if name not in before:
                self._add(pair)
            elif timetable(pair) != timetable(before[name]):
                self._scheduler.reschedule_job(name, trigger=Due(timetable(pair)))

    def _add(self, pair: PairSection) -> None:
        times, now = timetable(pair), datetime.now(UTC)
        begin = times.first(self._passes.last_start(pair.name), now)
        self._scheduler.add_job(
            self._pass, Due(times), (pair.name,), id=pair.name, next_run_time=begin
        )

    def hint(self, name: str) -> None:
        """Run a pair a little earlier; a burst of hints is one pass."""
        if (job := self._scheduler.get_job(name)) is None:
            return
        begin = datetime.now(UTC) + DEBOUNCE
        if name in self._hinted:
            begin = max(begin, self._hinted[name] + CALM)
        if job.next_run_time is None or begin < job.next_run_time:
            self._hinted[name] = begin
            job.modify(next_run_time=begin)

    def stop(self, grace: float) -> None:
        """Let the running passes finish; after this long, end them between two writes.

        An end by ``interrupt`` is never waited for longer than one request.
        """
        self._stopping.set()
        self._scheduler.pause()
        patience = threading.Timer(grace, self.interrupt)
        patience.start()
        self._scheduler.shutdown(wait=True)
        patience.cancel()

    def interrupt(self) -> None:
        """Make the running passes end between two writes."""
        self._interrupt.set()

    def _pass(self, name: str) -> None:
        pair = self._pairs.get(name)
        if pair is None or self._stopping.is_set():
            return
        self.running.add(name)
        try:
            with structlog.contextvars.bound_contextvars(pair=name):
                self._passes.begin(pair, self._interrupt)
        finally:
            self.running.discard(name)

    def _crashed(self, event: JobEvent) -> None:
        """A bug in one pass is told and ends nothing else."""
        pair = self._pairs.get(event.job_id)
        if pair is None:
            log.error("a job failed", job=event.job_id, error=repr(event.exception))
        else:
            self._passes.crashed(pair, event.exception)

    def _skipped(self, event: JobEvent) -> None:
        log.warning("still running, a due pass is skipped", pair=event.job_id)
