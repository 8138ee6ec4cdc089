"""Which signed messages have woken their pair already, for all processes of a state."""

import hashlib
import time

from sqlalchemy import Connection, delete, func, select

from state.shared_tables import WEBHOOK_SEEN
from state.transactions import Transactions, dialect_of

REMEMBERED = 10_000
"""Messages of a pair that are known again."""
SWEPT = 100
"""A new message out of so many looks for what is to be forgotten."""


class Heard:
    """The messages of one pair."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._mine = WEBHOOK_SEEN.c.pair == transactions.pair

    def is_new(self, mark: str) -> bool:
        """Note a message; say whether nobody has done so before."""
        name = hashlib.sha256(mark.encode()).hexdigest()
        row = {"pair": self._transactions.pair, "mark": name, "at": _now()}
        with self._transactions.writing(fenced=False) as connection:
            insert = dialect_of(connection).insert(WEBHOOK_SEEN).values(row)
            noted = insert.on_conflict_do_nothing().returning(WEBHOOK_SEEN.c.mark)
            new = connection.execute(noted).scalar() is not None
            if new and int(name, 16) % SWEPT == 0:
                self._forget(connection)
        return new

    def _forget(self, connection: Connection) -> None:
        """Forget all but the newest."""
        at = WEBHOOK_SEEN.c.at
        newest = select(at).where(self._mine).order_by(at.desc())
        oldest = newest.offset(REMEMBERED - 1).limit(1).scalar_subquery()
        old = delete(WEBHOOK_SEEN).where(self._mine, at < func.coalesce(oldest, 0))
        connection.execute(old)


def _now() -> int:
    return time.time_ns() // 1000
