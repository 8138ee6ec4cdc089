"""Only an affiliate programme is written to: the other kinds have no paid partners."""

import json
import sqlite3
from contextlib import closing

import pytest

ANNA = "anna@example.com"
PUSH = '[pairs.policy]\nredemptions = "both"\ncommissions = true'
KINDS = {"newsletter": "newsletter", "refer_a_friend": "refer-a-friend"}


def forget_the_kind(place):
    """Leave the state as an earlier version of this program did."""
    with closing(sqlite3.connect(place.database)) as db:
        (text,) = db.execute(
            "SELECT value FROM pair_state WHERE name = 'fingerprints'"
        ).fetchone()
        prints = json.loads(text)
        del prints["partnero.kind"]
        row = (json.dumps(prints),)
        db.execute("UPDATE pair_state SET value = ? WHERE name = 'fingerprints'", row)
        db.commit()


def opens(place, **program):
    """Let Partnero's key open a programme that says this of itself."""
    told = {"id": "prog_other", "name": "Acme", **program}
    answer = {"data": {"program": told}, "status": 1}
    return place.fault(
        "status", method="GET", path="/test", status=200, answer=answer, count=None
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_of_another_kind_is_refused_by_check(place, kind):
    opens(place, type=kind)

    checked = place.json("check")

    assert checked.code == 1
    (said,) = [one for one in checked.document["checks"] if not one["ok"]]
    assert KINDS[kind] in said["said"]
    assert "affiliate" in said["said"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_refused_before_the_first_write(place, kind):
    opens(place, type=kind)

    done = place.json("sync")

    assert done.code == 1
    assert done.document["status"] == "failed"
    assert KINDS[kind] in done.document["error"]
    assert place.writes == []


@pytest.mark.parametrize("program", [{"type": "affiliate"}, {}, {"type": "unheard of"}])
def test_where_no_other_kind_is_told_the_run_goes_on(place, program):
    opens(place, **program)

    assert place.json("check").code == 0
    assert place.json("sync").document["status"] in ("complete", "partial")


def test_a_state_from_before_anybody_asked_asks_once(place):
    """And a programme whose kind was asked for is not asked any more."""
    place.settle()
    forget_the_kind(place)
    asked = []
    for _ in range(2):
        place.sandbox.requests.clear()
        assert place.json("sync").document["status"] in ("complete", "partial")
        asked.append([r for r in place.sandbox.requests if r.path.endswith("/test")])

    assert list(map(len, asked)) == [1, 0]


def test_a_state_from_before_anybody_asked_is_refused_as_well(place):
    place.settle()
    forget_the_kind(place)
    place.sandbox.requests.clear()
    opens(place, type="newsletter")
    place.edit("partnero", "create_code", code="NEW", coupon="PCT10", partner=ANNA)

    assert place.json("sync").code == 1
    assert place.writes == []


@pytest.mark.parametrize(
    "path", ["/partnero/v1/customers", "/partnero/v1/transactions"]
)
def test_rows_of_another_kind_stop_a_push_before_it_sends_anything(place, path):
    place.configure(more=PUSH)
    row = {"id": "c_1", "key": "c_1", "amount": 5, "referring_customer": None}
    page = {"data": [row], "links": {"next": None}, "meta": {}, "status": 1}
    place.edit("partnero", "sale_counted", code="ANNA10", amount="49.99", key="o-1")
    place.edit("tolt", "sale", code="ANNA10", amount=4999, charge_id="o-2")
    place.fault("status", method="GET", path=path, status=200, answer=page, count=None)

    done = place.json("sync")

    assert done.code == 1
    assert "refer-a-friend" in done.document["error"]
    assert place.writes == []
