"""A hold is as long as it was taken for, whatever a clock has written."""

import time

import pytest

from state.transactions import LeaseLost, awake

NOW = 1_800_000_000


@pytest.mark.parametrize("ahead", [61, 3600, 86400 * 365 * 4])
def test_a_hold_from_a_clock_that_was_ahead_ends_when_it_is_sixty_seconds_old(
    opened, ahead
):
    """B12: the lease that ended in 2030 locked for ever."""
    opened().leases.take("elsewhere/1/1", 60, now=NOW + ahead)

    assert opened().leases.take("me", 60, now=NOW) == "elsewhere/1/1"
    assert opened().leases.take("me", 60, now=NOW + 59) == "elsewhere/1/1"
    assert opened().leases.take("me", 60, now=NOW + 60) is None


def test_a_living_holder_whose_clock_is_ahead_is_not_taken_over(opened):
    ahead = opened()
    ahead.leases.take("elsewhere/1/1", 60, now=NOW + 3600)

    for seconds in range(0, 300, 20):
        assert opened().leases.take("me", 60, now=NOW + seconds) == "elsewhere/1/1"
        ahead.leases.renew(60, now=NOW + 3600 + seconds)


def test_the_same_number_of_another_hold_is_no_permission(opened):
    """A state that was restored or begun anew counts its holds from the start."""
    old, new = opened(), opened()
    old.leases.take("old", 60, now=NOW)
    with new.transactions.writing(fenced=False) as connection:
        connection.exec_driver_sql("DELETE FROM lease")
    new.leases.take("new", 60, now=NOW)

    with pytest.raises(LeaseLost):
        old.leases.fence()
    new.leases.fence()


def test_a_hold_that_would_not_outlast_a_request_is_renewed_with_its_check(opened):
    store = opened()
    store.leases.take("me", 60, now=int(time.time()) - 50)
    # As long as that ago, by the clock that nobody sets.
    store.transactions.hold.since -= 50

    store.leases.fence()

    assert not store.transactions.hold.is_short
    assert opened().leases.take("other", 60, now=int(time.time()) + 55) == "me"


def test_a_hold_that_was_lost_is_not_renewed_by_its_check(opened):
    sleeper, other = opened(), opened()
    sleeper.leases.take("me", 60, now=NOW)
    sleeper.transactions.hold.since -= 300
    other.leases.take("other", 60, now=NOW + 61)

    with pytest.raises(LeaseLost):
        sleeper.leases.fence()

    assert other.leases.holder() == "other"


def test_the_clock_of_a_hold_is_not_the_one_that_people_set():
    before = awake()

    assert awake() >= before
    assert abs(awake() - time.time()) > 1000
