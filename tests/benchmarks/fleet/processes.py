"""The processes of a measurement: stand-ins, workers and floors, started and ended."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.benchmarks.fleet.record import Span

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True)
class Seen:
    """What all stand-ins saw together."""

    spans: list[Span]
    effects: list[dict[str, Any]]


class Standin:
    """A process that serves some of the pairs."""

    def __init__(self, numbers: range) -> None:
        self.numbers = numbers
        self._process = subprocess.Popen(
            python("tests.benchmarks.fleet.standins", numbers.start, len(numbers)),
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> str:
        """Wait until it serves, and return its address."""
        assert self._process.stdout is not None
        return f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def ask(self, words: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def standins(pairs: int, processes: int) -> Iterator[list[Standin]]:
    """Serve so many pairs by so many processes."""
    bounds = [pairs * n // processes for n in range(processes + 1)]
    made = [Standin(range(*two)) for two in pairwise(bounds)]
    try:
        yield made
    finally:
        for one in made:
            one.end()


def seen(made: list[Standin]) -> Seen:
    told = [one.ask("record") for one in made]
    spans = [Span(**span) for one in told for span in one["spans"]]
    return Seen(spans, [effect for one in told for effect in one["effects"]])


class Running:
    """A worker or a floor: a process whose words go into a file."""

    def __init__(self, log: Path, words: list[str]) -> None:
        self._out = log.open("ab")
        self.words = words
        self.process = subprocess.Popen(
            words,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """End it as a machine that loses its power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._out.close()

    def end(self, patience: float = 60) -> int:
        """Wait for its end, which it was asked for, and return its exit code."""
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._out.close()
        return code


def python(module: str, *words: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, words)]


def program(folder: Path, *words: object) -> list[str]:
    """Return a call of the program with the configuration of this folder."""
    config = folder / "connector.toml"
    return python("connector", "--config", config, *words)


def called(folder: Path, *words: object) -> str:
    """Call the program to its end; anything but success is an error."""
    done = subprocess.run(
        program(folder, *words),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout
