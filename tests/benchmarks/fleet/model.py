"""The fleet that is simulated: its pairs, what a pass of each asks for, its failures.

All from one seed. What is assumed and not measured stands here, each with its reason,
and nowhere else.
"""

import itertools
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from connector.fleet.heal import EVERY
from connector.service.schedule import timetable
from state.fleet import SILENT
from state.key_groups import groups

DAY = 86_400
MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
PARTNERO_RATE, TOLT_RATE = 5.0, 20.0
"""Requests a second of a key that a configuration allows unless it says otherwise."""
PAGE = 100
SCHEDULES = (("*/15 * * * *", 0.8), ("0 * * * *", 0.15), ("0 5 * * *", 0.05))
"""The default, who needs less, and who looks once a day."""
MEDIAN_CODES, SPREAD, MOST_CODES = 150, 1.3, 100_000
"""Codes of a pair: log-normal. Half have under 150, one in a hundred over 3,000."""
CODES_PER_PARTNER = 4
SHARED = ((1, 0.60), (5, 0.25), (30, 0.12), (200, 0.03))
"""Pairs behind one Tolt key, and the share of all pairs that live so.

A Tolt key opens a whole organization with all its programmes; a Partnero key opens one
programme. So an agency's pairs share the former.
"""
PUSHES, SALES_A_CODE = 0.1, 2
"""One pair in ten pushes its sales: each of its passes reads everything."""
FULL_EVERY = 24
"""Passes between two full reads: 6 hours at every 15 minutes."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a pass costs.

    CPU seconds are those that make bench-fleet has seen, 114 to 164 ms for a pass of
    five requests; the bytes are those of make fleet-day.
    """

    cpu: float = 0.09
    cpu_a_request: float = 0.01
    latency: float = 0.15
    slots: int = 8
    batch: int = 16
    bytes_a_pair: float = 262_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong in a day: workers that die, a server that is restarted.

    ``broken`` is the share of pairs whose provider never answers: each pass of theirs
    takes its slot for five tries of a minute each.
    """

    deaths_a_worker: float = 1.0
    restart_seconds: int = 10
    healing_seconds: int = int(SILENT + EVERY)
    outage_at: int = 12 * 3600
    outage_seconds: int = 60
    broken: float = 0.002
    broken_seconds: float = 320.0


@dataclass(frozen=True, slots=True)
class SimulatedPair:
    """One pair as its timetable sees it, and what a pass asks of either product."""

    name: str
    schedule: str
    key: int
    partnero: int
    tolt_quick: int
    tolt_full: int
    broken: bool
    pushes: bool = False
    offset: int = 0
    jitter: int = 5
    timezone: str | None = None

    def requests(self, nth: int) -> tuple[int, int]:
        """Return what the nth pass asks of Partnero and of Tolt."""
        full = self.pushes or (nth + self.offset) % FULL_EVERY == 0
        return self.partnero, self.tolt_full if full else self.tolt_quick


@dataclass(frozen=True, slots=True)
class Fleet:
    """The pairs, and the due times of a day, in seconds since midnight."""

    pairs: tuple[SimulatedPair, ...]
    due: tuple[tuple[int, ...], ...] = field(repr=False)

    @property
    def keys(self) -> int:
        return len({pair.key for pair in self.pairs})


def fleet(count: int, *, jitter: int, seed: int = 1) -> Fleet:
    """Make so many pairs; the same seed makes the same ones."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    keys = _keys(count, chance)
    trouble = Trouble()
    made = tuple(
        _pair(number, key, jitter, chance, trouble) for number, key in enumerate(keys)
    )
    return Fleet(made, tuple(due_times(pair) for pair in made))


def of_one_key(count: int, *, jitter: int, seed: int = 1) -> Fleet:
    """Make so many pairs whose programmes all belong to one Tolt organization."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    trouble = Trouble(broken=0)
    made = tuple(_pair(number, 0, jitter, chance, trouble) for number in range(count))
    return Fleet(made, tuple(due_times(pair) for pair in made))


def _keys(count: int, chance: random.Random) -> list[int]:
    """Return for each pair the number of its Tolt key."""
    sizes = [size for size, _ in SHARED]
    rarer = [share / size for size, share in SHARED]  # so many keys for so many pairs
    keys: list[int] = []
    for key in itertools.count():
        (size,) = chance.choices(sizes, rarer)
        keys += [key] * size
        if len(keys) >= count:
            break
    return _grouped(keys[:count])


def _grouped(tolt: list[int]) -> list[int]:
    """Number the groups of pairs that share a key, as the program finds them."""
    known = {
        str(pair): (f"partnero {pair}", f"tolt {key}") for pair, key in enumerate(tolt)
    }
    named = groups(known)
    numbers = {
        name: number for number, name in enumerate(dict.fromkeys(named.values()))
    }
    return [numbers[named[str(pair)]] for pair in range(len(tolt))]


def _pair(
    number: int, key: int, jitter: int, chance: random.Random, trouble: Trouble
) -> SimulatedPair:
    codes = min(int(MEDIAN_CODES * math.exp(chance.gauss(0, SPREAD))), MOST_CODES)
    pages, people = _pages(codes), _pages(codes // CODES_PER_PARTNER)
    pushes = chance.random() < PUSHES
    sales = _pages(codes * SALES_A_CODE) if pushes else 0
    names, weights = zip(*SCHEDULES, strict=True)
    (schedule,) = chance.choices(names, weights)
    return SimulatedPair(
        name=f"pair-{number:06d}",
        schedule=schedule,
        key=key,
        partnero=1 + people + pages + sales,
        tolt_quick=2,
        tolt_full=1 + people + pages + sales,
        pushes=pushes,
        broken=chance.random() < trouble.broken,
        offset=number,
        jitter=jitter,
    )


def _pages(rows: int) -> int:
    return max(1, math.ceil(rows / PAGE))


def due_times(pair: SimulatedPair) -> tuple[int, ...]:
    """Return when a pair is due today, as the timetable of the program says it."""
    offset = int(timetable(pair).offset.total_seconds())
    return tuple(at + offset for at in _times(pair.schedule) if 0 <= at + offset < DAY)


@cache
def _times(schedule: str) -> tuple[int, ...]:
    """Return the due times of a schedule around today; each pair is later by its own.

    A timetable is walked once for all pairs with its expression: its offset is added
    to each of its times, and nothing else of it belongs to one pair.
    """
    plain = SimulatedPair("", schedule, 0, 0, 0, 0, broken=False, jitter=0)
    times, moment = timetable(plain), MIDNIGHT - timedelta(hours=2)
    found: list[int] = []
    while (due := times.after(moment)) and due < MIDNIGHT + timedelta(days=1):
        found.append(int((due - MIDNIGHT).total_seconds()))
        moment = due
    return tuple(found)
