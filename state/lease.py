"""Who holds a pair: one row, whose token fences off whoever held it before.

A hold is as long as it was taken for, from the moment in which somebody looks: a time
further ahead was written by another clock, and is cut to that length when it is seen.
Its holder measures what is left of it by a clock that nobody sets.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from state import tables as t
from state.problems import StateProblem

SECONDS = 60
"""How long a hold lasts unless it is renewed."""
RENEWED_BELOW = 0.9
"""The part of a hold that must be left before a request, or it is renewed first."""
_ROWS = t.LeaseRow.__table__  # type: ignore[attr-defined]


class LeaseLost(StateProblem):
    """Another run has taken the pair over; nothing more may be written."""


def awake() -> float:
    """Return a clock in seconds that nobody sets, and that counts a sleep as well."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(slots=True)
class Hold:
    """One hold of a pair; ``since`` is when it was last taken or renewed."""

    owner: str
    token: int
    seconds: int
    since: float

    @property
    def is_short(self) -> bool:
        """Whether too little is left of it for a request and its answer."""
        return awake() - self.since > self.seconds * (1 - RENEWED_BELOW)


def held_by(connection: Connection, pair: str) -> tuple[str, int, int] | None:
    """Return owner, token and end of a pair's hold, or None where there never was."""
    query = select(_ROWS).where(_ROWS.c.pair == pair).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else (str(row.owner), int(row.token), int(row.expires))


def refuses(
    connection: Connection, pair: str, now: int, seconds: int, dead: Iterable[str]
) -> str:
    """Return who holds the pair, or ""; an end that is too far ahead is cut."""
    known = held_by(connection, pair)
    if known is None or not known[0] or known[0] in dead:
        return ""
    owner, _, expires = known
    if expires > now + seconds:
        set_end(connection, pair, now + seconds)
    return owner if expires > now else ""


def set_end(connection: Connection, pair: str, expires: int) -> None:
    change = update(_ROWS).where(_ROWS.c.pair == pair)
    connection.execute(change.values(expires=expires))


def check(connection: Connection, pair: str, hold: Hold) -> None:
    """Raise LeaseLost where the pair is not held by this very hold any more."""
    query = select(_ROWS.c.owner, _ROWS.c.token).where(_ROWS.c.pair == pair)
    row = connection.execute(query).first()
    if row is None or (row.owner, row.token) != (hold.owner, hold.token):
        raise LeaseLost(f"another run has taken over {pair}")


def prolong(connection: Connection, pair: str, hold: Hold) -> None:
    """Make the hold last its whole length from now on."""
    begun = awake()
    set_end(connection, pair, int(time.time()) + hold.seconds)
    hold.since = begun


def release(connection: Connection, pair: str, hold: Hold) -> None:
    """Give the pair back, if it is still held by this hold."""
    mine = (_ROWS.c.pair == pair, _ROWS.c.owner == hold.owner)
    change = update(_ROWS).where(*mine, _ROWS.c.token == hold.token)
    connection.execute(change.values(owner="", expires=0))
