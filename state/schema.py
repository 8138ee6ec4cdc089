"""The newest schema, made at once where there is no state yet.

An older state comes to it step by step (migrations/); a test holds that both ways lead
to the same tables.
"""

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table
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
    for metadata in (SQLModel.metadata, _VERSION.metadata):
        metadata.create_all(connection, checkfirst=False)
    connection.execute(_VERSION.insert().values(version_num=revision))
