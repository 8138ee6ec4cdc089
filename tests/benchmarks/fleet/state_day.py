"""A day of a small fleet with the real state: claims, leases, runs, pruning, size.

Everything that is stored is stored by the program's own functions, on a real server;
only the clocks are moved: Python's, and that of the server, before whose
``clock_timestamp`` a function of ours stands. The passes are real ones, against
stand-ins in this process.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from psycopg.sql import SQL, Identifier

from connector.commands.context import Context
from connector.commands.fleet_import import import_pairs
from connector.commands.fleet_passes import FleetPasses
from connector.fleet.passes import Stop
from connector.fleet.timing import due_again
from connector.sandbox.server import Sandbox
from state.database import open_to_write
from state.fleet import SECOND, Fleet
from tests.benchmarks.fleet import small_pairs
from tests.harness.servers import Server, running, short_folder

BEGIN, END = "<!-- day -->\n", "<!-- end of day -->\n"
START = datetime(2027, 3, 1, tzinfo=UTC)
NEWS = 12
"""The hour in which each pair gets one more code on Partnero."""
CLOCK = """
CREATE SCHEMA moved;
CREATE TABLE moved.clock (ahead interval);
INSERT INTO moved.clock VALUES ('0');
CREATE SCHEMA partnero_tolt;
CREATE FUNCTION partnero_tolt.clock_timestamp() RETURNS timestamptz
LANGUAGE sql VOLATILE AS
$$ SELECT pg_catalog.clock_timestamp() + ahead FROM moved.clock $$;
"""
COUNT = SQL("SELECT count(*) FROM partnero_tolt.{}")
PATH = "?options=-csearch_path%3Dpartnero_tolt%2Cpg_catalog"
"""Ours goes before the server's own functions."""


@dataclass(slots=True)
class Lived:
    """What the day was: passes by how they ended, bytes by table, at two moments."""

    pairs: int
    hours: float
    passes: Counter[str] = field(default_factory=Counter)
    empty: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def bytes_a_pair(self, sizes: dict[str, int]) -> float:
        """Return what a pair adds to the tables that are there without it."""
        return (sum(sizes.values()) - sum(self.empty.values())) / self.pairs


class Clock:
    """Both clocks, moved together."""

    def __init__(self, python: time_machine.Traveller, database: Any) -> None:
        self._python, self._database = python, database

    def move_to(self, moment: datetime) -> None:
        self._python.move_to(moment)
        self._database.execute(
            "UPDATE moved.clock SET ahead = %s - pg_catalog.clock_timestamp()",
            [moment],
        )


def lived(pairs: int, hours: float, codes: int) -> Lived:
    """Let so many pairs live for so long."""
    told = Lived(pairs, hours)
    with (
        short_folder() as folder,
        running(folder) as server,
        Sandbox(world=small_pairs.world_of(range(pairs), codes)) as sandbox,
        _database(server) as (url, database),
        time_machine.travel(START, tick=True) as python,
    ):
        clock = Clock(python, database)
        clock.move_to(START)
        fleet, passes = _begun(folder / "home", url, sandbox, pairs)
        Day(fleet, passes, clock, database, sandbox).live(told)
        told.last = _sizes(database)
        told.rows = _rows(database, told.last)
        open_to_write(url).dispose()
    return told


@contextmanager
def _database(server: Server) -> Iterator[tuple[str, "psycopg.Connection[Any]"]]:
    url = server.database(*filter(str.strip, CLOCK.split(";\n")))
    with server.connected(url.rpartition("/")[2]) as database:
        yield url + PATH, database


def _begun(
    home: Path, url: str, sandbox: Sandbox, pairs: int
) -> tuple[Fleet, FleetPasses]:
    home.mkdir()
    small_pairs.configure(home, url, {sandbox.url: range(pairs)}, "*/15 * * * *")
    context = Context(home / "connector.toml", format="json")
    engine = open_to_write(url)
    with redirect_stdout(StringIO()):
        assert import_pairs(context, [home / "pairs.toml"], dry_run=False) == 0
    return Fleet(engine), FleetPasses(context, context.of_the_file())


@dataclass(frozen=True, slots=True)
class Day:
    """What lives through a day, and where."""

    fleet: Fleet
    passes: FleetPasses
    clock: Clock
    database: "psycopg.Connection[Any]"
    sandbox: Sandbox

    def live(self, told: Lived) -> None:
        """Pass what is due, move the clocks to the next due time, until it is over."""
        ends, news = START + timedelta(hours=told.hours), START + timedelta(hours=NEWS)
        while True:
            told.empty = told.empty or _sizes(self.database)
            while self._pass_all(told):
                self.sandbox.requests.clear()
            told.first = told.first or _sizes(self.database)
            moment = self._next()
            if moment >= ends:
                return
            if moment >= news:
                news = ends
                for key in list(self.sandbox.world.programmes):
                    small_pairs.add_a_code(self.sandbox.world, key, "NEWS")
            self.clock.move_to(moment)

    def _next(self) -> datetime:
        """Return a moment in which the next pair is due."""
        asked = "SELECT min(due) FROM partnero_tolt.fleet_pair"
        ((due,),) = self.database.execute(asked)
        return datetime.fromtimestamp(due / SECOND, UTC) + timedelta(seconds=1)

    def _pass_all(self, told: Lived) -> int:
        """Claim and pass what is due now, as a worker does it; return how many."""
        claims = self.fleet.claim(100, lambda _connection, _claims: None)
        for claim in claims:
            row = self.fleet.begin(claim, "day")
            assert row is not None
            with redirect_stdout(StringIO()):
                ended = self.passes.work(row, Stop())
            due, failures = due_again(ended, self.fleet.now(), row.failures)
            assert self.fleet.end(claim, due, failures)
            told.passes[ended.how] += 1
        return len(claims)


def _sizes(database: "psycopg.Connection[Any]") -> dict[str, int]:
    asked = (
        "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables "
        "WHERE schemaname = 'partnero_tolt' ORDER BY 2 DESC, 1"
    )
    return {str(name): int(size) for name, size in database.execute(asked)}


def _rows(
    database: "psycopg.Connection[Any]", tables: dict[str, int]
) -> dict[str, int]:
    counted = {}
    for name in tables:
        ((count,),) = database.execute(COUNT.format(Identifier(name)))
        counted[name] = int(count)
    return counted


def page(told: Lived) -> str:
    """Return the day as Markdown."""
    passes = sum(told.passes.values())
    ended = ", ".join(f"{count:,} {how}" for how, count in sorted(told.passes.items()))
    first, last = (told.bytes_a_pair(one) for one in (told.first, told.last))
    head = (
        f"{told.pairs} pairs, {told.hours:g} hours, {passes:,} passes ({ended}). The "
        f"state: {first / 1000:.0f} kB a pair after the first pass of each, "
        f"{last / 1000:.0f} kB at the end.\n\n"
        "| table | rows | bytes, with its indexes |\n|---|---|---|\n"
    )
    most = sorted(told.last.items(), key=lambda one: -one[1])[:8]
    return head + "".join(
        f"| `{name}` | {told.rows[name]:,} | {size:,} |\n" for name, size in most
    )


def main(words: list[str] | None = None) -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--pairs", type=int, default=10)
    asked.add_argument("--hours", type=float, default=24)
    asked.add_argument("--codes", type=int, default=150)
    asked.add_argument("--into", type=Path)
    given = asked.parse_args(words)
    text = page(lived(given.pairs, given.hours, given.codes))
    if given.into:
        whole = given.into.read_text(encoding="utf-8")
        before, _, rest = whole.partition(BEGIN)
        after = rest.partition(END)[2]
        given.into.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
