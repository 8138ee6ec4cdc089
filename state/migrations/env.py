"""Alembic's entry: it is handed an open connection and makes one transaction of it."""

from alembic import context
from sqlmodel import SQLModel

import state.fleet_tables
import state.shared_tables
import state.tables  # noqa: F401 (these fill the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
context.run_migrations()
