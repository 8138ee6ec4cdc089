"""A state on a PostgreSQL server: in a schema of its own, with waits that are bounded.

Tables that are there already in the schema that the server gives us stay where they
are; else they are made in ``partnero_tolt``, whatever else the database holds.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from state.problems import WAIT
from state.urls import names_schema

OURS = frozenset({"meta", "link", "intent", "run", "lease"})
"""Tables that every state has had from its first schema on."""
SCHEMA = "partnero_tolt"
"""Where the tables are in a server's database, unless its URL says something else."""
SOON = 2
"""Seconds for which a statement is waited for that can as well be left out."""
UPGRADING = 0x7061_7274
"""The number of the lock under which a server's schema is upgraded."""


@lru_cache(maxsize=16)
def opened(url: str) -> Engine:
    """Open a server's database, once in a process: its connections are shared.

    A lock, or a server that is silent, is not waited for: the waiting is bounded as it
    is in a file, and the same words follow.
    """
    return _made(url, (f"SET lock_timeout = '{WAIT}s'",), WAIT, pool_pre_ping=True)


@lru_cache(maxsize=16)
def quick(url: str) -> Engine:
    """Open it for single statements that can as well be left out.

    Each is a transaction, of which nothing is waited for on the server's disk.
    """
    settings = (
        f"SET lock_timeout = '{SOON}s'",
        f"SET statement_timeout = '{SOON}s'",
        "SET synchronous_commit = off",
    )
    options = {"pool_size": 2, "max_overflow": 6, "pool_timeout": SOON}
    alone = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    return _made(url, settings, SOON, **options, **alone)


def dispose(url: str) -> None:
    """Give back all connections of this process to a database."""
    opened(url).dispose()
    quick(url).dispose()


def _made(url: str, settings: Sequence[str], wait: int, **options: Any) -> Engine:  # noqa: ANN401
    asked = make_url(url).query
    bounded = {} if "connect_timeout" in asked else {"connect_timeout": wait}
    engine = create_engine(url, connect_args=bounded, **options)
    named = names_schema(url)

    @event.listens_for(engine, "connect")
    def _bound(connection: Any, _record: object) -> None:  # noqa: ANN401 (psycopg)
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(setting)
            if not named:
                _enter_schema(cursor)
        connection.commit()

    return engine


def _enter_schema(cursor: Any) -> None:  # noqa: ANN401 (psycopg)
    """Look for our tables in a schema of our own, unless they are somewhere already.

    Other tables of the same database are none of our business.
    """
    cursor.execute(
        "SELECT count(*) FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_name = ANY(%s)",
        [sorted({*OURS, "alembic_version"})],
    )
    if cursor.fetchone()[0] <= len(OURS):
        cursor.execute(f"SET search_path = {SCHEMA}")


def make_schema(connection: Connection) -> None:
    """Make the schema in which a server's tables are to be, where it is not there."""
    if connection.execute(text("SELECT current_schema()")).scalar() is None:
        path = str(connection.execute(text("SHOW search_path")).scalar())
        name = path.partition(",")[0].strip().strip('"')
        quoted = connection.dialect.identifier_preparer.quote(name)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))


def wait_for_turn(connection: Connection) -> None:
    """Let one process at a time make or upgrade the tables; the others wait."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADING})"))
