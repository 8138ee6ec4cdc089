"""When a pair is due, in UTC.

Cron as Debian's means it: Sunday is 0 and 7, and where both days are given either will
do. No scheduler in here but a trigger for it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]
from cronsim import CronSim


@dataclass(frozen=True, slots=True)
class Timetable:
    """The due times of one pair, from its cron expression."""

    expression: str

    def after(self, moment: datetime) -> datetime | None:
        """Return the first due time after a moment; None where none comes."""
        return next(CronSim(self.expression, moment.astimezone(UTC)), None)

    def stale_at(self, success: datetime) -> datetime | None:
        """Return when two due times have passed since a success."""
        first = self.after(success)
        return None if first is None else self.after(first)

    def first(self, last_start: datetime | None, now: datetime) -> datetime | None:
        """Return when to begin: at once where a due time was missed."""
        if last_start is None:
            return now
        due = self.after(min(last_start, now))  # a clock may have been set back
        return now if due is not None and due <= now else due


class Due(BaseTrigger):  # type: ignore[misc]  # apscheduler 3 has no types
    """The timetable as the scheduler asks for it; what was missed counts once."""

    def __init__(self, times: Timetable) -> None:
        self.times = times

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        return self.times.after(max(previous_fire_time or now, now))
