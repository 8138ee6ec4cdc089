"""What the passes of all processes have counted, one row for each number.

A row is added to by whichever process has counted, and read by whichever is asked: who
has read before reads what has changed since.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Engine, delete, select

from state.bulk import uncollected
from state.every_pair import reading
from state.leases import clock_of
from state.shared_tables import COUNTER
from state.transactions import Transactions, upsert

KEPT = 90 * 86400
"""Seconds after which a number that has not changed is forgotten."""
LATE = 15
"""Seconds by which a number may be there later than it was dated."""


class Key(NamedTuple):
    """What is counted: of a pair, by a name, and by labels in their fixed order."""

    pair: str
    name: str
    labels: tuple[str, ...] = ()


Number = tuple[Key, float]


class Count(NamedTuple):
    """What one pass adds to a number; one that is ``latest`` is replaced instead."""

    key: Key
    value: float
    latest: bool = False


def add(transactions: Transactions, counts: Iterable[Count]) -> None:
    """Add what a pass of a pair has counted, in one transaction."""
    counted = list(counts)
    with transactions.writing(fenced=False) as connection:
        now = clock_of(connection)
        sums = [_row(count, now) for count in counted if not count.latest]
        latest = [_row(count, now) for count in counted if count.latest]
        upsert(connection, COUNTER, sums, sums=("value",))
        upsert(connection, COUNTER, latest)
        old = (COUNTER.c.pair == transactions.pair, COUNTER.c.changed < now - KEPT)
        connection.execute(delete(COUNTER).where(*old))


def read(engine: Engine, since: int) -> tuple[list[Number], int]:
    """Return the numbers that have changed since, and since when to ask next time."""
    with reading(engine, "the counters") as connection:
        now = clock_of(connection)
        c = COUNTER.c
        query = select(c.pair, c.name, c.labels, c.value).where(c.changed >= since)
        rows = connection.execute(query).all()
    with uncollected():
        found = [
            (Key(pair, name, _labels(labels)), value)
            for pair, name, labels, value in rows
        ]
    return found, now - LATE


@lru_cache(maxsize=1000)
def _labels(text: str) -> tuple[str, ...]:
    """Return labels as they are kept; thousands of pairs have the same few."""
    return tuple(json.loads(text))


def _row(count: Count, now: int) -> dict[str, str | float]:
    pair, name, labels = count.key
    words = json.dumps(labels, ensure_ascii=False)
    row = {"pair": pair, "name": name, "labels": words}
    return {**row, "value": count.value, "changed": now}
