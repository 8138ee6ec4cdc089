"""An idle plan, as the command is run: requests, time against a floor, memory."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Event
from urllib.request import urlopen

import httpx
import pytest
import time_machine

from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from connector.terminal.log import configure
from tests.benchmarks import far_side, programs, worlds

pytestmark = pytest.mark.bench
PLANS: dict[int, tuple[programs.Spent, programs.Spent]] = {}
"""Floor and plan on ready-made pages, by the number of codes."""
PACKAGES = ("httpcore", "httpx", "msgspec", "pydantic", "stamina", "typer")
"""What every plan loads that others have written."""
OF_STATES = ("sqlmodel", "sqlalchemy.dialects.sqlite")
"""What it loads besides where there is a state."""
LOADED = {
    "first plan": ("connector.cli", "connector.commands.plans"),
    "plan beside a state": (
        *("connector.cli", "connector.commands.plans"),
        *("state.database", "state.store", "sqlalchemy.dialects.sqlite"),
    ),
}
IN_PYTHON = "Python's lock: both sides decode in one process"


def counted(url):
    with urlopen(f"{url}/count") as answer:  # noqa: S310 (loopback)
        return json.load(answer)


def measured(tmp_path, codes, times):
    """Run floor and plan by turns on ready-made pages; the best of each counts."""
    worlds.remembered(tmp_path, codes)
    floors, plans = [], []
    with programs.far_side(codes) as url:
        worlds.configured(tmp_path, url, far_side.PROGRAM)
        for _ in range(times):
            floors.append(programs.floor(tmp_path, url, far_side.PROGRAM))
            before = counted(url)
            plans.append(programs.plan(tmp_path))
            asked = {path: n - before.get(path, 0) for path, n in counted(url).items()}
            assert f"{codes} in step" in plans[-1].out
    quickest = (min(many, key=lambda one: one.wall) for many in (floors, plans))
    PLANS[codes] = tuple(quickest)
    return asked


def test_rows_of_the_far_side_have_the_fields_of_the_sandbox():
    with (
        Sandbox(world=seed.big(200, partners=3)) as sandbox,
        programs.far_side(1000) as url,
    ):
        for path, query in (
            ("partnero/v1/promotion-codes", {"limit": 100, "page": 1}),
            ("partnero/v1/coupons", {"limit": 100, "page": 1}),
            ("tolt/v2/promotion-codes", {"limit": 100, "program_id": "PRG"}),
        ):
            fields = []
            for base, program in (
                (sandbox.url, f"prg_{sandbox.world.tolt.program.uid}"),
                (url, far_side.PROGRAM),
            ):
                side = path.partition("/")[0].upper()
                key = programs.KEYS[f"{side}_API_KEY"]
                asked = {**query}
                if "program_id" in asked:
                    asked["program_id"] = program
                answer = httpx.get(
                    f"{base}/{path}",
                    params=asked,
                    headers={"Authorization": f"Bearer {key}"},
                )
                fields.append(set(answer.json()["data"][0]))
            assert fields[0] == fields[1]


@pytest.mark.parametrize(("codes", "times"), [(10_000, 3), (100_000, 2)])
def test_idle_plan_on_ready_made_pages(tmp_path, board, codes, times):
    asked = measured(tmp_path, codes, times)

    pages, people = codes // 100, far_side.PARTNERS // 100
    assert asked == {
        "/partnero/v1/promotion-codes": pages,
        "/partnero/v1/coupons": 1,
        "/partnero/v1/partners": people,
        "/tolt/v2/promotion-codes": pages,
        "/tolt/v2/partners": people,
        "/tolt/v2/transactions": 1,
    }
    if codes < 100_000:
        return
    floor, plan = PLANS[codes]
    board.add(
        10,
        "requests of a plan, 100,000 codes a side",
        "the pages, nothing more",
        f"{sum(asked.values()):,} requests for {2 * pages + 1 + 2 * people:,} pages of "
        "codes, coupons and partners, and one that holds no sale",
        ratio="1.00",
        met=True,
        limit="100 rows a page, set by the providers",
    )
    board.add(
        21,
        "the same on ready-made pages (the server costs next to nothing), CPU",
        "the floor's",
        f"{plan.cpu:.1f} s, floor {floor.cpu:.1f} s",
        ratio=f"{plan.cpu / floor.cpu:.2f}",
        met=plan.cpu <= floor.cpu,
        limit=f"what a floor leaves out, see below; by the clock {plan.wall:.1f} s, "
        f"the floor {floor.wall:.1f} s",
    )
    board.add(
        30,
        "peak memory, 100,000 codes a side",
        "220 MB",
        f"{plan.peak:.0f} MB, floor {floor.peak:.0f} MB",
        ratio=f"{plan.peak / 220:.2f} of the target",
        met=plan.peak <= 220,
        limit="the page of coupons embeds every code: 49 MB in one answer",
    )


def test_requests_alone(tmp_path, board):
    """The requests as the program sends them: no decoding makes them cheaper."""
    codes, asks = 100_000, programs.HERE / "requests_alone.py"
    floors, requests = [], []
    with programs.far_side(codes) as url:
        for _ in range(3):
            floors.append(programs.floor(tmp_path, url, far_side.PROGRAM))
            before = sum(counted(url).values())
            requests.append(programs.run(tmp_path, asks, url, far_side.PROGRAM))
            assert sum(counted(url).values()) - before == 2 * codes // 100 + 21
    floor, request = (min(one.cpu for one in many) for many in (floors, requests))
    board.add(
        27,
        f"the requests of that plan alone, {codes:,} codes a side, CPU",
        "below the floor's",
        f"{request:.1f} s, floor {floor:.1f} s",
        ratio=f"{request / floor:.2f}",
        met=request <= floor,
        limit="httpcore and h11, in Python",
    )


@pytest.mark.parametrize("what", LOADED)
def test_what_a_plan_loads(tmp_path, board, what):
    """Without the search for cycles, as the program loads it."""
    beside = what != "first plan"
    sets = (LOADED[what], PACKAGES + OF_STATES * beside)
    bare = [f"import gc; gc.disable(); import {', '.join(names)}" for names in sets]
    loads = [[programs.run(tmp_path, "-c", one) for one in bare] for _ in range(5)]
    load, alone = (min(one.cpu for one in many) for many in zip(*loads, strict=True))
    board.add(
        29 if beside else 28,
        f"what a {what} loads",
        "0.35 s",
        f"{load:.2f} s of CPU; the packages that it uses, alone, {alone:.2f} s",
        ratio=f"{load / alone:.2f} of the packages",
        met=load <= 0.35,
        limit="SQLAlchemy and SQLModel" if beside else "pydantic, httpx and typer",
    )


def test_idle_plan_on_the_sandbox(tmp_path, board):
    """The sandbox is a Python program too: it takes some milliseconds for a page."""
    codes = 100_000
    arguments = ("--codes", codes, "--switch", "tolt_rate_limit=0")
    with programs.serving("-m", "connector", "sandbox", *arguments) as lines:
        text = ""
        while "export TOLT_API_KEY" not in text:
            text += next(lines)
        url = re.search(r"http://[\d.:]+", text).group()
        program = re.search(r'program_id = "(\w+)"', text).group(1)
        worlds.configured(tmp_path, url, program)
        programs.run(tmp_path, "-m", "connector", "sync")
        floor = programs.floor(tmp_path, url, program)
        plan = programs.plan(tmp_path)
    assert f"{codes} in step" in plan.out
    board.add(
        20,
        "idle plan, 100,000 codes a side, no rate limit, on the sandbox",
        "the floor's",
        f"{plan.wall:.1f} s, floor {floor.wall:.1f} s",
        ratio=f"{plan.wall / floor.wall:.2f}",
        met=plan.wall <= floor.wall,
        limit=f"the sandbox; CPU of the plan {plan.cpu:.1f} s, of the floor "
        f"{floor.cpu:.1f} s",
    )


def test_idle_plan_of_a_million(tmp_path, board):
    codes = 1_000_000
    measured(tmp_path, codes, 1)

    floor, plan = PLANS[codes]
    for codes_, (lowest, spent) in PLANS.items():
        board.point("seconds of an idle plan", "plan", codes_, spent.wall)
        board.point("seconds of an idle plan", "floor", codes_, lowest.wall)
        board.point("peak megabytes", "plan", codes_, spent.peak)
        board.point("peak megabytes", "floor", codes_, lowest.peak)
    small = PLANS[100_000][1]
    growth = (plan.peak - small.peak) / 900
    board.add(
        31,
        "peak memory, 1,000,000 codes a side",
        "1,300 MB, linear",
        f"{plan.peak:,.0f} MB ({growth:.2f} MB for each 1,000 codes more)",
        ratio=f"{plan.peak / small.peak:.1f} times that of 100,000",
        met=plan.peak <= 1300,
        limit="both snapshots and the bases are held at once",
    )
    board.add(
        22,
        "idle plan, 1,000,000 codes a side, ready-made pages",
        "linear",
        f"{plan.wall:.0f} s, floor {floor.wall:.0f} s",
        ratio=f"{plan.wall / floor.wall:.2f}; {plan.wall / small.wall:.1f} times "
        "that of 100,000",
        met=plan.wall <= 13 * small.wall,
        limit=IN_PYTHON,
    )


def test_idle_cycle_of_the_background_job(tmp_path, board, monkeypatch, capsys):
    """Passes as `run` does them, a quarter of an hour apart."""
    codes = 10_000
    for name, key in programs.KEYS.items():
        monkeypatch.setenv(name, key)
    configure("error")
    with (
        time_machine.travel(datetime.now(UTC), tick=True) as clock,
        Sandbox(world=seed.big(codes)) as sandbox,
    ):
        sandbox.switches.tolt_rate_limit = 0
        worlds.configured(
            tmp_path, sandbox.url, f"prg_{sandbox.world.tolt.program.uid}"
        )
        context = Context(tmp_path / "connector.toml")
        keeper = Keeper(context, context.config())
        for _ in range(3):  # adopts, finds nothing to do, has nothing to look at
            sandbox.requests.clear()
            keeper.begin(context.config().file.pairs[0], Event())
            clock.shift(timedelta(minutes=15))
    assert "nothing new" in capsys.readouterr().out.splitlines()[-1]
    asked = Counter(
        (row.path.split("/")[1], row.path.split("/")[-1]) for row in sandbox.requests
    )
    listed = asked["tolt", "promotion-codes"]
    there = sum(n for (side, _), n in asked.items() if side == "tolt")
    here = sum(n for (side, _), n in asked.items() if side == "partnero")
    board.add(
        12,
        f"idle cycle of `run` on Tolt v2, {codes:,} codes a side",
        "one request for codes",
        f"{listed} for codes, {there} to Tolt in all; {here} pages of Partnero",
        ratio=f"{listed:.2f}",
        met=listed == 1,
        limit="Partnero names no changes: its pages are read",
    )
