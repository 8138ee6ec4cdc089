"""429 in every form, listings that lie, deletions (A7 to A9, E7, E16 to E19)."""

import time

import pytest

from connector.config.clients import PATIENT
from tests.sampling import in_turn


def _new(place, *texts):
    for text in texts:
        place.edit(
            "partnero",
            "create_code",
            code=text,
            coupon="PCT20",
            partner="ben@example.com",
        )


FORMS = ["0", "0.05", "date:0", "date:-30", None, "soon", ""]


@pytest.mark.parametrize(("form", "method"), in_turn(FORMS, ("GET", "POST")))
def test_a_short_pause_is_waited_for_in_every_form(place, form, method):
    """Seconds, fractions, HTTP dates, nothing at all, nonsense: sent again, once."""
    _new(place, "NEW")
    path = "search=NEW" if method == "GET" else "tolt"
    fault = place.fault("status", method, path, status=429, retry_after=form)

    done = place.sync()

    assert fault.hits == 1
    assert place.only(done).outcome == "confirmed"
    assert len(place.right()) == 3
    place.quiet()


@pytest.mark.parametrize("form", ["301", "86400", "date:4000"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_long_pause_ends_the_run_as_partial_and_the_next_one_goes_on(
    place, form, method
):
    """Above five minutes nobody waits."""
    _new(place, "NEW1", "NEW2", "NEW3")
    path = "search=NEW" if method == "GET" else "tolt"
    place.fault("status", method, path, status=429, retry_after=form, count=None)
    begun = time.monotonic()

    done = place.sync()

    assert done.status == "partial"
    assert time.monotonic() - begun < 10
    assert {o.outcome for o in done.outcomes} <= {"failed", "skipped"}
    assert place.store().journal.open_intents() == []
    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    place.quiet()


def test_a_storm_of_429_is_answered_with_a_bounded_number_of_requests(place):
    """E7: every call, for ever: few attempts, partial, nothing failed for good."""
    _new(place, *(f"NEW{n}" for n in range(5)))
    before = len(place.sandbox.requests)
    place.fault("status", status=429, retry_after="0", count=None)

    done = place.sync()

    assert done.status in ("partial", "failed")
    assert len(place.sandbox.requests) - before <= 12
    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    place.quiet()


def test_a_pair_that_was_taken_over_during_a_pause_sends_nothing_more(place):
    """The fence is asked right before each attempt, not only when it is begun."""
    _new(place, "NEW")

    def take_over(_world):
        store = place.store()
        assert (
            store.leases.take("elsewhere/1/1", 60, now=int(time.time()) + 120) is None
        )

    place.fault("status", "POST", status=429, retry_after="0.2", count=None)
    place.fault("edit", "POST", edit=take_over)

    done = place.sync()

    assert done.status == "failed"
    assert len(place.writes) == 1
    assert "NEW" not in place.right()


def test_no_more_is_repeated_than_the_time_of_a_run_allows(place):
    """Six items' time in all: what got none of it is not proven absent."""
    _new(place, *(f"NEW{n}" for n in range(9)))
    place.fault("lost_before", "POST", count=None)

    done = place.sync()

    assert place.outcomes(done) == {("create", "tolt", "uncertain"): 9}
    assert 9 < len(place.writes) <= 9 + 6
    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    place.quiet()


LIES = {
    "A7 a page that never comes": {"kind": "status", "status": 500},
    "A8 half a page with status 200": {"kind": "truncated"},
    "A8 a page that is cut off": {"kind": "cut"},
    "A9 a web page with status 200": {"kind": "html"},
    "E16 a redirect to a login": {"kind": "redirect"},
    "an empty page with more announced": {"kind": "empty_page"},
    "a page that is dripped": {"kind": "slow", "seconds": 0.8},
    "no answer at all": {"kind": "lost_before", "reset": True},
    "408": {"kind": "status", "status": 408},
}


@pytest.mark.parametrize(("lie", "side"), in_turn(LIES))
def test_a_listing_that_lies_is_unproven_and_deletes_nothing(open_place, side, lie):
    """Even with a standing consent: what was not read completely is unknown."""
    place = open_place(*((f"CODE{n}", "both", "10") for n in range(4)))
    place.configure(
        '[pairs.policy]\ndelete = "auto"', limits="settle_seconds = 0\nshare = 1"
    )
    assert place.sync().status == "complete"
    sent = len(place.writes)
    place.fault(
        method="GET", path=rf"{side}.*/promotion-codes\?", count=None, **LIES[lie]
    )

    done = place.sync()

    assert done.status in ("partial", "failed", "refused")
    assert len(place.writes) == sent
    assert len(place.left()) == len(place.right()) == 4
    place.quiet()


def test_a_listing_that_comes_back_short_is_asked_about_record_by_record(open_place):
    """A stale listing does not show two codes; a direct read does."""
    place = open_place(("A", "both", "10"), ("B", "left", "10"), ("C", "left", "10"))
    place.configure(
        '[pairs.policy]\ndelete = "auto"', limits="settle_seconds = 0\nshare = 1"
    )
    place.fault("stale", "GET", "nothing-yet", writes=1)
    assert place.sync().status == "complete"
    place.sandbox.faults.active[0].path = r"tolt.*/promotion-codes\?limit=100&order"
    place.sandbox.faults.active[0].writes = 99
    place.sandbox.faults.active[0].count = None

    done = place.sync()

    assert done.status in ("complete", "refused")
    assert len(place.left()) == len(place.right()) == 3
    place.quiet()


def test_a_program_in_earnest_is_patient():
    """The tests hurry; what users get is what semantics section 7 says."""
    assert (PATIENT.deadline, PATIENT.attempts) == (60.0, 5)
