"""The pace where no limit is published: careful at first, and it learns."""

import pytest

from connector.providers.adaptive import GROWTH, SLOWEST, STREAK, Adaptive
from connector.providers.kept import NotKept
from connector.providers.pace import Unhurried
from tests.harness.kept import Kept


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def paced(clock, highest=10.0, memory=None):
    return Adaptive(highest, Unhurried(), memory or NotKept(), clock, clock.sleep)


def test_it_begins_at_half_of_what_is_allowed(clock):
    assert paced(clock).rate == 5.0


def test_requests_are_spread_evenly_at_that_pace(clock):
    pace = paced(clock)

    for _ in range(6):
        pace.wait()

    assert clock.now == pytest.approx(101.0)


def test_it_grows_a_little_after_a_streak_without_a_complaint(clock):
    pace = paced(clock)

    for _ in range(STREAK - 1):
        pace.ended(200)
    before = pace.rate
    pace.ended(200)

    assert before == 5.0
    assert pace.rate == pytest.approx(5.0 * GROWTH)


def test_it_never_grows_beyond_what_is_allowed(clock):
    pace = paced(clock)

    for _ in range(STREAK * 100):
        pace.ended(200)

    assert pace.rate == 10.0


def test_a_complaint_halves_it_and_begins_the_streak_anew(clock):
    pace = paced(clock)
    for _ in range(STREAK - 1):
        pace.ended(200)

    pace.ended(429)
    pace.ended(200)

    assert pace.rate == 2.5


def test_the_complaints_of_one_burst_are_one(clock):
    pace = paced(clock)

    for _ in range(8):
        pace.ended(429)
    once = pace.rate
    clock.now += 1.5
    pace.ended(429)

    assert (once, pace.rate) == (2.5, 1.25)


def test_it_never_stops_altogether(clock):
    pace = paced(clock)

    for _ in range(50):
        clock.now += 2
        pace.ended(429)

    assert pace.rate == SLOWEST


def test_the_next_process_goes_on_where_this_one_stood(clock):
    memory = Kept()
    paced(clock, memory=memory).ended(429)

    assert paced(clock, memory=memory).rate == 2.5


def test_a_memory_that_cannot_be_read_is_done_without(clock):
    memory = Kept("half\n")

    assert paced(clock, memory=memory).rate == 5.0
