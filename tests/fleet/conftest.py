"""A fleet on a real server: its rows, its queue, and workers with scripted passes."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from connector.fleet.queue import Queue
from connector.fleet.schema import migrate
from connector.fleet.timing import Ended
from connector.fleet.worker import Settings, Worker
from state import servers
from state.database import open_to_write
from state.fleet import Fleet
from state.fleet_pairs import FleetPairs, NewPair
from state.kept import keep
from tests.fleet.works import Works
from tests.harness.ground import enter, wait_for
from tests.standins.front import Sandbox

AT = "2026-11-30T12:00:00Z"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Diary:
    """What passes were made of which pairs, and which of them at the same time."""

    passes: list[str] = field(default_factory=list)
    under: list[str] = field(default_factory=list)
    together: set[frozenset[str]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, pair):
        with self.lock:
            self.passes.append(pair)
            self.under.append(pair)
            self.together.add(frozenset(self.under))

    def end(self, pair):
        with self.lock:
            self.under.remove(pair)


class Yard:
    """One fleet, and whatever workers a test begins."""

    def __init__(self, url: str) -> None:
        self.url, self.numbers = url, count(1)
        self.engine = open_to_write(url)
        keep(self.engine)
        self.fleet, self.pairs = Fleet(self.engine), FleetPairs(self.engine)
        self.queue, self.diary = Queue(url), Diary()
        self.workers: list[Worker] = []
        self.seconds = 0.0

    def bring(self, *names, tolt=""):
        self.pairs.bring(
            [
                NewPair(name, "{}", f"partnero {name}", f"tolt {tolt or name}")
                for name in names
            ],
            at=AT,
            by="ann",
        )

    def work(self, row, stop):
        """Pass a pair: it takes its time, or until it is asked to end."""
        self.diary.begin(row.pair)
        try:
            stopped = stop.wait(self.seconds)
        finally:
            self.diary.end(row.pair)
        if stopped:
            return Ended("failed" if stop.late else "stopped", LATER)
        return Ended("done", LATER)

    def worker(self, work=None, *, slots=4, timeout=60.0, **more) -> Worker:
        name = f"host/{next(self.numbers)}"
        settings = Settings(name, slots, timeout, more.pop("heal_every", 10.0), 0.05)
        made = Worker(self.fleet, Queue(self.url), work or self.work, settings, **more)
        self.workers.append(made)
        made.start()
        return made

    def until(self, condition: Callable[[], object]) -> None:
        wait_for(condition)

    def all_ended(self, number):
        self.until(lambda: len(self.diary.passes) >= number and not self.diary.under)
        self.until(lambda: self.pairs.count().running == 0)

    def end(self):
        for worker in self.workers:
            worker.stop(0)


@pytest.fixture(scope="session")
def fleet_made(postgres) -> str:
    """A database with both schemas, which is copied for each test."""
    url = postgres.state()
    migrate(Queue(url))
    servers.opened(url).dispose()
    return url


@pytest.fixture
def fleet_url(postgres, fleet_made) -> Iterator[str]:
    url = postgres.database(template=fleet_made.rpartition("/")[2])
    yield url
    servers.opened(url).dispose()


@pytest.fixture
def yard(fleet_url) -> Iterator[Yard]:
    made = Yard(fleet_url)
    yield made
    made.end()


@pytest.fixture
def works(
    fleet_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Works]:
    """A fleet of programmes in a sandbox, no pair yet."""
    folder = enter(monkeypatch, tmp_path)
    monkeypatch.chdir(folder)
    with Sandbox() as sandbox:
        sandbox.switches.tolt_rate_limit = 0
        made = Works(folder, sandbox, fleet_url)
        keep(made.engine)
        yield made
        made.end_all()
    for name in made.environment:
        os.environ.pop(name, None)
