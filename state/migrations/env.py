"""Alembic's entry: it is handed an open connection and makes one transaction of it."""

from alembic import context
from sqlmodel import SQLModel

import state.fleet_tables  # noqa: F401 (fills the metadata, with state.tables)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
context.run_migrations()
