"""The command line beside a real sandbox: in this process, or as one of its own.

Every JSON document that any test makes the program print is checked against the
published schema of its kind, and no output may ever hold a key.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import stamina
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from connector.cli import main
from connector.sandbox import seed
from tests.standins import edits
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

PACE = "requests_per_second = 2000"


def _schemas() -> dict[str, dict[str, Any]]:
    folder = files("connector") / "schemas"
    found = [path for path in folder.iterdir() if path.name.endswith(".schema.json")]
    return {
        path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
        for path in found
    }


SCHEMAS = _schemas()
_REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def validator_of(kind: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[kind], registry=_REGISTRY)


def documents_in(text: str) -> list[dict[str, Any]]:
    """Return the JSON documents of an output, each checked against its schema."""
    decoder, left, found = json.JSONDecoder(), text.strip(), []
    while left:
        document, end = decoder.raw_decode(left)
        validator_of(document["format"].removeprefix("partnero-tolt/")).validate(
            document
        )
        found.append(document)
        left = left[end:].strip()
    return found


@dataclass
class Result:
    """What one call of the program printed, and how it ended."""

    code: int
    out: str
    err: str
    documents: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.documents = documents_in(self.out) if self.out.startswith("{") else []

    @property
    def document(self) -> dict[str, Any]:
        (only,) = self.documents
        return only

    @property
    def guard(self) -> str | None:
        refused = self.document["refused"]
        return refused and refused["guard"]

    @property
    def outcomes(self) -> dict[str, str]:
        """Return what became of each remote change, by code."""
        return {
            one["code"]: one["outcome"]
            for one in self.document["outcomes"]
            if one["target"] != "state"
        }


@dataclass
class Place:
    """A working folder with a configuration, beside a running sandbox."""

    folder: Path
    sandbox: Sandbox
    run: Callable[..., Result]
    setenv: Callable[[str, str], None]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "connector.toml"

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    @property
    def writes(self) -> list[Any]:
        return self.sandbox.requests.writes

    def configure(
        self, *, limits: str = "", more: str = "", **replacements: str
    ) -> None:
        """Write the sandbox's own configuration, quicker and with something changed.

        A replacement names the key whose line is replaced: ``currency='"EUR"'``;
        ``base_url__1`` is the second line of that key.
        """
        text = self.sandbox.config_text()
        text = re.sub(r"requests_per_second = \d+", PACE, text)
        for name, value in replacements.items():
            key, _, nth = name.partition("__")
            lines = [one for one in text.splitlines() if one.startswith(f"{key} =")]
            line = lines[int(nth or 0)]
            text = text.replace(line, f"{key} = {value}", 1)
        text += f"\n[pairs.limits]\nsettle_seconds = 0.1\n{limits}\n{more}\n"
        self.config.write_text(text, encoding="utf-8")

    def inhabit(self, world: Any, **configured: str) -> None:
        """Put another world behind the same address and the same keys."""
        self.sandbox.site.world = world
        self.configure(**configured)

    def add_pair(self) -> None:
        """Put a second pair of programmes, with keys of its own, into everything."""
        world, other = self.sandbox.world, seed.big(12, partners=3, tag="b")
        world.programmes["pk_beta"] = other.partnero
        world.organizations["tlt_beta"] = other.tolt
        text = self.config.read_text(encoding="utf-8")
        _, _, pair = text.partition("[[pairs]]")
        pair = pair.replace('"acme"', '"beta"').replace("_API_KEY", "_API_KEY_2")
        theirs = f"prg_{other.tolt.program.uid}"
        pair = re.sub(r'program_id = ".*"', f'program_id = "{theirs}"', pair)
        self.config.write_text(f"{text}\n[[pairs]]{pair}", encoding="utf-8")
        self.setenv("PARTNERO_API_KEY_2", "pk_beta")
        self.setenv("TOLT_API_KEY_2", "tlt_beta")

    def edit(self, side: str, action: str, **options: Any) -> None:
        """Do what somebody does in a dashboard."""
        edit = {"side": side, "action": action, **options}
        edits.apply(self.sandbox.world, self.sandbox.switches, edit)

    def fault(self, kind: Any, **options: Any) -> Fault:
        return self.sandbox.faults.add(Fault(kind, **options))

    def json(self, *arguments: object) -> Result:
        return self.run(*arguments, "--format", "json")

    def tables(self, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the state, by table."""
        with closing(
            sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)
        ) as db:
            names = [
                name
                for (name,) in db.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
                if name not in but
            ]
            return {
                name: sorted(db.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608
                for name in names
            }

    # -- processes of their own ---------------------------------------------

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        return self.start_python("-m", "connector", *arguments)

    def start_python(self, *arguments: object) -> subprocess.Popen[str]:
        root = Path(__file__).parents[2]
        process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def end(
        self, process: subprocess.Popen[str], *, timeout: float | None = 60
    ) -> Result:
        out, err = process.communicate(timeout=timeout)
        return Result(process.returncode, out, err)

    def process(self, *arguments: object) -> Result:
        """Run the program as a process of its own, without a terminal."""
        return self.end(self.start(*arguments))

    def wait_for(self, seen: Callable[[], object]) -> None:
        """Wait until something has happened in the sandbox."""
        until = time.monotonic() + 30
        while not seen():
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(0.01)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as served:
        served.switches.tolt_rate_limit = 0
        yield served


@pytest.fixture
def place(
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Place]:
    folder, aside = tmp_path / "work", tmp_path / "aside"
    folder.mkdir()
    aside.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    monkeypatch.setenv("TMPDIR", str(aside))
    monkeypatch.delenv("PARTNERO_TOLT_CONFIG", raising=False)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["partnero-tolt", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        for key in sandbox.environment.values():
            assert key not in out + err
        code = ended.value.code
        return Result(
            code if isinstance(code, int) else int(code is not None), out, err
        )

    made = Place(folder, sandbox, run, monkeypatch.setenv)
    made.configure()
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def hurried() -> Iterator[None]:
    """Repeat failed requests as often as ever, and without waiting in between."""
    with stamina.set_testing(True, attempts=5):
        yield
