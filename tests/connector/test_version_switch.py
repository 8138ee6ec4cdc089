"""A switch of Tolt's API version: ids are others, and nothing rests on the old ones."""

import sqlite3
from contextlib import closing

import pytest

from tests.harness.settled import keep, settled_before


def ask(place, version):
    """Configure the other version, as a person would: both keys of it."""
    url = f'"{place.sandbox.url}/tolt/{version}"'
    place.configure(api_version=f'"{version}"', base_url__1=url)


@pytest.fixture
def settled(place):
    """A pair that was brought in step under v1."""
    ask(place, "v1")
    if not settled_before(place, "a run under v1"):
        place.run("sync")
        keep(place, "a run under v1")
    place.sandbox.requests.clear()
    return place


def switched(place):
    found = place.json("plan").document["findings"]
    return [one for one in found if one["kind"] == "version_switched"]


def links(place):
    """Return Tolt's id and the version of each linked code."""
    with closing(sqlite3.connect(place.database)) as db:
        rows = db.execute("SELECT key, tolt_id, version FROM link").fetchall()
    return {key: (id_, version) for key, id_, version in rows}


def test_the_run_that_first_sees_it_only_remembers_who_is_who(settled):
    place, before = settled, links(settled)
    options = {"coupon": "PCT10", "partner": "anna@example.com"}
    place.edit("partnero", "create_code", code="FRESH", **options)
    ask(place, "v2")

    first = place.json("sync").document
    wrote = len(place.writes)
    after = links(place)
    second = place.json("sync").document

    assert wrote == 0
    assert first["status"] == "partial"
    assert "1 changes were not written" in first["error"]
    assert after.keys() >= before.keys()
    assert {version for _, version in after.values()} == {"v2"}
    assert all(id_.startswith("promo_") for id_, _ in after.values())
    assert second["status"] == "complete"
    assert [one.body["code"] for one in place.writes] == ["FRESH"]


def test_it_is_told_with_how_many_were_found_again(settled):
    number = len(links(settled))
    ask(settled, "v2")

    told, *_ = switched(settled)
    settled.run("sync")

    assert f"{number} codes were found again by their text" in told["message"]
    assert "writes nothing to either side" in told["message"]
    assert switched(settled) == []


def test_no_id_of_one_version_is_ever_asked_of_the_other(settled):
    """Two codes vanish from Tolt's listing together with the switch."""
    place = settled
    for text in ("ANNA10", "BEN10"):
        place.edit("tolt", "delete_code", code=text)
    ask(place, "v2")

    for _ in range(2):
        place.run("sync")

    asked = [one.path for one in place.sandbox.requests if "/tolt/" in one.path]
    assert not [path for path in asked if "prc_" in path]
    assert place.writes == []
    (told,) = switched(place)
    assert told["codes"] == ["ANNA10", "BEN10"]
    assert "2 codes that are remembered from v1 cannot be found" in told["message"]
    assert "run once with api_version v1" in told["message"]
    assert {links(place)[key][1] for key in ("anna10", "ben10")} == {"v1"}


def test_back_under_the_old_version_they_are_proven(settled):
    place = settled
    place.edit("tolt", "delete_code", code="ANNA10")
    ask(place, "v2")
    place.run("sync")
    ask(place, "v1")
    place.run("sync")

    plan = place.json("plan").document

    reasons = {one["code"]: one["reason"] for one in plan["changes"]}
    assert reasons["ANNA10"] == "gone_on_tolt"
    assert not [one for one in plan["findings"] if one["kind"] == "version_switched"]


def test_an_open_write_of_the_other_version_is_not_settled_by_its_id(settled):
    place = settled
    place.edit("partnero", "set_discount", coupon="FIX25", amount=26)
    place.fault("lost_before", method="PUT", path="/tolt/v1", count=None)
    place.run("sync")
    place.sandbox.faults.clear()
    place.sandbox.requests.clear()
    ask(place, "v2")

    result = place.json("sync").document

    told = {one["outcome"] for one in result["outcomes"] if one["target"] == "tolt"}
    assert told == set()
    asked = [one.path for one in place.sandbox.requests if "/tolt/" in one.path]
    assert not [path for path in asked if "prc_" in path]
    again = place.json("sync").document
    assert [o["outcome"] for o in again["outcomes"] if o["target"] == "tolt"]
