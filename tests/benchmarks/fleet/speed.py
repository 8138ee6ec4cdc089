"""The easy half: passes a second, for one and two workers, beside the floor.

The work is the everyday one: pairs in which nothing has changed. Floor and fleet take
turns on the same pairs, the same stand-ins and the same server.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fleet.ground import Ground
from tests.benchmarks.fleet.processes import Running

KINDS = ("floor", "fleet")
WARM_UP = 24
"""Passes of each process before its time is taken: imports, connections."""


@dataclass(frozen=True, slots=True)
class Speed:
    """So many passes by so many processes.

    ``cpu`` is theirs alone, in seconds; ``peak`` what the largest has held, in MB.
    """

    kind: str
    processes: int
    passes: int
    seconds: float
    cpu: float
    peak: float

    @property
    def rate(self) -> float:
        return self.passes / self.seconds

    @property
    def cpu_a_pass(self) -> float:
        return self.cpu / self.passes


def speeds(ground: Ground, passes: int, rounds: int) -> list[Speed]:
    """Measure floor and fleet by turns; each is the best of its rounds."""
    best: dict[tuple[str, int], Speed] = {}
    for _ in range(rounds):
        for count in (1, 2):
            for kind in KINDS:
                one = _measured(ground, kind, count, passes)
                known = best.get((kind, count))
                if known is None or one.rate > known.rate:
                    best[kind, count] = one
    return [best[key] for key in sorted(best, key=lambda key: (key[1], key[0]))]


def _measured(ground: Ground, kind: str, count: int, passes: int) -> Speed:
    start = ground.floor if kind == "floor" else ground.worker
    running = [start() for _ in range(count)]
    _warm_up(ground, count)
    used = sum(map(cpu_of, running))
    begun = ground.all_due(passes)
    since = time.monotonic()
    ground.until(lambda: ground.left(begun) == 0, f"{passes} passes of the {kind}")
    seconds = time.monotonic() - since
    cpu, peak = sum(map(cpu_of, running)) - used, max(map(peak_of, running))
    ground.end()
    return Speed(kind, count, passes, seconds, cpu, peak)


def _warm_up(ground: Ground, count: int) -> None:
    """Let each process do a few passes; twice, as one may be ready long before."""
    for _ in range(2):
        begun = ground.all_due(min(ground.pairs, WARM_UP * count))
        ground.until(lambda begun=begun: ground.left(begun) == 0, "the first passes")
        time.sleep(2)


def cpu_of(running: Running) -> float:
    """Return the CPU seconds that a process has used, as Linux counts them."""
    fields = Path(f"/proc/{running.pid}/stat").read_text(encoding="ascii")
    user, system = fields.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / 100


def peak_of(running: Running) -> float:
    """Return the most memory that a process has held, in MB."""
    status = Path(f"/proc/{running.pid}/status").read_text(encoding="ascii")
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024
