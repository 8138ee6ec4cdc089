"""What all tests against the stand-ins have: a folder, and what happens on both sides.

A folder holds a configuration and a state; the stand-ins are looked at directly.
"""

import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.site import LoggedRequest
from connector.sandbox.switches import Switches
from connector.sandbox.world import World
from tests.harness.program import Result, called, started
from tests.standins import edits
from tests.standins.faults import Fault
from tests.standins.front import Sandbox


def wait_for(seen: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def enter(patch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Return where to work in a folder; temporary files come into another one."""
    work, aside = folder / "work", folder / "aside"
    work.mkdir()
    aside.mkdir()
    patch.setattr(tempfile, "tempdir", str(aside))
    patch.setenv("TMPDIR", str(aside))
    patch.delenv("PARTNERO_TOLT_CONFIG", raising=False)
    return work


class Ground:
    """A folder beside running stand-ins, and the program called there."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.started: list[subprocess.Popen[str]] = []

    @property
    def config(self) -> Path:
        return self.folder / "connector.toml"

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    # -- both sides -----------------------------------------------------------

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def switches(self) -> Switches:
        return self.sandbox.switches

    @property
    def writes(self) -> list[LoggedRequest]:
        return self.sandbox.requests.writes

    def edit(self, side: str, action: str, **options: Any) -> None:
        """Do what somebody does in a dashboard."""
        edit = {"side": side, "action": action, **options}
        edits.apply(self.world, self.switches, edit)

    def fault(self, kind: str, method: str = "", path: str = "", **more: Any) -> Fault:
        return self.sandbox.faults.add(Fault(kind, method, path, **more))

    # -- the program ----------------------------------------------------------

    def run(self, *arguments: object, encoding: str = "utf-8") -> Result:
        """Call the program in this process; it never shows a key."""
        said = called(*arguments, encoding=encoding)
        if said.raised:
            raise said.raised
        for key in self.sandbox.environment.values():
            assert key not in said.out + said.err
        code = said.code if isinstance(said.code, int) else 1
        return Result(code, said.out, said.err)

    def json(self, *arguments: object) -> Result:
        return self.run(*arguments, "--format", "json")

    def start(self, *arguments: object, **more: Any) -> "subprocess.Popen[str]":
        """Start the program as a process of its own, which ends with the test."""
        return self.start_python("-m", "connector", *arguments, **more)

    def start_python(self, *words: object, **more: Any) -> "subprocess.Popen[str]":
        self.started.append(started(self.folder, *words, **more))
        return self.started[-1]

    def end(
        self, process: "subprocess.Popen[str]", *, timeout: float | None = 90
    ) -> Result:
        out, err = process.communicate(timeout=timeout)
        return Result(process.returncode, out, err)

    def process(self, *arguments: object, **more: Any) -> Result:
        """Run the program as a process of its own, without a terminal."""
        return self.end(self.start(*arguments, **more))

    def end_all(self) -> None:
        for process in self.started:
            with process:
                process.kill()

    def wait_for(self, seen: Callable[[], object]) -> None:
        """Wait until something has happened in the sandbox."""
        wait_for(seen)

    # -- the state ------------------------------------------------------------

    def tables(self, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the state, by table."""
        url = f"{self.database.as_uri()}?mode=ro"
        with closing(sqlite3.connect(url, uri=True)) as db:
            query = "SELECT name FROM sqlite_master WHERE type = 'table'"
            names = [name for (name,) in db.execute(query) if name not in but]
            return {
                name: sorted(db.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608
                for name in names
            }
