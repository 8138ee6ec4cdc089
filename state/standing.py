"""How a pair stands, as the state keeps it: one row, summed up with each run. Values.

No database in here: the statements are in ``summing``.
"""

import json
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
    ``counted`` has the same by reason, as JSON. ``run`` and what follows it is the
    newest run, ``earlier`` the one before it as JSON. ``holder`` is who holds the pair,
    "" for nobody.
    """

    pair: str
    success: str
    stale_at: str
    schedule: str
    held: int | None
    waits: int
    counted: str
    run: str
    command: str
    status: str
    started_at: str
    finished_at: str
    error: str
    reason: str
    earlier: str
    holder: str

    @property
    def last(self) -> LastRun | None:
        """The newest run; it goes on, or was killed, where it has no end."""
        ended = (self.finished_at, self.error, self.reason)
        run = LastRun(self.run, self.command, self.status, self.started_at, *ended)
        return run if self.run else None

    @property
    def before(self) -> LastRun | None:
        """The run before the newest."""
        return LastRun(*json.loads(self.earlier)) if self.earlier else None

    @property
    def reasons(self) -> Mapping[str, int]:
        """What needs a decision, counted by reason."""
        return json.loads(self.counted) if self.counted else {}


def nothing_kept(pair: str) -> Kept:
    """Return how a pair stands of which there was no run yet."""
    return NOTHING._replace(pair=pair)


NOTHING = Kept("", "", "", "", None, 0, "", "", "", "", "", "", "", "", "", "")
