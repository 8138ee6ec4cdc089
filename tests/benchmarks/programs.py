"""Programs under measurement: started, timed, and asked for their peak of memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEYS = {
    "PARTNERO_API_KEY": "pk_sandbox_acme",
    "TOLT_API_KEY": "tlt_live_sandbox_acme",
}
ENVIRONMENT = {**os.environ, **KEYS, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run of a program took: wall seconds, CPU seconds, peak megabytes."""

    wall: float
    cpu: float
    peak: float
    out: str


def run(folder: Path, *arguments: object) -> Spent:
    """Run a program of this Python to its end; anything but success is an error."""
    spent = folder / "spent.json"
    program = [sys.executable, *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, str(HERE / "measure.py"), str(spent), *program],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Spent(**json.loads(spent.read_text(encoding="utf-8")), out=done.stdout)


def plan(folder: Path) -> Spent:
    return run(folder, "-m", "connector", "plan")


def floor(folder: Path, url: str, program: str) -> Spent:
    return run(folder, HERE / "floor.py", url, program)


def _first_line(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    yield from process.stdout


@contextmanager
def serving(*arguments: object) -> Iterator[Iterator[str]]:
    """Run a server as a process of its own; gives the lines that it prints."""
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _first_line(process)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def far_side(codes: int, pause: float = 0.0, *more: str) -> Iterator[str]:
    """Serve ready-made pages of so many codes a side; gives the address."""
    with serving(HERE / "far_side.py", codes, pause, *more) as lines:
        yield f"http://127.0.0.1:{next(lines).strip()}"
