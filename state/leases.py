"""Who holds a pair: one row, whose token fences off whoever held it before.

A hold is as long as it was taken for, from the moment in which somebody looks: a time
further ahead was written by another clock, and is cut to that length when it is seen.
Its holder measures what is left of it by a clock that nobody sets.
"""

import time
from collections.abc import Collection

from sqlalchemy import Connection, or_, select, text, update

from state import tables as t
from state.transactions import Hold, Transactions, awake, dialect_of

SECONDS = 60
"""How long a hold lasts unless it is renewed."""


def clock_of(connection: Connection) -> int:
    """Return the seconds since 1970 by the clock of the database.

    A server's holders may sit on machines whose clocks differ; a file has one machine.
    """
    if connection.dialect.name != "postgresql":
        return int(time.time())
    asked = text("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")
    return int(connection.execute(asked).scalar_one())


class Leases:
    """The lease of one pair; a method is a transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._mine = t.LEASE.c.pair == transactions.pair

    def take(
        self,
        owner: str,
        seconds: int,
        *,
        dead: Collection[str] = (),
        now: int | None = None,
    ) -> str | None:
        """Take the pair, or return its holder: free, expired and dead ones yield.

        ``now`` is the database's clock (seconds since 1970) unless it is given. One
        statement decides, also where no row was: of many takers at the same time one
        gets the pair.
        """
        begun = awake()
        with self._transactions.writing(fenced=False) as connection:
            now = clock_of(connection) if now is None else now
            token = self._taken(connection, owner, (now, now + seconds), dead)
            if token is None:
                self._cut(connection, now + seconds)
                return self._holder(connection)
        self._transactions.hold = Hold(owner, token, seconds, begun)
        return None

    def _taken(
        self,
        connection: Connection,
        owner: str,
        times: tuple[int, int],
        dead: Collection[str],
    ) -> int | None:
        """Take the row where it is free, and return its new token."""
        now, end = times
        known, row = t.LEASE.c, {"owner": owner, "token": 1, "expires": end}
        insert = dialect_of(connection).insert(t.LEASE)
        taken = insert.values(row | {"pair": self._transactions.pair})
        taken = taken.on_conflict_do_update(
            index_elements=["pair"],
            set_={"owner": owner, "token": known.token + 1, "expires": end},
            where=or_(known.owner.in_(["", *dead]), known.expires <= now),
        ).returning(known.token)
        token = connection.execute(taken).scalar()
        return None if token is None else int(token)

    def _cut(self, connection: Connection, end: int) -> None:
        """Let a hold that another clock has written end when its length is over."""
        longer = update(t.LEASE).where(self._mine, t.LEASE.c.expires > end)
        connection.execute(longer.values(expires=end))

    def holder(self) -> str:
        """Return who holds the pair, or ""."""
        with self._transactions.reading() as connection:
            return self._holder(connection)

    def _holder(self, connection: Connection) -> str:
        owner = connection.execute(select(t.LEASE.c.owner).where(self._mine))
        return str(owner.scalar() or "")

    def renew(self, seconds: int, *, now: int | None = None) -> None:
        """Hold the pair a little longer; LeaseLost where somebody else has it."""
        begun = awake()
        with self._transactions.writing() as connection:
            now = clock_of(connection) if now is None else now
            self._set_end(connection, now + seconds)
        if self._transactions.hold is not None:
            self._transactions.hold.since = begun

    def fence(self) -> None:
        """Raise LeaseLost where somebody else has the pair by now.

        A hold that would not outlast a request is renewed, in the same transaction.
        """
        hold = self._transactions.hold
        if hold is not None and hold.is_short:
            with self._transactions.writing() as connection:
                self.prolong(connection)
        elif hold is not None:
            with self._transactions.reading() as connection:
                self._transactions.check(connection)

    def prolong(self, connection: Connection) -> None:
        """Make a hold that is short last its whole length from now on."""
        hold = self._transactions.hold
        if hold is not None and hold.is_short:
            begun = awake()
            self._set_end(connection, clock_of(connection) + hold.seconds)
            hold.since = begun

    def release(self) -> None:
        """Give the pair back, if it is still ours."""
        hold = self._transactions.hold
        if hold is not None:
            ours = (t.LEASE.c.owner == hold.owner, t.LEASE.c.token == hold.token)
            given_back = update(t.LEASE).where(self._mine, *ours)
            with self._transactions.writing(fenced=False) as connection:
                connection.execute(given_back.values(owner="", expires=0))
        self._transactions.hold = None

    def _set_end(self, connection: Connection, expires: int) -> None:
        connection.execute(update(t.LEASE).where(self._mine).values(expires=expires))
