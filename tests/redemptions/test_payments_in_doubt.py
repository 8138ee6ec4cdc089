"""A payment whose outcome nobody can tell is looked for, and never sent again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mappings.moments import iso_precise
from state.database import open_to_write
from state.model import Decision
from state.store import Store

PUSH = 'redemptions = "both"\ncommissions = true'
LISTS = r"/partnero/v1/(transactions|customers/.*/transactions)"
SALES = "/partnero/v1/transactions"


def _store(place):
    return Store(open_to_write(f"sqlite:///{place.database}"), "acme")


def _age(place, **span):
    """Let the open payment have begun earlier, or later, than now."""
    store = _store(place)
    for intent in store.journal.open_intents():
        at = datetime.now(UTC) - timedelta(**span)
        store.journal.begin(replace(intent, at=iso_precise(at)))


def _posts(place):
    return sum(r.method == "POST" and r.path == SALES for r in place.sandbox.asked)


@pytest.fixture
def lagging(pusher):
    """Partnero's lists of transactions do not show what is new."""
    pusher.sell_right("ord-1")
    pusher.fault("stale", "GET", LISTS, count=None, seconds=3600)
    return pusher


@pytest.fixture
def lost(pusher):
    """A payment that was sent and never arrived."""
    pusher.sell_right("ord-1")
    pusher.fault("lost_before", "POST", SALES)
    return pusher


def test_once_the_list_shows_it_it_is_confirmed_and_redeemed(lagging):
    lagging.sync()
    lagging.sandbox.faults.clear()

    done = lagging.sync()

    assert lagging.steps(done)["transaction", "partnero", "confirmed"] == 1
    assert (lagging.sales, lagging.log) == ({"ord-1": 1}, ["ord-1"])
    assert lagging.sync().status == "complete"


def test_others_of_the_same_code_go_on_meanwhile(lost):
    lost.sync()
    lost.an_hour_later()
    lost.sell_right("ord-2", 2000)
    lost.an_hour_later()

    lost.sync()

    assert lost.sales == {"ord-2": 1}
    assert lost.log == ["ord-2"]


@pytest.mark.parametrize(("hours", "asked"), [(25, True), (23, False), (-48, False)])
def test_after_three_runs_over_a_day_a_person_decides(lost, hours, asked):
    """A time in the future is a clock that was set: it counts from now on."""
    for _ in range(2):
        lost.sync()
        _age(lost, hours=hours)

    done = lost.sync()

    outcomes = {o.outcome for o in done.outcomes if o.action == "transaction"}
    assert outcomes == ({"quarantined"} if asked else {"uncertain"})
    held = [c for c in done.plan.changes if c.status == "held"]
    held += [c for c in lost.sync().plan.changes if c.status == "held"]
    assert {c.reason for c in held} == ({"quarantined"} if asked else set())
    assert lost.sales == {}


def _asked(place):
    place.sync()
    _age(place, days=3)
    for _ in range(2):
        place.sync()
    done = place.sync()
    assert done.status == "complete", (done.trouble, done.outcomes)
    (held,) = [c for c in done.plan.changes if c.status == "held"]
    assert (held.action, held.reason) == ("transaction", "quarantined")
    return held


def _decide(place, change, take):
    words = (change.id, change.key, change.code, take, "", "sam", "2026-01-01")
    _store(place).decide([Decision(*words)])


def test_what_nobody_found_is_sent_once_more_when_a_person_says_so(lost):
    _decide(lost, _asked(lost), "proposed")

    done = lost.sync()

    assert lost.steps(done)["transaction", "partnero", "confirmed"] == 1
    assert (lost.sales, lost.log) == ({"ord-1": 1}, ["ord-1"])
    assert _store(lost).decisions() == {}
    assert lost.proposed(lost.sync().plan) == []


def test_a_yes_is_used_up_by_the_payment_even_if_that_is_in_doubt_again(lost):
    _decide(lost, _asked(lost), "proposed")
    lost.fault("lost_before", "POST", SALES)
    lost.sync()

    lost.sync()

    assert _store(lost).decisions() == {}
    assert lost.sales == {}


def test_what_a_person_has_found_there_is_linked_and_never_sent(lost):
    _decide(lost, _asked(lost), "keep")

    done = lost.sync()

    assert lost.proposed(done.plan) == []
    assert done.plan.redemptions["in_sync"] == 1
    assert lost.sales == {}


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
def test_a_refusal_by_something_in_between_is_no_refusal(pusher, status):
    pusher.sell_right("ord-1")
    page = "<html>blocked</html>"
    pusher.fault("status_after", "POST", SALES, status=status, answer=page)
    pusher.fault("stale", "GET", LISTS, count=None, seconds=3600)

    pusher.sync()
    pusher.sync()

    assert pusher.sales == {"ord-1": 1}


def test_what_needs_a_payment_that_waits_for_a_person_waits_with_it(pusher):
    pusher.sell_right("ord-1")
    told = {"message": "no", "errors": {"key": ["not this one"]}}
    pusher.fault("status", "POST", SALES, status=422, answer=told, count=None)
    for _ in range(3):
        pusher.sync()

    done = pusher.sync()

    waiting = [(c.action, c.status) for c in done.plan.changes if c.push]
    assert (done.status, waiting) == ("complete", [("transaction", "held")])
