"""What all tests share: which rows are quick, and what is not paid for twice.

Of a wide table that is played against the stand-ins, the quick tests play a part. Each
row is a run or two over real sockets. Every third one is quick, the others are slow:
`make test-all` plays them all. Tables that need no stand-in are played whole, and so
are the quick rows of a table that is marked `whole`.
"""

import gc
import os
import sys
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.harness.memory import folder_in_memory
from tests.harness.once import make_once
from tests.harness.servers import Server, is_there, running, short_folder

# How fast an example is made or tried is never a test.
settings.register_profile(
    "shared", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared")
make_once()

STANDINS = frozenset(
    ("place", "open_place", "sandbox", "town", "between", "open_shop", "pusher", "api")
)
"""The fixtures that start a stand-in, on which all others of that kind rest."""
WIDE = 3
CHOSEN = ("slow", "whole")
"""The marks of a row of which somebody has said when it is played."""


def pytest_configure(config: pytest.Config) -> None:
    """Let all folders lie in memory, unless it is measured what a run takes."""
    folder = folder_in_memory()
    if folder and config.getoption("markexpr") != "bench":
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


@pytest.hookimpl(tryfirst=True)  # before -m chooses by the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        name, _, row = item.nodeid.partition("[")
        fixtures = STANDINS & set(getattr(item, "fixturenames", ()))
        played = (row and fixtures) or item.get_closest_marker("wide")
        if played and not any(map(item.get_closest_marker, CHOSEN)):
            tables[name].append(item)
    for rows in tables.values():
        for number, item in enumerate(rows if len(rows) > WIDE else ()):
            if number % WIDE:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Spare the collector what stays: it would look through all modules again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let children share compiled modules: starting one then takes a third."""
    if not sys.dont_write_bytecode:  # they lie where they always do
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        shared = tmp_path_factory.getbasetemp().parent / "compiled"
        patch.setenv("PYTHONPYCACHEPREFIX", str(shared))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Run a PostgreSQL server; PARTNERO_TOLT_POSTGRES=required fails without one."""
    if not is_there():
        if os.environ.get("PARTNERO_TOLT_POSTGRES") == "required":
            pytest.fail("there is no PostgreSQL here, and this machine has to have it")
        pytest.skip("there is no PostgreSQL here")
    with short_folder() as folder, running(folder) as server:
        yield server
