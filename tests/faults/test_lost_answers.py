"""A write whose answer never came is settled by looking (E1, E2, E4, E19, D3, D4)."""

import pytest

from connector.run.settle import (
    Waiting,
)

TROUBLE = {
    "lost before the effect": {"kind": "lost_before"},
    "lost after the effect": {"kind": "lost_after"},
    "reset after the effect": {"kind": "lost_after", "reset": True},
    "500 before the effect": {"kind": "status", "status": 500},
    "500 after the effect": {"kind": "status_after", "status": 500},
    "503 after the effect": {"kind": "status_after", "status": 503},
    "408 after the effect": {"kind": "status_after", "status": 408},
    "an answer that is cut off": {"kind": "cut"},
    "half an answer": {"kind": "truncated"},
    "a web page with status 200": {"kind": "html"},
    "a redirect to a login": {"kind": "redirect"},
    "a slow drip": {"kind": "slow", "seconds": 0.8},
}
AFTER = {
    name
    for name, how in TROUBLE.items()
    if how["kind"] not in ("lost_before", "status", "html", "redirect")
}


def _create(place, side):
    other = "partnero" if side == "tolt" else "tolt"
    more = {"coupon": "PCT20"} if other == "partnero" else {"value": 20}
    place.edit(other, "create_code", code="NEW", partner="ben@example.com", **more)


def _update_discount(place, side):
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)


def _update_partner(place, side):
    place.edit("tolt", "move_partner", code="SAME", partner="ben@example.com")
    place.configure('[pairs.policy]\npayee = "auto"')


def _delete(place, side):
    other = "partnero" if side == "tolt" else "tolt"
    place.edit(other, "delete_code", code="SAME")
    place.configure(
        '[pairs.policy]\ndelete = "auto"', "settle_seconds = 0.1\nshare = 1"
    )


WRITES = {
    "create on tolt v2": (_create, "tolt", "POST", "promotion-codes", "v2"),
    "create on tolt v1": (_create, "tolt", "POST", "promotion-codes", "v1"),
    "create on partnero": (_create, "partnero", "POST", "promotion-codes", "v2"),
    "update on tolt v2": (_update_discount, "tolt", "PUT", "promotion-codes", "v2"),
    "update on tolt v1": (_update_discount, "tolt", "PUT", "promotion-codes", "v1"),
    "payee on partnero": (_update_partner, "partnero", "PUT", "promotion-codes", "v2"),
    "delete on tolt v2": (_delete, "tolt", "DELETE", "promotion-codes", "v2"),
    "delete on tolt v1": (_delete, "tolt", "DELETE", "promotion-codes", "v1"),
    "delete on partnero": (_delete, "partnero", "DELETE", "promotion-codes", "v2"),
}


def _some(write, trouble):
    """Every trouble once, and every write once; the whole table is slow."""
    quick = write == "create on tolt v2" or trouble == "lost after the effect"
    return pytest.param(write, trouble, marks=[] if quick else pytest.mark.slow)


@pytest.mark.parametrize(
    ("write", "trouble"), [_some(w, t) for w in WRITES for t in TROUBLE]
)
def test_a_write_without_an_answer_is_done_once_in_the_same_run(
    open_place, write, trouble
):
    """E1, E2, E4: settled, sent again only where it had no effect; never twice."""
    prepare, side, method, path, version = WRITES[write]
    place = open_place(("SAME", "both", "10"), ("TWIN", "both", "20"), version=version)
    assert place.sync().status == "complete"
    prepare(place, side)
    fault = place.fault(method=method, path=path, **TROUBLE[trouble])
    before = len(place.writes)

    done = place.sync()

    assert fault.hits == 1
    assert done.status == "complete", (done.error, done.outcomes)
    assert place.only(done).outcome == "confirmed"
    assert len(place.writes) - before == (1 if trouble in AFTER else 2)
    assert place.agrees()
    place.quiet()


@pytest.mark.parametrize("trouble", ["lost after the effect", "500 before the effect"])
def test_what_cannot_be_read_back_stays_open_and_the_next_run_settles_it(
    place, trouble
):
    """D3, D4: an answer that is lost, and then nothing can be read either."""
    _create(place, "tolt")
    place.fault(method="POST", **TROUBLE[trouble])
    place.fault("status", "GET", "search=NEW", nth=2, count=None)
    place.fault("status", "GET", "tolt.*promotion-codes/", count=None)

    first = place.sync()
    (left,) = place.store().journal.open_intents()
    place.sandbox.faults.clear()
    second = place.sync()

    assert (first.status, place.only(first).outcome) == ("partial", "uncertain")
    assert left.state == "uncertain"
    assert second.status == "complete"
    assert place.only(second).outcome == "confirmed"
    assert place.agrees()
    place.quiet()


def test_nothing_is_sent_for_a_record_whose_earlier_write_is_still_open(place):
    """A resume that cannot reach the record leaves it open, and alone."""
    lagging = place.fault("stale", "GET", "not yet", writes=99, count=None)
    _create(place, "tolt")
    lost = place.fault("lost_after", "POST")
    unread = place.fault("status", "GET", "search=NEW", nth=2, count=None)
    place.sync()
    sent = len(place.writes)
    place.sandbox.faults.active.remove(lost)
    place.sandbox.faults.active.remove(unread)

    # The resume cannot look, and then nothing shows it: a plan would make it anew.
    place.fault("status", "GET", "search=NEW", count=3)
    lagging.path = "tolt.*promotion-codes"
    again = place.sync()
    place.sandbox.faults.clear()
    healed = place.sync()

    told = {(o.outcome, o.detail[:15]) for o in again.outcomes}
    assert len(place.writes) == sent
    assert ("skipped", "an earlier writ") in told
    assert place.only(healed).outcome == "confirmed"
    place.quiet()


def test_a_write_that_never_has_an_effect_is_sent_twice_at_most_in_a_run(place):
    """E4: proven absent after its settling time, sent once more, then left."""
    _create(place, "tolt")
    place.fault("lost_before", "POST", count=None)

    done = place.sync()

    assert place.only(done).outcome == "uncertain"
    assert len(place.writes) == 2
    assert done.status == "partial"
    place.sandbox.faults.clear()
    healed = place.sync()
    assert healed.status == "complete"
    assert place.agrees()
    place.quiet()


def test_the_time_of_a_run_is_shared_by_its_items():
    waiting = Waiting(item=0.2, run=0.5)

    granted = [waiting.grant(0.0), waiting.grant(0.0), waiting.grant(0.0)]

    assert [enough for _, enough in granted] == [True, True, False]
    assert sum(seconds for seconds, _ in granted) == pytest.approx(0.5)
    assert waiting.grant(waited=0.2) == (0.0, True)


def test_a_lagging_read_back_is_waited_for(place):
    """A product that shows its own write late is not written to again."""
    _create(place, "tolt")
    place.fault("stale", "GET", "tolt.*promotion-codes/", writes=1)
    place.fault("stale", "GET", "search=NEW", nth=2, writes=1)

    done = place.sync()

    assert place.only(done).outcome == "confirmed"
    assert len(place.writes) == 1
    place.quiet()
