"""The first look at a pair: what every user sees first, beside the floor in one run."""

import shutil

import pytest

from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from tests.benchmarks import far_side, programs, worlds

pytestmark = pytest.mark.bench
CODES = 100_000
FEW = 400
PAGES = "ready-made pages"


def best(many):
    return min(many, key=lambda one: one.cpu)


def looked(folder, command, *more, times=3):
    """Run floor and program by turns, each time without a state; the best of each."""
    floors, looks = [], []
    with programs.far_side(CODES, 0.0, *more) as url:
        for number in range(times):
            own = folder / str(number)
            own.mkdir()
            worlds.configured(own, url, far_side.PROGRAM)
            floors.append(programs.floor(own, url, far_side.PROGRAM))
            looks.append(programs.run(own, "-m", "connector", *command))
            shutil.rmtree(own)
    return best(floors), best(looks)


def stated(board, order, what, measured, *, most, peak, limit):
    floor, look = measured
    times = look.cpu / floor.cpu
    board.add(
        order,
        f"{what}, {CODES:,} codes a side, {PAGES}",
        f"{most:g} times the floor's CPU, {peak} MB",
        f"{look.cpu:.1f} s of CPU, floor {floor.cpu:.1f} s; {look.peak:.0f} MB",
        ratio=f"{times:.2f}",
        met=times <= most and look.peak <= peak,
        limit=limit,
    )


def test_first_plan_of_equal_codes(tmp_path, board):
    measured = looked(tmp_path, ("plan",))

    assert f"{CODES} in step" in measured[1].out
    limit = "requests, and 200,000 rows that become values"
    stated(
        board, 23, "first plan, equal codes", measured, most=1.5, peak=350, limit=limit
    )


def test_first_sync_of_equal_codes(tmp_path, board):
    measured = looked(tmp_path, ("sync",))

    assert f"{CODES} remembered" in measured[1].out
    limit = "SQLAlchemy and SQLite share the writing of the rows"
    stated(
        board, 24, "first sync, links written", measured, most=2, peak=400, limit=limit
    )


def test_first_plan_with_a_fifth_on_one_side_only(tmp_path, board):
    measured = looked(tmp_path, ("plan",), "fifth", times=1)
    limit = "each of the 20,000 changes has its values, its reason and its id"
    stated(
        board,
        25,
        "first plan, 20 % only on one side",
        measured,
        most=3,
        peak=450,
        limit=limit,
    )


def test_plan_of_few_codes_from_the_shell(tmp_path, board):
    with Sandbox(world=seed.big(FEW)) as sandbox:
        sandbox.switches.tolt_rate_limit = 0
        program = f"prg_{sandbox.world.tolt.program.uid}"
        worlds.configured(tmp_path, sandbox.url, program)
        firsts = [programs.plan(tmp_path) for _ in range(5)]
        programs.run(tmp_path, "-m", "connector", "sync")
        plans = [programs.plan(tmp_path) for _ in range(5)]
    first, quickest = (min(m, key=lambda one: one.wall) for m in (firsts, plans))
    assert f"{FEW} in step" in first.out
    assert f"{FEW} in step" in quickest.out
    board.add(
        26,
        f"`plan` on {FEW} codes a side, no rate limit, from the shell",
        "0.6 s",
        f"the first one {first.wall:.2f} s ({first.cpu:.2f} s of CPU), beside a state "
        f"{quickest.wall:.2f} s ({quickest.cpu:.2f})",
        ratio=f"{first.wall / 0.6:.2f} and {quickest.wall / 0.6:.2f} of the target",
        met=quickest.wall <= 0.6,
        limit="what it loads",
    )
