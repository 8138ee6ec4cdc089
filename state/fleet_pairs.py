"""The pairs of a fleet as people see them: imported, listed, paused, counted.

Each method is one transaction. What is imported anew keeps its place: a pair that is
paused stays paused, and one that is under way ends with what it began with.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    delete,
    exists,
    func,
    select,
    update,
)

from state import fleet_tables as t
from state.every_pair import reading, writing
from state.fleet import FLEET, SECOND, FleetPair, moment, pair_of, regrouped
from state.tables import PROGRAMME, STANDING
from state.transactions import dialect_of

_p = t.FLEET_PAIR.c
_T = TypeVar("_T")
SOME = 1000
"""Rows that are asked for, or written, by one statement."""


class NewPair(NamedTuple):
    """A pair to import: its section as JSON, and by what its keys are known.

    ``partnero_key`` and ``tolt_key`` name the references of the secrets ("partnero env
    ACME_KEY"); the marks of their values are those of the programmes (programmes.py).
    """

    pair: str
    section: str
    partnero_key: str
    tolt_key: str


Due = Callable[[NewPair, str | None, int], int | None]
"""Says when a pair is due: what it was before (None: it is new), and the moment now.

None: as it was due before.
"""


def at_once(_pair: NewPair, _before: str | None, now: int) -> int | None:
    """Let a pair be due at the moment of its import, in microseconds since 1970."""
    return now


class Section(NamedTuple):
    """What a pair is configured as: JSON; and whether it is paused."""

    pair: str
    section: str
    paused: bool


class Imported(NamedTuple):
    """The names of the pairs that were new, changed, and the same as before."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


class Listed(NamedTuple):
    """Some of the pairs, how many there are in all, and the moment of that."""

    pairs: list[FleetPair]
    total: int
    now: int


class Counted(NamedTuple):
    """A fleet in numbers; ``late`` is how many seconds the longest due one waits.

    ``oldest`` is that one, with the moment at which it was due.
    """

    pairs: int = 0
    paused: int = 0
    due: int = 0
    queued: int = 0
    running: int = 0
    failing: int = 0
    stale: int = 0
    late: float = 0.0
    oldest: tuple[str, int] | None = None


def _is_waiting(now: int) -> ColumnElement[bool]:
    """Say of which pairs a pass should have begun by now."""
    return and_(~_p.paused, _p.begun.is_(None), _p.due <= now)


def _is_stale(now: int) -> ColumnElement[bool]:
    """Say which pairs had no verified success for two intervals, as their runs note."""
    at = datetime.fromtimestamp(now // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    good = (STANDING.c.pair == _p.pair, STANDING.c.stale_at > at)
    return and_(~_p.paused, ~exists().where(*good))


_STATES: Mapping[str, Callable[[int], ColumnElement[bool]]] = {
    "paused": lambda _now: _p.paused.is_(True),
    "due": _is_waiting,
    "running": lambda _now: _p.begun.is_not(None),
    "failing": lambda _now: _p.failures > 0,
    "stale": _is_stale,
}
STATES = tuple(_STATES)
"""By what pairs can be chosen."""


class FleetPairs:
    """What people do with the pairs of a fleet."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def bring(
        self,
        pairs: Sequence[NewPair],
        *,
        at: str,
        by: str,
        due: Due = at_once,
        dry: bool = False,
    ) -> Imported:
        """Import pairs, all or none; ``due`` says when what is new or changed is due.

        A pair that is there and not among these stays as it is. ``dry`` only says what
        would be.
        """
        with writing(self._engine, FLEET) as connection:
            known: dict[str, NewPair] = {}
            for some in _parts([one.pair for one in pairs]):
                asked = select(*(_p[name] for name in NewPair._fields))
                rows = connection.execute(asked.where(_p.pair.in_(some)))
                known |= {row.pair: NewPair._make(row) for row in rows}
            brought = _sorted_out(pairs, known)
            if not dry:
                _write(connection, pairs, (at, by), due, known)
                _forget_keys(connection, pairs, known)
                regrouped(connection)
        return brought

    def sections(self, pairs: Collection[str] | None = None) -> list[Section]:
        """Return what these pairs are configured as, or all, by name."""
        columns = select(_p.pair, _p.section, _p.paused).order_by(_p.pair)
        found: list[Section] = []
        with reading(self._engine, FLEET) as connection:
            if pairs is None:
                return [Section(*row) for row in connection.execute(columns)]
            for some in _parts(sorted(pairs)):
                rows = connection.execute(columns.where(_p.pair.in_(some)))
                found += [Section(*row) for row in rows]
        return found

    def any_but(self, pairs: Collection[str]) -> bool:
        """Say whether there is any pair but these few."""
        asked = select(_p.pair).order_by(_p.pair).limit(len(pairs) + 1)
        with reading(self._engine, FLEET) as connection:
            return not {*connection.execute(asked).scalars()} <= {*pairs}

    def one(self, pair: str) -> FleetPair | None:
        """Return a pair with all that its row holds; None where it is not there."""
        with reading(self._engine, FLEET) as connection:
            row = connection.execute(
                select(t.FLEET_PAIR).where(_p.pair == pair)
            ).first()
        return None if row is None else pair_of(row)

    def names(self) -> list[str]:
        """Return the names of all pairs, sorted."""
        with reading(self._engine, FLEET) as connection:
            return list(connection.execute(select(_p.pair).order_by(_p.pair)).scalars())

    def listed(
        self, *, search: str = "", state: str = "", skip: int = 0, limit: int = SOME
    ) -> Listed:
        """Return pairs whose names hold a text, by name, and how many there are.

        ``state`` is one of STATES; ``skip`` leaves out so many of the first.
        """
        with reading(self._engine, FLEET) as connection:
            now = moment(connection)
            where = [_STATES[state](now)] if state else []
            if search:
                name = func.lower(_p.pair)
                where.append(name.contains(search.lower(), autoescape=True))
            counted = select(func.count()).select_from(t.FLEET_PAIR).where(*where)
            total = int(connection.execute(counted).scalar_one())
            asked = select(t.FLEET_PAIR).where(*where).order_by(_p.pair)
            rows = connection.execute(asked.offset(skip).limit(limit))
            return Listed([pair_of(row) for row in rows], total, now)

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

    def count(self) -> Counted:
        """Count all pairs by how they stand, at one moment."""
        with reading(self._engine, FLEET) as connection:
            now = moment(connection)
            idle = and_(_p.queued.is_(None), ~_p.paused, _p.due <= now)
            asked = select(
                func.count(),
                _number(_p.paused),
                _number(idle),
                _number(and_(_p.queued.is_not(None), _p.begun.is_(None))),
                _number(_p.begun.is_not(None)),
                _number(_p.failures > 0),
                _number(_is_stale(now)),
            )
            numbers = connection.execute(asked).one()
            first = select(_p.pair, _p.due).where(_is_waiting(now))
            oldest = connection.execute(
                first.order_by(_p.due, _p.pair).limit(1)
            ).first()
        late = 0.0 if oldest is None else (now - oldest.due) / SECOND
        known = None if oldest is None else (oldest.pair, oldest.due)
        return Counted._make((*map(int, numbers), late, known))

    def _set(
        self,
        pairs: Collection[str],
        values: dict[str, object],
        was: ColumnElement[bool],
    ) -> list[str]:
        moved: list[str] = []
        with writing(self._engine, FLEET) as connection:
            for some in _parts(sorted(pairs)):
                asked = update(t.FLEET_PAIR).where(_p.pair.in_(some), was)
                rows = connection.execute(asked.values(values).returning(_p.pair))
                moved += rows.scalars()
        return sorted(moved)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _sorted_out(pairs: Sequence[NewPair], known: Mapping[str, NewPair]) -> Imported:
    """Say which pairs are new, changed, and as they were."""
    new = tuple(one.pair for one in pairs if one.pair not in known)
    before = {name: one.section for name, one in known.items()}
    same = tuple(one.pair for one in pairs if before.get(one.pair) == one.section)
    moved = {*new, *same}
    return Imported(new, tuple(p.pair for p in pairs if p.pair not in moved), same)


def _write(
    connection: Connection,
    pairs: Sequence[NewPair],
    told: tuple[str, str],
    due: Due,
    known: Mapping[str, NewPair],
) -> None:
    """Write what is new or has changed; without a new due time the old one stays.

    A pair that waits because it has failed is tried at once: it may be mended. Rows are
    written by name, as everywhere: two who write the same ones never wait crosswise.
    """
    now, (at, by) = moment(connection), told
    stays: list[dict[str, object]] = []
    moves: list[dict[str, object]] = []
    for one in sorted(pairs):
        before = known[one.pair].section if one.pair in known else None
        if before == one.section:
            continue
        when = due(one, before, now)
        row = {**one._asdict(), "imported_at": at, "imported_by": by, "key_group": ""}
        (stays if when is None else moves).append(row | {"due": when or now})
    excluded = dialect_of(connection).insert(t.FLEET_PAIR).excluded
    hurried = case((and_(_p.failures > 0, _p.due > now), now), else_=_p.due)
    for rows, moved in ((stays, hurried), (moves, excluded.due)):
        for some in _parts(rows):
            _upsert(connection, some, {"due": moved})


def _forget_keys(
    connection: Connection, pairs: Sequence[NewPair], known: Mapping[str, NewPair]
) -> None:
    """Forget the marks of keys that lie elsewhere by now: a pass reads them anew."""
    mark = PROGRAMME.c
    for one in sorted(pairs):
        before = known.get(one.pair, one)
        for side in ("partnero", "tolt"):
            if getattr(one, f"{side}_key") != getattr(before, f"{side}_key"):
                mine = (mark.pair == one.pair, mark.side == side)
                connection.execute(delete(PROGRAMME).where(*mine))


_GIVEN = ("section", "partnero_key", "tolt_key", "imported_at", "imported_by")


def _upsert(
    connection: Connection,
    rows: Sequence[dict[str, object]],
    more: Mapping[str, ColumnElement[int]],
) -> None:
    statement = dialect_of(connection).insert(t.FLEET_PAIR)
    values = {name: statement.excluded[name] for name in _GIVEN}
    values |= {"failures": 0, **more}
    statement = statement.on_conflict_do_update(index_elements=["pair"], set_=values)
    connection.execute(statement, list(rows))


def _parts(every: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for begin in range(0, len(every), SOME):
        yield every[begin : begin + SOME]
