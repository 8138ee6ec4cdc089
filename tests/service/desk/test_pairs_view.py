"""The pairs of the overview: the stale first, a page at a time, found by name."""

from datetime import UTC, datetime

from connector.config.timetable import Timetable
from connector.service.desk.pairs_view import PAGE, page_of
from connector.service.health import Standing
from state.standing import nothing_kept

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
HOURLY = Timetable("0 * * * *")


def pair(name, success="2026-11-30T09:30:00Z", *, stale=False, waits=0):
    kept = nothing_kept(name)._replace(waits=waits)
    return Standing(kept, HOURLY, NOW, success, stale)


def names(page):
    return [one.pair for one in page.rows]


def test_the_longest_silent_come_first_and_the_others_stay_in_their_order():
    known = [
        pair("zeta"),
        pair("late", "2026-11-30T06:00:00Z", stale=True),
        pair("alpha", waits=3),
        pair("later", "2026-11-29T06:00:00Z", stale=True, waits=1),
        pair("never", "", stale=True),
    ]

    page = page_of(known)

    assert names(page) == ["never", "later", "late", "zeta", "alpha"]
    assert (page.total, page.stale, page.waits, page.pages) == (5, 3, 4, 1)


def test_a_search_finds_by_parts_of_a_name_and_by_the_word_stale():
    known = [pair("acme-eu"), pair("acme-us", stale=True), pair("beta", stale=True)]

    assert names(page_of(known, "ACME")) == ["acme-us", "acme-eu"]
    assert names(page_of(known, "stale acme")) == ["acme-us"]
    assert page_of(known, "eu").found == 1
    assert page_of(known, "eu").total == 3
    assert names(page_of(known, "nobody")) == []


def test_a_page_that_is_not_there_is_the_nearest_one():
    known = [pair(f"p{number:03d}") for number in range(2 * PAGE + 1)]

    assert names(page_of(known, number=99)) == [f"p{2 * PAGE}"]
    assert page_of(known, number=-1).number == 1
    assert page_of(known, " p0  1 ", 2).address == "q=p0+1&page="
