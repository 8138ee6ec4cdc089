"""The ground of a measurement: a server, stand-ins, pairs that are imported."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks.fleet import processes, small_pairs
from tests.benchmarks.fleet.processes import Running, Standin
from tests.harness.servers import Server, running, short_folder

PATIENCE = 240
"""Seconds for which a wave of passes is waited for; longer is no slow machine."""
MICRO = 1_000_000


class Stuck(Exception):
    """What was waited for did not come."""


@dataclass(slots=True)
class Ground:
    """Everything that one measurement runs on."""

    folder: Path
    server: Server
    database: str
    standins: list[Standin]
    pairs: int
    slots: int
    started: list[Running] = field(default_factory=list)
    _own: "psycopg.Connection[Any] | None" = None

    def connected(self) -> "psycopg.Connection[Any]":
        return self.server.connected(self.database)

    def asked(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask over one connection, which is made anew after an outage."""
        if self._own is None or self._own.closed:
            self._own = self.connected()
        cursor = self._own.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    # -- who works --------------------------------------------------------------

    def worker(self) -> Running:
        """Start a worker, as a unit would."""
        words = ("fleet", "worker", "--slots", self.slots, "--grace", 30)
        return self._start("worker", processes.program(self.folder, *words))

    def floor(self) -> Running:
        words = (self.folder, self.slots)
        return self._start(
            "floor", processes.python("tests.benchmarks.fleet.floor", *words)
        )

    def _start(self, name: str, words: list[str]) -> Running:
        log = self.folder / f"{name}-{len(self.started)}.log"
        made = Running(log, words)
        self.started.append(made)
        return made

    def restart(self, away: float) -> None:
        """Stop the server in the middle of everything, and start it after a while."""
        self.server.stop()
        time.sleep(away)
        self.server.start()
        self.let_go()

    def let_go(self) -> None:
        """Close the one connection; the next question opens another one."""
        if self._own is not None:
            self._own.close()

    # -- what is due ------------------------------------------------------------

    def all_due(self, most: int | None = None) -> int:
        """Let pairs be due now; return the moment, by the database's clock."""
        ((now,),) = self.asked(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        )
        names = [small_pairs.name_of(n) for n in range(most or self.pairs)]
        self.asked(
            "UPDATE partnero_tolt.fleet_pair SET due = %s WHERE pair = ANY(%s)",
            now,
            names,
        )
        return int(now)

    def left(self, since: int) -> int:
        """Count the pairs that were due at a moment and have had no pass yet."""
        ((left,),) = self.asked(
            "SELECT count(*) FROM partnero_tolt.fleet_pair "
            "WHERE due <= %s OR queued IS NOT NULL",
            since + 3600 * MICRO,
        )
        return int(left)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the tables with their indexes, by schema."""
        rows = self.asked(
            "SELECT schemaname, sum(pg_total_relation_size(relid))::bigint "
            "FROM pg_stat_user_tables WHERE schemaname <> 'audit' GROUP BY 1 ORDER BY 1"
        )
        return {str(name): int(size) for name, size in rows}

    def until(self, done: Callable[[], bool], what: str) -> None:
        """Wait for something that comes by itself."""
        ends = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > ends:
                raise Stuck(f"{what}: not within {PATIENCE} s\n{self._last_words()}")
            time.sleep(0.05)

    def _last_words(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs)

    def end(self) -> list[int]:
        """End all that still works; return the exit codes."""
        living = [one for one in self.started if one.process.poll() is None]
        for one in living:
            one.process.terminate()
        codes = [one.end() for one in living]
        self.started.clear()
        return codes


@contextmanager
def ground(pairs: int, serving: int, slots: int) -> Iterator[Ground]:
    """Start it all, import the pairs, and take everything away at the end."""
    with (
        short_folder() as folder,
        processes.standins(pairs, serving) as standins,
        running(folder) as server,
    ):
        home = folder / "home"
        home.mkdir()
        url = server.database()
        shares = {one.ready(): one.numbers for one in standins}
        small_pairs.configure(home, url, shares)
        processes.called(home, "fleet", "migrate")
        processes.called(home, "fleet", "pairs", "import", home / "pairs.toml")
        database = url.rpartition("/")[2]
        made = Ground(home, server, database, standins, pairs, slots)
        try:
            yield made
        finally:
            made.let_go()
            for one in made.started:
                one.kill()
