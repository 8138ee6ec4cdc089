"""A day of a fleet, second by second: who is due, who is begun, how late, what fails.

The rules are the program's: the due times come from its timetable, pairs are claimed in
due order, those of one key never run at the same time, and a missed time counts once.
A worker has slots, and one processor that its passes share; both products are asked no
quicker than a key may.
"""

import heapq
import random
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.fleet.worker import waits
from tests.benchmarks.fleet.model import (
    DAY,
    PARTNERO_RATE,
    TOLT_RATE,
    Costs,
    Fleet,
    Trouble,
)


@dataclass(slots=True)
class Worker:
    """One process: its free slots, and until when its processor is taken."""

    free: int
    cpu_until: float = 0.0
    spent: float = 0.0
    life: int = 0
    up: bool = True


@dataclass(slots=True)
class Outcome:
    """What became of the day.

    ``late`` counts passes by whole seconds after they were due, ``waited`` by those of
    them in which their key was free and no worker was; ``again`` are the passes that
    came after one which was lost.
    """

    passes: int = 0
    late: Counter[int] = field(default_factory=Counter)
    waited: Counter[int] = field(default_factory=Counter)
    late_by_key: dict[int, int] = field(default_factory=dict)
    again: Counter[int] = field(default_factory=Counter)
    partnero: int = 0
    tolt: int = 0
    busy: float = 0.0
    key_seconds: Counter[int] = field(default_factory=Counter)
    missed: int = 0
    never: int = 0


def quantile(counted: Counter[int], share: float) -> int:
    left = counted.total() * share
    for seconds in sorted(counted):
        left -= counted[seconds]
        if left <= 0:
            return seconds
    return 0


@dataclass(slots=True)
class Pass:
    """A pass under way: of whom, by whom, since when."""

    pair: int
    worker: int
    life: int
    begun: float
    cpu: float


class Simulation:
    """One fleet and its workers from midnight on."""

    def __init__(
        self,
        fleet: Fleet,
        workers: int,
        costs: Costs,
        trouble: Trouble | None = None,
        *,
        seconds: int = DAY,
        seed: int = 1,
    ) -> None:
        self.fleet, self.costs, self.trouble = fleet, costs, trouble
        random.seed(seed)  # the program's own waits are a little random
        self.workers = [Worker(costs.slots) for _ in range(workers)]
        self.seconds = seconds
        self.outcome = Outcome()
        self._due: dict[int, list[int]] = {}
        self._since: list[float] = [0.0] * len(fleet.pairs)
        self._free_since: list[float] = [0.0] * len(fleet.pairs)
        self._nth = [0] * len(fleet.pairs)
        self._ready: list[tuple[float, int]] = []
        self._of_key: dict[int, deque[int]] = {}
        self._busy_keys: set[int] = set()
        self._claimed: deque[int] = deque()
        self._ends: list[tuple[float, int]] = []
        self._passes: dict[int, Pass] = {}
        self._lost: set[int] = set()
        self._begun = 0
        self._turn = -1
        self._dies, self._back = self._deaths(seed)
        for pair, times in enumerate(fleet.due):
            if times:
                self._due_at(pair, times[0], times[0])

    def run(self) -> Outcome:
        for second in range(self.seconds):
            self._end_until(second)
            self._break(second)
            self._arrive(second)
            if not self._is_down(second):
                self._claim()
                self._begin(second)
        self.outcome.never = sum(
            1 for pair, n in enumerate(self._nth) if self.fleet.due[pair] and not n
        )
        self.outcome.busy = sum(worker.spent for worker in self.workers)
        return self.outcome

    # -- what is due ------------------------------------------------------------

    def _due_at(self, pair: int, second: float, since: float) -> None:
        self._since[pair] = since
        self._due.setdefault(int(second), []).append(pair)

    def _arrive(self, second: int) -> None:
        """Put what is due into the row; of a key that is taken, behind its others."""
        for pair in self._due.pop(second, ()):
            key = self.fleet.pairs[pair].key
            if key in self._busy_keys:
                self._of_key.setdefault(key, deque()).append(pair)
            else:
                self._busy_keys.add(key)
                self._is_ready(pair, second)

    def _is_ready(self, pair: int, now: float) -> None:
        self._free_since[pair] = now
        heapq.heappush(self._ready, (self._since[pair], pair))

    def _claim(self) -> None:
        """Claim what the workers can soon take, the longest due first."""
        living = sum(worker.up for worker in self.workers)
        room = living * self.costs.batch - len(self._claimed)
        while room > 0 and self._ready:
            self._claimed.append(heapq.heappop(self._ready)[1])
            room -= 1

    # -- passes -----------------------------------------------------------------

    def _begin(self, now: float) -> None:
        while self._claimed and (worker := self._free_worker()) is not None:
            self._begin_one(self._claimed.popleft(), worker, now)

    def _free_worker(self) -> int | None:
        """Return the next worker with a free slot, each of them in turn."""
        for _ in self.workers:
            self._turn = (self._turn + 1) % len(self.workers)
            worker = self.workers[self._turn]
            if worker.up and worker.free:
                return self._turn
        return None

    def _begin_one(self, pair: int, number: int, now: float) -> None:
        given, worker = self.fleet.pairs[pair], self.workers[number]
        partnero, tolt = given.requests(self._nth[pair])
        self._nth[pair] += 1
        cpu = self.costs.cpu + self.costs.cpu_a_request * (partnero + tolt)
        worker.cpu_until = max(now, worker.cpu_until) + cpu
        end = max(now + cpu + self._waits(partnero, tolt), worker.cpu_until)
        if given.broken and self.trouble:
            end = now + self.trouble.broken_seconds
        worker.free -= 1
        self._begun += 1
        self._passes[self._begun] = Pass(pair, number, worker.life, now, cpu)
        heapq.heappush(self._ends, (end, self._begun))
        self._note(pair, now, partnero, tolt)

    def _waits(self, partnero: int, tolt: int) -> float:
        """Return the seconds for both sides, which are read at the same time."""
        latency = self.costs.latency
        return max(
            partnero * max(latency, 1 / PARTNERO_RATE),
            tolt * max(latency, 1 / TOLT_RATE),
        )

    def _note(self, pair: int, now: float, partnero: int, tolt: int) -> None:
        told, given = self.outcome, self.fleet.pairs[pair]
        late = int(now - self._since[pair])
        told.passes += 1
        told.partnero += partnero
        told.tolt += tolt
        told.late[late] += 1
        told.waited[int(now - self._free_since[pair])] += 1
        if late > told.late_by_key.get(given.key, -1):
            told.late_by_key[given.key] = late
        if pair in self._lost:
            self._lost.discard(pair)
            told.again[late] += 1

    def _end_until(self, second: float) -> None:
        """End what ends until now; each free slot takes the next one at once."""
        while self._ends and self._ends[0][0] <= second:
            end, number = heapq.heappop(self._ends)
            done = self._passes.pop(number, None)
            if done is None:
                continue
            worker = self.workers[done.worker]
            worker.free += 1
            worker.spent += done.cpu
            self.outcome.key_seconds[self.fleet.pairs[done.pair].key] += round(
                (end - done.begun) * 1000
            )
            self._due_again(done.pair, done.begun, end)
            self._hand_on(self.fleet.pairs[done.pair].key, end)
            if self._claimed and worker.up and not self._is_down(end):
                self._begin_one(self._claimed.popleft(), done.worker, end)

    def _due_again(self, pair: int, begun: float, end: float) -> None:
        """Set the first due time after the start; what was missed counts once."""
        times = self.fleet.due[pair]
        place = bisect_right(times, begun)
        missed = place - bisect_right(times, self._since[pair])
        self.outcome.missed += missed
        if place < len(times):
            due = times[place]
            self._due_at(pair, max(due, int(end) + 1), due)

    def _hand_on(self, key: int, now: float) -> None:
        """Let the next pair of a key into the row."""
        waiting = self._of_key.get(key)
        if waiting:
            self._is_ready(waiting.popleft(), now)
        else:
            self._busy_keys.discard(key)

    # -- what goes wrong --------------------------------------------------------

    def _deaths(self, seed: int) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        chance = random.Random(seed)  # noqa: S311 (no secret)
        dies: dict[int, list[int]] = {}
        if self.trouble:
            for number in range(len(self.workers)):
                for _ in range(round(self.trouble.deaths_a_worker)):
                    dies.setdefault(chance.randrange(self.seconds), []).append(number)
        return dies, {}

    def _break(self, second: int) -> None:
        for number in self._back.pop(second, ()):
            self.workers[number].up = True
        for number in self._dies.pop(second, ()):
            self._die(number, second)
        if self.trouble and second == self.trouble.outage_at:
            self._go_down(second + self.trouble.outage_seconds)

    def _go_down(self, until: int) -> None:
        """Lose all passes; each worker is back with its first try after the outage."""
        self._lose(self._passes, until)
        for number, worker in enumerate(self.workers):
            back = float(self.trouble.outage_at if self.trouble else until)
            tries = waits()
            while back < until:
                back += next(tries)
            worker.up = False
            self._back.setdefault(int(back) + 1, []).append(number)

    def _die(self, number: int, second: int) -> None:
        worker = self.workers[number]
        if self.trouble is None or not worker.up:
            return
        worker.up, worker.cpu_until = False, 0.0
        back = second + self.trouble.restart_seconds
        self._back.setdefault(back, []).append(number)
        self._lose(
            [name for name, one in self._passes.items() if one.worker == number], second
        )

    def _lose(self, passes: Iterable[int], second: int) -> None:
        """Let passes end without a result: who heals finds their pairs due at once."""
        for name in list(passes):
            lost = self._passes.pop(name)
            self.workers[lost.worker].free += 1
            self._lost.add(lost.pair)
            key = self.fleet.pairs[lost.pair].key
            healed = second + (self.trouble.healing_seconds if self.trouble else 0)
            self._due_at(lost.pair, healed, second)
            self._hand_on(key, healed)

    def _is_down(self, second: float) -> bool:
        if self.trouble is None:
            return False
        begins = self.trouble.outage_at
        return begins <= second < begins + self.trouble.outage_seconds
