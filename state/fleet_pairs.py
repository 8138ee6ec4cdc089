"""The pairs of a fleet as people see them: imported, listed, paused, counted.

Each method is one transaction. What is imported anew keeps its place: a pair that is
paused stays paused, and one that is under way ends with what it began with.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    delete,
    func,
    select,
    update,
)

from state import fleet_tables as t
from state.fleet import SECOND, FleetPair, moment, pair_of, regrouped
from state.problems import told
from state.transactions import dialect_of

_p = t.FLEET_PAIR.c
_T = TypeVar("_T")
SOME = 1000
"""Rows that are asked for, or written, by one statement."""


class NewPair(NamedTuple):
    """A pair to import: its section as JSON, and by what its keys are known.

    ``partnero_key`` and ``tolt_key`` name the references of the secrets ("partnero env
    ACME_KEY"), until a pass knows the marks of their values.
    """

    pair: str
    section: str
    partnero_key: str
    tolt_key: str


class Imported(NamedTuple):
    """The names of the pairs that were new, changed, and the same as before."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


class Counted(NamedTuple):
    """A fleet in numbers; ``late`` is how many seconds the longest due one waits."""

    pairs: int = 0
    paused: int = 0
    due: int = 0
    queued: int = 0
    running: int = 0
    failing: int = 0
    late: float = 0.0


class FleetPairs:
    """What people do with the pairs of a fleet."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def bring(self, pairs: Sequence[NewPair], *, at: str, by: str) -> Imported:
        """Import pairs; what is new or has changed is due at once."""
        with self._writing() as connection:
            known: dict[str, str] = {}
            for some in _parts([one.pair for one in pairs]):
                asked = select(_p.pair, _p.section).where(_p.pair.in_(some))
                known |= dict(tuple(row) for row in connection.execute(asked))
            new = [one for one in pairs if one.pair not in known]
            changed = [
                one for one in pairs if known.get(one.pair, one.section) != one.section
            ]
            now = moment(connection)
            for rows in _parts([*new, *changed]):
                _upsert(connection, rows, at, by, now)
            regrouped(connection)
        moved = {one.pair for one in (*new, *changed)}
        return Imported(
            tuple(one.pair for one in new),
            tuple(one.pair for one in changed),
            tuple(one.pair for one in pairs if one.pair not in moved),
        )

    def one(self, pair: str) -> FleetPair | None:
        with self._reading() as connection:
            row = connection.execute(
                select(t.FLEET_PAIR).where(_p.pair == pair)
            ).first()
        return None if row is None else pair_of(row)

    def names(self) -> list[str]:
        """Return the names of all pairs, sorted."""
        with self._reading() as connection:
            return list(connection.execute(select(_p.pair).order_by(_p.pair)).scalars())

    def listed(
        self,
        *,
        search: str = "",
        paused: bool | None = None,
        after: str = "",
        limit: int = SOME,
    ) -> list[FleetPair]:
        """Return the pairs whose names hold a text, by name, those after ``after``."""
        where: list[ColumnElement[bool]] = [_p.pair > after]
        if search:
            where.append(func.lower(_p.pair).contains(search.lower(), autoescape=True))
        if paused is not None:
            where.append(_p.paused.is_(paused))
        asked = select(t.FLEET_PAIR).where(*where).order_by(_p.pair).limit(limit)
        with self._reading() as connection:
            return [pair_of(row) for row in connection.execute(asked)]

    def pause(
        self, pairs: Collection[str], *, at: str, by: str, note: str = ""
    ) -> list[str]:
        """Pause pairs; return those that were not. A pass under way may finish."""
        values = {"paused": True, "paused_at": at, "paused_by": by, "note": note}
        return self._set(pairs, values, ~_p.paused)

    def resume(self, pairs: Collection[str]) -> list[str]:
        """Let pairs run again, due at once if that was missed; return which."""
        values = {"paused": False, "paused_at": "", "paused_by": "", "note": ""}
        return self._set(pairs, values, _p.paused)

    def remove(self, pairs: Collection[str]) -> list[str]:
        """Take pairs out of the fleet; their memory stays. Return which there were."""
        gone: list[str] = []
        with self._writing() as connection:
            for some in _parts(sorted(pairs)):
                asked = delete(t.FLEET_PAIR).where(_p.pair.in_(some))
                gone += connection.execute(asked.returning(_p.pair)).scalars()
            regrouped(connection)
        return sorted(gone)

    def count(self) -> Counted:
        with self._reading() as connection:
            now = moment(connection)
            idle = and_(_p.queued.is_(None), ~_p.paused, _p.due <= now)
            waits = and_(~_p.paused, _p.begun.is_(None), _p.due <= now)
            asked = select(
                func.count(),
                _number(_p.paused),
                _number(idle),
                _number(and_(_p.queued.is_not(None), _p.begun.is_(None))),
                _number(_p.begun.is_not(None)),
                _number(_p.failures > 0),
                func.min(case((waits, _p.due))),
            )
            *numbers, first = connection.execute(asked).one()
        late = 0.0 if first is None else (now - first) / SECOND
        return Counted(*map(int, numbers))._replace(late=late)

    def _set(
        self,
        pairs: Collection[str],
        values: dict[str, object],
        was: ColumnElement[bool],
    ) -> list[str]:
        moved: list[str] = []
        with self._writing() as connection:
            for some in _parts(sorted(pairs)):
                asked = update(t.FLEET_PAIR).where(_p.pair.in_(some), was)
                rows = connection.execute(asked.values(values).returning(_p.pair))
                moved += rows.scalars()
        return sorted(moved)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told("the fleet"), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told("the fleet"), self._engine.connect() as connection:
            yield connection.execution_options(reading=True)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _upsert(
    connection: Connection, pairs: Sequence[NewPair], at: str, by: str, now: int
) -> None:
    """Write new and changed pairs: due now, unless they are due already."""
    rows = [
        {
            **one._asdict(),
            "key_group": "",
            "imported_at": at,
            "imported_by": by,
            "due": now,
        }
        for one in pairs
    ]
    statement = dialect_of(connection).insert(t.FLEET_PAIR)
    theirs = statement.excluded
    given = ("section", "partnero_key", "tolt_key", "imported_at", "imported_by")
    new = {name: theirs[name] for name in given}
    new |= {"due": case((_p.due < theirs.due, _p.due), else_=theirs.due), "failures": 0}
    statement = statement.on_conflict_do_update(index_elements=["pair"], set_=new)
    connection.execute(statement, rows)


def _parts(every: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for begin in range(0, len(every), SOME):
        yield every[begin : begin + SOME]
