"""What was begun under one version of Tolt's API, and what the other makes of it."""

import sqlite3
from contextlib import closing

import pytest

from connector.sandbox import seed
from connector.sandbox.world import World
from tests.harness.settled import keep, settled_before

ANNA, BEN = "anna@example.com", "ben@example.com"
IDS = {"v1": ("prc_", "cust_", "uuid_"), "v2": ("promo_", "cus_")}
"""How the ids begin that one version alone has."""
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
    known = "a shop under", request.param
    if not settled_before(place, known):
        assert place.run("sync").code == 0
        keep(place, known)
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


def killed_after_the_effect(place):
    """Do a run, and leave of it what a kill leaves before its verdict is stored."""
    with (
        closing(sqlite3.connect(place.database)) as db,
        closing(sqlite3.connect(":memory:")) as before,
    ):
        db.backup(before)
        place.run("sync")
        known = {row[0] for row in before.execute("SELECT id FROM intent")}
        rows = db.execute("SELECT * FROM intent").fetchall()
        before.backup(db)
        marks = ", ".join("?" * len(rows[0]))
        new = [row for row in rows if row[0] not in known]
        db.executemany(f"INSERT INTO intent VALUES ({marks})", new)  # noqa: S608
        ids = [(row[0],) for row in new]
        db.executemany("UPDATE intent SET state = 'sending' WHERE id = ?", ids)
        db.commit()
    assert new


def on_tolt(place, text):
    return place.sandbox.world.tolt.codes_named(text)


def on_partnero(place, text):
    return place.sandbox.world.partnero.codes.named(text)


def assert_nothing_foreign_was_asked(place, version):
    """No request held an id of the version that is not spoken any more."""
    asked = [
        f"{one.path}?{one.query}"
        for one in place.sandbox.requests
        if "/tolt/" in one.path
    ]
    assert asked
    foreign = [path for path in asked for mark in IDS[OTHER[version]] if mark in path]
    assert not foreign


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


# -- every kind of write, its answer lost with and without an effect ---------------


def _create(place):
    place.edit("partnero", "create_code", code="FRESH", coupon="PCT10", partner=ANNA)


def _back(place):
    place.edit("tolt", "create_code", code="FRESH", partner=ANNA)


def _discount(place):
    place.edit("partnero", "move_coupon", code="ANNA10", coupon="PCT15")


def _payee(place):
    place.edit("tolt", "move_partner", code="ANNA10", partner=BEN)


def _replace(place):
    place.edit("tolt", "set_code", code="ANNA10", value=20)
    place.run("sync")
    place.run("decide", "ANNA10", "--take", "tolt", "--yes")


def _delete(place):
    place.edit("tolt", "delete_code", code="ANNA10")
    place.run("sync")
    place.run("decide", "ANNA10", "--take", "tolt", "--yes")


STORIES = {
    "a create on Tolt": (_create, "POST", "/tolt/", ""),
    "a create on Partnero": (_back, "POST", "/partnero/v1/promotion", ""),
    "a discount on Tolt": (_discount, "PUT", "/tolt/", ""),
    "a payee on Partnero": (_payee, "PUT", "/partnero/", 'payee = "auto"'),
    "a replace on Partnero, the old one gone": (_replace, "POST", "/partnero/", ""),
    "a deletion on Partnero": (_delete, "DELETE", "/partnero/", ""),
}


def shown(place):
    """Return what both sides have: text, discount and partner."""
    world = place.sandbox.world
    people = world.partnero.partners.rows
    left = {
        (code.code, str(code.coupon.discount_amount), people[code.partners[0][0]].email)
        for code in world.partnero.codes
    }
    right = {(c.code, str(c.value), c.partner.email) for c in world.tolt.codes}
    count = len(world.partnero.codes), len(world.tolt.codes)
    return left, right, count


CASES = [(story, fault) for story in STORIES for fault in ("lost_before", "lost_after")]
CASES.remove(("a deletion on Partnero", "lost_before"))  # Tolt's absence is unproven


def _case(story, fault):
    """What arrived and was not seen is the harder half; the other one is slow."""
    marks = [pytest.mark.slow] if fault == "lost_before" else []
    return pytest.param(story, fault, marks=marks)


@pytest.mark.parametrize(("story", "fault"), [_case(*one) for one in CASES])
def test_what_is_open_at_a_switch_ends_as_if_there_had_been_none(place, story, fault):
    prepare, method, path, policy = STORIES[story]
    place.inhabit(shop())
    ask(place, "v2", policy)
    place.run("sync")
    prepare(place)
    if fault == "lost_after":
        killed_after_the_effect(place)
    else:
        place.fault(fault, method=method, path=path, count=None)
        place.run("sync")
    assert intents(place)[-1][-1] in ("uncertain", "sending")
    switch(place, "v1", policy)

    first = place.json("sync").document
    wrote = len(place.writes)
    for _ in range(2):
        place.run("sync")
    plan = place.json("plan").document

    assert wrote == 0
    assert first["status"] == "partial"
    assert "left open were not looked at" in first["error"]
    assert plan["summary"]["ready"] == 0
    left, right, (many, more) = shown(place)
    told = [one["message"] for one in plan["changes"]]
    assert left == right, told
    assert many == more == len(left)
    assert_nothing_foreign_was_asked(place, "v1")
    assert {state for *_, state in intents(place)} <= {"confirmed", "adopted", "failed"}


def test_a_deletion_that_rests_on_an_absence_is_not_done_under_the_other_version(place):
    """That Tolt has it no more was proven by an id that nobody understands now."""
    place.inhabit(shop())
    ask(place, "v2")
    place.run("sync")
    _delete(place)
    place.fault("lost_before", method="DELETE", path="/partnero/", count=None)
    place.run("sync")
    switch(place, "v1", 'delete = "auto"')

    for _ in range(3):
        place.run("sync")

    plan = place.json("plan").document
    assert place.writes == []
    assert on_partnero(place, "ANNA10")
    assert plan["summary"]["unproven"] == 1
    assert "unproven" in {one["kind"] for one in plan["findings"]}
    assert intents(place) == [("delete", "partnero", "failed")]
    switch(place, "v2")
    for _ in range(2):
        place.run("sync")
    assert on_partnero(place, "ANNA10") == []


def test_a_word_that_waits_is_carried_over_a_switch(place):
    """It was said about what both sides show, which is what they show still."""
    place.inhabit(shop())
    ask(place, "v2")
    place.run("sync")
    place.edit("tolt", "set_code", code="ANNA10", value=20)
    place.edit("tolt", "set_code", code="MORE0", value=20)
    place.run("sync")
    place.run("decide", "ANNA10", "--take", "tolt", "--yes")
    place.run("decide", "MORE0", "--keep")
    switch(place, "v1")

    place.run("sync")
    wrote = len(place.writes)
    done = place.json("sync")

    assert wrote == 0
    assert done.outcomes == {"ANNA10": "confirmed"}
    plan = place.json("plan").document
    assert plan["changes"] == []
    assert [one["code"] for one in plan["accepted"]] == ["MORE0"]


def test_a_word_about_what_cannot_be_matched_waits_and_lets_nothing_happen(place):
    """The code stays on one side, as a person said, whatever the policy says by now."""
    place.inhabit(shop())
    ask(place, "v2")
    place.run("sync")
    place.edit("tolt", "create_code", code="ALONE", partner=ANNA)
    ask(place, "v2", 'create = "hold"')
    place.run("sync")
    assert place.run("decide", "ALONE", "--keep").code == 0
    place.run("sync")
    switch(place, "v1")

    for _ in range(3):
        place.run("sync")

    plan = place.json("plan").document
    assert place.writes == []
    assert [(c["code"], c["status"]) for c in plan["changes"]] == [("ALONE", "held")]
    (waits,) = [f for f in plan["findings"] if f["kind"] == "decision_waits"]
    assert "made under v2" in waits["message"]
    switch(place, "v2")
    for _ in range(2):
        place.run("sync")
    plan = place.json("plan").document
    assert place.writes == []
    assert [one["code"] for one in plan["accepted"]] == ["ALONE"]


def test_there_and_back_what_could_not_be_told_is_proven(started):
    """A deletion that had an effect: the other version cannot say so, and does not."""
    place, version = started
    place.edit("partnero", "delete_code", code="ANNA10")
    place.run("sync")
    place.run("decide", "ANNA10", "--take", "partnero", "--yes")
    killed_after_the_effect(place)
    switch(place, OTHER[version])
    for _ in range(2):
        place.run("sync")
    assert ("delete", "tolt", "stale") in intents(place)
    plan = place.json("plan").document
    assert "version_switched" in {one["kind"] for one in plan["findings"]}
    assert place.json("explain", "ANNA10").document["match"] is None
    assert place.json("verify").code == 3
    assert place.writes == []

    switch(place, version)
    for _ in range(2):
        assert place.run("sync").code in (0, 4)

    assert place.json("verify").code == 0
    assert place.writes == []


def test_a_run_of_the_other_version_is_not_undone_and_nothing_before_who_is_who(place):
    place.inhabit(shop())
    ask(place, "v2")
    place.run("sync")
    place.edit("partnero", "move_coupon", code="ANNA10", coupon="PCT15")
    run = place.json("sync").document["run"]
    switch(place, "v1")
    undone = place.json("undo", run)
    assert undone.document["changes"] == []
    assert "not_undoable" in {one["kind"] for one in undone.document["findings"]}

    place.run("sync")
    switch(place, "v2")
    way = place.folder / "way.json"
    place.run("undo", run, "--out", way)
    back = place.json("apply", way, "--accept", "all", "--yes").document

    assert back["status"] == "partial"
    assert "partnero-tolt sync" in back["error"]
    assert place.writes == []


def test_a_plan_that_was_saved_under_the_other_version_is_foreign(place):
    place.inhabit(shop())
    ask(place, "v2")
    place.run("sync")
    place.edit("partnero", "move_coupon", code="ANNA10", coupon="PCT15")
    saved = place.folder / "plan.json"
    place.run("plan", "--out", saved)
    switch(place, "v1")

    applied = place.json("apply", saved, "--yes")

    assert (applied.code, applied.guard) == (5, "plan_foreign")
    assert place.writes == []
