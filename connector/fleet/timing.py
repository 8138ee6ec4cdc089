"""When a pair is due again, by how its pass has ended. Pure: times come in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from state.fleet import SECOND

HELD = timedelta(seconds=10)
"""Until a pair that somebody else holds is looked at again."""
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
"""How long a pair waits that has failed by a bug: doubled each time, but bounded."""
NEVER = 253_402_300_799 * SECOND
"""The end of the year 9999: of a schedule that never comes again."""
End = Literal["done", "held", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended, and when its timetable has the next one; None: never.

    ``done``: it has a result, whatever it was. ``held``: somebody else had the pair.
    ``stopped``: its worker ends. ``failed``: by a bug, or by the time-out.
    """

    how: End
    due: datetime | None = None


def due_again(ended: Ended, now: int, failures: int) -> tuple[int, int]:
    """Return when a pair is due again, in microseconds, and its failures in a row.

    A pair that fails again and again waits longer each time and is never given up.
    """
    planned = NEVER if ended.due is None else int(ended.due.timestamp() * SECOND)
    if ended.how == "done":
        return planned, 0
    if ended.how == "held":
        return now + int(HELD.total_seconds()) * SECOND, failures
    if ended.how == "stopped":
        return now, failures
    wait = min(FIRST * 2 ** min(failures, 20), LONGEST)
    return max(now + int(wait.total_seconds()) * SECOND, _or_now(ended, now)), (
        failures + 1
    )


def _or_now(ended: Ended, now: int) -> int:
    """Return when the timetable has a failed pair; one that cannot be read has none."""
    return now if ended.due is None else int(ended.due.timestamp() * SECOND)
