"""A push that was begun under one version of Tolt's API is settled under the other."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from connector.reports.runs import error_of

FOREIGN = {"v1": ("cus_", "promo_"), "v2": ("cust_", "prc_")}
"""How the ids begin that the other version alone has."""
OTHER = {"v1": "v2", "v2": "v1"}
PUSH = 'redemptions = "both"\ncommissions = true'


def killed(place, action):
    """Do a run, and leave its writes from this kind on as a kill leaves them."""
    with (
        closing(sqlite3.connect(place.database)) as db,
        closing(sqlite3.connect(":memory:")) as before,
    ):
        db.backup(before)
        place.sync()
        rows = db.execute("SELECT * FROM intent WHERE action = ?", (action,)).fetchall()
        before.backup(db)
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT INTO intent VALUES ({marks})", rows)  # noqa: S608
        db.execute("UPDATE intent SET state = 'sending' WHERE action = ?", (action,))
        db.commit()
    assert rows


def switch(place, policy=PUSH):
    place.sandbox.faults.clear()
    place.version = OTHER[place.version]
    place.configure(policy=policy)


def foreign(place):
    """Return the requests of the last run that hold an id of the other version."""
    asked = [f"{r.path}?{r.query}" for r in place.sandbox.asked if "/tolt/" in r.path]
    assert asked
    return [one for one in asked for mark in FOREIGN[place.version] if mark in one]


@pytest.mark.parametrize("action", ["customer", "transaction"])
@pytest.mark.parametrize("version", ["v2", "v1"])
def test_what_had_reached_tolt_is_found_there_and_done_once(open_shop, version, action):
    place = open_shop(version=version, policy=PUSH)
    place.sync()
    place.sell_left("ord-1")
    place.an_hour_later()
    killed(place, action)
    people = len(place.world.tolt.customers)
    switch(place)

    first = place.sync()
    wrote, strange = place.sent("/"), foreign(place)
    place.an_hour_later()
    for _ in range(3):
        done = place.sync()
        strange += foreign(place)

    assert (wrote, strange) == (0, [])
    assert "left open were not looked at" in error_of(first)
    assert len(place.world.tolt.customers) == people
    assert place.charges == Counter({"ord-1": 1})
    assert done.plan.redemptions["missing_on_tolt"] == 0
    assert place.store().journal.open_intents() == []


@pytest.mark.parametrize("action", ["customer", "transaction", "redeem"])
def test_what_had_reached_partnero_is_found_there_and_done_once(pusher, action):
    pusher.sync()
    pusher.sell_right("ord-1")
    pusher.an_hour_later()
    killed(pusher, action)
    switch(pusher)

    first = pusher.sync()
    wrote, strange = pusher.sent("/"), foreign(pusher)
    pusher.an_hour_later()
    for _ in range(3):
        pusher.sync()
        strange += foreign(pusher)

    assert (wrote, strange) == (0, [])
    assert first.status == "partial"
    assert pusher.sales == Counter({"ord-1": 1})
    assert pusher.log == ["ord-1"]
    assert pusher.store().journal.open_intents() == []


def test_a_payment_that_did_not_arrive_is_looked_for_and_not_sent_again(pusher):
    """Of v1 nobody knows whether it refuses a double, whichever side of the switch."""
    pusher.sync()
    pusher.sell_left("ord-1")
    pusher.an_hour_later()
    pusher.fault("lost_before", "POST", "/tolt/v2/transactions", count=None)
    pusher.sync()
    switch(pusher)

    for _ in range(4):
        done = pusher.sync()
        assert pusher.sent("transactions") == 0

    assert pusher.charges == Counter()
    assert {one.outcome for one in done.outcomes} == {"uncertain"}
    assert foreign(pusher) == []


def test_a_customer_who_was_joined_keeps_the_version_of_their_id(pusher):
    pusher.sync()
    pusher.sell_right("ord-1")
    pusher.an_hour_later()
    killed(pusher, "customer")
    switch(pusher)
    for _ in range(2):
        pusher.sync()

    with closing(sqlite3.connect(pusher.database)) as db:
        rows = db.execute("SELECT version, tolt_id FROM customer_link").fetchall()

    assert rows
    marks = {"v1": "cust_", "v2": "cus_"}
    assert all(id_.startswith(marks[version]) for version, id_ in rows)
