"""The command line beside a real sandbox: in this process, or as one of its own.

Every JSON document that any test makes the program print is checked against the
published schema of its kind, and no output may ever hold a key.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from connector.sandbox import seed
from tests.harness.ground import enter
from tests.harness.place import Place
from tests.harness.settled import settle
from tests.standins.front import Sandbox


class Pairs(Place):
    """A place whose configuration may name more pairs."""

    several = 1

    def __init__(
        self, folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(folder, sandbox)
        self.setenv = monkeypatch.setenv

    def settle(self, codes: int = 0, **shape: Any) -> None:
        """Bring both sides in step, as a first run does."""
        settle(self, codes, **shape)

    def add_pair(self, name: str = "beta", **shape: Any) -> None:
        """Put one more pair of programmes, with keys of its own, into everything."""
        self.several += 1
        tag = chr(ord("a") + self.several - 1)
        world, other = self.world, seed.big(12, partners=3, tag=tag, **shape)
        world.programmes[f"pk_{name}"] = other.partnero
        world.organizations[f"tlt_{name}"] = other.tolt
        text = self.config.read_text(encoding="utf-8")
        pair = text.split("[[pairs]]")[1]
        key = f"_API_KEY_{self.several}"
        pair = pair.replace('"acme"', f'"{name}"').replace("_API_KEY", key)
        theirs = f"prg_{other.tolt.program.uid}"
        pair = re.sub(r'program_id = ".*"', f'program_id = "{theirs}"', pair)
        self.config.write_text(f"{text}\n[[pairs]]{pair}", encoding="utf-8")
        self.setenv(f"PARTNERO{key}", f"pk_{name}")
        self.setenv(f"TOLT{key}", f"tlt_{name}")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as served:
        served.switches.tolt_rate_limit = 0
        yield served


@pytest.fixture
def place(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pairs]:
    folder = enter(monkeypatch, tmp_path)
    monkeypatch.chdir(folder)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    made = Pairs(folder, sandbox, monkeypatch)
    yield made
    made.end_all()


@pytest.fixture
def hurried() -> Iterator[None]:
    """Repeat failed requests as often as ever, and without waiting in between."""
    with stamina.set_testing(True, attempts=5):
        yield
