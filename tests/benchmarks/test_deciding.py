"""The planner alone, and peers that do the same work in memory.

All of it is pure work of one thread, so CPU seconds are what it takes on a machine
that has nothing else to do; a busy one stretches the wall clock and not these.
"""

import gc
import os
import subprocess
from pathlib import Path
from time import process_time

import pytest
from deepdiff import DeepDiff

from connector.engine.plan import (
    make_plan,
)
from connector.engine.policy import Policy
from mappings.canonical import NOTHING_CARRIED
from state.bulk import uncollected
from tests.benchmarks import programs, worlds

pytestmark = pytest.mark.bench
RECORDS = 100_000


def best(times, measured):
    """Return the shortest of several runs: the others shared their caches."""
    spent = []
    for _ in range(times):
        gc.collect()
        begun = process_time()
        measured()
        spent.append(process_time() - begun)
    return min(spent)


def planned(codes, times=5):
    facts = worlds.facts(codes)

    @uncollected()  # as look() does it
    def once():
        decided = make_plan(facts, Policy())
        assert decided.tally.differ == codes // 100

    return best(times, once)


def test_planner_alone(board):
    sizes = {10_000: 9, 100_000: 7, 1_000_000: 2}
    speeds = {}
    for codes, times in sizes.items():
        speeds[codes] = codes / (seconds := planned(codes, times))
        board.point("seconds of the planner", "planner", codes, seconds)
    told = ", ".join(f"{speed:,.0f}" for speed in speeds.values())
    least = min(speeds.values())
    board.add(
        40,
        "planner alone, 1 % changed; codes a second at 10,000, 100,000, 1,000,000",
        "300,000, linear",
        told,
        ratio=f"{max(speeds.values()) / least:.2f} between fastest and slowest",
        met=least >= 300_000,
        limit="main memory: both halves of each link are looked up and compared; a "
        "changed record takes as long as some forty unchanged ones",
    )


def test_against_vdirsyncer(tmp_path, board):
    program = os.environ.get("BENCH_VDIRSYNCER", "")
    what = "against vdirsyncer 0.21 in memory, 100,000 records a side, 1 % changed"
    limit = "it reads and hashes the text of each changed item, status in SQLite"
    if not program:
        told = "not measured: it could not be installed"
        board.add(50, what, "10 times faster", told, limit=limit)
        return
    python = str(Path(program).absolute().parent / "python")
    peer = str(programs.HERE / "peer_vdirsyncer.py")
    runs = [
        subprocess.run(
            [python, peer, str(RECORDS)], capture_output=True, text=True, check=True
        )
        for _ in range(1)
    ]
    theirs, ours = min(float(one.stdout) for one in runs), planned(RECORDS)
    board.add(
        50,
        what,
        "10 times faster",
        f"{theirs:.2f} s, ours {ours:.2f} s",
        ratio=f"{theirs / ours:.1f} times faster",
        met=theirs >= 10 * ours,
        limit=limit,
    )


def comparable(side):
    """Return a side's records without what is never the same on both."""
    return {
        code.values.code: code._replace(
            id="",
            values=code.values._replace(partner=code.values.partner.partition("_")[2]),
            carried=NOTHING_CARRIED,
        )
        for code in side.codes.values()
    }


def test_against_deepdiff(board):
    facts = worlds.facts(RECORDS)
    on_partnero, on_tolt = comparable(facts.partnero), comparable(facts.tolt)
    begun = process_time()
    found = DeepDiff(on_partnero, on_tolt)
    theirs = process_time() - begun
    assert len(found["values_changed"]) == RECORDS // 100
    ours = planned(RECORDS)
    board.add(
        51,
        "against DeepDiff over whole snapshots, 100,000 records a side, 1 % changed",
        "50 times faster",
        f"{theirs:.1f} s, ours {ours:.2f} s",
        ratio=f"{theirs / ours:.0f} times faster",
        met=theirs >= 50 * ours,
        limit="it walks into every value; it knows no base",
    )
