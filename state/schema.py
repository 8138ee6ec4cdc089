"""The newest schema of a file, made at once where there is no state yet.

An older state comes to it step by step (migrations/); a test holds that both ways lead
to the same tables.
"""

from functools import cache

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_mock_engine,
)
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlmodel import SQLModel

import state.fleet_tables
import state.shared_tables
import state.tables  # noqa: F401 (these fill the metadata)

_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic looks for the revision, with the names that it gives itself."""


def make(connection: Connection, revision: str) -> None:
    """Make all tables of the newest schema, which is called so."""
    for statement in _statements():
        connection.exec_driver_sql(statement)
    connection.execute(_VERSION.insert().values(version_num=revision))


@cache
def _statements() -> tuple[str, ...]:
    """Return what makes each table and each index in SQLite."""
    made: list[str] = []

    def keep(statement: ExecutableDDLElement, *_args: object, **_more: object) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("sqlite://", keep)
    for metadata in (SQLModel.metadata, _VERSION.metadata):
        metadata.create_all(engine, checkfirst=False)
    return tuple(made)
