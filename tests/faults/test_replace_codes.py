"""A replace keeps a full copy, avoids the gap, and closes the one it must (D8)."""

import pytest

RESTRICTED = {"redemption_limit": 7, "metadata": {"campaign": "spring"}}


def _same_text(place):
    """A discount that changed on Tolt: Partnero knows a code by its text alone."""
    place.edit("partnero", "set_code", code="TWIN", **RESTRICTED)
    place.edit("tolt", "set_code", code="TWIN", value=10)


def _renamed(place):
    """Renamed on Tolt: on Partnero both texts can stand at the same time."""
    place.edit("partnero", "set_code", code="TWIN", **RESTRICTED)
    place.edit("tolt", "rename_code", code="TWIN", to="OTHER")


def _payee(place):
    """Moved on Partnero: Tolt cannot move a code, but holds two of one text."""
    place.edit("partnero", "move_partner", code="TWIN", partner="ben@example.com")


CASES = {
    "same text": (_same_text, "v2", ["DELETE", "POST"]),
    "renamed": (_renamed, "v2", ["POST", "DELETE"]),
    "payee on v2": (_payee, "v2", ["POST", "DELETE"]),
    "payee on v1": (_payee, "v1", ["POST", "DELETE"]),
}
SLOW = ("payee on v2", "payee on v1")


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in CASES
    ]
)
def case(request, open_place):
    prepare, version, order = CASES[request.param]
    place = open_place(("SAME", "both", "10"), ("TWIN", "both", "20"), version=version)
    assert place.sync().status == "complete"
    place.sandbox.requests.clear()
    prepare(place)
    return place, order


def test_a_replace_is_held_until_a_person_accepts_it(case):
    place, _ = case

    done = place.sync()

    assert place.writes == []
    assert [(c.action, c.status) for c in done.plan.changes] == [("replace", "held")]


def test_the_new_code_is_made_first_wherever_both_can_stand(case):
    place, order = case

    done = place.accept("replace")

    assert place.only(done).outcome == "confirmed"
    assert [w.method for w in place.writes] == order
    assert place.agrees()
    place.quiet()


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "kind",
    [
        "lost_before",
        "lost_after",
        pytest.param("status", marks=pytest.mark.slow),
        pytest.param("status_after", marks=pytest.mark.slow),
    ],
)
def test_a_lost_answer_in_the_middle_of_a_replace_is_gone_on_from(case, kind, method):
    place, order = case
    place.fault(kind, method)

    done = place.accept("replace")

    assert place.only(done).outcome == "confirmed"
    assert place.agrees()
    repeated = 1 if kind in ("lost_before", "status") else 0
    assert len(place.writes) == len(order) + repeated
    place.quiet()


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_long_pause_in_the_middle_leaves_it_open_and_the_next_run_goes_on(
    case, method
):
    """A Retry-After of more than 5 minutes between the two requests."""
    place, _ = case
    place.fault("status", method, status=429, retry_after="900", count=None)

    done = place.accept("replace")
    between = [w.method for w in place.writes if w.status in (200, 201, 204)]
    open_ones = place.store().journal.open_intents()
    place.sandbox.faults.clear()
    healed = place.sync()

    assert done.status == "partial"
    assert place.only(done).outcome == "uncertain"
    assert len(open_ones) == 1
    if between:  # half done: finished by the next run, without being asked
        assert place.only(healed).outcome == "confirmed"
        assert place.agrees()
        place.quiet()
    else:  # nothing happened: the person's yes was for the run that failed
        assert [c.status for c in healed.plan.changes] == ["held"]
        assert place.store().journal.open_intents() == []


def test_a_refused_new_code_puts_the_old_one_back_with_its_restrictions(place):
    """The gap cannot be avoided, so the full copy is what comes back."""
    _same_text(place)
    place.fault("status", "POST", "promotion-codes", body="FIX|PCT10", status=422)

    done = place.accept("replace")

    assert place.only(done).outcome == "failed"
    assert "put back" in place.only(done).detail
    back = place.world.partnero.code("TWIN")
    assert (back.coupon.uuid_code, back.redemption_limit, back.metadata) == (
        "PCT20",
        7,
        {"campaign": "spring"},
    )


def test_an_old_code_that_could_not_be_put_back_is_not_forgotten(place):
    """Nothing can be created just then: the copy stays open until it can."""
    _same_text(place)
    place.fault(
        "status", "POST", "promotion-codes", body="PCT10", status=422, count=None
    )
    place.fault("lost_before", "POST", "promotion-codes", body="PCT20")

    done = place.accept("replace")
    (left,) = place.store().journal.open_intents()
    gone = "TWIN" not in place.left()
    healed = place.sync()

    assert (place.only(done).outcome, gone) == ("uncertain", True)
    assert '"redemption_times_value": 7' in left.copy
    assert "put back" in place.only(healed).detail
    assert place.world.partnero.code("TWIN").coupon.uuid_code == "PCT20"


def test_the_copy_is_stored_before_anything_is_destroyed(place):
    _same_text(place)
    kept = []
    journal = place.store().journal
    place.fault("edit", "DELETE", edit=lambda _w: kept.extend(journal.open_intents()))

    place.accept("replace")

    assert kept[0].state == "sending"
    assert '"campaign": "spring"' in kept[0].copy


def test_the_new_code_keeps_the_restrictions_of_the_old_one(place):
    _same_text(place)

    place.accept("replace")

    new = place.world.partnero.code("TWIN")
    assert (new.redemption_limit, new.metadata) == (7, {"campaign": "spring"})


def test_an_old_code_that_was_edited_meanwhile_is_not_deleted(place):
    """Between the new code and the deletion of the old one somebody edits the old."""
    _renamed(place)
    raised = {"action": "set_discount", "coupon": "PCT20", "amount": 21}
    place.fault("edit", "POST", edit={"side": "partnero", **raised})

    done = place.accept("replace")

    assert place.only(done).outcome == "quarantined"
    assert [w.method for w in place.writes] == ["POST"]
    assert {"TWIN", "OTHER"} <= place.left().keys()


def test_a_record_that_is_gone_at_the_fresh_look_is_not_made_anew(place):
    """Only our own gap is closed; what somebody else deleted stays deleted."""
    _same_text(place)

    done = place.accept(
        "replace",
        meanwhile=lambda: place.edit("partnero", "delete_code", code="TWIN"),
    )

    assert place.only(done).outcome == "stale"
    assert place.writes == []
    assert "TWIN" not in place.left()
