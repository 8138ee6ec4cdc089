"""Cron, aliases, weekdays, daylight saving; scenario H16's two intervals."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.config.allowed import SCHEDULES
from connector.service.schedule import Due, Timetable

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = datetime(2027, 3, 27, 23, tzinfo=UTC)  # midnight of the day of 23 hours
AUTUMN = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight of the day of 25 hours
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)  # a Sunday


def due_within(times: Timetable, start: datetime, hours: int) -> list[str]:
    found, moment = [], start
    while (moment := times.after(moment)) and moment < start + timedelta(hours=hours):
        found.append(f"{moment.astimezone(times.zone):%H:%M:%S%z}")
    return found


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
    times = Timetable(SCHEDULES.get(expression, expression), ZoneInfo("UTC"))

    assert f"{times.after(MIDNIGHT):%a %d}" == expected


def test_a_time_that_the_spring_skips_runs_once_right_after_the_gap():
    assert due_within(Timetable("30 2 * * *", BERLIN), SPRING, 23) == ["03:00:00+0200"]


def test_a_time_that_the_autumn_repeats_runs_once():
    assert due_within(Timetable("30 2 * * *", BERLIN), AUTUMN, 25) == ["02:30:00+0200"]


@pytest.mark.parametrize(
    ("start", "hours"),
    [pytest.param(SPRING, 23, id="spring"), pytest.param(AUTUMN, 25, id="autumn")],
)
def test_an_hourly_schedule_runs_every_real_hour_of_a_change_of_clocks(start, hours):
    # From just before midnight, so that midnight itself counts.
    before = start - timedelta(seconds=1)

    assert len(due_within(Timetable("0 * * * *", BERLIN), before, hours)) == hours


def test_the_offset_delays_each_due_time_and_loses_none():
    times = Timetable("0 * * * *", BERLIN, timedelta(seconds=7))

    found = due_within(times, AUTUMN, 4)

    assert found == ["00:00:07+0200", "01:00:07+0200", "02:00:07+0200", "02:00:07+0100"]


def test_what_was_missed_is_made_up_for_once_and_at_once():
    times = Timetable("0 * * * *", ZoneInfo("UTC"))
    now = MIDNIGHT + timedelta(hours=5, minutes=30)

    assert times.first(MIDNIGHT, now) == now
    assert Due(times).get_next_fire_time(now, now) == MIDNIGHT + timedelta(hours=6)


def test_nothing_is_made_up_for_where_the_last_due_time_was_met():
    times = Timetable("0 * * * *", ZoneInfo("UTC"))
    now = MIDNIGHT + timedelta(minutes=30)

    assert times.first(MIDNIGHT, now) == MIDNIGHT + timedelta(hours=1)


def test_a_clock_that_was_set_back_stops_no_schedule():
    times = Timetable("0 * * * *", ZoneInfo("UTC"))

    first = times.first(MIDNIGHT + timedelta(days=400), MIDNIGHT)

    assert first == MIDNIGHT + timedelta(hours=1)


def test_a_pair_is_stale_when_two_due_times_have_passed_without_a_success():
    working_days = Timetable("0 9 * * MON-FRI", ZoneInfo("UTC"))
    friday = datetime(2026, 11, 20, 9, 0, 20, tzinfo=UTC)

    assert working_days.stale_at(friday) == datetime(2026, 11, 24, 9, tzinfo=UTC)
