"""Waiting for the effect of a write: with growing pauses, in the time there is for it.

A listing may lag behind a write, and an answer may be lost. Only what does not show
although all its time was spent is proven to have had no effect.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connector.run.write import Reading, Verdict, Write


@dataclass(slots=True)
class Waiting:
    """How long the settling of lost answers may take, in seconds."""

    item: float = 30.0
    run: float = 180.0
    pause: Callable[[float], object] = threading.Event().wait
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def grant(self, waited: float) -> tuple[float, bool]:
        """Take an item's time from the run's; says whether there was enough left."""
        with self.lock:
            needed = max(0.0, self.item - waited)
            granted = min(needed, self.run)
            self.run -= granted
        return granted, granted >= needed

    def until_shown(
        self, write: Write, is_halted: Callable[[], bool], waited: float = 0.0
    ) -> tuple[Reading, bool]:
        """Look with growing waits until an effect shows or the time is up.

        Says as well whether all the time was spent: only then is it proven absent.
        """
        after = write.look()
        if after.verdict is not Verdict.UNDONE:
            return after, True
        granted, enough = self.grant(waited)
        for seconds in growing(granted):
            if is_halted():
                return after, False
            self.pause(seconds)
            after = write.look()
            if after.verdict is not Verdict.UNDONE:
                return after, True
        return after, enough and not is_halted()


def growing(total: float) -> Iterator[float]:
    """Yield growing waits that make up the total."""
    step = 0.5
    while total > 0:
        step = min(step, total)
        total -= step
        yield step
        step *= 2
