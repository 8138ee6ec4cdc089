"""Places whose products are in memory, each with a state of its own there as well."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from state import database
from state.database import open_to_write
from state.store import Store
from tests.run.places import Place


@pytest.fixture(scope="session")
def empty_state(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[sqlite3.Connection]:
    """A state without a record, made once by the product itself."""
    path = tmp_path_factory.mktemp("state") / "connector.db"
    engine = open_to_write(f"sqlite:///{path}")
    Store(engine, "acme").identity("2026-01-01T00:00:00Z")
    engine.dispose()
    made = sqlite3.connect(path)
    yield made
    made.close()


def in_memory(empty: sqlite3.Connection) -> Engine:
    """Return a copy of a state that no file holds, opened as the product opens one."""
    made = sqlite3.connect(":memory:", check_same_thread=False)
    empty.backup(made)
    engine = create_engine("sqlite://", creator=lambda: made, poolclass=StaticPool)
    event.listen(engine, "connect", database._prepare)
    event.listen(engine, "begin", database._begin)
    return engine


@pytest.fixture
def new_place(empty_state: sqlite3.Connection) -> Iterator[Callable[..., Place]]:
    """Make places, each with a state of its own."""
    engines: list[Engine] = []

    def make(version: str = "v2") -> Place:
        engines.append(in_memory(empty_state))
        return Place(engines[-1], version)

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def place(new_place: Callable[..., Place]) -> Place:
    """One code that is on both sides and linked, nothing to do."""
    return new_place()
