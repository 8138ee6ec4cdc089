"""The program as a person calls it: in this process, or as a process of its own."""

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from connector.cli import main
from connector.logs import log
from tests.harness.documents import documents_in

ROOT = Path(__file__).parents[2]


@dataclass
class Said:
    """How one call of the program ended, and everything that it let out."""

    code: Any
    out: str
    err: str
    raised: BaseException | None = None


@dataclass
class Result(Said):
    """The same, with the documents that were printed."""

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
            outcome["code"]: outcome["outcome"]
            for outcome in self.document["outcomes"]
            if outcome["target"] != "state"
        }


class Stream(io.TextIOWrapper):
    """A standard stream that is strict about what it can encode, like a real one."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


class StillRunning(BaseException):
    """A call waits beyond every deadline."""


@contextmanager
def alarmed(seconds: float) -> Iterator[None]:
    """End the block by an exception after so long; only in the main thread."""

    def ring(*_: object) -> None:
        raise StillRunning(f"it still runs after {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def called(*arguments: object, encoding: str = "utf-8") -> Said:
    """Call the program as its command line does, in this process.

    What it raises is handed back: only an exit is how it may end.
    """
    out, err = Stream(encoding), Stream(encoding)
    # An earlier call's log holds the standard error of that call, which is closed.
    structlog.reset_defaults()
    log.wanted = 0
    before, sys.argv = sys.argv, ["partnero-tolt", *map(str, arguments)]
    code, raised = None, None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException as error:  # noqa: BLE001 (whoever calls says what it means)
        raised = error
    finally:
        sys.argv = before
    return Said(code, out.text(), err.text(), raised)


def started(folder: Path, *words: object, **more: Any) -> "subprocess.Popen[str]":
    """Start Python in a folder, without a terminal; it imports what is tested here."""
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **more,
    )
