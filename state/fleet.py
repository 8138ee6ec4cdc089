"""The pairs of a fleet as its workers see them: claimed, begun, ended, set free again.

Each method is one transaction. That a pair is due is a column of ours and no business
of the queue: one UPDATE claims it, and the moment of the claim is its token. Whatever
the queue does with a job (loses it, runs it twice), a pass begins and ends only with
the claim that is in the row. Who may write is decided by the lease alone.

Moments are microseconds since 1970, by the database's clock.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Row,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)

from state import fleet_tables as t
from state import tables
from state.every_pair import reading, writing
from state.key_groups import groups
from state.transactions import dialect_of

FLEET = "the fleet"
"""What cannot be read or written, in words."""
SECOND = 1_000_000
"""The unit of ``due``, ``queued`` and ``begun``."""
DAY = 86400 * SECOND
BACK = 5 * SECOND
"""How far a sign of life may be ahead; beyond that the clock was set back since."""
SILENT = 30.0
"""Seconds without a sign of life after which a worker counts as dead."""
_p = t.FLEET_PAIR.c


@dataclass(frozen=True, slots=True)
class FleetPair:
    """One pair with all that its row holds; ``section`` is JSON."""

    pair: str
    section: str
    imported_at: str
    imported_by: str
    paused: bool
    paused_at: str
    paused_by: str
    note: str
    partnero_key: str
    tolt_key: str
    key_group: str
    due: int
    queued: int | None
    begun: int | None
    worker: str
    failures: int


class Claim(NamedTuple):
    """A pair that is claimed; ``at`` is when, and the token of this very claim."""

    pair: str
    at: int
    key_group: str = ""


class FleetWorker(NamedTuple):
    """A worker; ``age`` and ``silent`` are seconds since it began, and last spoke."""

    worker: str
    slots: int
    running: int
    passes: int
    age: float
    silent: float


Defer = Callable[[Any, Sequence[Claim]], None]
"""Puts claims into the queue over the driver's own connection, in its transaction."""


class Fleet:
    """What a worker does with the rows of the pairs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, limit: int, defer: Defer) -> list[Claim]:
        """Claim the pairs that are due, the longest due first; queue them with it.

        Of the pairs that share a key one is claimed at a time. Who claims at the same
        moment gets other pairs. With an error nothing is claimed, nothing queued.
        """
        with writing(self._engine, FLEET) as connection:
            now = moment(connection)
            picked = _due(now, limit)
            chosen = t.FLEET_PAIR.c.pair.in_(select(picked.c.pair))
            claimed = update(t.FLEET_PAIR).where(chosen).values(queued=now)
            rows = connection.execute(claimed.returning(_p.due, _p.pair, _p.key_group))
            claims = [
                Claim(pair, now, keys) for _, pair, keys in sorted(map(tuple, rows))
            ]
            if claims:
                defer(connection.connection.driver_connection, claims)
        return claims

    def begin(self, claim: Claim, worker: str) -> FleetPair | None:
        """Begin a claim's pass; None where it is not to be done any more.

        That is so where the claim is another one by now, has begun already, or where
        the pair was paused or taken out.
        """
        mine = _mine(claim)
        with writing(self._engine, FLEET) as connection:
            begun = {"begun": this_moment(connection), "worker": worker}
            asked = update(t.FLEET_PAIR).where(mine, _p.begun.is_(None), ~_p.paused)
            row = connection.execute(
                asked.values(begun).returning(t.FLEET_PAIR)
            ).first()
            if row is None:
                waiting = update(t.FLEET_PAIR).where(mine, _p.begun.is_(None))
                connection.execute(waiting.values(queued=None))
        return None if row is None else pair_of(row)

    def end(
        self, claim: Claim, due: int, failures: int = 0, *, was: int | None = None
    ) -> bool:
        """End a claim: due again at this moment. False where it was no claim any more.

        ``failures``: passes in a row that a bug or the time-out has ended. ``was`` is
        when it was due as its pass began: where that is another moment by now, an
        import has given the pair new times meanwhile, and they stay.
        """
        ends: dict[str, Any] = {"due": due, "failures": failures}
        if was is not None:
            as_begun = _p.due == was
            ends = {
                name: case((as_begun, value), else_=_p[name])
                for name, value in ends.items()
            }
        values = {**ends, **_FREE}
        with writing(self._engine, FLEET) as connection:
            ended = update(t.FLEET_PAIR).where(_mine(claim)).values(values)
            return connection.execute(ended).rowcount > 0

    def free(self, claims: Iterable[Claim], *, failed: bool = False) -> list[str]:
        """Set pairs free of these claims, due at once; return those that had them.

        They keep their place before those that became due later, but only the first
        time: a pair that ends each worker that has it must not go before all others, so
        a pass that had begun counts. ``failed``: it did not end in time, and goes last.
        """
        freed = []
        with writing(self._engine, FLEET) as connection:
            now = moment(connection)
            first = (_p.failures == 0) & (_p.due < now)
            due = now if failed else case((first, _p.due), else_=now)
            more = 1 if failed else case((_p.begun.is_not(None), 1), else_=0)
            values = {"due": due, **_FREE, "failures": _p.failures + more}
            for claim in claims:
                one = update(t.FLEET_PAIR).where(_mine(claim)).values(values)
                if connection.execute(one).rowcount:
                    freed.append(claim.pair)
        return freed

    def claimed(self, *, longer_than: float = 0) -> list[Claim]:
        """Return the claims that are older than so many seconds.

        One of a time that is still to come is: the clock was set back since.
        """
        with reading(self._engine, FLEET) as connection:
            now = moment(connection)
            before = now - int(longer_than * SECOND)
            asked = select(_p.pair, _p.queued, _p.key_group)
            asked = asked.where(or_(_p.queued <= before, _p.queued > now + BACK))
            return [Claim(*row) for row in connection.execute(asked)]

    def under_way(self) -> set[str]:
        """Return the pairs whose passes surely go on, whatever the queue says of them.

        Their worker has lately spoken, and their lease is held.
        """
        lease, worker = tables.LEASE.c, t.FLEET_WORKER.c
        with reading(self._engine, FLEET) as connection:
            now = moment(connection)
            asked = select(_p.pair).where(
                _p.begun.is_not(None),
                lease.pair == _p.pair,
                lease.owner != "",
                lease.expires > now // SECOND,
                worker.worker == _p.worker,
                worker.seen > now - int(SILENT * SECOND),
            )
            return set(connection.execute(asked).scalars())

    def waiting(self) -> int:
        """Return how many pairs are claimed and not begun."""
        asked = select(func.count()).where(_p.queued.is_not(None), _p.begun.is_(None))
        with reading(self._engine, FLEET) as connection:
            return int(connection.execute(asked).scalar_one())

    def hint(self, pair: str, due: int) -> None:
        """Let a pair be due earlier, if it would be later than that."""
        sooner = update(t.FLEET_PAIR).where(_p.pair == pair, _p.due > due)
        with writing(self._engine, FLEET) as connection:
            connection.execute(sooner.values(due=due))

    def now(self) -> int:
        """Return the moment by the database's clock."""
        with reading(self._engine, FLEET) as connection:
            return moment(connection)

    def regroup(self) -> int:
        """Bring pairs that share a key into one group; return how many have moved."""
        with writing(self._engine, FLEET) as connection:
            return regrouped(connection)

    @contextmanager
    def turn(self, number: int) -> Iterator[bool]:
        """Let one process do something at a time: True for it, False for the others."""
        with reading(self._engine, FLEET) as connection:
            if connection.dialect.name != "postgresql":
                yield True
                return
            asked = text(f"SELECT pg_try_advisory_xact_lock({number:d})")
            with connection.begin():
                yield bool(connection.execute(asked).scalar_one())

    def alive(self, worker: str, slots: int, running: int, passes: int) -> None:
        """Note that a worker lives: its slots, passes under way, passes so far.

        Workers that said nothing for a day are forgotten.
        """
        with writing(self._engine, FLEET) as connection:
            now = moment(connection)
            _follow_clock(connection, now)
            told = {"slots": slots, "running": running, "passes": passes, "seen": now}
            insert = dialect_of(connection).insert(t.FLEET_WORKER)
            noted = insert.values(worker=worker, since=now, **told)
            noted = noted.on_conflict_do_update(index_elements=["worker"], set_=told)
            connection.execute(noted)
            old = t.FLEET_WORKER.c.seen < now - DAY
            connection.execute(delete(t.FLEET_WORKER).where(old))

    def gone(self, worker: str) -> None:
        """Forget a worker that has ended."""
        with writing(self._engine, FLEET) as connection:
            mine = t.FLEET_WORKER.c.worker == worker
            connection.execute(delete(t.FLEET_WORKER).where(mine))

    def workers(self) -> list[FleetWorker]:
        """Return the workers of the last day, by name."""
        w = t.FLEET_WORKER.c
        asked = select(w.worker, w.slots, w.running, w.passes, w.since, w.seen)
        with reading(self._engine, FLEET) as connection:
            now = moment(connection)
            return [
                FleetWorker(*row[:4], (now - row[4]) / SECOND, (now - row[5]) / SECOND)
                for row in connection.execute(asked.order_by(w.worker))
            ]


def moment(connection: Connection) -> int:
    """Return the microseconds since 1970 by the clock of the database."""
    return int(connection.execute(select(this_moment(connection))).scalar_one())


def this_moment(connection: Connection) -> ColumnElement[int]:
    """Return the same as a part of a statement, which then asks for no answer."""
    if connection.dialect.name != "postgresql":
        return literal(time.time_ns() // 1000, BigInteger)
    return _CLOCK


_CLOCK: ColumnElement[int] = literal_column(
    "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint", BigInteger
)


def pair_of(row: Row[Any]) -> FleetPair:
    return FleetPair(**row._mapping)  # noqa: SLF001 (SQLAlchemy's own public name)


def regrouped(connection: Connection) -> int:
    """Bring pairs that share a key into one group, in an open transaction.

    A key is known by its mark, once a pass has read it, and by its reference till then.
    """
    partnero, tolt = (tables.PROGRAMME.alias(side) for side in ("partnero", "tolt"))
    both = t.FLEET_PAIR.outerjoin(partnero, _of_side(partnero, "partnero"))
    both = both.outerjoin(tolt, _of_side(tolt, "tolt"))
    keys = (
        func.coalesce("partnero ~" + partnero.c.key, _p.partnero_key),
        func.coalesce("tolt ~" + tolt.c.key, _p.tolt_key),
    )
    asked = select(_p.pair, *keys, _p.key_group).select_from(both).order_by(_p.pair)
    known = [tuple(row) for row in connection.execute(asked)]
    named = groups({pair: (partnero, tolt) for pair, partnero, tolt, _ in known})
    moved = [
        {"of": pair, "to": named[pair]}
        for pair, _, _, keys in known
        if keys != named[pair]
    ]
    if moved:
        one = update(t.FLEET_PAIR).where(_p.pair == bindparam("of"))
        connection.execute(one.values(key_group=bindparam("to")), moved)
    return len(moved)


def _of_side(marks: FromClause, side: str) -> ColumnElement[bool]:
    return and_(marks.c.pair == _p.pair, marks.c.side == side, marks.c.key != "")


def _follow_clock(connection: Connection, now: int) -> None:
    """Where the clock was set back, take what was due by it back as far.

    Workers of that time said when they lived; else no pair would be due until that time
    has come again. Who comes second waits for the row locks and finds nothing ahead.
    """
    seen = t.FLEET_WORKER.c.seen
    ahead = select(seen).where(seen > now + BACK).order_by(t.FLEET_WORKER.c.worker)
    last = max(connection.execute(ahead.with_for_update()).scalars(), default=now)
    if last == now:
        return
    back = case((_p.due - (last - now) > now, _p.due - (last - now)), else_=now)
    connection.execute(update(t.FLEET_PAIR).where(_p.due > now).values(due=back))
    connection.execute(update(t.FLEET_WORKER).where(seen > now).values(seen=now))


_FREE: dict[str, Any] = {"queued": None, "begun": None, "worker": ""}


def _mine(claim: Claim) -> Any:  # noqa: ANN401 (a condition)
    return (_p.pair == claim.pair) & (_p.queued == claim.at)


def _due(now: int, limit: int) -> CTE:
    """Ask for the pairs to claim: of each group its first, unless one is claimed.

    Named apart, because a part of the statement that locks rows is done once.
    """
    mine, other = t.FLEET_PAIR.alias("mine").c, t.FLEET_PAIR.alias("other").c
    earlier = and_(
        other.due <= mine.due, or_(other.due < mine.due, other.pair < mine.pair)
    )
    before = ~other.paused & other.queued.is_(None) & earlier
    taken = exists().where(
        other.key_group == mine.key_group, or_(other.queued.is_not(None), before)
    )
    asked = select(mine.pair).where(
        mine.queued.is_(None), ~mine.paused, mine.due <= now, ~taken
    )
    asked = asked.order_by(mine.due, mine.pair).limit(limit)
    return asked.with_for_update(skip_locked=True).cte("picked")
