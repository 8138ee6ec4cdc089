"""The log, which costs nothing until something is to be logged.

structlog loads much to be of use at a terminal, and most calls of the program log
nothing at all. So it is loaded, and configured, with the first line that is wanted; how
lines look stands in connector/terminal/log.py.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_about: ContextVar[dict[str, Any] | None] = ContextVar("about", default=None)


@dataclass(slots=True)
class Log:
    """What every module logs with; what is below the wanted level ends right here."""

    wanted: int = logging.NOTSET
    _configure: list[Callable[[], None]] = field(default_factory=list)
    _one_at_a_time: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, wanted: int, configure: Callable[[], None]) -> None:
        """Log from this level up; ``configure`` is called before the first line."""
        self.wanted, self._configure[:] = wanted, [configure]
        if "structlog" in sys.modules:
            self._be_ready()

    def debug(self, event: str, **about: Any) -> None:  # noqa: ANN401 (anything)
        self._say(logging.DEBUG, event, about)

    def info(self, event: str, **about: Any) -> None:  # noqa: ANN401 (anything)
        self._say(logging.INFO, event, about)

    def warning(self, event: str, **about: Any) -> None:  # noqa: ANN401 (anything)
        self._say(logging.WARNING, event, about)

    def error(self, event: str, **about: Any) -> None:  # noqa: ANN401 (anything)
        self._say(logging.ERROR, event, about)

    def _say(self, level: int, event: str, about: dict[str, Any]) -> None:
        if level < self.wanted:
            return
        import structlog

        self._be_ready()
        told = {**(_about.get() or {}), **about}
        structlog.get_logger().log(level, event, **told)

    def _be_ready(self) -> None:
        """Configure once; other threads wait: their lines would be told as they are."""
        if not self._configure:
            return
        with self._one_at_a_time:
            while self._configure:
                self._configure[0]()
                del self._configure[0]


log = Log()


@contextmanager
def bound(**about: Any) -> Iterator[None]:  # noqa: ANN401 (anything)
    """Say this with every line that is logged meanwhile, in this thread."""
    token = _about.set({**(_about.get() or {}), **about})
    try:
        yield
    finally:
        _about.reset(token)
