"""What is shared in a state's database on a server: one row a key, by its clock.

A row is locked for the microseconds of one statement, and nothing of it is waited for
on the disk. The connections are few, open while somebody uses them, and give up soon.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from state import servers
from state.kept import is_kept
from state.problems import original, reason_of
from state.sliding import FLIGHT, Move, Turn, until_free
from state.unshared import KEPT, NotYet, Unshared

PAUSE = 10.0
"""Seconds for which a server that could not be used is not asked again."""
PRUNED = 3600.0
"""Seconds between two looks for rows that nobody uses."""
_ABSENT = ("42P01", "3F000")
"""PostgreSQL: no such table, no such schema. An older state, or none yet."""
_CLOCK = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
# All of SET is worked out when the row is locked, the clock with it.
_TAKE = f"""
INSERT INTO key_window AS known (key, taken, used, given)
SELECT %(key)s, ARRAY[clock.now + %(flight)s], clock.now, true
FROM (SELECT {_CLOCK} AS now OFFSET 0) AS clock
ON CONFLICT (key) DO UPDATE SET (taken, used, given) = (
    SELECT
        CASE WHEN cardinality(kept.taken) < %(limit)s
            THEN kept.taken || (clock.now + %(flight)s) ELSE kept.taken END,
        clock.now,
        cardinality(kept.taken) < %(limit)s
    FROM (SELECT {_CLOCK} AS now OFFSET 0) AS clock, LATERAL (
        SELECT coalesce(array_agg(at), '{{}}') AS taken
        FROM unnest(known.taken) AS at
        WHERE at > clock.now - %(span)s AND at <= clock.now + %(span)s + {FLIGHT}
    ) AS kept
)
RETURNING taken, used, given
"""  # noqa: S608 (nothing but our own clock is put in)
_MOVE = """
UPDATE key_window SET taken = array_remove(taken, %(place)s) || %(moved)s::bigint
WHERE key = %(key)s
"""
_LOOK = "SELECT text FROM hint WHERE name = %(name)s"
_KEEP = f"""
INSERT INTO hint (name, text, used) VALUES (%(name)s, %(text)s, {_CLOCK})
ON CONFLICT (name) DO UPDATE SET text = excluded.text, used = excluded.used
"""  # noqa: S608
_PRUNE = "DELETE FROM {table} WHERE used < {clock} - %(kept)s::bigint * 1000000"
Row = tuple[Any, ...]


class SharedServer:
    """The windows and hints of all keys, in one database."""

    def __init__(self, url: str) -> None:
        self._url, self._engine = url, servers.quick(url)
        self._error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        self._lock = threading.Lock()
        self._away_until = self._pruned_at = float("-inf")
        self._why = Unshared()

    def turn(
        self,
        key: str,
        limit: int,
        span: int,
        flight: int = 0,
        moves: Sequence[Move] = (),
    ) -> Turn:
        for move in moves:
            self.move(key, move)
        asked = {"key": key, "limit": limit, "span": span, "flight": flight}
        taken, now, given = self._row(_TAKE, asked) or ([], 0, False)
        if given:
            return Turn(taken, now + flight, 0)
        return Turn(taken, None, until_free(taken, now, limit, span))

    def move(self, key: str, move: Move) -> None:
        place = move.place
        self._row(_MOVE, {"key": key, "place": place, "moved": place + move.by})

    def text(self, name: str) -> str:
        row = self._row(_LOOK, {"name": name})
        return str(row[0]) if row else ""

    def keep(self, name: str, text: str) -> None:
        self._row(_KEEP, {"name": name, "text": text})

    def close(self) -> None:
        if not is_kept(servers.opened(self._url)):
            self._engine.dispose()

    def _row(self, statement: str, values: dict[str, Any]) -> Row | None:
        """Do a statement and return its first row, if it has any.

        A connection that has died since it was last used is made anew, once.
        """
        if time.monotonic() < self._away_until:
            raise self._why
        try:
            self._prune_now_and_then()
            return self._done(statement, values)
        except (self._error, SQLAlchemyError, OSError) as error:
            absent = getattr(original(error), "sqlstate", None) in _ABSENT
            self._why = NotYet() if absent else Unshared(reason_of(error))
            self._away_until = time.monotonic() + PAUSE
            raise self._why from None

    def _done(self, statement: str, values: dict[str, Any]) -> Row | None:
        for last in (False, True):
            pooled = self._engine.raw_connection()
            try:
                cursor = pooled.cursor()
                cursor.execute(statement, values)
                row = cursor.fetchone() if cursor.description else None
                return None if row is None else tuple(row)
            except self._error as error:
                is_dead = getattr(pooled.driver_connection, "closed", True)
                pooled.invalidate(error)
                if last or not is_dead:
                    raise
            finally:
                pooled.close()
        raise AssertionError  # pragma: no cover (the second time returns or raises)

    def _prune_now_and_then(self) -> None:
        """Forget the rows that nobody uses; one thread here does it, once an hour."""
        with self._lock:
            now = time.monotonic()
            if now - self._pruned_at < PRUNED:
                return
            self._pruned_at = now
        for table, seconds in KEPT.items():
            statement = _PRUNE.format(table=table, clock=_CLOCK)
            self._done(statement, {"kept": seconds})
