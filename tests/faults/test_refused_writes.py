"""What a product refuses: compared, reported, quarantined; the others go on."""

import pytest

from connector.reports.runs import error_of


def _new(place, *texts):
    for text in texts:
        place.edit(
            "partnero",
            "create_code",
            code=text,
            coupon="PCT20",
            partner="ben@example.com",
        )


def test_a_poisoned_item_is_tried_in_three_runs_and_then_left_alone(place):
    """E14: quarantined after limits.attempts failed runs; one call a run before."""
    _new(place, "POISON")
    place.fault("status", "POST", "tolt", status=422, count=None)

    statuses = [place.sync().status for _ in range(5)]

    assert statuses == ["partial", "partial", "partial", "complete", "complete"]
    assert len(place.writes) == 3
    held = place.sync().plan.changes
    assert [(c.code, c.reason, c.status) for c in held] == [
        ("POISON", "quarantined", "held")
    ]


def test_a_success_between_failures_starts_the_count_anew(place):
    _new(place, "SHAKY")
    fault = place.fault("status", "POST", "tolt", status=422, count=None)
    place.sync()
    place.sync()
    place.sandbox.faults.active.remove(fault)
    assert place.only(place.sync()).outcome == "confirmed"

    assert place.store().journal.failures() == {}
    place.quiet()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("where", ["POST", "GET"])
def test_a_refused_key_ends_the_run_and_the_next_one_needs_no_repair(
    place, status, where
):
    """A25, A26: fatal, nothing is absent because of it, nothing to mend after it."""
    _new(place, "NEW1", "NEW2", "NEW3")
    path = "tolt" if where == "POST" else "limit=100&order"
    place.fault("status", where, path, status=status, count=None)

    done = place.sync()

    assert done.status == "failed"
    assert str(status) in error_of(done)
    assert place.right().keys() == {"SAME", "TWIN"}
    place.sandbox.faults.clear()
    healed = place.sync()
    assert place.outcomes(healed) == {("create", "tolt", "confirmed"): 3}
    place.quiet()


def test_a_key_that_is_refused_between_request_and_read_back_leaves_it_open(place):
    """The code was made; only the next run can see it."""
    _new(place, "NEW")
    place.fault("status", "GET", "tolt.*promotion-codes/", status=401, count=None)

    done = place.sync()

    assert (done.status, place.only(done).outcome) == ("failed", "uncertain")
    place.sandbox.faults.clear()
    assert place.only(place.sync()).outcome == "confirmed"
    assert len(place.writes) == 1
    place.quiet()
