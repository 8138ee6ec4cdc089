"""Noted as sent right before it leaves; consents end with their effect; undo stays."""

import time

import pytest

from connector.engine.change import Seen
from state.model import Decision, Tombstone
from tests.standins.faults import Fault

ANNA, BEN = "anna@example.com", "ben@example.com"
CONSENT = Decision("c_yes", "new", "NEW", "partnero", "seen", "me@here", "t")


def _new(place, text="NEW"):
    place.edit("partnero", "create_code", code=text, coupon="PCT20", partner=BEN)


def _states_at(place, method, path):
    """Note the states of the open intents when such a request has come.

    For one after which the run asks the stand-ins again before it notes anything.
    """
    seen = []

    def look(_world):
        seen.extend(one.state for one in place.store().journal.open_intents())

    place.fault("edit", method, path, edit=look)
    return seen


# --- on its way -------------------------------------------------------------------


def test_an_intent_is_only_planned_until_its_request_leaves(place):
    _new(place)
    looked = _states_at(place, "GET", "tolt.*search=NEW")
    left = _states_at(place, "POST", "tolt")

    place.sync()

    assert (looked, left) == (["planned"], ["sending"])


def test_both_requests_of_a_replace_leave_a_note_before_them(place):
    place.edit("tolt", "set_code", code="TWIN", value=10)
    gone = _states_at(place, "DELETE", "partnero")
    made = _states_at(place, "POST", "partnero")
    read = _states_at(place, "GET", "partnero.*coupons/PCT10")

    place.accept("replace")

    assert (read, gone, made) == (["planned"], ["sending"], ["sending"])


def test_a_kill_before_the_request_leaves_is_closed_as_never_sent(place):
    """And is done by the same next run, once."""
    _new(place)
    slow = Fault("slow", "GET", "partnero.*promotion-codes/NEW", seconds=20.0)
    place.sandbox.faults.add(slow)
    with place.start("sync") as child:
        until = time.monotonic() + 30
        while not slow.hits:
            assert time.monotonic() < until
            time.sleep(0.01)
        child.kill()
        child.communicate(timeout=10)
    (open_one,) = place.store().journal.open_intents()
    place.sandbox.faults.clear()

    healed = place.sync()

    assert open_one.state == "planned"
    (closed,) = place.store().journal.intents(open_one.run)
    assert (closed.state, closed.detail) == ("failed", "was never sent")
    assert place.only(healed).outcome == "confirmed"
    assert len(place.writes) == 1
    place.quiet()


def test_a_run_that_lost_the_pair_before_its_request_left_says_that_it_failed(place):
    """Not that it may have happened."""
    _new(place)

    def take_over(_world):
        other = place.store()
        assert other.leases.take("elsewhere/1/1", int(time.time()) + 120, 60) is None

    place.fault("edit", "GET", "tolt.*search=NEW", edit=take_over)

    done = place.sync()

    assert place.only(done).outcome == "failed"
    assert place.writes == []
    assert [one.state for one in place.store().journal.open_intents()] == ["planned"]


def test_what_cannot_even_be_begun_is_failed_and_not_uncertain(place):
    """A replace whose own look right before the deletion cannot be had."""
    place.edit("tolt", "set_code", code="TWIN", value=10)
    change = place.planned()["replace"]
    coupon = place.planned()["replace"].want.coupon
    place.fault("status", "GET", f"coupons/{coupon}", status=503, count=None)

    (done,) = place.carry(change)

    assert done.outcome == "failed"
    assert place.writes == []
    assert place.store().journal.open_intents() == []


# --- consents ---------------------------------------------------------------------


@pytest.fixture
def agreed(place):
    """A create for which a person has given their consent."""
    _new(place)
    change = place.planned()["create"]._replace(consents=(CONSENT.id,))
    place.store().decide([CONSENT])
    place.sandbox.requests.clear()
    return place, change


def test_a_consent_ends_when_it_is_carried_out(agreed):
    place, change = agreed

    (done,) = place.carry(change)

    assert done.outcome == "confirmed"
    assert place.store().decisions() == {}


def test_a_consent_ends_as_well_where_it_was_so_already(agreed):
    place, change = agreed
    place.edit("tolt", "create_code", code="NEW", partner=BEN, value=20)

    (done,) = place.carry(change)

    assert done.outcome == "adopted"
    assert place.store().decisions() == {}


def test_a_consent_stays_where_nothing_was_done(agreed):
    """Stale or refused: the values decide whether it may still be used."""
    place, change = agreed
    place.fault("status", "POST", "tolt", status=422)

    (refused,) = place.carry(change)
    place.edit("partnero", "delete_code", code="NEW")
    (stale,) = place.carry(change)

    assert (refused.outcome, stale.outcome) == ("failed", "stale")
    assert list(place.store().decisions()) == [CONSENT.id]


def test_a_consent_to_what_a_crash_left_open_ends_when_that_is_settled(agreed):
    place, change = agreed
    place.fault("lost_after", "POST", "tolt")
    place.fault("status", "GET", "tolt.*search=NEW", nth=2, count=None)
    (left,) = place.carry(change)
    open_still = list(place.store().decisions())
    place.sandbox.faults.clear()

    place.sync()

    assert (left.outcome, open_still) == ("uncertain", [CONSENT.id])
    assert place.store().decisions() == {}
    assert len(place.writes) == 1


# --- undo -------------------------------------------------------------------------


def test_an_undone_field_has_no_base_and_is_asked_about(place):
    """No run does by itself again what a person took back."""
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)
    change = place.planned()["update"]
    place.sync()
    now = {side: replace_value(seen, change) for side, seen in change.seen.items()}
    back = change._replace(
        reason="undo",
        seen=now,
        want=change.want._replace(discount=change.seen[change.side].values.discount),
    )

    (done,) = place.carry(back)
    after = place.sync()

    assert done.outcome == "confirmed"
    assert place.right()["TWIN"][0] == 20
    assert place.store().link("twin").unset == {"discount"}
    assert [(c.reason, c.status) for c in after.plan.changes] == [("diverged", "held")]
    assert place.right()["TWIN"][0] == 20


def replace_value(seen, change):
    """What stands there once the change is carried out: its new discount."""
    values = seen.values._replace(discount=change.want.discount)
    return Seen(seen.id, values, seen.written)


def test_an_undone_deletion_stays_without_a_link_and_is_asked_about(place):
    _new(place)
    create = place.planned()["create"]
    stone = Tombstone("new", "NEW", "tolt", "t", "20%")
    place.store().bury([stone])
    undone = create._replace(reason="undo")

    (done,) = place.carry(undone)
    after = place.sync()

    assert done.outcome == "confirmed"
    assert place.store().link("new") is None
    assert place.store().tombstones() == {"new": stone}
    assert [(c.reason, c.status) for c in after.plan.changes] == [
        ("reappeared", "held")
    ]


def test_a_rename_that_is_taken_back_is_written_and_not_only_said(place):
    """The folded texts are equal, the written ones are not."""
    place.edit("tolt", "rename_code", code="TWIN", to="Twin")
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)
    change = place.planned()["update"]
    renamed = change._replace(
        reason="undo",
        want=change.want._replace(written="TWIN", fields=frozenset({"code"})),
    )

    (done,) = place.carry(renamed)
    (again,) = place.carry(renamed._replace(seen={**renamed.seen}))

    assert (done.outcome, again.outcome) == ("confirmed", "adopted")
    assert [w.body for w in place.writes] == [{"code": "TWIN"}]
    assert "TWIN" in place.right()


def test_an_undone_replace_leaves_its_fields_without_a_base(place):
    place.edit("tolt", "set_code", code="TWIN", value=10)
    change = place.planned()["replace"]
    replaced = place.accept("replace")
    (intent,) = place.store().journal.intents(replaced.id)
    now = {side: replace_value(seen, change) for side, seen in change.seen.items()}
    before = change.seen[change.side]
    want = change.want._replace(
        discount=before.values.discount,
        coupon="PCT20",
        duration=None,
        fields=frozenset(("code", "discount", "partner")),
        kept=intent.copy,
    )

    (done,) = place.carry(change._replace(reason="undo", seen=now, want=want))
    after = place.sync()

    assert done.outcome == "confirmed"
    assert place.left()["TWIN"][0] == 20
    assert [
        (c.reason, c.status) for c in after.plan.changes if c.target != "state"
    ] == [("diverged", "held")]
    assert place.store().link("twin").unset == {"discount"}


def test_an_undone_change_is_stale_where_somebody_edited_the_other_half(place):
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)
    change = place.planned()["update"]._replace(reason="undo")
    place.edit("partnero", "move_partner", code="TWIN", partner=BEN)

    (done,) = place.carry(change)

    assert done.outcome == "stale"
    assert "TWIN on Partnero: partner: " in done.detail
    assert place.writes == []


def test_a_note_keeps_the_version_that_its_ids_belong_to(open_place):
    place = open_place(("SAME", "both", "10"), version="v1")
    place.sync()
    _new_coupon(place)

    done = place.sync()

    assert [one.version for one in place.store().journal.intents(done.id)] == ["v1"]


def test_an_open_write_is_not_looked_for_by_an_id_of_the_other_version(place):
    """The listings of the new version show what came of it, under its own ids."""
    _new(place)
    place.fault("lost_after", "POST", "tolt")
    place.fault("status", "GET", "tolt.*search=NEW", nth=2, count=None)
    place.sync()
    (left,) = place.store().journal.open_intents()
    place.sandbox.faults.clear()
    place.version = "v1"
    place.configure()

    place.sync()
    assert [one.id for one in place.store().journal.open_intents()] == [left.id]
    place.sync()

    assert (left.version, left.state) == ("v2", "uncertain")
    assert place.store().journal.open_intents() == []
    (closed,) = place.store().journal.intents(left.run)
    assert closed.state == "confirmed"
    assert len(place.writes) == 1


def _new_coupon(place):
    place.edit("partnero", "create_code", code="NEW", coupon="PCT10", partner=ANNA)
