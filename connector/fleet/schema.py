"""The queue's own tables: made and upgraded under a lock, whoever comes first.

Procrastinate ships its schema as one script, and a script for each change of it. Which
ones a database has had is noted beside the tables: the first time all that there are,
because the one script holds them already.
"""

from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager, migrations_path
from psycopg.sql import SQL, Identifier

from connector.fleet.queue import Queue
from state.database import StateProblem

MIGRATING = 0x7061_7175
"""The number of the lock under which the queue's tables are made."""
HAD = "partnero_tolt_scripts"
"""The table of the scripts that a queue has had."""


def migrate(queue: Queue) -> bool:
    """Make or upgrade the queue's tables; True if anything was to be done.

    StateProblem where they are not ours, or may not be made by this user.
    """
    with queue.connected() as connection:
        if not _missing(connection):
            return False
        connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            return _migrated(connection, queue.schema)
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def scripts() -> list[Path]:
    """Return the scripts of this Procrastinate, in their order."""
    return sorted(Path(migrations_path).glob("*.sql"))


def _missing(connection: "psycopg.Connection[Any]") -> list[Path]:
    """Return the scripts that the queue has not had."""
    known = connection.execute("SELECT to_regclass(%s) AS it", [HAD]).fetchone()
    if known is None or known.it is None:
        return scripts()
    rows = connection.execute(SQL("SELECT name FROM {}").format(Identifier(HAD)))
    had = {row.name for row in rows}
    return [script for script in scripts() if script.name not in had]


def _migrated(connection: "psycopg.Connection[Any]", schema: str) -> bool:
    missing = _missing(connection)  # somebody may have been quicker
    if not missing:
        return False
    is_new = missing == scripts()
    with connection.transaction():
        connection.execute(
            SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema))
        )
        if is_new:
            _refuse_strangers(connection, schema)
            connection.execute(SchemaManager.get_schema())
            table = SQL("CREATE TABLE {} (name text PRIMARY KEY)")
            connection.execute(table.format(Identifier(HAD)))
            for script in missing:
                _note(connection, script)
    for script in () if is_new else missing:
        with connection.transaction():
            connection.execute(script.read_bytes())
            _note(connection, script)
    return True


def _refuse_strangers(connection: "psycopg.Connection[Any]", schema: str) -> None:
    found = connection.execute(
        "SELECT to_regclass('procrastinate_jobs') AS it"
    ).fetchone()
    if found is not None and found.it is not None:
        raise StateProblem(
            f"The schema {schema} holds a queue that this program has not made. It was "
            "not touched. Name another one in [fleet] queue_schema."
        )


def _note(connection: "psycopg.Connection[Any]", script: Path) -> None:
    note = SQL("INSERT INTO {} VALUES (%s)").format(Identifier(HAD))
    connection.execute(note, [script.name])
