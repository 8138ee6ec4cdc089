"""A record that was renamed alike on both sides, or made anew, is still one record."""

import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def settled(place):
    place.settle()
    return place


def links(place):
    with closing(sqlite3.connect(place.database)) as db:
        query = "SELECT key, partnero_id, tolt_id FROM link"
        return {key: ids for key, *ids in db.execute(query).fetchall()}


def made_anew_on_partnero(place, code, to):
    place.edit("partnero", "delete_code", code=code)
    options = {"coupon": "PCT10", "partner": "cleo@example.com"}
    place.edit("partnero", "create_code", code=to, **options)


def about(place, *codes):
    """Return what a plan says of these codes, once it has nothing to do any more."""
    plan = place.json("plan").document
    said = [*plan["changes"], *plan["findings"]]
    return [one for one in said if one.get("code") in codes]


@pytest.mark.parametrize("to", ["cleo10", "Cleo10"])
def test_made_anew_in_another_spelling(settled, to):
    """Partnero answers for the old spelling with the new record."""
    place, before = settled, links(settled)
    wrote = len(place.writes)
    made_anew_on_partnero(place, "CLEO10", to)

    synced = place.run("sync")

    after = links(place)
    assert synced.code == 0
    assert len(place.writes) == wrote
    assert after["cleo10"] == [to, before["cleo10"][1]]
    assert after.keys() == before.keys()
    kinds = {one.get("kind") or one["reason"] for one in about(place, to, "CLEO10")}
    assert kinds <= {"spelling"}


def test_renamed_to_one_text_on_both_sides(settled):
    place, before = settled, links(settled)
    wrote = len(place.writes)
    made_anew_on_partnero(place, "CLEO10", "CLEO-TEN")
    place.edit("tolt", "rename_code", code="CLEO10", to="CLEO-TEN")

    (told,) = about(place, "CLEO-TEN")
    place.run("sync")

    after = links(place)
    assert told["action"] == "adopt"
    assert "CLEO10 was renamed, or made anew: it is CLEO-TEN" in told["message"]
    assert len(place.writes) == wrote
    assert after["cleo-ten"] == ["CLEO-TEN", before["cleo10"][1]]
    assert "cleo10" not in after
    assert len(after) == len(before)
    assert about(place, "CLEO-TEN", "CLEO10") == []


def test_made_anew_on_tolt_under_another_id(settled):
    place, before = settled, links(settled)
    wrote = len(place.writes)
    place.edit("tolt", "delete_code", code="CLEO10")
    place.edit("tolt", "create_code", code="cleo10", partner="cleo@example.com")

    place.run("sync")

    after = links(place)
    assert len(place.writes) == wrote
    assert after["cleo10"][0] == "CLEO10"
    assert after["cleo10"][1] != before["cleo10"][1]
    assert len(after) == len(before)
