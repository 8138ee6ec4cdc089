"""Noted as sent right before it leaves; consents end with their effect; undo stays."""

import time

from connector.engine.change import Seen
from state.model import Decision, Tombstone
from tests.standins.faults import Fault

ANNA, BEN = "anna@example.com", "ben@example.com"
CONSENT = Decision("c_yes", "new", "NEW", "partnero", "seen", "me@here", "t")


def _new(place, text="NEW"):
    place.edit("partnero", "create_code", code=text, coupon="PCT20", partner=BEN)


# --- on its way -------------------------------------------------------------------


def test_a_kill_before_the_request_leaves_is_closed_as_never_sent(place):
    """And is done by the same next run, once."""
    _new(place)
    slow = Fault("slow", "GET", "partnero.*promotion-codes/NEW", seconds=20.0)
    place.sandbox.faults.add(slow)
    with place.start("sync", "--format", "json") as child:
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


# --- consents ---------------------------------------------------------------------


# --- undo -------------------------------------------------------------------------


def test_an_undone_field_has_no_base_and_is_asked_about(place):
    """No run does by itself again what a person took back."""
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)
    change = place.planned()["update"]
    place.sync()
    now = {side: replace_value(seen, change) for side, seen in change.seen.items()}
    before = change.seen[change.side].values
    back = change.wanting(
        change.want._replace(
            values=change.want.values._replace(discount=before.discount)
        )
    )
    back = back._replace(reason="undo", seen=now)

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
    want = change.want._replace(
        values=change.want.values._replace(code="TWIN"), fields=frozenset({"code"})
    )
    renamed = change.wanting(want)._replace(reason="undo")

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
        values=change.want.values._replace(discount=before.values.discount),
        coupon="PCT20",
        duration=None,
        fields=frozenset(("code", "discount", "partner")),
        kept=intent.copy,
    )

    undone = change.wanting(want)._replace(reason="undo", seen=now)
    (done,) = place.carry(undone)
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
