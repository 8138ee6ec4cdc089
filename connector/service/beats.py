"""The heartbeats of a worker that passes thousands of pairs: gathered, once a minute.

To one address a worker sends one ping a minute at most: a success if every pass since
the last one was, else /fail. Pings go out by a thread of their own.
"""

import threading
import time
from typing import Protocol

from connector.service.teller import FAREWELL, Lane

EVERY = 60.0
"""Seconds between two pings of one worker to one address."""


class Beat(Protocol):
    """Pings an address: a success, or a failure."""

    def __call__(self, url: str, *, good: bool) -> None: ...


class Beats:
    """What is to be pinged, by address."""

    def __init__(self, beat: Beat, every: float = EVERY) -> None:
        self._beat, self._every = beat, every
        self._lane = Lane("heartbeat")
        self._lock = threading.Lock()
        self._heard: dict[str, bool] = {}
        self._sent = time.monotonic()

    def heard(self, url: str, *, good: bool) -> None:
        with self._lock:
            self._heard[url] = self._heard.get(url, True) and good

    def look(self) -> None:
        """Ping what was heard, when it is time to."""
        if time.monotonic() - self._sent >= self._every:
            self.flush()

    def flush(self) -> None:
        with self._lock:
            heard, self._heard = self._heard, {}
            self._sent = time.monotonic()
        for url, good in heard.items():
            self._put(url, good=good)

    def end(self, hurry: threading.Event) -> None:
        self._lane.end(FAREWELL, hurry)

    def _put(self, url: str, *, good: bool) -> None:
        self._lane.put(url, lambda: self._beat(url, good=good))
