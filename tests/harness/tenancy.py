"""Watching what a pair does in a state that others share: every statement, every row.

A statement on a table that has a column ``pair`` has to bind the pair once for each
such table that it names, and may bind no other pair. What is done to other pairs' rows
is seen by comparing all of them before and after.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, event, inspect, text

OWN = frozenset({"fleet_pair"})
"""Tables with such a column that are of the fleet, and of no pair's memory."""
_NAMED = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?(\w+)"?', re.IGNORECASE)
_BOUND = re.compile(r"%\((\w+)\)s")
_JOINED = re.compile(r"\b\w+\.pair = \w+\.pair\b")


class Watch:
    """The statements of one pair, counted; ``wrong`` are those that are not its own."""

    def __init__(
        self, pair: str, others: Sequence[str], tables: frozenset[str]
    ) -> None:
        self.pair, self.others, self.tables = pair, others, tables
        self.seen = self.writes = 0
        self.wrong: list[str] = []

    def __call__(self, *told: Any) -> None:
        _connection, _cursor, statement, parameters, _context, is_many = told
        named = [name for name in _NAMED.findall(statement) if name in self.tables]
        if not named:
            return
        self.seen += 1
        self.writes += not statement.lstrip().upper().startswith("SELECT")
        joined = len(_JOINED.findall(statement))
        for one in parameters if is_many else [parameters]:
            values = _values(statement, one)
            bound = values.count(self.pair) + joined
            if bound < len(named) or any(other in values for other in self.others):
                self.wrong.append(" ".join(statement.split()))
                return


def _values(statement: str, parameters: Any) -> list[Any]:
    """Return what is bound, as often as the statement names it."""
    if isinstance(parameters, Mapping):
        return [parameters[name] for name in _BOUND.findall(statement)]
    return list(parameters)


@lru_cache(maxsize=1)
def tables_of(engine: Engine) -> frozenset[str]:
    """Return the tables that have a column ``pair``, as the database has them."""
    found = inspect(engine)
    return frozenset(
        name
        for name in found.get_table_names()
        if name not in OWN
        and any(column["name"] == "pair" for column in found.get_columns(name))
    )


@contextmanager
def watched(
    engine: Engine, pair: str, *others: str, but: frozenset[str] = frozenset()
) -> Iterator[Watch]:
    """Watch every statement that any engine sends while the block runs.

    ``but`` are tables that are asked about all pairs.
    """
    watch = Watch(pair, others, tables_of(engine) - but)
    event.listen(Engine, "before_cursor_execute", watch)
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", watch)


def rows_of(engine: Engine, pair: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of a pair, by table."""
    with engine.connect() as connection:
        return {
            table: sorted(
                map(
                    tuple,
                    connection.execute(
                        text(f'SELECT * FROM "{table}" WHERE pair = :pair'),  # noqa: S608
                        {"pair": pair},
                    ),
                ),
                key=repr,
            )
            for table in sorted(tables_of(engine))
        }
