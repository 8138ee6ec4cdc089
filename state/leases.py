"""Who holds a pair: one row, whose token fences off whoever held it before.

A hold is as long as it was taken for, from the moment in which somebody looks: a time
further ahead was written by another clock, and is cut to that length when it is seen.
Its holder measures what is left of it by a clock that nobody sets.
"""

import time
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from state import tables as t
from state.transactions import Hold, Transactions, awake, upsert

SECONDS = 60
"""How long a hold lasts unless it is renewed."""


class Holder(NamedTuple):
    """Who has the pair by the stored row; "" after it was given back."""

    owner: str
    token: int
    expires: int


class Leases:
    """The lease of one pair; a method is a transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._mine = t.LEASE.c.pair == transactions.pair

    def take(
        self, owner: str, now: int, seconds: int, *, dead: Collection[str] = ()
    ) -> str | None:
        """Take the pair, or return its holder: free, expired and dead ones yield."""
        begun = awake()
        with self._transactions.writing(fenced=False) as connection:
            known = self._known(connection)
            if known is not None and known.owner and known.owner not in dead:
                if known.expires > now + seconds:
                    self._set_end(connection, now + seconds)
                if known.expires > now:
                    return known.owner
            token = (known.token if known else 0) + 1
            row = {"owner": owner, "token": token, "expires": now + seconds}
            upsert(connection, t.LEASE, [row | {"pair": self._transactions.pair}])
        self._transactions.hold = Hold(owner, token, seconds, begun)
        return None

    def holder(self) -> str:
        """Return who holds the pair, or ""."""
        with self._transactions.reading() as connection:
            owner = connection.execute(select(t.LEASE.c.owner).where(self._mine))
            return str(owner.scalar() or "")

    def renew(self, now: int, seconds: int) -> None:
        """Hold the pair a little longer; LeaseLost where somebody else has it."""
        begun = awake()
        with self._transactions.writing() as connection:
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
            self._set_end(connection, int(time.time()) + hold.seconds)
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

    def _known(self, connection: Connection) -> Holder | None:
        columns = (t.LEASE.c.owner, t.LEASE.c.token, t.LEASE.c.expires)
        query = select(*columns).where(self._mine).with_for_update()
        row = connection.execute(query).first()
        return None if row is None else Holder(*row)

    def _set_end(self, connection: Connection, expires: int) -> None:
        connection.execute(update(t.LEASE).where(self._mine).values(expires=expires))
