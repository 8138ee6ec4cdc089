"""The one row in which a pair's runs and questions are summed up, and reading it.

It is written in the transaction of what it sums up, so that both say the same. Many
pairs are read by one statement: no page counts runs, and none reads what they printed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    and_,
    case,
    func,
    literal,
    select,
    text,
)

from state import tables as t
from state.bulk import uncollected
from state.every_pair import reading
from state.leases import clock_of
from state.model import RunSummary
from state.standing import Kept, LastRun, Times
from state.transactions import dialect_of

LAST = {name: "run" if name == "id" else name for name in LastRun._fields}
"""The columns of the newest run, by the members of the value."""


make = tuple.__new__  # what Kept() does, without a call of Python for each


# -- written with what it sums up ----------------------------------------------------


def add_run(
    connection: Connection, run: RunSummary, seq: int, times: Times | None
) -> None:
    """Sum up a run that has just been written under this number.

    One that ends after a later one has begun changes nothing but the last success.
    """
    query = select(t.STANDING).where(t.STANDING.c.pair == run.pair).with_for_update()
    found = connection.execute(query).mappings().first()
    known: dict[str, Any] = {**found} if found else {}
    newer: dict[str, Any] = {}
    if seq >= known.get("seq", 0):
        newer = {column: getattr(run, name) for name, column in LAST.items()}
        newer["seq"] = seq
        if known.get("run", "") not in ("", run.id):
            newer["before"] = json.dumps([known[column] for column in LAST.values()])
        if run.counts is not None:
            newer["held"] = run.counts.held
    newer |= _success(run, known, times, is_newest="seq" in newer)
    _put(connection, run.pair, newer)


def _success(
    run: RunSummary, known: Mapping[str, Any], times: Times | None, *, is_newest: bool
) -> dict[str, str]:
    """Return the last success and when it will be too long ago, where that is news."""
    success = was = str(known.get("success", ""))
    if run.is_success:
        success = run.finished_at if is_newest else max(run.finished_at, was)
    mark = times.mark if times else ""
    if success == was and mark in ("", known.get("schedule", "")):
        return {}
    ends = times.ends(success) if times and success else ""
    return {"success": success, "stale_at": ends, "schedule": mark}


def count_waiting(connection: Connection, pair: str) -> None:
    """Count anew what needs a decision, by reason."""
    waiting, decision = t.WAITING.c, t.DECISION.c
    decided = and_(decision.pair == waiting.pair, decision.id == waiting.id)
    query = (
        select(waiting.reason, func.count())
        .select_from(t.WAITING.outerjoin(t.DECISION, decided))
        .where(waiting.pair == pair, waiting.part == "held", decision.id.is_(None))
        .group_by(waiting.reason)
    )
    counted = {str(reason): int(count) for reason, count in connection.execute(query)}
    reasons = json.dumps(counted, sort_keys=True) if counted else ""
    known = select(t.STANDING.c.reasons).where(t.STANDING.c.pair == pair)
    if connection.execute(known).scalar() != reasons:
        _put(connection, pair, {"waits": sum(counted.values()), "reasons": reasons})


def _put(connection: Connection, pair: str, values: Mapping[str, Any]) -> None:
    """Write some columns of a pair's row, which may not be there yet."""
    if not values:
        return
    row = dialect_of(connection).insert(t.STANDING).values(pair=pair, **values)
    changed = row.on_conflict_do_update(index_elements=["pair"], set_=dict(values))
    connection.execute(changed)


# -- read for many pairs at once -----------------------------------------------------


def standings_of(engine: Engine, pairs: Iterable[str] | None = None) -> list[Kept]:
    """Return how these pairs stand, or all, by one statement; some may have no row."""
    wanted = None if pairs is None else list(pairs)
    with reading(engine) as connection:
        query, values = _asked(connection, wanted)
        rows = connection.execute(query, values).all()
    with uncollected():
        return [make(Kept, row) for row in rows]


def _asked(
    connection: Connection, wanted: Sequence[str] | None
) -> tuple[Select[Any], dict[str, Any]]:
    """Return what asks for all pairs, or for those that are wanted.

    Of very many names it is quicker to read all rows than to look for each.
    """
    is_server = connection.dialect.name == "postgresql"
    query = _every(is_server=is_server)
    now = {} if is_server else {"now": clock_of(connection)}
    if wanted is not None and len(wanted) <= FEW:
        query = query.where(t.STANDING.c.pair.in_(wanted))
    return query, now


FEW = 200
"""Names that are looked for one by one."""


@lru_cache(maxsize=2)
def _every(*, is_server: bool) -> Select[Any]:
    """Return the statement that reads all rows, each with who holds the pair."""
    now = text("extract(epoch FROM clock_timestamp())") if is_server else text(":now")
    lease = t.LEASE.c
    held = case((lease.expires > now, lease.owner), else_=literal(""))
    columns = [t.STANDING.c[name] for name in STORED]
    both = t.STANDING.outerjoin(t.LEASE, lease.pair == t.STANDING.c.pair)
    return select(*columns, func.coalesce(held, "")).select_from(both)


STORED = (
    *("pair", "success", "stale_at", "schedule", "held", "waits", "reasons"),
    *LAST.values(),
    "before",
)
"""The columns in the order of ``Kept``; the holder comes after them."""


def waits_of(engine: Engine) -> dict[str, int]:
    """Return how much needs a decision, by pair; only those in which anything does."""
    known = t.STANDING.c
    query = select(known.pair, known.waits).where(known.waits > 0)
    with reading(engine) as connection:
        return {row.pair: row.waits for row in connection.execute(query)}


def touch(engine: Engine) -> None:
    """Read one row; StateProblem where the state cannot be read."""
    with reading(engine, "the state") as connection:
        connection.execute(select(t.META.c.name).limit(1)).first()
