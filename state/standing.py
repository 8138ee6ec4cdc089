"""How a pair stands, as the state keeps it: one row, summed up with each run. Values.

No database in here: the statements are in ``summing``.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

NEVER = "9999-12-31T23:59:59Z"
"""The time of what does not come."""


class Times(Protocol):
    """The timetable of a pair, as far as it is kept with its runs."""

    @property
    def mark(self) -> str:
        """What tells it from another timetable."""
        ...

    def ends(self, success: str) -> str:
        """Return when a success is too long ago; both are ISO 8601 in UTC."""
        ...


class LastRun(NamedTuple):
    """What is asked of the last run of a pair; ``finished_at`` is "" until its end."""

    id: str
    command: str
    status: str
    started_at: str
    finished_at: str
    error: str
    reason: str


class Kept(NamedTuple):
    """The row of one pair; times are UTC in ISO 8601, "" is none.

    ``stale_at`` is by the timetable whose mark is ``schedule``. ``held`` counts what
    waited when a run last had a plan, ``waits`` what needs a decision now, and
    ``reasons`` the same by reason. ``holder`` is who holds the pair, "" for nobody.
    """

    pair: str
    last: LastRun | None
    before: LastRun | None
    success: str
    stale_at: str
    schedule: str
    held: int | None
    waits: int
    reasons: Mapping[str, int]
    holder: str

    @property
    def unended(self) -> LastRun | None:
        """The last run, if it has not said how it ended: it goes on, or was killed."""
        return self.last if self.last and not self.last.finished_at else None


def nothing_kept(pair: str) -> Kept:
    """Return how a pair stands of which there was no run yet."""
    return Kept(pair, None, None, "", "", "", None, 0, {}, "")
