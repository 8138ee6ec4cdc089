"""100,000 redemptions in the ledger: a run with none new costs what it always cost."""

import json

import pytest
from sqlalchemy import event

from connector.engine.sales.standings import judge
from connector.engine.sales.totals import weight
from connector.run.run import (
    run,
)
from mappings.redemptions import Entry, Money
from state.model import LedgerChange

MANY = 100_000


def _history(n):
    """Return redemptions that are on both sides, like years of a busy shop."""
    paid = Money(4999, "USD")
    for number in range(n):
        yield Entry(
            ("anna10", "ben20")[number % 2],
            f"ord-{number:06d}",
            logged=1,
            logged_at="2025-06-01T00:00:00Z",
            sales=1,
            sold=paid,
            buyer=f"buyer-{number % 997}",
            sold_at="2025-06-01T00:00:00Z",
            charges=(f"v2:txn_{number}",),
            charged=paid,
            customer=f"cus_{number % 997}",
            charged_at="2025-06-01T00:00:00Z",
        )


def _fill(place, n):
    rows = [(one, judge(one, "")) for one in _history(n)]
    ledger = place.ledger
    for start in range(0, n, 5000):
        part = rows[start : start + 5000]
        totals = tuple(weight(*row) for row in part[:1])
        ledger.save(LedgerChange(tuple(part), totals), {})


def _cost(place):
    """Return the requests of a sync, and the database's own steps, in tens."""
    steps = [0]

    def count():
        steps[0] += 1
        return 0

    with place.session() as session:
        engine = session.store.transactions.engine

        @event.listens_for(engine, "connect")
        def watch(connection, _record):
            connection.set_progress_handler(count, 10)

        place.sandbox.mark()
        done = run(session)
        event.remove(engine, "connect", watch)
    assert done.status == "complete"
    return len(place.sandbox.asked), steps[0]


def test_a_run_with_nothing_new_costs_the_same_with_a_long_history(pusher):
    """Requests, and steps of the database, which no load on the machine can change."""
    pusher.sell_left("ord-x")
    pusher.sell_right("ord-x")
    pusher.sync()
    before = _cost(pusher)
    _fill(pusher, MANY)

    after = _cost(pusher)

    assert after[0] == before[0]
    assert after[1] <= before[1] * 1.2 + 20


def test_a_new_redemption_is_found_without_walking_the_history(pusher):
    pusher.sync()
    _fill(pusher, 2000)
    pusher.an_hour_later()
    pusher.sell_right("ord-new")
    pusher.an_hour_later()

    done = pusher.sync()

    assert pusher.steps(done)["redeem", "partnero", "confirmed"] == 1


@pytest.mark.parametrize("length", [0, 3000])
def test_a_long_log_that_did_not_change_is_not_read_again(place, length):
    for number in range(length):
        place.edit("partnero", "redeem", code="ANNA10", key=f"ord-{number}")
    place.configure(policy='redemptions = "report"')
    place.sync()
    marks = place.ledger.marks()

    place.sync()

    assert [r.path for r in place.sandbox.asked if "/v1/trans" in r.path] == []
    if length:
        assert json.loads(marks["log:anna10"])[0] == length
        assert place.ledger.marks()["log:anna10"] == marks["log:anna10"]
