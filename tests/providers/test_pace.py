"""The rate of a key holds over all threads and processes that use it."""

import gc
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.providers import pace as module
from connector.providers.adaptive import Adaptive
from connector.providers.http import Access, ReadOnly
from connector.providers.kept import NotKept
from connector.providers.pace import SlidingWindow
from state import servers
from state.database import open_to_write
from state.places import file_of
from state.sharing import Sharing
from state.sharing_file import shared_of_user
from tests.standins.front import Sandbox

ROOT = Path(__file__).parents[2]
RATE = 20


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    monkeypatch.setattr(module, "_told", set())


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    """The URL of a state that is there."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path / 'connector.db'}"
        open_to_write(made).dispose()
    else:
        made = request.getfixturevalue("postgres").state()
    yield made
    if file_of(made) is None:
        servers.dispose(made)


@pytest.fixture
def host():
    return f"host-{time.time_ns()}"


ASKS = """
import sys, threading
from connector.providers.http import Access, ReadOnly
from connector.providers.pace import SlidingWindow
from state.sharing import Sharing
from state.sharing_file import shared_of_user
url, state, rate, threads, key = sys.argv[1:6]
def asks():
    window = SlidingWindow(float(rate), key, "sandbox", Sharing(state))
    http = ReadOnly(Access("Tolt", url, key, window))
    for _ in range(5):
        http.peek("GET", "programs")
    http.close()
print("ready", flush=True)
sys.stdin.readline()
every = [threading.Thread(target=asks) for _ in range(int(threads))]
for one in every: one.start()
for one in every: one.join()
"""


def test_two_processes_of_four_threads_each_never_exceed_one_rate(url):
    """The sandbox counts, and would refuse one that is too many."""
    with Sandbox() as sandbox:
        sandbox.switches.tolt_rate_limit = RATE
        place = f"{sandbox.url}/tolt/v2/"
        key = sandbox.environment["TOLT_API_KEY"]
        command = [sys.executable, "-c", ASKS, place, url, str(RATE), "4", key]
        pipe, env = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(ROOT)}
        every = [
            subprocess.Popen(command, stdin=pipe, stdout=pipe, env=env)
            for _ in range(2)
        ]
        assert [one.stdout.readline() for one in every] == [b"ready\n"] * 2
        for one in every:  # all begin together
            one.stdin.write(b"\n")
            one.stdin.flush()
        for one in every:
            one.communicate(timeout=60)
        assert [one.returncode for one in every] == [0, 0]
        seen = list(sandbox.requests)

    assert {row.status for row in seen} == {200}
    times = sorted(row.at for row in seen)
    assert max(sum(at <= one < at + 1 for one in times) for at in times) <= RATE
    assert len(times) == 40


def test_a_window_that_cannot_be_shared_is_kept_to_by_the_process(tmp_path, host):
    """B20: a full disk, a folder that may be anybody's: said once, and gone on."""
    state = tmp_path / "connector.db"
    state.touch()
    (tmp_path / ".connector.db-pace").write_text("")
    windows = [
        SlidingWindow(5, "key", host, Sharing(f"sqlite:///{state}")) for _ in range(2)
    ]

    with capture_logs() as said:
        sent = _sent(windows, 8)

    assert max(sum(at <= one < at + 1 for one in sent) for at in sent) <= 5
    assert [one["event"] for one in said] == [
        "the pace of a key is not shared with others"
    ]
    assert "key" not in said[0]["reason"].replace("pace", "")


def test_two_states_of_one_user_share_the_rate_of_a_key(tmp_path, host, monkeypatch):
    """Each as a process of its own would use it: what they share is the user's."""
    windows = []
    for name in ("one", "other"):
        url = f"sqlite:///{tmp_path / name}.db"
        open_to_write(url).dispose()
        monkeypatch.setattr(module, "_own", {})
        windows.append(SlidingWindow(5, "key", host, Sharing(url)))

    sent = _sent(windows, 8)

    assert max(sum(at <= one < at + 1 for one in sent) for at in sent) <= 5


def test_what_a_full_window_refuses_takes_no_place_in_another(
    tmp_path, host, monkeypatch
):
    # So long that a slow machine does not empty the window meanwhile.
    monkeypatch.setattr(module, "SECOND", 600 * module.SECOND)
    url = f"sqlite:///{tmp_path / 'connector.db'}"
    open_to_write(url).dispose()
    beside, users = Sharing(url), shared_of_user()
    name = module.name_of("key", host)
    for _ in range(5):
        assert users.turn(name, 5, module.SECOND).place is not None
    window = SlidingWindow(5, "key", host, beside)

    assert window._try() > 0

    left = [beside.shared.turn(name, 5, module.SECOND).place for _ in range(5)]
    assert None not in left


def test_without_a_state_processes_of_one_user_share_a_window(
    tmp_path, host, monkeypatch
):
    windows = []
    for _ in range(2):
        monkeypatch.setattr(module, "_own", {})
        url = f"sqlite:///{tmp_path / 'connector.db'}"
        windows.append(SlidingWindow(5, "key", host, Sharing(url)))

    sent = _sent(windows, 8)

    assert max(sum(at <= one < at + 1 for one in sent) for at in sent) <= 5
    assert list(tmp_path.iterdir()) == []


def test_without_a_state_the_pairs_of_one_process_share_a_window(tmp_path, host):
    url = f"sqlite:///{tmp_path / 'connector.db'}"
    windows = [SlidingWindow(5, "key", host, Sharing(url)) for _ in range(2)]

    with capture_logs() as said:
        sent = _sent(windows, 8)

    assert max(sum(at <= one < at + 1 for one in sent) for at in sent) <= 5
    assert said == []
    assert list(tmp_path.iterdir()) == []


def _sent(windows, count):
    sent = []
    for turn in range(count):
        windows[turn % 2].wait()
        sent.append(time.monotonic())
        windows[turn % 2].ended(200)
    return sent


def test_a_server_that_dies_between_two_requests_stops_nothing(postgres, host):
    url = postgres.state()
    window = SlidingWindow(1000, "key", host, Sharing(url))
    window.wait()
    postgres.stop()
    try:
        with capture_logs() as said:
            window.ended(200)
            window.wait()
            window.ended(200)
    finally:
        postgres.start()

    assert [one["log_level"] for one in said] == ["warning"]
    assert "s3same" not in str(said)
    window.close()
    servers.dispose(url)


def test_eight_threads_share_a_window_of_their_process(host):
    window = SlidingWindow(10, "key", host)
    sent = []

    def send(_number):
        window.wait()
        sent.append(time.monotonic())
        window.ended(200)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(21)))

    assert max(sum(at <= one < at + 1 for one in sent) for at in sent) <= 10


class Clock:
    """Time that passes by sleeping alone; ``slept`` happens in between."""

    def __init__(self):
        self.now = 10**12
        self.slept = lambda: None

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += round(seconds * 1_000_000)
        self.slept()


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "_now", made)
    return made


def test_a_request_counts_from_when_it_may_have_arrived(clock, host):
    """Its answer took 0.7 s longer than the fastest one: so late may it have been."""
    window = SlidingWindow(1, "key", host, sleep=clock.sleep)
    for _ in range(module.SURE + 1):
        window.wait()
        clock.sleep(0.1)
        window.ended(200)
    begun = clock.now
    window.wait()
    assert clock.now - begun == module.SECOND - 100_000

    clock.sleep(0.8)
    window.ended(200)
    begun = clock.now
    window.wait()

    assert clock.now - begun == module.SECOND - 100_000


def test_the_first_answers_do_not_say_yet_how_fast_one_can_be(clock, host):
    window = SlidingWindow(1, "key", host, sleep=clock.sleep)
    window.wait()
    clock.sleep(0.4)
    window.ended(200)
    begun = clock.now

    window.wait()

    assert clock.now - begun == module.SECOND


def test_a_request_that_is_under_way_for_long_gives_its_place_to_nobody(clock, host):
    slow, window = (SlidingWindow(1, "key", host, sleep=clock.sleep) for _ in range(2))
    begun = clock.now
    slow.wait()
    ends = []

    def answered():
        if clock.now - begun >= 2_000_000 and not ends:
            slow.ended(200)
            ends.append(clock.now)

    clock.slept = answered
    window.wait()

    assert clock.now - ends[0] == module.SECOND


def test_one_that_is_never_answered_gives_its_place_back_in_the_end(clock, host):
    slow, window = (SlidingWindow(1, "key", host, sleep=clock.sleep) for _ in range(2))
    begun = clock.now
    slow.wait()
    window.wait()

    assert 0 <= clock.now - begun - module.FLIGHT - module.SECOND <= module.POLLED


def test_where_all_answers_are_slow_the_rate_is_reached_all_the_same(clock, host):
    """25 a second need not wait for answers of two seconds."""
    window = SlidingWindow(25, "key", host, sleep=clock.sleep)
    window.wait()
    clock.sleep(2)
    window.ended(200)
    clock.sleep(2)
    begun = clock.now

    for _ in range(76):
        window.wait()

    assert clock.now - begun == 3 * module.SECOND


def test_windows_that_nobody_uses_are_forgotten(host, monkeypatch):
    SlidingWindow(1, "key", host)
    name = module.name_of("key", host)
    assert name in module._own
    monkeypatch.setattr(
        module, "_now", lambda now=module._now: now() + 10 * module.IDLE
    )

    SlidingWindow(1, "another", host)

    assert name not in module._own


def test_no_key_is_in_what_is_kept(url):
    sharing = Sharing(url)
    window = SlidingWindow(5, "tlt_live_secret", "host", sharing)
    window.wait()

    assert "secret" not in module.name_of("tlt_live_secret", "host")
    assert sharing.shared.turn(window._name, 1, 10_000_000).place is None
    window.close()


def test_others_hear_with_the_next_request_and_at_the_end_that_one_has_ended(url, host):
    """It stands some seconds ahead while it is under way, and for others until then."""
    sharing, other = Sharing(url), Sharing(url)
    window = SlidingWindow(100, "key", host, sharing)

    def fewer_ahead_than(limit):
        time.sleep(0.05)  # what has ended is behind us by then
        name = module.name_of("key", host)
        return other.shared.turn(name, limit, span=1).place is not None

    for _ in range(3):
        window.wait()
        window.ended(200)
    assert fewer_ahead_than(2)
    assert not fewer_ahead_than(1)

    window.close()
    assert fewer_ahead_than(1)
    other.close()


@pytest.mark.parametrize("rate", [0.5, 1, 4])
def test_where_few_places_are_there_none_is_kept_from_others(url, host, rate):
    """Who asks now and then would keep out whoever else waits for the only place."""
    sharing, other = Sharing(url), Sharing(url)
    other.shared.text("nothing")  # opened by now: the request takes as good as no time
    window = SlidingWindow(rate, "key", host, sharing)
    window.wait()
    window.ended(200)

    time.sleep(0.05)
    name = module.name_of("key", host)
    assert other.shared.turn(name, 1, span=1).place is not None
    window.close()
    other.close()


def opened(folder):
    """Return which files in a folder this process has open."""
    numbers = Path("/proc/self/fd").iterdir()
    places = [str(one.readlink()) for one in numbers if one.is_symlink()]
    return [one for one in places if one.startswith(str(folder))]


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
@pytest.mark.usefixtures("uncollected")
def test_a_client_that_is_closed_leaves_no_file_of_its_pace_open(tmp_path, host):
    """Whatever still refers to it: nothing here waits for the garbage collector."""
    (tmp_path / "connector.db").touch()
    kept = []
    for _ in range(3):
        sharing = Sharing(f"sqlite:///{tmp_path / 'connector.db'}")
        pace = Adaptive(1000, SlidingWindow(1000, "key", host, sharing), NotKept())
        http = ReadOnly(Access("Tolt", "http://127.0.0.1:9/v2", "key", pace))
        pace.wait()
        assert opened(tmp_path)
        http.close()
        kept.append(http)

    assert opened(tmp_path) == []


def test_who_waits_at_a_pace_that_was_closed_meanwhile_goes_on(tmp_path, host):
    (tmp_path / "connector.db").touch()
    sharing = Sharing(f"sqlite:///{tmp_path / 'connector.db'}")
    window = SlidingWindow(1000, "key", host, sharing)
    window.wait()
    window.close()

    window.ended(200)
    window.wait()
    window.ended(200)

    assert threading.active_count() < 20
    sharing.shared.close()
