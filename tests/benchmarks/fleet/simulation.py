"""A day of many fleets, as tables: ``python -m tests.benchmarks.fleet.simulation``.

Prints Markdown; ``--into docs/fleet.md`` puts it between the marks of that page. The
same arguments and the same seed print the same bytes. No network, no database, no
clock.
"""

import argparse
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from tests.benchmarks.fleet.day import Outcome, Simulation, quantile
from tests.benchmarks.fleet.model import (
    DAY,
    TOLT_RATE,
    Costs,
    Fleet,
    Trouble,
    fleet,
    of_one_key,
)

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
KEY_SIZES = (10, 50, 100, 200, 400, 800)
SPREAD, TOGETHER = 840, 5
"""Seconds of jitter: over most of a quarter of an hour, and the default."""
PROMPT = 60
"""A fleet is large enough where of 100 passes 99 wait less long for a worker."""
SOME_HOURS = 2 * 3600
BEGIN, END = "<!-- simulation -->\n", "<!-- end of simulation -->\n"
HEAD = (
    "| pairs | keys of Tolt | workers | busy | passes a day | late, 99 of 100 | late at"
    " most | after a loss | requests to Partnero | to Tolt | state |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)
TOGETHER_HEAD = (
    "| pairs | workers at `jitter = 840` | workers at `jitter = 5` |\n|---|---|---|"
)
KEY_HEAD = (
    "| pairs behind one Tolt key | the key is at work | late, 99 of 100 | late at most"
    " | passes that were skipped |\n|---|---|---|---|---|"
)


def needed(of: Fleet, costs: Costs) -> int:
    """Return how few workers keep the waits short, over some hours without trouble."""
    workers = _least(of, costs)
    while not _is_enough(of, workers, costs):
        workers = max(workers + 1, int(workers * 1.25))
    while workers > 1 and _is_enough(of, workers - 1, costs):
        workers -= 1
    return workers


def _least(of: Fleet, costs: Costs) -> int:
    """Return how many processors the passes take, if they were spread evenly."""
    spent = sum(
        costs.cpu + costs.cpu_a_request * sum(pair.requests(nth))
        for pair, times in zip(of.pairs, of.due, strict=True)
        for nth, due in enumerate(times)
        if due < SOME_HOURS
    )
    return max(1, int(spent / SOME_HOURS))


def _is_enough(of: Fleet, workers: int, costs: Costs) -> bool:
    seen = Simulation(of, workers, costs, seconds=SOME_HOURS).run()
    return quantile(seen.waited, 0.99) <= PROMPT


def row(count: int, costs: Costs, seed: int) -> str:
    """Simulate a day of so many pairs, with all its troubles."""
    of = fleet(count, jitter=SPREAD, seed=seed)
    # A third more than hours without trouble need, and at least one: one may be dead,
    # and after an outage, or when those of once a day are due, there is more to do.
    least = needed(of, costs)
    workers = max(least + 1, ceil(least * 4 / 3))
    seen = Simulation(of, workers, costs, Trouble(), seed=seed).run()
    assert seen.never == 0, f"{seen.never} pairs never ran"
    cells = (
        f"{count:,}",
        f"{of.keys:,}",
        f"{workers:,}",
        f"{seen.busy / DAY / workers:.0%}",
        f"{seen.passes:,}",
        f"{quantile(seen.late, 0.99)} s",
        f"{max(seen.late)} s",
        f"{max(seen.again, default=0)} s",
        f"{seen.partnero:,}",
        f"{seen.tolt:,}",
        size_of(count, costs),
    )
    return _cells(cells)


def size_of(pairs: int, costs: Costs) -> str:
    return f"{pairs * costs.bytes_a_pair / 1e6:,.0f} MB"


def together(count: int, costs: Costs, seed: int) -> str:
    """Tell what it takes where all pairs are due in the same seconds."""
    workers = [
        needed(fleet(count, jitter=jitter, seed=seed), costs)
        for jitter in (SPREAD, TOGETHER)
    ]
    return _cells([f"{count:,}", *(f"{one:,}" for one in workers)])


def key_row(count: int, costs: Costs, seed: int) -> str:
    """Tell how late the pairs of one Tolt key are, which run one after the other."""
    of = of_one_key(count, jitter=SPREAD, seed=seed)
    seen = Simulation(of, 4, costs).run()
    return _cells(
        [
            f"{count:,}",
            f"{_at_work(seen):.0%} of the day",
            f"{quantile(seen.late, 0.99):,} s",
            f"{max(seen.late):,} s",
            f"{seen.missed / (seen.missed + seen.passes):.1%}",
        ]
    )


def _at_work(seen: Outcome) -> float:
    return max(seen.key_seconds.values()) / 1000 / DAY


def _cells(cells: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def page(costs: Costs, sizes: tuple[int, ...], seed: int) -> str:
    """Return all tables as Markdown."""
    lines = [
        HEAD,
        *(row(count, costs, seed) for count in sizes),
        "",
        TOGETHER_HEAD,
        *(together(count, costs, seed) for count in sizes if count <= 10_000),
        "",
        f"One Tolt key, asked at most {TOLT_RATE:.0f} times a second:",
        "",
        KEY_HEAD,
        *(key_row(count, costs, seed) for count in KEY_SIZES),
    ]
    return "\n".join(lines) + "\n"


def put_into(page_path: Path, tables: str) -> None:
    """Replace what stands between the marks of a page."""
    text = page_path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    page_path.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--pairs", type=int, nargs="*", default=SIZES)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--cpu", type=float, default=Costs().cpu, help="of a pass, s")
    asked.add_argument("--cpu-a-request", type=float, default=Costs().cpu_a_request)
    asked.add_argument("--bytes-a-pair", type=float, default=Costs().bytes_a_pair)
    asked.add_argument("--into", type=Path)
    given = asked.parse_args(arguments)
    costs = Costs(
        cpu=given.cpu,
        cpu_a_request=given.cpu_a_request,
        bytes_a_pair=given.bytes_a_pair,
    )
    tables = page(costs, tuple(given.pairs), given.seed)
    if given.into:
        put_into(given.into, tables)
    sys.stdout.write(tables)


if __name__ == "__main__":
    main()
