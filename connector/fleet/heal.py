"""Healing: what the queue has lost is due again.

Three things are known to happen. A worker dies with its jobs. A job stays in "doing"
although its worker lives and has no pass of it (procrastinate 1446, 1543: to note its
end has failed). A claim has no job at all, because somebody emptied the queue. Whoever
is wrong about it, the lease keeps two passes of a pair from writing. A pass that surely
goes on without its job is left alone, so that no other one of its key runs beside it.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from connector.fleet.passes import STUCK
from connector.fleet.queue import Doing, Queue
from connector.logs import log
from state.fleet import Claim, Fleet

EVERY = 10.0
"""Seconds between two looks."""
LOST = 60.0
"""Seconds after which a claim without a job is set free."""
SLACK = 60.0
"""Seconds that a job may take beyond what its pass may take at most."""
REGROUP = 60.0
HEALING = 0x7061_6865
"""The number of the lock under which one worker at a time heals."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Jobs whose passes do not go on: their worker is dead, or they are wedged."""

    dead: Sequence[Doing]
    wedged: Sequence[Doing]

    @property
    def jobs(self) -> list[int]:
        return [one.job for one in (*self.dead, *self.wedged)]

    def but(self, pairs: Collection[str]) -> "Lost":
        """Return the same without the jobs of these pairs."""
        return Lost(
            [one for one in self.dead if one.claim.pair not in pairs],
            [one for one in self.wedged if one.claim.pair not in pairs],
        )


def lost(doing: Collection[Doing], longest: float) -> Lost:
    """Say which jobs will never end; ``longest`` is what one may take, in seconds."""
    return Lost(
        [one for one in doing if not one.alive],
        [one for one in doing if one.alive and one.seconds > longest],
    )


def unknown(doing: Collection[Doing], worker: int, known: Collection[int]) -> set[int]:
    """Return the jobs that this worker is said to do, and knows nothing of."""
    return {one.job for one in doing if one.worker == worker and one.job not in known}


def without_job(claims: Collection[Claim], queued: Collection[Claim]) -> list[Claim]:
    """Return the claims that nothing in the queue stands for."""
    there = {(claim.pair, claim.at) for claim in queued}
    return [claim for claim in claims if (claim.pair, claim.at) not in there]


@dataclass(slots=True)
class Healer:
    """Looks now and then, and remembers what was strange the last time."""

    fleet: Fleet
    queue: Queue
    timeout: float
    _suspects: set[int] = field(default_factory=set)
    _regrouped: float = field(default_factory=time.monotonic)

    def look(self, worker: int | None, known: Collection[int]) -> None:
        """Heal what is this worker's, and in turn with the others what is anybody's."""
        doing = self.queue.doing()
        if worker is not None:
            self._own(doing, worker, known)
        with self.fleet.turn(HEALING) as mine:
            if mine:
                self._all()

    def _own(
        self, doing: Collection[Doing], worker: int, known: Collection[int]
    ) -> None:
        """Let go of jobs that this worker lost twice in a row: one may just end."""
        strange = unknown(doing, worker, known)
        wedged = [one for one in doing if one.job in strange & self._suspects]
        self._suspects = strange
        self._heal(Lost((), wedged))

    def _all(self) -> None:
        self.queue.follow_clock()
        doing = self.queue.doing()
        self._heal(lost(doing, self.timeout + STUCK + SLACK))
        claims = self.fleet.claimed(longer_than=LOST)
        if claims and (left := without_job(claims, self.queue.queued())):
            going_on = self.fleet.under_way()
            gone = [claim for claim in left if claim.pair not in going_on]
            self._tell("no job", self.fleet.free(gone))
        if time.monotonic() - self._regrouped > REGROUP:
            self._regrouped = time.monotonic()
            self.fleet.regroup()

    def _heal(self, found: Lost) -> None:
        if found.jobs:
            found = found.but(self.fleet.under_way())
        if not found.jobs:
            return
        dead = self.fleet.free([one.claim for one in found.dead])
        self._tell("its worker is dead", dead)
        wedged = self.fleet.free([one.claim for one in found.wedged], failed=True)
        self._tell("its job is wedged", wedged)
        self.queue.drop(found.jobs)

    def _tell(self, why: str, pairs: Sequence[str]) -> None:
        for pair in pairs:
            log.warning("due again", pair=pair, why=why)
