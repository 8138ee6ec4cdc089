"""Whether a worker reaches its server: what is wrong, and since when."""

import threading
import time

from connector.logs import log

STARTING = "the worker is just starting"
"""What is wrong before the first look, and no trouble that anybody is told of."""


class Health:
    """What could not be reached, by what was tried; told once when it changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bad = {"queue": (time.monotonic(), STARTING)}

    def good(self, name: str) -> None:
        with self._lock:
            was = self._bad.pop(name, None)
        if was is not None and was[1] != STARTING:
            log.warning("it goes on", what=name, after=round(_since(was[0]), 1))

    def bad(self, name: str, why: str) -> None:
        with self._lock:
            known = name in self._bad
            begun = self._bad[name][0] if known else time.monotonic()
            was_told = known and self._bad[name][1] != STARTING
            self._bad[name] = (begun, why)
        if not was_told:
            log.warning("it is waited for", what=name, error=why)

    def problem(self) -> str:
        """Return what is wrong, or ""."""
        with self._lock:
            return next((why for _, why in self._bad.values()), "")

    def seconds(self) -> float:
        """Return for how long something has been wrong; 0.0 where nothing is."""
        with self._lock:
            return max((_since(begun) for begun, _ in self._bad.values()), default=0.0)


def _since(begun: float) -> float:
    return time.monotonic() - begun
