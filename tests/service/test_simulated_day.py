"""A day of 25 hours in a few seconds: due passes, faults, a restart, silence (H15-H17).

The scheduler, the passes, the state and the notices are the real ones; only the clock
is moved, from one quiet moment to the next.
"""

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import stamina
import time_machine

from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.run.lease import holding
from connector.service.job import Background
from mappings.moments import instant
from state.database import open_to_read, open_to_write
from state.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2026, 10, 25, tzinfo=BERLIN).astimezone(UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Day:
    """The background job under a clock that is moved by hand."""

    def __init__(self, town, clock) -> None:
        self.town, self.clock = town, clock

    def begin(self) -> None:
        context = Context(self.town.config)
        self.keeper = Keeper(context, self.town.loaded)
        self.background = Background(self.keeper.pairs, self.keeper)
        self.background.start()
        self.settle()

    def end(self) -> None:
        self.background.stop(60)

    def move_to(self, when: datetime) -> None:
        self.clock.move_to(when)
        self.background._scheduler.wakeup()
        self.settle()

    def settle(self) -> None:
        """Wait until everything that is due has been done."""
        scheduler = self.background._scheduler
        quiet = 0
        for _ in range(3000):
            now = datetime.now(UTC)
            busy = any(
                sum(executor._instances.values())
                for executor in scheduler._executors.values()
            )
            due = any(job.next_run_time <= now for job in scheduler.get_jobs())
            quiet = 0 if busy or due else quiet + 1
            if quiet == 2:
                return
            self.sleep(0.005)
        raise AssertionError("the scheduler does not come to rest")

    def sleep(self, seconds: float) -> None:
        threading.Event().wait(seconds)


@pytest.fixture
def day(town):
    @contextmanager
    def at(start: datetime):
        with time_machine.travel(start, tick=True) as clock:
            made = Day(town, clock)
            made.begin()
            try:
                yield made
            finally:
                made.end()

    return at


def hours_of(runs) -> list[str]:
    return [f"{instant(run.started_at).astimezone(BERLIN):%H:%M%z}" for run in runs]


def in_turn(runs) -> bool:
    """Say whether each run ended before the next one began."""
    return all(a.finished_at <= b.started_at for a, b in itertools.pairwise(runs))


def test_every_due_pass_of_a_day_with_25_hours_runs_once(town, day):
    town.settle("0 * * * *", "30 2 * * *", "@daily", more='timezone = "Europe/Berlin"')

    with day(MIDNIGHT - timedelta(minutes=10)) as simulated:
        for half_hours in range(51):
            now = MIDNIGHT + half_hours * HOUR / 2
            simulated.move_to(now + timedelta(seconds=6))

    hourly, nightly, daily = (town.runs(f"p{n}")[1:] for n in range(3))
    assert [hour[:5] for hour in hours_of(hourly)] == [
        f"{h:02}:00" for h in [0, 1, 2, 2, *range(3, 24), 0]
    ]
    assert hours_of(nightly) == ["02:30+0200"]
    assert [hour[:5] for hour in hours_of(daily)] == ["00:00", "00:00"]
    runs = [*hourly, *nightly, *daily]
    assert {run.status for run in runs} == {"complete"}
    assert all(in_turn(one) for one in (hourly, nightly, daily))


def test_trouble_of_three_hours_is_one_alarm_and_one_recovery(town, day, receiver):
    town.settle("0 * * * *", "0 * * * *", more=receiver.notify)

    with day(MIDNIGHT - timedelta(minutes=10)) as simulated:
        fault = town.fault("status", path=r"/tolt/.*prg_t00", status=401, count=None)
        for hour in range(6):
            if hour == 3:
                town.sandbox.faults.active.remove(fault)
            simulated.move_to(MIDNIGHT + hour * HOUR + timedelta(seconds=6))

    assert [run.status for run in town.runs("p0")] == [
        "complete",
        *["failed"] * 3,
        *["complete"] * 3,
    ]
    assert {run.status for run in town.runs("p1")} == {"complete"}
    assert receiver.notices == ["p0: failed", "p0 is well again"]
    assert receiver.pings[:2] == ["/ping?job=1"] * 2
    assert set(receiver.pings[3:7]) == {"/ping/fail?job=1"}
    assert receiver.pings[-1] == "/ping?job=1"


def test_an_outage_of_an_hour_is_one_notice_with_its_cause_and_one_recovery(
    town, day, receiver, until
):
    """Whatever it looks like, an outage is one trouble; what waited waits as before."""
    held = 'policy.create = "hold"'
    town.settle(
        "*/10 * * * *", more=receiver.notify, codes=6, only_partnero=0.5, each=held
    )
    looks = ("status", {"status": 503, "answer": ""}), ("cut", {}), ("html", {})

    with stamina.set_testing(True, attempts=2), day(MIDNIGHT + MINUTE) as simulated:
        before = waiting_in(town)
        until(lambda: receiver.notices)  # the digest of what waits
        receiver.calls.clear()
        for number in range(1, 10):
            town.sandbox.faults.clear()
            if number <= 6:
                kind, more = looks[number % 3]
                town.fault(kind, path="/tolt/", count=None, **more)
            minutes = timedelta(minutes=10 * number, seconds=6)
            simulated.move_to(MIDNIGHT + minutes)
            assert waiting_in(town) == before
            assert simulated.keeper.known.seen("p0").waiting

    troubled = [run for run in town.runs() if run.status != "complete"]
    assert len(troubled) == 6
    assert before
    until(lambda: len(receiver.notices) > 1)
    alarm, recovery = notices_in(receiver)
    assert alarm["title"] == "p0: partial"
    assert "Why: Tolt" in alarm["message"]
    assert "GET " in alarm["message"]
    assert f"since {troubled[0].started_at}" in alarm["message"]
    assert "Each run tries again" in alarm["message"]
    assert recovery["title"] == "p0 is well again"
    assert f"had begun at {troubled[0].started_at}" in recovery["message"]


def waiting_in(town) -> list[str]:
    return sorted(Store(open_to_read(town.loaded.location.state_url), "p0").waiting())


def notices_in(receiver) -> list[dict[str, str]]:
    return [json.loads(body) for m, _, body in receiver.calls if m == "POST"]


def test_a_restart_makes_up_for_what_was_missed_and_repeats_no_alarm(
    town, day, receiver
):
    town.settle("0 * * * *", more=receiver.notify)
    town.fault("status", path="/tolt/", status=401, nth=1, count=None)

    with day(MIDNIGHT) as simulated:
        simulated.end()
        simulated.clock.move_to(MIDNIGHT + 5 * HOUR + timedelta(minutes=20))
        simulated.begin()
        simulated.end()
        simulated.begin()

    assert [run.status for run in town.runs()] == ["failed", "failed"]
    assert hours_of(town.runs()) == ["00:00+0200", "04:20+0100"]
    assert receiver.notices == ["p0: failed"]


def test_silence_is_one_alarm_and_the_next_success_clears_it(town, day, receiver):
    town.settle("0 * * * *", more=receiver.notify)

    with day(MIDNIGHT + timedelta(minutes=1)) as simulated:
        other = Store(open_to_write(town.loaded.location.state_url), "p0")
        with holding(other):
            for minutes in range(30, 240, 30):
                simulated.move_to(MIDNIGHT + timedelta(minutes=minutes, seconds=6))
                other.leases.renew(7200)
            told_while_silent = list(receiver.notices)
            stale_while_silent = simulated.keeper.standings()[0].stale
        simulated.move_to(MIDNIGHT + 4 * HOUR + timedelta(seconds=6))
        stale_after = simulated.keeper.standings()[0].stale

    assert told_while_silent == ["p0: silent"]
    assert stale_while_silent
    assert not stale_after
    assert receiver.notices == ["p0: silent", "p0 is well again"]


def test_many_pairs_may_open_the_state_at_the_same_time(tmp_path):
    together = threading.Barrier(8, timeout=20)

    def opened(_: int) -> None:
        for attempt in range(12):
            together.wait()
            open_to_write(f"sqlite:///{tmp_path}/{attempt}.db")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(opened, range(8)))
