"""New states at the price of their tables: what the migrations make is made once."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from state.database import open_to_write

by_migrations = command.upgrade


@cache
def _schema() -> tuple[str, ...]:
    """Return what the migrations make of an empty file, as statements."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        open_to_write(f"sqlite:///{path}").dispose()
        with closing(sqlite3.connect(path)) as db:
            return tuple(db.iterdump())[1:-1]  # without BEGIN and COMMIT


def _upgrade(config: Config, revision: str) -> None:
    connection = config.attributes["connection"]
    new = revision == "head" and not inspect(connection).get_table_names()
    if connection.dialect.name != "sqlite" or not new:
        by_migrations(config, revision)
        return
    for statement in _schema():
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="module", autouse=True)
def states_made_once() -> Iterator[None]:
    """Give a new state the tables that the migrations made once in this process.

    A state that is there already is upgraded by them as ever, and the tests of the
    state itself use this nowhere.
    """
    _schema()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", _upgrade)
        yield
