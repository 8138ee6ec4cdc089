"""The state of 100,000 bases: loaded by each run, written where something changed."""

from time import perf_counter, process_time

import pytest

from tests.benchmarks import worlds

pytestmark = pytest.mark.bench
BASES = 100_000


def test_state_of_a_hundred_thousand_bases(tmp_path, board):
    store = worlds.remembered(tmp_path, BASES)
    loads, writes = [], []
    for place in range(5):
        known = None  # to let go of the last ones is no part of loading these
        begun, worked = perf_counter(), process_time()
        known = store.links()
        loads.append((process_time() - worked, perf_counter() - begun))
        begun = perf_counter()
        store.save_links(known[place::100])
        writes.append(perf_counter() - begun)
    assert len(known) == BASES
    (load, waited), write = min(loads), min(writes)
    board.add(
        70,
        "state, load 100,000 bases",
        "0.5 s",
        f"{load:.2f} s of CPU, {waited:.2f} s by the clock",
        ratio=f"{load / 0.5:.2f} of the target",
        met=load <= 0.5,
        limit="SQLite hands the rows over in half of it; the rest makes values",
    )
    board.add(
        71,
        "state, write 1 % of them",
        "0.1 s",
        f"{write:.3f} s",
        ratio=f"{write / 0.1:.2f} of the target",
        met=write <= 0.1,
        limit="one transaction, one flush to the disk",
    )
