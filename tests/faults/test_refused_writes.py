"""What a product refuses: compared, reported, quarantined; the others go on."""

from dataclasses import replace

import pytest

from connector.run.run import run


def _new(place, *texts):
    for text in texts:
        place.edit(
            "partnero",
            "create_code",
            code=text,
            coupon="PCT20",
            partner="ben@example.com",
        )


def _made_by_somebody(place, code, partner, value):
    """Somebody makes the code on Tolt while our own create is on its way."""

    def make(_world):
        place.edit("tolt", "create_code", code=code, partner=partner, value=value)

    place.fault("edit", "GET", f"search={code}", edit=make)


def test_a_refusal_because_it_is_there_already_is_adopted_when_all_is_equal(place):
    """E10: 409 already_exists, same content."""
    _new(place, "NEW")
    _made_by_somebody(place, "NEW", "ben@example.com", 20)

    done = place.sync()

    assert place.only(done).outcome == "adopted"
    assert "409" in place.only(done).detail
    assert done.status == "complete"
    place.quiet()


@pytest.mark.parametrize(
    ("partner", "value"), [("ben@example.com", 5), ("ben@example.com", 99)]
)
def test_a_refusal_because_something_else_is_there_is_quarantined(
    place, partner, value
):
    """409 is no proof: another discount is named and left to a person."""
    _new(place, "NEW")
    _made_by_somebody(place, "NEW", partner, value)

    done = place.sync()

    assert place.only(done).outcome == "quarantined"
    assert f"discount: 20% -> {value}%" in place.only(done).detail
    assert done.status == "partial"
    assert place.right()["NEW"][0] == value
    sent = len(place.writes)
    assert {change.target for change in place.sync().plan.ready()} == {"state"}
    assert len(place.writes) == sent


def test_a_success_that_wrote_something_else_is_quarantined(place):
    """200 is no proof: what is read back has to be what was wanted."""
    _new(place, "NEW")

    def spoil(_world):
        place.edit("tolt", "set_code", code="NEW", value=50)

    place.fault("edit", "POST", "tolt", edit=spoil)

    done = place.sync()

    assert place.only(done).outcome == "quarantined"
    assert "20% -> 50%" in place.only(done).detail
    assert place.store().link("new") is None


def test_a_record_that_changed_since_the_plan_is_stale_and_left_alone(place):
    """D2: the intent is noted, the fresh look says no, nothing is sent."""
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)

    done = place.accept(
        meanwhile=lambda: place.edit("tolt", "set_code", code="TWIN", value=33)
    )

    assert place.only(done).outcome == "stale"
    assert "33%" in place.only(done).detail
    assert [i.state for i in place.store().journal.intents(done.id)] == ["stale"]
    assert place.writes == []
    assert place.right()["TWIN"][0] == 33


def test_an_update_of_what_is_gone_is_stale_and_nothing_is_made(place):
    """E12: 404 on an update of a known record; the next run tells what is gone."""
    place.configure(limits="settle_seconds = 0.1\nshare = 1")
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)

    def remove(_world):
        place.edit("tolt", "delete_code", code="TWIN")

    # After the fresh look, before the request: the look's answer is what triggers it.
    place.fault("edit", "GET", "tolt.*promotion-codes/", edit=remove)

    done = place.sync()

    assert place.only(done).outcome == "stale"
    assert [w.method for w in place.writes] == ["PUT"]
    after = place.sync()
    assert [c.reason for c in after.plan.changes] == ["deleted_and_edited"]
    assert "TWIN" not in place.right()


def test_one_refused_item_does_not_stop_the_others(place):
    """E13: 422 on one item of many."""
    _new(place, *(f"NEW{n:02d}" for n in range(30)))
    place.fault(
        "status",
        "POST",
        "tolt",
        body="NEW17",
        status=422,
        count=None,
        answer={"success": False, "errors": [{"message": "no"}]},
    )

    done = place.sync()

    assert place.outcomes(done) == {
        ("create", "tolt", "confirmed"): 29,
        ("create", "tolt", "failed"): 1,
    }
    (bad,) = [one for one in done.outcomes if one.outcome == "failed"]
    assert (bad.code, "422" in bad.detail) == ("NEW17", True)
    assert done.status == "partial"
    place.sandbox.faults.clear()
    assert place.only(place.sync()).outcome == "confirmed"
    place.quiet()


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
    assert str(status) in done.error
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


def test_a_refused_key_leaves_open_writes_open(place):
    """401 while an earlier write is being settled: still open, not failed."""
    _new(place, "NEW")
    place.fault("lost_after", "POST")
    place.fault("status", "GET", "search=NEW", nth=2, count=None)
    place.sync()
    place.fault("status", "GET", status=401, count=None)

    done = place.sync()

    assert done.status == "failed"
    assert [one.state for one in place.store().journal.open_intents()] == ["uncertain"]
    place.sandbox.faults.clear()
    assert place.only(place.sync()).outcome == "confirmed"
    place.quiet()


def test_a_mistake_of_the_program_ends_one_record_and_no_other(place):
    """An unexpected error of one item must not take the pool down with it."""
    _new(place, *(f"NEW{n:02d}" for n in range(12)))

    with place.session() as session:
        writer = session.writers.tolt
        create = writer.create

        def fragile(want, partner, kept):
            if want.written == "NEW05":
                raise ZeroDivisionError("somebody@example.com")
            return create(want, partner, kept)

        writer.create = fragile
        done = run(session)

    assert place.outcomes(done) == {
        ("create", "tolt", "confirmed"): 11,
        ("create", "tolt", "failed"): 1,
    }
    (bad,) = [one for one in done.outcomes if one.outcome == "failed"]
    assert "ZeroDivisionError" in bad.detail
    assert "somebody" not in bad.detail
    assert place.only(place.sync()).outcome == "confirmed"
    place.quiet()


def test_a_note_that_cannot_be_read_is_parked_and_the_run_goes_on(place):
    """G7: one corrupt row does not stop the pair for good."""
    _new(place, "NEW")
    place.fault("lost_after", "POST")
    place.fault("status", "GET", "search=NEW", nth=2, count=None)
    place.sync()
    store = place.store()
    (left,) = store.journal.open_intents()

    store.journal.begin(replace(left, change="{"))
    place.sandbox.faults.clear()

    done = place.sync()

    assert [o.outcome for o in done.outcomes if o.code == "NEW"] == [
        "quarantined",
        "adopted",
    ]
    assert place.store().journal.open_intents() == []


def test_what_a_change_needs_and_did_not_get_is_not_begun(place):
    """A code whose new coupon was refused is not sent."""
    place.edit("tolt", "create_code", code="NEW", partner="ben@example.com", value=35)
    place.fault("status", "POST", "coupons", status=422, count=None)

    done = place.sync()

    assert place.outcomes(done) == {
        ("coupon", "partnero", "failed"): 1,
        ("create", "partnero", "skipped"): 1,
    }
    assert [w.path.rpartition("/")[2] for w in place.writes] == ["coupons"]
    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    place.quiet()
