"""What every call of the program works out anew, and a process of tests only once.

A person's process makes its commands once and opens its state once; here hundreds of
calls share one process. Neither depends on what was called before.
"""

from functools import cache

import typer.main
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_compiled: LRUCache[object, object] = LRUCache(4000)


def _share(connection: Connection) -> None:
    """Let a connection use what any other of its kind has compiled.

    An engine forgets it when it ends, and a call opens engines of its own.
    """
    connection.engine._compiled_cache = _compiled


def make_once() -> None:
    """Keep the commands that typer makes, and the statements that SQLAlchemy compiles.

    A statement is kept beside the dialect that it was compiled for: here all of one
    class are one.
    """
    typer.main.get_command = cache(typer.main.get_command)
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = lambda self, other: type(self) is type(other)
        kind.__hash__ = lambda self: hash(type(self))
    event.listen(Engine, "engine_connect", _share)
