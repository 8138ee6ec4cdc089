"""The rate limit as the only brake: reached, and never exceeded."""

import subprocess
import sys
from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from time import perf_counter

import pytest

from connector.providers.base import Remembered
from connector.providers.http import Access, ReadOnly
from connector.providers.listing import Windows
from connector.providers.pace import SlidingWindow
from connector.providers.tolt_reading import ToltReader
from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from state.database import open_to_write
from tests.benchmarks import far_side, programs, worlds
from tests.harness.kept import Kept

pytestmark = pytest.mark.bench
RATE = 25
CREATES = 250
SECONDS = 15
KEY = programs.KEYS["TOLT_API_KEY"]


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


def test_first_fill_at_the_limit(tmp_path, board, sandbox):
    program = f"prg_{sandbox.world.tolt.program.uid}"
    worlds.configured(tmp_path, sandbox.url, program, RATE)

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
        limit="a second is 1,005 ms, and who was longer on the way counts longer; "
        f"longest pause {longest:.2f} s",
    )


def test_two_processes_with_one_key(tmp_path, board, sandbox):
    state = f"sqlite:///{tmp_path / 'connector.db'}"
    open_to_write(state).dispose()
    script = str(programs.HERE / "requests_at_pace.py")
    url = f"{sandbox.url}/tolt/v2/"
    started = [
        subprocess.Popen(
            [sys.executable, script, url, str(RATE), str(SECONDS), state],
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


def test_reading_tolt_when_answers_take_their_time(board):
    """One walk takes as many answers a second as fit; windows fill the rate."""
    codes, pause, kept = 40_000, 0.15, Kept()
    seconds = []
    with programs.far_side(codes, pause) as url:
        for _ in range(2):
            http = ReadOnly(
                Access("Tolt", f"{url}/tolt/v2", KEY, SlidingWindow(RATE, KEY, url))
            )
            reader = ToltReader(
                http,
                version="v2",
                program_id=far_side.PROGRAM,
                currency="USD",
                windows=Windows(kept),
            )
            begun = perf_counter()
            seen = reader.read(Remembered())
            seconds.append(perf_counter() - begun)
            assert seen.complete
            assert len(seen.codes) == codes
            reader.close()
    walk, by_windows = seconds
    allowed = seen.requests / RATE
    board.add(
        62,
        f"reading {codes:,} codes of Tolt at {RATE} requests a second, "
        f"{pause * 1000:.0f} ms an answer",
        "the rate is the only brake",
        f"{by_windows:.1f} s in windows, one walk {walk:.1f} s; the rate allows "
        f"{allowed:.1f} s",
        ratio=f"{allowed / by_windows:.0%} of the rate",
        met=allowed >= 0.9 * by_windows,
        limit="partners are read before, in one walk",
    )
