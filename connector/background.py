"""The background job: every pair on its own timetable, and never two passes of one.

The passes run in a few threads. A pass that is still running when the next one is due
makes that one skip; what was missed while the machine slept or the program was down
is made up for once. Stopping pauses the timetable and lets running passes finish.
What a pass does, and who hears of it, is given; nothing is kept here but the present.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

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

from connector.config import Config, PairSection
from connector.schedule import Due, timetable

WORKERS = 8
"""Passes at the same time; more pairs than that wait for a moment."""
DEBOUNCE = timedelta(seconds=5)
"""A hint waits so long for others of the same burst."""
CALM = timedelta(seconds=60)
"""Hints start a pass at most this often."""
WATCH = "watch the pairs"
"""The name of the job that looks for silence; no pair can have a blank in its name."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Work:
    """What the background job is made of."""

    begin: Callable[[Config, PairSection, threading.Event], None]
    crashed: Callable[[PairSection, BaseException], None]
    watch: Callable[[], None]
    last_start: Callable[[str], datetime | None]


@dataclass(slots=True)
class _Present:
    """Which passes run now, and which were hinted at."""

    running: set[str] = field(default_factory=set)
    hinted: set[str] = field(default_factory=set)
    hint_began: dict[str, datetime] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)


class Background:
    """Runs the pairs of a configuration until it is stopped."""

    def __init__(self, config: Config, work: Work, only: str | None = None) -> None:
        self.config = config
        self._work = work
        self._only = only
        self._present = _Present()
        self._stopping = threading.Event()
        self._interrupt = threading.Event()
        _tell_in_our_log()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={
                "default": ThreadPoolExecutor(WORKERS),
                "watch": ThreadPoolExecutor(1),
            },
            job_defaults={
                "max_instances": 1,
                "coalesce": True,
                "misfire_grace_time": None,
            },
        )
        self._scheduler.add_listener(self._crashed, EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)

    @property
    def pairs(self) -> dict[str, PairSection]:
        return {
            pair.name: pair
            for pair in self.config.file.pairs
            if self._only in (None, pair.name)
        }

    @property
    def running(self) -> frozenset[str]:
        return frozenset(self._present.running)

    @property
    def alive(self) -> bool:
        return bool(self._scheduler.running) and not self._stopping.is_set()

    def start(self) -> None:
        """Begin; a pair whose due time was missed begins at once."""
        for pair in self.pairs.values():
            self._add(pair)
        self._scheduler.add_job(
            self._work.watch, "interval", minutes=1, id=WATCH, executor="watch"
        )
        self._scheduler.start()

    def reload(self, config: Config) -> None:
        """Go on with another configuration; running passes keep theirs."""
        before, was = self.pairs, self.config
        self.config = config
        for name in before.keys() - self.pairs.keys():
            self._scheduler.remove_job(name)
        for name, pair in self.pairs.items():
            times = timetable(config, pair)
            if name not in before:
                self._add(pair)
            elif times != timetable(was, before[name]):
                self._scheduler.reschedule_job(name, trigger=Due(times))

    def hint(self, name: str) -> None:
        """Run a pair a little earlier; a burst of hints is one pass."""
        job = self._scheduler.get_job(name)
        with self._present.changed:
            if job is None or self._stopping.is_set() or name in self._present.hinted:
                return
            self._present.hinted.add(name)
            begin = datetime.now(UTC) + DEBOUNCE
            if name in self._present.hint_began:
                begin = max(begin, self._present.hint_began[name] + CALM)
        if job.next_run_time is None or begin < job.next_run_time:
            job.modify(next_run_time=begin)

    def stop(self, patience: float) -> None:
        """Let the running passes finish; after this long, between two writes."""
        self._stopping.set()
        self._scheduler.pause()
        if not self._idle(patience):
            log.warning("passes are interrupted", pairs=sorted(self.running))
            self.interrupt()
        self._scheduler.shutdown(wait=True)

    def interrupt(self) -> None:
        """Make the running passes end between two writes."""
        self._interrupt.set()

    def _idle(self, patience: float) -> bool:
        until = time.monotonic() + patience
        with self._present.changed:
            while self._present.running and not self._interrupt.is_set():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._present.changed.wait(min(left, 1.0))
        return True

    def _add(self, pair: PairSection) -> None:
        now = datetime.now(UTC)
        times = timetable(self.config, pair)
        self._scheduler.add_job(
            self._pass,
            Due(times),
            id=pair.name,
            args=(pair.name,),
            next_run_time=times.first(self._work.last_start(pair.name), now),
        )

    def _pass(self, name: str) -> None:
        pair = self.pairs.get(name)
        with self._present.changed:
            if pair is None or self._stopping.is_set():
                return
            self._present.running.add(name)
            if name in self._present.hinted:
                self._present.hinted.discard(name)
                self._present.hint_began[name] = datetime.now(UTC)
        try:
            with structlog.contextvars.bound_contextvars(pair=name):
                self._work.begin(self.config, pair, self._interrupt)
        finally:
            with self._present.changed:
                self._present.running.discard(name)
                self._present.changed.notify_all()

    def _crashed(self, event: JobEvent) -> None:
        """A bug in one pass is told and ends nothing else."""
        pair = self.pairs.get(event.job_id)
        if pair is None:
            log.error("the watch failed", error=repr(event.exception))
        else:
            self._work.crashed(pair, event.exception)

    def _skipped(self, event: JobEvent) -> None:
        log.warning("still running, a due pass is skipped", pair=event.job_id)


class _Told(logging.Handler):
    """What the scheduler itself has to say, in the one log that is redacted."""

    def emit(self, record: logging.LogRecord) -> None:
        log.error("the scheduler failed", error=record.getMessage())


def _tell_in_our_log() -> None:
    logger = logging.getLogger("apscheduler")
    logger.propagate = False
    logger.handlers = [_Told(logging.ERROR)]
    # Its executors log what _crashed tells as well.
    logging.getLogger("apscheduler.executors").disabled = True
    for name in ("default", "watch"):
        logging.getLogger(f"apscheduler.executors.{name}").disabled = True
