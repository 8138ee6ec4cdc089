"""A first look at many equal codes: named in a list, told in a line, kept in bulk."""

import csv
import io
import json

import pytest

ADOPTED = ("adopted", "")


@pytest.fixture
def new(place):
    """A programme that nobody has looked at yet: twelve codes, equal on both sides."""
    place.settle(12, partners=3, coupons=2)
    place.database.unlink()
    (place.folder / ".connector.toml.state").unlink(missing_ok=True)
    place.sandbox.requests.clear()
    return place


@pytest.fixture
def saved(new):
    assert new.run("plan", "--out", "plan.json").code == 0
    return json.loads((new.folder / "plan.json").read_text(encoding="utf-8"))


def ids(document):
    return [one["id"] for one in document["changes"]]


def remembered(done):
    outcomes = done.document["outcomes"]
    return [o["code"] for o in outcomes if (o["outcome"], o["detail"]) == ADOPTED]


def test_a_plan_names_each_as_briefly_as_a_change_can_be_told(new):
    plan = new.json("plan").document

    assert len(plan["changes"]) == plan["summary"]["adopt"] == 12
    assert plan["summary"]["ready"] == plan["summary"]["in_sync"] == 12
    assert {one["action"] for one in plan["changes"]} == {"adopt"}
    assert [one["fields"] for one in plan["changes"]] == [[]] * 12
    first = plan["changes"][0]
    assert first["code"] == "CODE000000"
    assert first["precondition"]["partnero"][:2] == ["CODE000000", "code000000"]
    assert first["precondition"]["tolt"][0].startswith("promo_")


def test_they_stand_among_the_other_changes_in_the_order_of_their_codes(new):
    new.edit("tolt", "delete_code", code="CODE000003")

    plan = new.json("plan").document

    codes = [one["code"] for one in plan["changes"]]
    assert codes == sorted(codes)
    assert {one["action"] for one in plan["changes"]} == {"adopt", "create"}
    counted = (plan["summary"][name] for name in ("ready", "held", "blocked"))
    assert sum(counted) == len(codes) == 12


def test_every_report_says_it_in_one_line(new):
    text = new.run("plan").out
    markdown = new.run("--format", "markdown", "plan").out
    page = new.run("--format", "html", "plan").out
    sheet = new.run("--format", "csv", "plan").out
    rows = list(csv.DictReader(io.StringIO(sheet.lstrip("\ufeff"))))

    assert "Only noted (12)" in text
    assert "Only noted (12)" in markdown
    assert "12 codes are the same on both sides" in page
    assert [row["count"] for row in rows if row["record"] == "change"] == ["12"]
    assert "CODE000003" not in text + markdown + page + sheet


def test_something_is_to_be_done_where_all_of_it_is_in_bulk(new):
    assert new.run("plan", "--exit-code").code == 3


def test_a_run_remembers_them_and_the_next_one_has_nothing_to_do(new):
    done = new.json("sync")

    assert done.code == 0
    assert len(remembered(done)) == done.document["plan"]["adopt"] == 12
    again = new.json("plan").document
    assert (again["summary"]["in_sync"], again["summary"]["adopt"]) == (12, 0)
    assert new.writes == []


def test_a_saved_plan_of_them_is_applied_and_is_done_the_second_time(new, saved):
    applied, again = (new.json("apply", "plan.json") for _ in range(2))

    assert applied.code == again.code == 0
    assert [one["id"] for one in applied.document["outcomes"]] == ids(saved)
    assert len(remembered(applied)) == 12
    assert [one["id"] for one in again.document["outcomes"]] == ids(saved)
    assert {o["detail"] for o in again.document["outcomes"]} == {"already done"}


def test_one_of_a_saved_plan_is_remembered_alone(new, saved):
    applied = new.json("apply", "plan.json", "--only", ids(saved)[3])

    assert applied.code == 0
    assert remembered(applied) == ["CODE000003"]
    assert new.json("plan").document["summary"]["adopt"] == 11


def test_one_of_a_plan_that_is_made_now_is_remembered_alone(new, saved):
    applied = new.json("apply", "--only", ids(saved)[3], "--yes")

    assert remembered(applied) == ["CODE000003"]


def test_what_moved_since_the_plan_was_saved_is_stale_alone(new, saved):
    new.edit("tolt", "delete_code", code="CODE000003")

    applied = new.json("apply", "plan.json")

    assert applied.code == 4
    told = {one["code"]: one["outcome"] for one in applied.document["outcomes"]}
    assert told.pop("CODE000003") == "stale"
    assert set(told.values()) == {"adopted"}
    assert len(remembered(applied)) == 11


def test_an_id_that_is_not_in_the_list_is_refused(new, saved):
    assert new.run("apply", "plan.json", "--only", "c_0123456789ab").code == 2


def test_a_list_that_was_edited_is_refused(new, saved):
    saved["changes"].pop()
    (new.folder / "plan.json").write_text(json.dumps(saved), encoding="utf-8")

    assert new.json("apply", "plan.json").guard == "plan_edited"


def test_explain_shows_the_one_change_of_a_code(new, saved):
    told = new.json("explain", "CODE000003").document

    (change,) = told["changes"]
    assert change["id"] == ids(saved)[3]
    assert (change["action"], told["rows"][0][0]) == ("adopt", 3)


def test_the_history_names_what_was_remembered(new):
    run = new.json("sync").document["run"]

    shown = new.json("show", run).document

    assert len(shown["outcomes"]) == 12
    assert new.json("undo", run).document["changes"] == []
