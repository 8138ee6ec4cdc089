"""The door of the web server: who is slow or silent takes no room from others.

A connection is good for one request and has a few seconds to ask it, and some more to
hear the answer. Where all room is taken, who has been silent for longest makes place.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from connector.logs import log

ROOM = 100
"""Connections at the same time."""
HEAD = 5.0
"""Seconds in which a request has to be asked."""
WHOLE = 30.0
"""Seconds after that for everything else: its body, the answer, who reads it."""
BACKLOG = 64
"""Connections that are taken up at once: never many more than there is room for."""


class Door(H11Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = self.loop.time()
        self._is_asked = False
        self._end = self.loop.call_later(HEAD, self.leave)
        others = [door for door in self.connections if isinstance(door, Door)]
        if len(others) > ROOM:
            idle = [door for door in others if door.is_waited_for and door != self]
            min(idle, key=lambda door: door.since, default=self).leave()

    @property
    def is_waited_for(self) -> bool:
        """Say whether nothing happens here until the other end does something."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.more_body or cycle.response_complete

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        scope: object = self.scope
        if scope is not None and not self._is_asked:
            self._is_asked = True
            self._end.cancel()
            self._end = self.loop.call_later(WHOLE, self.leave)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        super().connection_lost(exc)

    def leave(self) -> None:
        """Close, whatever is still to be sent."""
        self.connections.discard(self)
        self.transport.abort()


class Tally:
    """Tells of what strangers can make happen as often as they like: now and then."""

    def __init__(
        self,
        event: str,
        every: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._event, self._every, self._clock = event, every, clock
        self._count, self._told_at = 0, float("-inf")
        self._lock = threading.Lock()

    def add(self, **what: Any) -> None:  # noqa: ANN401 (as a log takes it)
        with self._lock:
            self._count += 1
            if self._clock() - self._told_at < self._every:
                return
            count, self._count, self._told_at = self._count, 0, self._clock()
        log.warning(self._event, count=count, **what)


class Counting(logging.Handler):
    """Counts what the server's own loggers say, and repeats no request."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._tally = Tally("the web server could not answer requests")

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        self._tally.add(kind=kind.__name__ if kind else "no request")


def quiet_loggers() -> None:
    """Let what uvicorn and asyncio log be counted instead of printed."""
    for name in ("uvicorn", "asyncio"):
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if isinstance(handler, Counting):
                logger.removeHandler(handler)
        logger.addHandler(Counting())
        logger.propagate = False
