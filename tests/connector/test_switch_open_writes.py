"""What was begun under one version of Tolt's API, and what the other makes of it."""

import json
import sqlite3
from contextlib import closing

import pytest

from connector.sandbox import seed
from connector.sandbox.world import World

ANNA, BEN = "anna@example.com", "ben@example.com"
PREFIX = {"v1": "prc_", "v2": "promo_"}
OTHER = {"v1": "v2", "v2": "v1"}


def shop():
    """Two partners with two codes each, the same on both sides."""
    build = seed.Builder(World(tag="w"))
    build.programme(seed.PARTNERO_KEY, "Acme")
    build.organization(seed.TOLT_KEY, "Acme")
    for name, email in (("Anna", ANNA), ("Ben", BEN)):
        build.partner(name, email, email)
    build.both("ANNA10", "Anna", "10")
    for number in range(7):
        build.both(f"MORE{number}", ("Anna", "Ben")[number % 2], "10")
    build.coupon("percent", "15")
    build.coupon("percent", "20")
    return build.world


@pytest.fixture(params=["v2", "v1"])
def started(request, place):
    """A pair in step under one version, and the name of the other one."""
    place.inhabit(shop())
    ask(place, request.param)
    assert place.run("sync").code == 0
    place.sandbox.requests.clear()
    return place, request.param


def ask(place, version, policy=""):
    url = f'"{place.sandbox.url}/tolt/{version}"'
    more = f"[pairs.policy]\n{policy}" if policy else ""
    place.configure(api_version=f'"{version}"', base_url__1=url, more=more)


def switch(place, version, policy=""):
    """Ask Tolt by the other version, and forget the faults and requests so far."""
    place.sandbox.faults.clear()
    place.sandbox.requests.clear()
    ask(place, version, policy)


def intents(place):
    with closing(sqlite3.connect(place.database)) as db:
        found = db.execute("SELECT action, target, state FROM intent ORDER BY at")
        return found.fetchall()


def on_tolt(place, text):
    return place.sandbox.world.tolt.codes_named(text)


def on_partnero(place, text):
    return place.sandbox.world.partnero.codes.named(text)


def assert_nothing_foreign_was_asked(place, version):
    """No request held a code's id of the version that is not spoken any more."""
    asked = [one.path for one in place.sandbox.requests if "/tolt/" in one.path]
    assert asked
    assert not [path for path in asked if PREFIX[OTHER[version]] in path]


def test_a_rename_that_waits_never_becomes_a_second_code(started):
    place, version = started
    place.edit("tolt", "rename_code", code="ANNA10", to="SUMMER")
    place.run("sync")
    switch(place, OTHER[version], 'create = "auto"')

    for _ in range(3):
        place.run("sync")
    told = place.json("plan").document

    assert place.writes == []
    assert on_partnero(place, "SUMMER") == []
    (waits,) = [one for one in told["changes"] if one["code"] == "SUMMER"]
    assert (waits["status"], waits["reason"]) == ("held", "unproven")
    assert "ANNA10" in waits["message"]


def test_a_deletion_without_effect_is_never_confirmed(started):
    place, version = started
    place.edit("partnero", "delete_code", code="ANNA10")
    place.run("sync")
    place.run("decide", "ANNA10", "--take", "partnero", "--yes")
    place.fault("lost_before", method="DELETE", path="/tolt/", count=None)
    place.run("sync")
    assert intents(place)[-1] == ("delete", "tolt", "uncertain")
    switch(place, OTHER[version])

    first = place.json("sync").document
    assert place.writes == []
    states = {state for *_, state in intents(place)}
    assert "confirmed" not in states
    second = place.json("sync").document

    assert first["status"] == "partial"
    assert on_tolt(place, "ANNA10") == [] or second["outcomes"] == []
    assert_nothing_foreign_was_asked(place, OTHER[version])


def test_a_half_done_replace_is_never_confirmed_while_two_own_the_text(started):
    place, version = started
    place.edit("partnero", "move_partner", code="ANNA10", partner=BEN)
    place.run("sync")
    place.run("decide", "ANNA10", "--take", "partnero", "--yes")
    place.fault("lost_before", method="DELETE", path="/tolt/", count=None)
    place.run("sync")
    assert len(on_tolt(place, "ANNA10")) == 2
    switch(place, OTHER[version], 'delete = "auto"')

    for _ in range(3):
        place.run("sync")

    assert place.writes == []
    assert len(on_tolt(place, "ANNA10")) == 2
    assert ("replace", "tolt", "confirmed") not in intents(place)
    plan = place.json("plan").document
    assert "collision" in {one["reason"] for one in plan["changes"]}
    assert_nothing_foreign_was_asked(place, OTHER[version])
    json.dumps(plan)
