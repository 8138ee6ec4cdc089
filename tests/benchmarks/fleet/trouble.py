"""The hard half: a worker is killed, the server restarts, and nothing is lost.

Every pair is due three times. In the first wave all have something to write and a
worker is killed in the middle of it; in the second one more code is to be carried over
and the server is away for some seconds; the third finds what is left.
"""

import time
from dataclasses import dataclass, field

from tests.benchmarks.fleet import audit, small_pairs
from tests.benchmarks.fleet.ground import Ground
from tests.benchmarks.fleet.processes import seen
from tests.benchmarks.fleet.record import overlaps, twice

AWAY = 5
"""Seconds for which the server is down."""
MORE = "ONEMORE"


@dataclass(slots=True)
class Story:
    """What was seen, and by whom: no line of it was written by a worker."""

    passes: int = 0
    requests: int = 0
    overlaps: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    never_ran: list[str] = field(default_factory=list)
    killed_with: list[str] = field(default_factory=list)
    again_after: list[float] = field(default_factory=list)
    after_restart: float = 0.0
    exits: list[int] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Name whatever must not be."""
        lost = len(self.killed_with) - len(self.again_after)
        return [
            *self.overlaps,
            *self.doubled,
            *self.missing,
            *(f"{pair} never ran" for pair in self.never_ran),
            *([f"{lost} pairs of the dead worker did not run again"] if lost else []),
            *(f"a worker ended with {code}" for code in self.exits if code != 143),
        ]


def trouble(ground: Ground) -> Story:
    """Go through all three waves, and look at what came of it."""
    story = Story()
    with ground.connected() as database:
        audit.begin(database)
    first = ground.worker()
    ground.worker()
    begun = ground.all_due()
    _kill_in_the_middle(ground, first, begun, story)
    _restart_in_the_middle(ground, story)
    begun = ground.all_due()
    ground.until(lambda: ground.left(begun) == 0, "the third wave")
    story.exits = ground.end()
    _look(ground, story, {first.pid})
    return story


def _kill_in_the_middle(ground: Ground, first, begun: int, story: Story) -> None:
    """Kill a worker while it holds pairs, and start it anew as a unit would."""
    some = ground.pairs * 2 // 3
    ground.until(lambda: ground.left(begun) <= some, "a third of the first wave")
    held: list[str] = []
    ground.until(lambda: bool(held.extend(_held(ground, first.pid)) or held), "a hold")
    first.kill()
    at = time.time()
    story.killed_with = _held(ground, first.pid)
    time.sleep(1)
    ground.worker()
    ground.until(lambda: ground.left(begun) == 0, "the first wave")
    with ground.connected() as database:
        passes = audit.passes(database)
    for pair in story.killed_with:
        later = [one.begun for one in passes if one.pair == pair and one.begun > at]
        if later:
            story.again_after.append(min(later) - at)


def _held(ground: Ground, pid: int) -> list[str]:
    """Return the pairs that a process holds, by their leases."""
    asked = "SELECT pair FROM partnero_tolt.lease WHERE split_part(owner, '/', 2) = %s"
    return [str(pair) for (pair,) in ground.asked(asked, str(pid))]


def _restart_in_the_middle(ground: Ground, story: Story) -> None:
    for standin in ground.standins:
        standin.ask(f"more {MORE}")
    begun, some = ground.all_due(), ground.pairs * 2 // 3
    ground.until(lambda: ground.left(begun) <= some, "a third of the second wave")
    ground.restart(AWAY)
    back = time.time()
    ground.until(lambda: ground.left(begun) == 0, "the second wave")
    with ground.connected() as database:
        after = [one.begun for one in audit.passes(database) if one.begun > back]
    story.after_restart = min(after) - back if after else 0.0


def _look(ground: Ground, story: Story, killed: set[int]) -> None:
    """Ask the stand-ins and the triggers what they have seen."""
    what = seen(ground.standins)
    with ground.connected() as database:
        passes = audit.passes(database)
        taken = audit.stolen(database, killed) + audit.same_token_twice(database)
        audit.end(database)
    crossed = [f"{a.key}: {a} and {b}" for a, b in overlaps(what.spans)]
    story.passes = len(passes)
    story.requests = sum(span.requests for span in what.spans)
    story.overlaps = [*crossed, *taken]
    story.doubled = twice(what.effects)
    story.missing = list(_missing(ground.pairs, what.effects))
    ran = {one.pair for one in passes}
    every = (small_pairs.name_of(n) for n in range(ground.pairs))
    story.never_ran = [pair for pair in every if pair not in ran]


def _missing(pairs: int, effects):
    """Yield what should be on both sides by now, and is not."""
    codes = {f"CODE{n}" for n in range(small_pairs.IN_STEP)}
    codes |= {small_pairs.ONLY_PARTNERO, small_pairs.ONLY_TOLT, MORE}
    by_key = {one["key"]: one for one in effects}
    for number in range(pairs):
        for key in small_pairs.keys_of(number):
            for code in sorted(codes - by_key[key]["codes"].keys()):
                yield f"{key}: {code} is missing"
            sold = small_pairs.SALE in by_key[key]["sales"]
            if small_pairs.pays(number) and not sold:
                yield f"{key}: {small_pairs.SALE} is missing"
