"""When the scheduler begins a pass: triggers over the timetables of the pairs.

No scheduler in here, and no cron: the due times are in ``connector/config/timetable``.
"""

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]

from connector.config.timetable import Scheduled, Timetable, timetable

__all__ = ("Due", "Every", "Scheduled", "Timetable", "timetable")


class Due(BaseTrigger):  # type: ignore[misc]  # apscheduler 3 has no types
    """The timetable as the scheduler asks for it; what was missed counts once.

    Only the present clock counts: one that was set, by a day or by half a century,
    leaves neither a long sleep nor a long row of missed times behind.
    """

    def __init__(self, times: Timetable) -> None:
        self.times = times

    def get_next_fire_time(
        self, _previous: datetime | None, now: datetime
    ) -> datetime | None:
        return self.times.after(now)


class Every(BaseTrigger):  # type: ignore[misc]
    """Again and again, each time so long after now."""

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(
        self, _previous: datetime | None, now: datetime
    ) -> datetime | None:
        return now + self.interval
