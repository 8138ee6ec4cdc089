"""When a pair is due.

Cron as Debian's means it: Sunday is 0 and 7, and where both days are given either will
do; a time that daylight saving skips runs right after the gap, one that it repeats runs
once. Each pair is a few seconds later than its schedule says, always the same few, so
that many pairs do not start at once and every due time can be told before and after.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from cronsim import CronSim

from connector.config.zones import zone_of
from mappings.moments import instant, iso
from state.standing import NEVER


class Scheduled(Protocol):
    """What is to be done at its times: a pair, as the configuration has it."""

    @property
    def name(self) -> str: ...
    @property
    def schedule(self) -> str: ...
    @property
    def timezone(self) -> str | None: ...
    @property
    def jitter(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Timetable:
    """The due times of one pair; ``offset`` is whole seconds, as a run's start is.

    ``mark`` tells it from another one: a success is stale by this timetable.
    """

    expression: str
    zone: tzinfo = UTC
    offset: timedelta = timedelta(0)
    mark: str = field(init=False)

    def __post_init__(self) -> None:
        mark = f"{self.expression} {self.zone} {self.offset.seconds}"
        object.__setattr__(self, "mark", mark)

    def after(self, moment: datetime) -> datetime | None:
        """Return the first due time after a moment, in UTC; None where none comes."""
        try:
            local = (moment - self.offset).astimezone(self.zone)
            due = next(CronSim(self.expression, local), None)
            return None if due is None else due.astimezone(UTC) + self.offset
        except OverflowError:  # a clock at the end of all calendars
            return None

    def stale_at(self, success: datetime) -> datetime | None:
        """Return when two due times have passed since a success."""
        first = self.after(success)
        return None if first is None else self.after(first)

    def ends(self, success: str) -> str:
        """Return the same as texts, which are kept: in ISO 8601, in UTC."""
        end = self.stale_at(instant(success))
        return NEVER if end is None else iso(end)

    def first(self, last_start: datetime | None, now: datetime) -> datetime | None:
        """Return when to begin: at once where a due time was missed."""
        if last_start is None:
            return now
        due = self.after(min(last_start, now))  # a clock may have been set back
        return now if due is not None and due <= now else due


def timetable(pair: Scheduled) -> Timetable:
    """Return the due times of a pair, in its own time zone."""
    mark = int.from_bytes(hashlib.sha256(pair.name.encode()).digest()[:4])
    offset = timedelta(seconds=mark % (pair.jitter + 1))
    return Timetable(pair.schedule, zone_of(pair.timezone or "UTC"), offset)
