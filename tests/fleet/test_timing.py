"""When a pair is due again, by how its pass has ended."""

from datetime import UTC, datetime, timedelta

import pytest
import structlog

from connector.config.timetable import spread
from connector.fleet.health import Health
from connector.fleet.timing import NEVER, Ended, due_again
from state.fleet import SECOND

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MICROS = int(NOW.timestamp()) * SECOND
NEXT = NOW + timedelta(minutes=15)


def seconds(ended, failures=0):
    due, after = due_again(ended, MICROS, failures)
    return (due - MICROS) / SECOND, after


@pytest.mark.parametrize(
    ("ended", "failures", "expected"),
    [
        pytest.param(Ended("done", NEXT), 0, (900, 0), id="by its timetable"),
        pytest.param(Ended("done", NEXT), 5, (900, 0), id="well again"),
        pytest.param(
            Ended("done", NOW - timedelta(hours=1)), 0, (-3600, 0), id="missed: at once"
        ),
        pytest.param(Ended("held", NEXT), 2, (10, 2), id="held by somebody: soon"),
        pytest.param(Ended("stopped", NEXT), 2, (0, 2), id="stopped: at once"),
        pytest.param(Ended("failed", NOW), 0, (30, 1), id="the first failure"),
        pytest.param(Ended("failed", NOW), 1, (60, 2), id="the second waits longer"),
        pytest.param(Ended("failed", NOW), 999, (3600, 1000), id="never given up"),
        pytest.param(Ended("failed", NEXT), 0, (900, 1), id="not before its time"),
        pytest.param(Ended("failed"), 0, (30, 1), id="without a timetable"),
    ],
)
def test_a_pair_is_due_again(ended, failures, expected):
    assert seconds(ended, failures) == expected


def test_a_timetable_that_has_ended_is_never_due():
    assert due_again(Ended("done"), MICROS, 0) == (NEVER, 0)


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("* * * * *", 56),
        ("*/5 * * * *", 280),
        ("*/15 6-22 * * *", 840),
        ("0,2 * * * *", 112),
        ("0 3 * * *", 840),
        ("0 0 29 2 *", 840),
    ],
)
def test_a_pair_is_spread_over_most_of_its_shortest_interval(schedule, seconds):
    assert spread(schedule) == seconds


def test_to_begin_is_no_trouble_and_an_outage_at_the_beginning_is_one():
    well, ill = Health(), Health()
    with structlog.testing.capture_logs() as told:
        well.good("queue")
        assert told == []
        ill.bad("queue", "the server is away")
        ill.bad("queue", "the server is away")
        ill.good("queue")
    assert [line["event"] for line in told] == ["it is waited for", "it goes on"]
    assert (well.problem(), ill.problem()) == ("", "")
