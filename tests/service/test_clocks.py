"""Clocks that are set while the job runs: passes and alarms go by the present one."""

import resource
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.service.job import MINUTE, WATCH, Background
from connector.service.schedule import Due, Every, Timetable, timetable

# Loading the plug-ins of apprise imports a module that Python 3.13 removes.
pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
NOW = datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


class Counted:
    """Passes that are only counted."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.watched = 0
        self.more = threading.Condition()

    def begin(self, pair, _stop) -> None:
        with self.more:
            self.begun.append(pair.name)
            self.more.notify_all()

    def watch(self) -> None:
        with self.more:
            self.watched += 1
            self.more.notify_all()

    def crashed(self, _pair, error) -> None:
        raise error

    def last_start(self, _pair):
        return None

    def wait(self, passes: int, watches: int) -> bool:
        with self.more:
            return self.more.wait_for(
                lambda: len(self.begun) >= passes and self.watched >= watches, 60
            )


@pytest.fixture
def job(town):
    town.settle("* * * * *")
    passes = Counted()
    background = Background(town.loaded.file.pairs, passes)
    yield background, passes
    background.stop(60)


def next_times(background) -> list[datetime]:
    return [one.next_run_time for one in background._scheduler.get_jobs()]


def settled(background, now) -> bool:
    """Wait until nothing waits for more than two minutes from now."""
    for _ in range(2000):
        if all(at <= now + 2 * MINUTE for at in next_times(background)):
            return True
        threading.Event().wait(0.01)
    return False


def test_a_job_that_began_a_day_ahead_goes_on_when_the_clock_is_right(job):
    """Trial 10: neither the passes nor the look for silence wait for tomorrow."""
    background, passes = job
    with time_machine.travel(NOW + DAY, tick=True) as clock:
        background.start()
        assert passes.wait(1, 0)

        clock.move_to(NOW)
        background._scheduler.wakeup()
        assert settled(background, NOW)
        clock.move_to(NOW + 2 * MINUTE)
        background._scheduler.wakeup()

        assert passes.wait(2, 1)


def test_a_job_that_began_in_1970_makes_up_for_one_pass_and_not_for_millions(job):
    """Trial 11."""
    background, passes = job
    with time_machine.travel(datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC), tick=True) as c:
        background.start()
        assert passes.wait(1, 0)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        c.move_to(NOW)
        background._scheduler.wakeup()
        assert passes.wait(2, 1)
        assert settled(background, NOW)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(passes.begun) == 2
    assert passes.watched <= 2
    assert grown < 50_000  # kilobytes; a row of all missed minutes takes gigabytes


def test_the_scheduler_never_sleeps_longer_than_a_minute(town):
    """By a clock that nobody sets: so it notices when the other one is set."""
    town.settle("@yearly")
    background = Background(town.loaded.file.pairs, Counted())
    background.start()
    background._scheduler.remove_job(WATCH)  # what is left is due in months

    seconds = background._scheduler._process_jobs()
    background.stop(60)

    assert seconds <= MINUTE.total_seconds()


@pytest.mark.parametrize("earlier", [NOW - timedelta(days=20_000), NOW, NOW + 9 * DAY])
def test_what_comes_next_depends_on_the_present_clock_alone(earlier):
    times = Timetable("*/15 * * * *")

    for trigger in (Due(times), Every(MINUTE)):
        due = trigger.get_next_fire_time(earlier, NOW)
        assert due == trigger.get_next_fire_time(None, NOW)
        assert NOW < due <= NOW + 15 * MINUTE


@pytest.mark.parametrize("year", [1, 9999])
def test_a_clock_at_the_end_of_all_calendars_ends_no_scheduler(town, year):
    town.settle("@yearly")
    times = timetable(town.loaded.file.pairs[0])

    times.after(datetime(year, 12 if year > 1 else 1, 31, 23, 59, 59, tzinfo=UTC))


def test_silence_is_told_although_the_clock_was_set_back(town, receiver):
    """The hours for which a job has been silent are those that have passed."""
    town.settle("* * * * *", more=receiver.notify)
    with time_machine.travel(NOW + DAY, tick=True) as clock:
        keeper = Keeper(Context(town.config), town.loaded)
        clock.move_to(NOW)
        keeper._born -= 600
        keeper.watch()
        keeper.farewell(threading.Event())

    assert receiver.notices == ["p0: silent"]
    assert receiver.pings == ["/ping/fail?job=1"]
