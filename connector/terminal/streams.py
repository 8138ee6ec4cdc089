"""Standard output and error: whatever befalls them ends no run.

A full disk, a closed descriptor, a reader who left or who does not read, a letter that
the terminal does not know: none of it ends a run, keeps another pair waiting for long,
or keeps a ping from going out. Of a command whose only result is what it prints, a
failed write is the failure; ``| head`` is none.
"""

import errno
import io
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TextIO

from connector.reports.safe import inert
from connector.terminal.letters import REPLACED
from connector.terminal.signals import raising
from mappings.masking import masked

PATIENCE = 10.0
"""Seconds that a command which does more than print waits for a reader, once."""
CHUNK = 4096
"""So much goes into a pipe that has any room, without waiting."""
TYPED = 512
"""The same of a terminal."""


class Stream(io.TextIOBase):
    """One of the two streams; its writes never raise, ``problem`` is what befell it.

    ``patience`` is how long a write waits for a reader; None waits as long as it takes.
    """

    def __init__(self, inner: TextIO | None, *, patience: float | None) -> None:
        self.inner = inner
        self.patience = patience
        self.problem: OSError | None = None
        self.on_problem: Callable[[OSError], None] = lambda _problem: None
        self.is_quiet = False
        self._stuck = False
        self._lock = threading.RLock()  # a signal may come in the middle of a write

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self.inner, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return REPLACED

    def isatty(self) -> bool:
        return is_terminal(self.inner)

    def fileno(self) -> int:
        if self.inner is None:
            raise io.UnsupportedOperation("it is closed")
        return self.inner.fileno()

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""

    def write(self, text: str) -> int:
        data = text.encode(self.encoding, REPLACED)
        with self._lock:
            if data and not self._is_gone:
                try:
                    self._send(data)
                except OSError as error:
                    self._failed(error)
                except ValueError:  # written to after it was closed
                    self._failed(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return len(text)

    @property
    def _is_gone(self) -> bool:
        return self.problem is not None and self.problem.errno in (
            errno.EPIPE,
            errno.EBADF,
        )

    def _failed(self, error: OSError) -> None:
        first, self.problem = self.problem is None, error
        if first:
            self.on_problem(error)

    def _send(self, data: bytes) -> None:
        if self.inner is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        self.inner.flush()
        try:
            number = self.inner.fileno()
        except io.UnsupportedOperation:  # a stream in memory
            self.inner.write(data.decode(self.encoding))
            return
        left, size = memoryview(data), TYPED if self.isatty() else CHUNK
        while left:
            self._await(number)
            with suppress(BlockingIOError):
                left = left[os.write(number, left[:size]) :]

    def _await(self, number: int) -> None:
        """Wait for room; who did not read once is not waited for again."""
        if self.patience is None and os.get_blocking(number):
            return
        patience = 0.0 if self._stuck else self.patience
        until = None if patience is None else time.monotonic() + patience
        asked = select.poll()
        asked.register(number, select.POLLOUT)
        while not asked.poll(_milliseconds(until)):
            if until is not None and time.monotonic() >= until:
                self._stuck = True
                raise TimeoutError(errno.ETIMEDOUT, "nobody reads it")
        self._stuck = False


def _milliseconds(until: float | None) -> int:
    """Return how long to wait: at most a second, so that signals are heard."""
    left = 1.0 if until is None else min(1.0, until - time.monotonic())
    return max(0, int(left * 1000) + 1)


def is_terminal(stream: TextIO | None) -> bool:
    """Say whether a person is there; a closed stream is none."""
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def aside() -> None:
    """Say that this command does more than print: no output decides how it ends."""
    if isinstance(sys.stdout, Stream):
        sys.stdout.patience = PATIENCE


def quieten() -> None:
    """Leave out what is neither a result nor an error: warnings and progress."""
    if isinstance(sys.stderr, Stream):
        sys.stderr.is_quiet = True


def is_quiet() -> bool:
    return isinstance(sys.stderr, Stream) and sys.stderr.is_quiet


def last_words(text: str) -> None:
    """Write something right before the process ends, if anybody takes it."""
    if isinstance(sys.stdout, Stream):
        sys.stdout.patience = 1.0
    sys.stdout.write(text)
    sys.stdout.flush()


def say(text: str) -> None:
    """Say something beside the result on standard error: inert, masked, unfailing."""
    shown = inert(masked(text)).replace("\\u000a", "\n") + "\n"
    with suppress(OSError, ValueError, AttributeError):  # full, or closed, or none
        sys.stderr.write(shown)
        sys.stderr.flush()


def warn(text: str) -> None:
    """Say a warning, unless nobody wants to hear any."""
    if not is_quiet():
        say(f"warning: {text}")


def ask(question: str) -> str:
    """Ask on standard error; a signal ends the waiting for an answer at once."""
    with raising():
        sys.stderr.write(question)
        sys.stderr.flush()
        try:
            return sys.stdin.readline().strip() if sys.stdin else ""
        except (OSError, ValueError):  # no text, or closed meanwhile
            return ""


def unfailing(command: Callable[[], None]) -> Callable[[], None]:
    """Let a whole command run on streams that never fail it."""

    @wraps(command)
    def called() -> None:
        _fill_descriptors()
        with _guarded() as out:
            try:
                command()
            except SystemExit as ended:
                raise SystemExit(_ended(out, ended.code)) from None

    return called


@contextmanager
def _guarded() -> Iterator[Stream]:
    before = sys.stdout, sys.stderr
    out = Stream(sys.stdout, patience=None)
    err = Stream(sys.stderr, patience=PATIENCE)

    def complain(problem: OSError) -> None:
        if problem.errno != errno.EPIPE or out.patience is not None:
            reason = problem.strerror or problem
            err.write(f"partnero-tolt: standard output cannot be written: {reason}\n")

    out.on_problem = complain
    sys.stdout, sys.stderr = out, err
    if change := getattr(sys.stdin, "reconfigure", None):
        change(errors="replace")
    try:
        yield out
    finally:
        sys.stdout, sys.stderr = before


def _ended(out: Stream, code: object) -> object:
    """Return the exit code: a report that nobody could get is a failure."""
    lost = out.problem is not None and out.problem.errno != errno.EPIPE
    return 1 if lost and out.patience is None and code in (None, 0, 3, 4) else code


def _fill_descriptors() -> None:
    """Open what was closed: a database must never be given one of these numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
