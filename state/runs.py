"""The history of a pair: the newest run is so by its number, and old ones go.

Passes that did nothing, one after the other, are one row as soon as they are not among
the newest, and it counts them: a job that looks every minute leaves a few lines, not
thousands.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from state import tables as t
from state.model import OPEN_STATES, Pruned, RunRecord

KEPT = 20
"""The newest runs of a pair that are never forgotten."""
APART = 30
"""The newest runs that each have a row of their own, whatever they did."""
Opened = Callable[[], AbstractContextManager[Connection]]
_RUNS = t.RunRow.__table__  # type: ignore[attr-defined]
_INTENTS = t.IntentRow.__table__  # type: ignore[attr-defined]
_FIELDS = [one for one in _RUNS.c if one.name != "seq"]


class Runs:
    """The runs of one pair."""

    def __init__(self, pair: str, reading: Opened, writing: Opened) -> None:
        self._reading = reading
        self._writing = writing
        self._mine = _RUNS.c.pair == pair
        self._pair = pair

    def save(self, run: RunRecord) -> None:
        """Write a run's entry, at its start and again at its end."""
        with self._writing() as connection:
            mine = select(_RUNS.c.seq).where(_RUNS.c.id == run.id)
            seq = connection.execute(mine).scalar()
            if seq is None:
                newest = select(func.max(_RUNS.c.seq)).where(self._mine)
                seq = (connection.execute(newest).scalar() or 0) + 1
            self._put(connection, asdict(run) | {"seq": seq})
            if run.passes:
                self._join(connection)

    def _join(self, connection: Connection) -> None:
        """Let two passes that did nothing, and are no longer recent, be one row."""
        pair = connection.execute(self._newest_first().offset(APART).limit(2)).all()
        if len(pair) < 2 or not _are_alike(*pair):
            return
        newer, older = pair
        connection.execute(delete(_RUNS).where(_RUNS.c.id == older.id))
        counted = {"passes": newer.passes + older.passes, "since": older.since}
        change = update(_RUNS).where(_RUNS.c.id == newer.id)
        connection.execute(change.values(**counted))

    def _newest_first(self) -> Select[Any]:
        query = select(*_FIELDS).where(self._mine)
        return query.order_by(_RUNS.c.seq.desc(), _RUNS.c.id.desc())

    def _put(self, connection: Connection, row: dict[str, Any]) -> None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(_RUNS)
        new = {c.name: statement.excluded[c.name] for c in _RUNS.c if c.name != "id"}
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=new)
        connection.execute(statement, [row])

    def recent(
        self, most: int | None, *, status: str = "", until: str = ""
    ) -> list[RunRecord]:
        """Return the newest runs, newest first, without reading all of them.

        ``until`` leaves out what ended later: by a clock that was wrong.
        """
        query = self._newest_first()
        if status:
            query = query.where(_RUNS.c.status == status)
        if until:
            query = query.where(_RUNS.c.finished_at <= until)
        with self._reading() as opened:
            rows = opened.execute(query.limit(most)).mappings()
            return [RunRecord(**row) for row in rows]

    def prune(self, before: str) -> Pruned:
        """Forget the runs that ended before a time, and what they have settled.

        Older than one that is old is what came before it, however it is dated. The
        newest runs stay, and whatever has an open intent.
        """
        with self._writing() as connection:
            still = select(_INTENTS.c.run).where(
                _INTENTS.c.pair == self._pair, _INTENTS.c.state.in_(OPEN_STATES)
            )
            beyond = _RUNS.c.seq <= self._last_old(connection, before)
            where = (self._mine, beyond, _RUNS.c.id.not_in(still))
            old = select(_RUNS.c.id).where(*where)
            intents = delete(_INTENTS).where(
                _INTENTS.c.pair == self._pair, _INTENTS.c.run.in_(old)
            )
            settled = connection.execute(intents).rowcount
            gone = connection.execute(delete(_RUNS).where(*where)).rowcount
        return Pruned(runs=gone, intents=settled)

    def _last_old(self, connection: Connection, before: str) -> int:
        """Return the number of the last run that may go."""
        old = select(func.max(_RUNS.c.seq)).where(
            self._mine, _RUNS.c.started_at < before, _RUNS.c.finished_at < before
        )
        beyond = select(_RUNS.c.seq).where(self._mine).order_by(_RUNS.c.seq.desc())
        ends = connection.execute(beyond.offset(KEPT).limit(1)).scalar()
        return min(connection.execute(old).scalar() or 0, ends or 0)


def _are_alike(newer: Row[Any], older: Row[Any]) -> bool:
    """Say whether both did nothing, and ended in the same way."""
    same = (newer.command, newer.status) == (older.command, older.status)
    return bool(newer.passes and older.passes) and same
