"""A pace for a provider that publishes no limit: careful, and it learns.

It begins at half of what is allowed, grows a little while nobody complains, halves
when the answer is 429, and remembers where it stood. The window of the key bounds it
from above, over all processes.
"""

import math
import threading
import time
from collections.abc import Callable

from connector.providers.kept import Kept
from connector.providers.pace import Pace

SLOWEST = 0.2
STREAK = 20
"""Answers without a complaint before the pace grows."""
GROWTH = 1.1
QUIET = 1.0
"""Seconds in which several complaints are one: they come from one burst."""


class Adaptive:
    """Spreads requests evenly below the highest rate, and finds that rate."""

    def __init__(
        self,
        highest: float,
        window: Pace,
        memory: Kept,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._highest = highest
        self._window = window
        self._memory = memory
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._streak = 0
        self._halved_at = float("-inf")
        self._free_at = float("-inf")
        self.rate = min(highest, self._remembered() or highest / 2)

    def wait(self) -> None:
        """Wait for the next place at today's pace, then for the key's window."""
        with self._lock:
            now = self._clock()
            place = max(now, self._free_at)
            # At the highest rate the window alone decides, and bursts are allowed.
            gap = 0.0 if self.rate >= self._highest else 1 / self.rate
            self._free_at = place + gap
        if place > now:
            self._sleep(place - now)
        self._window.wait()

    def ended(self, status: int | None) -> None:
        """Learn from an answer."""
        self._window.ended(status)
        if status is None:
            return
        with self._lock:
            before = self.rate
            if status == 429:
                self._slow_down()
            else:
                self._speed_up()
            if self.rate != before:
                self._remember()

    def close(self) -> None:
        self._window.close()

    def _slow_down(self) -> None:
        self._streak = 0
        if self._clock() - self._halved_at >= QUIET:
            self._halved_at = self._clock()
            self.rate = max(SLOWEST, self.rate / 2)

    def _speed_up(self) -> None:
        self._streak += 1
        if self._streak >= STREAK:
            self._streak = 0
            self.rate = min(self._highest, self.rate * GROWTH)

    def _remembered(self) -> float | None:
        """Return the pace of the last process, if it is one that can be meant."""
        try:
            rate = float(self._memory.read(32) or "none")
        except ValueError:
            return None
        return max(SLOWEST, rate) if math.isfinite(rate) else None

    def _remember(self) -> None:
        """Keep the pace for the next process; where that fails, it begins anew."""
        self._memory.write(f"{self.rate:.3f}\n")
