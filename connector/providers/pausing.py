"""Waiting between requests, in a way that a stop wakes.

What is under way when the stop comes may still take its short turns, so that a write
in flight is settled; for more than that nothing is sent any more.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator

from connector.errors import Unavailable

LAST = 2.0
"""Seconds for which a request still waits for its turn after a stop."""
STOPPED = "the program was asked to stop, and did not wait for a turn to send this"


def pausing(stop: threading.Event) -> Callable[[float], None]:
    """Return a sleep that ends with the stop; Unavailable where much of it was left."""

    def pause(seconds: float) -> None:
        until = time.monotonic() + seconds
        if not stop.wait(min(seconds, threading.TIMEOUT_MAX)):
            return
        left = until - time.monotonic()
        if left > LAST:
            raise Unavailable(STOPPED)
        time.sleep(max(0.0, left))

    return pause


def backoffs(attempts: int, first: float, longest: float) -> Iterator[float]:
    """Yield the pauses between so many attempts: growing, and never quite the same."""
    for number in range(attempts - 1):
        grown = first * 2.0**number + random.uniform(0, first)  # noqa: S311
        yield min(longest, grown)
