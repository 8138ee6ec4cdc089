"""Cron, aliases, weekdays; scenario H16's two intervals."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.schedule import Due, Timetable
from connector.sections import SCHEDULES

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("0 9 * * 1", "Mon 23", id="Monday is 1"),
        pytest.param("0 9 * * 0", "Sun 22", id="Sunday is 0"),
        pytest.param("0 9 * * 7", "Sun 22", id="Sunday is 7"),
        pytest.param("0 9 * * MON-FRI", "Mon 23", id="names"),
        pytest.param("0 9 25 * 1", "Mon 23", id="either day will do, as in Debian"),
        pytest.param("@weekly", "Sun 29", id="weekly is Sunday midnight"),
        pytest.param("@monthly", "Tue 01", id="monthly is the first"),
    ],
)
def test_weekdays_and_aliases_mean_what_they_mean_in_cron(expression, expected):
    times = Timetable(SCHEDULES.get(expression, expression))

    assert f"{times.after(MIDNIGHT):%a %d}" == expected


def test_what_was_missed_is_made_up_for_once_and_at_once():
    times = Timetable("0 * * * *")
    now = MIDNIGHT + timedelta(hours=5, minutes=30)

    assert times.first(MIDNIGHT, now) == now
    assert Due(times).get_next_fire_time(now, now) == MIDNIGHT + timedelta(hours=6)


def test_nothing_is_made_up_for_where_the_last_due_time_was_met():
    times = Timetable("0 * * * *")
    now = MIDNIGHT + timedelta(minutes=30)

    assert times.first(MIDNIGHT, now) == MIDNIGHT + timedelta(hours=1)


def test_a_clock_that_was_set_back_stops_no_schedule():
    times = Timetable("0 * * * *")

    first = times.first(MIDNIGHT + timedelta(days=400), MIDNIGHT)

    assert first == MIDNIGHT + timedelta(hours=1)


def test_a_pair_is_stale_when_two_due_times_have_passed_without_a_success():
    working_days = Timetable("0 9 * * MON-FRI")
    friday = datetime(2026, 11, 20, 9, 0, 20, tzinfo=UTC)

    assert working_days.stale_at(friday) == datetime(2026, 11, 24, 9, tzinfo=UTC)
