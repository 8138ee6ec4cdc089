"""The rate limit as the only brake: reached, and never exceeded."""

import subprocess
import sys
from bisect import bisect_left
from collections import Counter
from itertools import pairwise

import pytest

from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from tests.benchmarks import programs, worlds

pytestmark = pytest.mark.bench
RATE = 25
CREATES = 250
SECONDS = 15


@pytest.fixture
def sandbox():
    """The limit is watched and not enforced here: what arrives is what was sent."""
    with Sandbox(world=seed.big(CREATES, partners=5, only_partnero=1.0)) as served:
        served.switches.tolt_rate_limit = 0
        yield served


def arrivals(sandbox, side):
    rows = [row for row in sandbox.requests if f"/{side}/" in row.path]
    return [row.at for row in rows]


def rate(times):
    return (len(times) - 1) / (times[-1] - times[0])


def worst(times):
    """Return the most requests that arrived in any one second."""
    return max(bisect_left(times, at + 1.0) - i for i, at in enumerate(times))


def test_first_fill_at_the_limit(tmp_path, board, sandbox, monkeypatch):
    monkeypatch.setitem(programs.ENVIRONMENT, "TMPDIR", str(tmp_path))
    program = f"prg_{sandbox.world.tolt.program.uid}"
    worlds.configured(tmp_path, sandbox.url, program, RATE)
    with (tmp_path / "connector.toml").open("a") as config:
        config.write(f"\n[pairs.limits]\ncreates = {CREATES}\n")

    programs.run(tmp_path, "-m", "connector", "sync")

    made = Counter(row.method for row in sandbox.requests.writes)
    assert made == {"POST": CREATES}
    times = arrivals(sandbox, "tolt")
    longest = max(after - before for before, after in pairwise(times))
    reached = rate(times)
    board.add(
        60,
        f"first fill of {CREATES} codes at {RATE} requests a second",
        "97 % of the rate, never above it",
        f"{reached:.2f} a second; worst second {worst(times)} on arrival; "
        f"{len(times) / CREATES:.1f} requests a code",
        ratio=f"{reached / RATE:.1%}",
        met=reached >= 0.97 * RATE and worst(times) <= RATE,
        limit="a request counts from its answer on, and a second is 1,005 ms; "
        f"longest pause {longest:.2f} s",
    )


def test_two_processes_with_one_key(tmp_path, board, sandbox, monkeypatch):
    monkeypatch.setitem(programs.ENVIRONMENT, "TMPDIR", str(tmp_path))
    script = str(programs.HERE / "requests_at_pace.py")
    url = f"{sandbox.url}/tolt/v2/"
    started = [
        subprocess.Popen(
            [sys.executable, script, url, str(RATE), str(SECONDS)],
            env=programs.ENVIRONMENT,
        )
        for _ in range(2)
    ]
    assert [one.wait() for one in started] == [0, 0]
    times = arrivals(sandbox, "tolt")
    reached = rate(times)
    board.add(
        61,
        "two processes with one key, at 25 requests a second together",
        "97 % of the rate, never above it",
        f"{reached:.2f} a second; worst second {worst(times)} on arrival",
        ratio=f"{reached / RATE:.1%}",
        met=reached >= 0.97 * RATE and worst(times) <= RATE,
        limit="one window in a file, behind a lock",
    )
