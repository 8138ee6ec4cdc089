"""When a pair is due.

Cron as Debian's means it: Sunday is 0 and 7, and where both days are given either will
do; a time that daylight saving skips runs right after the gap, one that it repeats runs
once. Each pair is a few seconds later than its schedule says, always the same few, so
that many pairs do not start at once and every due time can be told before and after.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, pairwise
from typing import Protocol

from cronsim import CronSim

from connector.config.zones import zone_of
from mappings.moments import instant, iso
from state.standing import NEVER

SPREAD = 840
"""Seconds over which pairs of a fleet are spread at most, where nothing is said."""
DATED = datetime(2026, 1, 1, tzinfo=UTC)
"""From here on intervals are measured: on every day the same."""


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


@lru_cache(maxsize=1024)
def spread(schedule: str) -> int:
    """Return the jitter of a fleet's pair: most of its shortest interval, in seconds.

    Of a quarter of an hour 840 seconds, and never more, so that a pair of each night is
    not due at noon.
    """
    due = list(islice(CronSim(schedule, DATED), 24))
    gaps = [after - before for before, after in pairwise(due)]
    shortest = min(gaps, default=timedelta(days=1)).total_seconds()
    return min(SPREAD, int(shortest) * 14 // 15)


def timetable(pair: Scheduled) -> Timetable:
    """Return the due times of a pair, in its own time zone."""
    mark = int.from_bytes(hashlib.sha256(pair.name.encode()).digest()[:4])
    offset = timedelta(seconds=mark % (pair.jitter + 1))
    return Timetable(pair.schedule, zone_of(pair.timezone or "UTC"), offset)
