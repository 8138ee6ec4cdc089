"""The link that is good once, and who is remembered by a cookie: by a clock of ours."""

import pytest

from connector.service.desk.access import Role
from connector.service.desk.sessions import (
    LINK_GOOD_FOR,
    MOST,
    SESSION_GOOD_FOR,
    Link,
    Sessions,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_link_is_good_once(clock):
    link = Link(clock)

    assert link.fits(link.word)
    assert link.fits(link.word), "to look at it uses nothing up"
    assert link.open(link.word)
    assert not link.open(link.word)
    assert not link.fits(link.word)


def test_the_link_is_good_for_ten_minutes_and_no_second_longer(clock):
    link = Link(clock)
    clock.now += LINK_GOOD_FOR
    assert link.fits(link.word)

    clock.now += 1

    assert not link.open(link.word)


def test_another_word_opens_nothing_and_uses_nothing_up(clock):
    link = Link(clock)

    assert not link.open("")
    assert not link.open(link.word[:-1] + "\xe9")
    assert link.open(link.word)


def test_a_session_ends_twelve_hours_after_its_last_request(clock):
    sessions = Sessions(clock)
    session = sessions.begin(Role.DECIDE)
    clock.now += SESSION_GOOD_FOR
    assert sessions.find(session.id) is session

    clock.now += SESSION_GOOD_FOR + 1

    assert sessions.find(session.id) is None


def test_of_too_many_sessions_the_one_that_was_here_longest_ago_goes(clock):
    sessions = Sessions(clock)
    first, second = sessions.begin(Role.DECIDE), sessions.begin(Role.DECIDE)
    clock.now += 1
    sessions.find(first.id)
    for _ in range(MOST - 1):
        clock.now += 1
        sessions.begin(Role.NOBODY)

    assert sessions.find(first.id) is first
    assert sessions.find(second.id) is None
    assert sessions.find("") is None


def test_what_stands_in_a_form_is_another_word_for_each_browser_and_each_server(clock):
    sessions = Sessions(clock)
    ours, theirs = (sessions.begin(Role.DECIDE).id for _ in range(2))

    assert sessions.mark(ours) == sessions.mark(ours) != sessions.mark(theirs)
    assert Sessions(clock).mark(ours) != sessions.mark(ours)
    assert ours not in sessions.mark(ours)
