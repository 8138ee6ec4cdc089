"""What can be wrong with the state, in words: broken, or only busy.

Somebody else who holds the database for a while has broken nothing. That is an error
of its own, so that nobody is ever told to move away a file that another process uses.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mappings.errors import Busy, Problem

WAIT = 10
"""Seconds for which a connection waits for another one's lock."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WAITING = ("55P03", "40001", "40P01", "55006")
"""PostgreSQL: no lock in time, no serial order, a deadlock, in use."""


_OF_SERVERS = {
    "42501": "The role in [state] url may not do that: let it own the schema of the "
    "state (CREATE SCHEMA partnero_tolt AUTHORIZATION its name), or its tables.",
    "25006": "This server only lets itself be read, as a standby does: name the "
    "primary one in [state] url.",
}
"""What to do, by PostgreSQL's code: no privilege, a transaction that cannot write."""


class StateProblem(Problem):
    """The state cannot be used as it is; the file was not touched."""

    reason = "state"


class StateBusy(StateProblem, Busy):
    """Somebody else holds the state just now; nothing is wrong with it."""

    reason = "state_busy"


def original(error: BaseException) -> BaseException:
    """Return the driver's own error."""
    return getattr(error, "orig", None) or error


def reason_of(error: BaseException) -> str:
    """Return the first line of what the driver says."""
    own = original(error)
    return next(iter(str(own).splitlines()), "") or type(own).__name__


def is_busy(error: BaseException) -> bool:
    """Say whether the database was only waited for in vain."""
    own = original(error)
    if getattr(own, "sqlstate", None) in _WAITING:
        return True
    if not isinstance(own, sqlite3.Error):
        return False
    code = getattr(own, "sqlite_errorcode", 0)
    return code & 0xFF in _BUSY or str(own).startswith("database is locked")


def is_broken(error: BaseException) -> bool:
    """Say whether the file itself is no sound database."""
    code = getattr(original(error), "sqlite_errorcode", 0)
    return code & 0xFF in _BROKEN


def busy(name: str, reason: str, *, server: bool = False) -> StateBusy:
    """Return the error for a state, shown by this name, that another one has locked."""
    leave = "Try" if server else "Leave the file where it is, and try"
    return StateBusy(
        f"{name} is in use: another process has kept it locked for more than {WAIT} "
        f"seconds ({reason}). Nothing was read or written. {leave} again when the "
        "other one is done; one that hangs has to be ended."
    )


def unusable(name: str, reason: str, *, broken: bool = False) -> StateProblem:
    """Refuse a state; to move it away is said only of one that nobody uses."""
    advice = (
        "Look with partnero-tolt state check; go back to a copy with partnero-tolt "
        "state restore FILE"
    )
    if broken:
        advice += (
            "; or move the file away and type partnero-tolt sync --first: that is a "
            "first run, which remembers what is equal, asks about the rest, and never "
            "deletes"
        )
    return StateProblem(
        f"{name} cannot be used: {reason}. It was not touched. {advice}."
    )


def unreachable(name: str, error: BaseException) -> StateProblem:
    """Refuse a server's database, of which nothing here can be mended."""
    advice = _OF_SERVERS.get(
        str(getattr(original(error), "sqlstate", None)),
        "Look at the database server and at [state] url, and try again.",
    )
    return StateProblem(
        f"{name} cannot be used: {reason_of(error)}. Nothing was read or written. "
        f"{advice}"
    )


def _of_databases() -> tuple[type[Exception], ...]:
    """Return what drivers raise; asked for only where something was raised.

    So words about a state can be had without the whole toolkit of databases.
    """
    from sqlalchemy.exc import DBAPIError

    return sqlite3.Error, DBAPIError


@contextmanager
def refusing(
    name: str,
    *,
    server: bool = False,
    unused: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Turn the database's own errors into words.

    ``unused`` is asked, of a broken file, whether surely nobody holds it.
    """
    try:
        yield
    except _of_databases() as error:
        reason = reason_of(error)
        if is_busy(error):
            raise busy(name, reason, server=server) from None
        if server:
            raise unreachable(name, error) from None
        broken = is_broken(error) and unused()
        raise unusable(name, reason, broken=broken) from None


@contextmanager
def told(pair: str) -> Iterator[None]:
    """Turn what goes wrong in the middle of a run (a full disk) into words."""
    try:
        yield
    except _of_databases() as error:
        reason = reason_of(error)
        if is_busy(error):
            raise StateBusy(
                f"The state of {pair} is in use: another process has kept it locked "
                f"for more than {WAIT} seconds ({reason}). Nothing more is sent. Leave "
                "it where it is, and try again: the next run settles what was begun."
            ) from None
        mend = _OF_SERVERS.get(str(getattr(original(error), "sqlstate", None)), "")
        raise StateProblem(
            f"The state of {pair} cannot be read or written: {reason}. Nothing more is "
            f"sent. {mend}{' ' if mend else ''}When that is mended, the next run "
            "settles what was begun."
        ) from None
