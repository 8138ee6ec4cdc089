"""A state on a PostgreSQL server: in a schema of its own, with waits that are bounded.

Tables that are there already in the schema that the server gives us stay where they
are; else they are made in ``partnero_tolt``, whatever else the database holds.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from state.problems import WAIT, StateProblem
from state.urls import names_schema

OURS = frozenset({"meta", "link", "intent", "run", "lease"})
"""Tables that every state has had from its first schema on."""
SCHEMA = "partnero_tolt"
"""Where the tables are in a server's database, unless its URL says something else."""
SOON = 2
"""Seconds for which a statement is waited for that can as well be left out."""
SILENT = 300
"""Seconds without an answer after which a server hangs: an upgrade may take minutes."""
ALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""By these a server whose machine is gone is noticed within a minute or two."""
UPGRADING = 0x7061_7274
"""The number of the lock under which a server's schema is upgraded."""


@lru_cache(maxsize=16)
def opened(url: str) -> Engine:
    """Open a server's database, once in a process: its connections are shared.

    A lock, or a server that is silent, is not waited for: the waiting is bounded as it
    is in a file, and the same words follow.
    """
    settings = (f"SET lock_timeout = '{WAIT}s'",)
    # A worker of a fleet may have hundreds of passes under way: none waits for a turn.
    many = {"pool_size": 16, "max_overflow": -1}
    return _made(url, settings, WAIT, SILENT, pool_pre_ping=True, **many)


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
    return _made(url, settings, SOON, 2 * SOON, **options, **alone)


def dispose(url: str) -> None:
    """Give back all connections of this process to a database."""
    opened(url).dispose()
    quick(url).dispose()


def _made(
    url: str,
    settings: Sequence[str],
    wait: int,
    silent: float,
    **options: Any,  # noqa: ANN401
) -> Engine:
    bounded = {"connect_timeout": wait, "client_encoding": "utf8", **ALIVE}
    stated = make_url(url).query
    given = {name: value for name, value in bounded.items() if name not in stated}
    engine = create_engine(url, connect_args=given, **options)
    named = names_schema(url)

    @event.listens_for(engine, "do_connect")
    def _open(_dialect: object, _record: object, words: Any, named: Any) -> object:  # noqa: ANN401 (psycopg)
        from state.patient import connected

        return connected(silent, *words, **named)

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
        quoted = connection.dialect.identifier_preparer.quote(_wanted(connection))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))


def refuse_encoding(connection: Connection, name: str) -> None:
    """Refuse to begin in a database that cannot hold every name and code."""
    encoding = str(connection.execute(text("SHOW server_encoding")).scalar())
    if encoding != "UTF8":
        raise StateProblem(
            f"{name} has the encoding {encoding}, in which not every name and code can "
            "be stored. Nothing was made in it. Name one with UTF8: CREATE DATABASE "
            "its name ENCODING 'UTF8' TEMPLATE template0"
        )


def refuse_hidden(connection: Connection, name: str) -> None:
    """Refuse a schema that is there, but into which the role may not look.

    It looks like one that is not there, and a run would begin anew.
    """
    asked = text(
        "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace "
        "WHERE nspname = :schema"
    )
    schema = _wanted(connection)
    if connection.execute(asked, {"schema": schema}).scalar() is False:
        raise StateProblem(
            f"{name} has the schema {schema}, but the role in [state] url may not look "
            "into it. Nothing was read or written. Let the role own it, or: GRANT "
            f"USAGE ON SCHEMA {schema} TO the role, and rights on its tables."
        )


def _wanted(connection: Connection) -> str:
    """Return the first schema that the tables are looked for in."""
    path = str(connection.execute(text("SHOW search_path")).scalar())
    name = path.partition(",")[0].strip().strip('"')
    if not name:
        raise StateProblem(
            "search_path in [state] url names no schema. Nothing was read or written. "
            'Leave it out, or name one: schema = "partnero_tolt"'
        )
    return name


def wait_for_turn(connection: Connection) -> None:
    """Let one process at a time make or upgrade the tables; the others wait."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADING})"))
