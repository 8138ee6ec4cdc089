"""Places whose products are in memory, each with a state of its own there as well."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, delete, event
from sqlalchemy.pool import StaticPool

from state import database
from state.database import open_to_write
from state.shared_tables import SHARED
from state.store import Store
from state.tables import OF_A_RUN
from tests.harness.servers import Server
from tests.run.places import Place
from tests.run.whole import Runs


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state without a record, made once by the product itself."""
    path = tmp_path_factory.mktemp("state") / "connector.db"
    engine = open_to_write(f"sqlite:///{path}")
    Store(engine, "acme").identity("2026-01-01T00:00:00Z")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def empty_state(empty_file: Path) -> Iterator[sqlite3.Connection]:
    """The same, to be copied from."""
    made = sqlite3.connect(empty_file)
    yield made
    made.close()


class Engines:
    """States in memory, opened as the product opens one, and used again when free.

    Each engine remembers the statements that it has compiled: most of a test's time.
    """

    def __init__(self, empty: sqlite3.Connection) -> None:
        self.empty = empty
        self.free: list[tuple[sqlite3.Connection, Engine]] = []

    def take(self) -> tuple[sqlite3.Connection, Engine]:
        """Return a state without a record."""
        connection, engine = self.free.pop() if self.free else self._made()
        self.empty.backup(connection)
        return connection, engine

    @staticmethod
    def _made() -> tuple[sqlite3.Connection, Engine]:
        made = sqlite3.connect(":memory:", check_same_thread=False)
        engine = create_engine("sqlite://", creator=lambda: made, poolclass=StaticPool)
        event.listen(engine, "connect", database._prepare)
        event.listen(engine, "begin", database._begin)
        return made, engine


class ServerEngines:
    """States in databases of a PostgreSQL server, emptied before each use."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.free: list[tuple[str, Engine]] = []

    def take(self) -> tuple[str, Engine]:
        """Return a state without a record."""
        url, engine = self.free.pop() if self.free else self._made()
        with engine.begin() as connection:
            for table in (*OF_A_RUN, *SHARED):
                connection.execute(delete(table))
        Store(engine, "acme").identity("2026-01-01T00:00:00Z")
        return url, engine

    def _made(self) -> tuple[str, Engine]:
        url = self.server.state()
        return url, open_to_write(url)


@pytest.fixture(
    scope="session", params=["memory", pytest.param("postgres", marks=pytest.mark.slow)]
)
def engines(request: pytest.FixtureRequest) -> Iterator[Engines | ServerEngines]:
    """All states that tests have opened."""
    made = (
        Engines(request.getfixturevalue("empty_state"))
        if request.param == "memory"
        else ServerEngines(request.getfixturevalue("postgres"))
    )
    yield made
    for _, engine in made.free:
        engine.dispose()


@pytest.fixture
def new_place(engines: Engines | ServerEngines) -> Iterator[Callable[..., Place]]:
    """Make places, each with a state of its own."""
    taken: list[tuple[Any, Engine]] = []

    def make(version: str = "v2") -> Place:
        taken.append(engines.take())
        return Place(taken[-1][1], version)

    yield make
    engines.free += taken


@pytest.fixture
def place(new_place: Callable[..., Place]) -> Place:
    """One code that is on both sides and linked, nothing to do."""
    return new_place()


@pytest.fixture
def new_runs(tmp_path: Path, empty_file: Path) -> Callable[[], Runs]:
    """Make places in which whole runs are made."""
    numbers = count()
    return lambda: Runs(tmp_path / str(next(numbers)), empty_file)


@pytest.fixture
def crowded(tmp_path: Path, empty_file: Path) -> Place:
    """The same with its state in a file: many threads write to that at once."""
    path = tmp_path / "connector.db"
    shutil.copy(empty_file, path)
    return Place(open_to_write(f"sqlite:///{path}"))
