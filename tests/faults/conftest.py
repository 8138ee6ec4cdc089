"""A sandbox with one pair in it, runs in this process, and runs as a real one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connector.sandbox.world import World
from tests.harness.place import Place
from tests.harness.worlds import plain
from tests.standins.front import Sandbox


@pytest.fixture
def open_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Place]]:
    """Open places: with a world, for a version of Tolt's API."""
    opened: list[Place] = []

    def open_one(
        *codes: tuple[str, str, str], world: World | None = None, version: str = "v2"
    ) -> Place:
        sandbox = Sandbox(world=world or plain(*codes)).start()
        sandbox.switches.tolt_rate_limit = 0
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(Place(folder, sandbox, version))
        return opened[-1]

    yield open_one
    for place in opened:
        place.end_all()
        place.sandbox.stop()


@pytest.fixture
def place(open_place: Callable[..., Place]) -> Place:
    """Two codes that agree and are linked, nothing to do."""
    ready = open_place(("SAME", "both", "10"), ("TWIN", "both", "20"))
    assert ready.sync().status == "complete"
    ready.sandbox.requests.clear()
    ready.sandbox.mark()
    return ready
