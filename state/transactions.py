"""Transactions of one pair: a run writes only as long as it holds the pair.

Whatever a run writes is checked against its lease in the same transaction, so that a
holder that slept through a take-over cannot write.
"""

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from operator import itemgetter
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Engine, Insert, Table, select

from state import tables as t
from state.problems import WAIT, StateProblem, told

RENEWED_BELOW = 0.9
"""The part of a hold that must be left before a request, or it is renewed first."""
MANY = 100
"""Rows from which it is quicker to prepare a statement once by ourselves."""
TURN = "turn"
"""The option of an engine that holds the lock of its file's writers here."""
Row = dict[str, Any]


class LeaseLost(StateProblem):
    """Another run has taken the pair over; nothing more may be written."""


def awake() -> float:
    """Return a clock in seconds that nobody sets, and that counts a sleep as well."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(slots=True)
class Hold:
    """One hold of a pair; ``since`` is when it was last taken or renewed."""

    owner: str
    token: int
    seconds: int
    since: float

    @property
    def is_short(self) -> bool:
        """Whether too little is left of it for a request and its answer."""
        return awake() - self.since > self.seconds * (1 - RENEWED_BELOW)


@dataclass(slots=True)
class Transactions:
    """What opens transactions; ``hold`` is the lease that a run has taken."""

    engine: Engine
    pair: str
    hold: Hold | None = None

    @contextmanager
    def writing(self, *, fenced: bool = True) -> Iterator[Connection]:
        """Open a transaction, for a run only as long as it holds the pair."""
        with (
            told(self.pair),
            self.engine.connect() as connection,
            _in_turn(self.engine),
            connection.begin(),
        ):
            if fenced:
                self.check(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with told(self.pair), self.engine.connect() as connection:
            yield connection.execution_options(reading=True)

    def rows(self, table: Table, *where: ColumnElement[bool]) -> list[Row]:
        """Return the pair's rows of a table."""
        with self.reading() as connection:
            return rows_of(connection, table, table.c.pair == self.pair, *where)

    def check(self, connection: Connection) -> None:
        """Raise LeaseLost where the pair is not held by this very hold any more.

        On a server the row stays locked until the transaction ends: who would take
        the pair over waits for that, so that nothing is written after a take-over.
        """
        if self.hold is None:
            return
        columns = (t.LEASE.c.owner, t.LEASE.c.token)
        query = select(*columns).where(t.LEASE.c.pair == self.pair).with_for_update()
        row = connection.execute(query).first()
        if row is None or tuple(row) != (self.hold.owner, self.hold.token):
            raise LeaseLost(f"another run has taken over {self.pair}")


@contextmanager
def _in_turn(engine: Engine) -> Iterator[None]:
    """Wait for the other threads of this process, before one waits for the file.

    SQLite's own waiting is by chance: of many pairs that write at the same time, some
    would wait until they are told that the file is in use. Processes still do so.
    """
    turn: threading.Lock | None = engine.get_execution_options().get(TURN)
    taken = turn is not None and turn.acquire(timeout=WAIT)
    try:
        yield
    finally:
        if turn is not None and taken:
            turn.release()


def dialect_of(connection: Connection) -> ModuleType:
    """Return what makes statements for this database; the other's is not loaded."""
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}")


def rows_of(
    connection: Connection, table: Table, *where: ColumnElement[bool]
) -> list[Row]:
    """Return rows by the names of their columns."""
    rows = connection.execute(select(table).where(*where))
    names = tuple(rows.keys())  # once, and not for each row
    return [dict(zip(names, row, strict=True)) for row in rows]


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are."""
    statement = dialect_of(connection).insert(table).on_conflict_do_nothing()
    connection.execute(statement, rows)


@lru_cache(maxsize=64)  # of the rows of one listing there are a hundred parts
def _replacing(
    database: str, table: Table, sums: tuple[str, ...]
) -> tuple[Insert, bool]:
    """Return what inserts or replaces a row, and whether any row may be replaced."""
    statement = import_module(f"sqlalchemy.dialects.{database}").insert(table)
    keys = [column.name for column in table.primary_key]
    others = [column for column in table.c if column.name not in keys]
    new = {column.name: statement.excluded[column.name] for column in others}
    new |= {name: table.c[name] + statement.excluded[name] for name in sums}
    conflict = statement.on_conflict_do_update
    if "pair" not in new:
        return conflict(index_elements=keys, set_=new), True
    mine = table.c.pair == statement.excluded.pair
    own = conflict(index_elements=keys, set_=new, where=mine)
    return own.returning(table.c.pair), False


def _do_for_each(
    connection: Connection, statement: Insert, table: Table, rows: Sequence[Row]
) -> None:
    """Carry out a statement for each row; of many, what is the same is done once.

    SQLAlchemy asks for each row how each value is to be converted, which takes as long
    as SQLite takes to write it. Texts and numbers go as they are.
    """
    complete = len(rows) >= MANY and rows[0].keys() >= set(table.c.keys())
    prepared = complete and _prepared(
        statement, table, connection.dialect, tuple(rows[0])
    )
    if not prepared:  # what is left out has a default
        connection.execute(statement, rows)
        return
    text, places = prepared
    values = itemgetter(*places) if places else dict
    connection.exec_driver_sql(text, list(map(values, rows)))


@lru_cache(maxsize=64)
def _prepared(
    statement: Insert, table: Table, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Sequence[str]] | None:
    """Return a statement's text, and the names of its places, if it goes by places.

    None where a value has to be converted for this database.
    """
    converted = (
        column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.c
    )
    if any(converted):
        return None
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    return compiled.string, compiled.positiontup or ()


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    *,
    sums: Collection[str] = (),
) -> None:
    """Insert rows, or replace those with the same key; ``sums`` are added up.

    A row of another pair is never replaced, by whatever id: StateProblem.
    """
    if not rows:
        return
    statement, any_row = _replacing(connection.dialect.name, table, tuple(sums))
    if any_row:
        _do_for_each(connection, statement, table, rows)
        return
    for row in rows:
        if connection.execute(statement, row).first() is None:
            raise StateProblem(
                f"an id in {table.name} is that of another pair. Nothing was written"
            )
