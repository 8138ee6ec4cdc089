"""A saved plan is applied as it was reviewed, or it is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.harness.place import OF_EACH_RUN


@pytest.fixture
def saved(place):
    """A state, then a plan of four creates and two held deletes in plan.json."""
    place.settle(40, partners=4, coupons=2)
    for number in range(4):
        place.edit(
            "tolt",
            "create_code",
            code=f"NEW{number}",
            partner="partner00000@example.com",
        )
        side = place.sandbox.world.tolt.codes_named(f"NEW{number}")[0]
        side.value = place.sandbox.world.tolt.codes_named("CODE000000")[0].value
    for number in range(2):
        place.edit("tolt", "delete_code", code=f"CODE{number:06d}")
    assert place.run("plan", "--out", "plan.json").code == 0
    place.sandbox.requests.clear()
    return place


@pytest.fixture
def plan(saved):
    return json.loads((saved.folder / "plan.json").read_text(encoding="utf-8"))


def ids(plan, action):
    return [one["id"] for one in plan["changes"] if one["action"] == action]


def accepting(plan, action):
    return [word for one in ids(plan, action) for word in ("--accept", one)]


def assert_refused(place, guard, *said):
    before = place.tables(but=OF_EACH_RUN)

    refused = place.json("apply", "plan.json")

    assert refused.code == 5
    assert refused.guard == guard
    for words in said:
        assert words in refused.document["refused"]["message"]
    assert "plan --out" in refused.document["refused"]["message"]
    assert place.writes == []
    assert place.tables(but=OF_EACH_RUN) == before


def test_a_saved_plan_is_applied_without_a_question(saved, plan):
    assert [plan["summary"][word] for word in ("create", "delete", "held")] == [4, 2, 2]

    applied = saved.json("apply", "plan.json")

    assert applied.code == 0
    assert applied.outcomes == dict.fromkeys(
        ["NEW0", "NEW1", "NEW2", "NEW3"], "confirmed"
    )
    assert {row.method for row in saved.writes} == {"POST"}


def test_applying_it_twice_finds_each_item_done(saved):
    """H3: the second time writes nothing."""
    saved.run("apply", "plan.json")
    saved.sandbox.requests.clear()

    again = saved.json("apply", "plan.json")

    assert again.code == 0
    assert set(again.outcomes.values()) == {"adopted"}
    assert saved.writes == []


def test_just_the_deletes_that_are_accepted_run(saved, plan):
    """A20: a third one, made since, is not touched."""
    saved.edit("tolt", "delete_code", code="CODE000002")

    applied = saved.json("apply", "plan.json", *accepting(plan, "delete"))

    deleted = [row.body["code"] for row in saved.writes if row.method == "DELETE"]
    assert applied.code == 0
    assert sorted(deleted) == ["CODE000000", "CODE000001"]
    assert saved.sandbox.world.partnero.code("CODE000002")


def test_what_has_changed_since_is_stale_and_the_rest_is_done(saved):
    saved.edit("tolt", "set_code", code="NEW1", value=77)

    applied = saved.json("apply", "plan.json")

    assert applied.code == 4
    assert applied.outcomes["NEW1"] == "stale"
    assert applied.outcomes["NEW0"] == "confirmed"
    sent = {row.body.get("code") for row in saved.writes}
    assert "NEW1" not in sent


def test_what_is_new_since_is_not_done(saved):
    saved.edit("tolt", "create_code", code="LATER", partner="partner00000@example.com")

    applied = saved.json("apply", "plan.json")

    assert "LATER" not in applied.outcomes
    assert applied.code == 0


@pytest.mark.parametrize(
    "edit",
    [
        lambda plan: plan["changes"][0].update(status="ready"),
        lambda plan: plan["changes"].pop(),
        lambda plan: plan.update(expires_at="2999-01-01T00:00:00Z"),
        lambda plan: plan.update(config="0" * 16),
        lambda plan: plan.update(pair="acme", note="harmless"),
        lambda plan: plan.pop("seal"),
    ],
    ids=["status", "one change less", "longer validity", "config", "addition", "seal"],
)
def test_a_plan_that_was_edited_is_refused(saved, plan, edit):
    edit(plan)
    (saved.folder / "plan.json").write_text(json.dumps(plan))

    assert_refused(saved, "plan_edited", "edited")


def test_a_plan_may_be_formatted_anew(saved, plan):
    (saved.folder / "plan.json").write_text(json.dumps(plan, indent=8, sort_keys=True))

    assert saved.json("apply", "plan.json").code == 0


def test_a_plan_that_is_too_old_is_refused(saved, plan):
    """H5."""
    later = datetime.now(UTC) + timedelta(hours=25)
    with time_machine.travel(later, tick=True):
        assert_refused(saved, "plan_expired", plan["expires_at"])


def test_a_plan_of_another_pair_than_the_named_one_is_refused(saved):
    saved.add_pair()

    refused = saved.json("apply", "plan.json", "--pair", "beta")

    assert (refused.code, refused.guard) == (5, "plan_foreign")
    assert saved.writes == []


def test_a_plan_that_says_it_is_too_old_is_refused_for_that(saved, plan):
    """Whoever made it older than it is, an old plan wants a new one."""
    plan.update(expires_at="2020-01-01T00:00:00Z")
    (saved.folder / "plan.json").write_text(json.dumps(plan))

    assert_refused(saved, "plan_expired", "2020-01-01")


def test_a_plan_of_another_configuration_is_refused(saved):
    """H6: the policy that it was reviewed under is not the one that is in force."""
    saved.configure(more='[pairs.policy]\nlossy = "auto"')

    assert_refused(saved, "plan_foreign", "another configuration")


@pytest.mark.parametrize("harmless", ["rate", "schedule"])
def test_what_does_not_make_a_plan_may_change(saved, harmless):
    text = saved.config.read_text()
    if harmless == "rate":
        text = text.replace("= 2000", "= 1500")
    else:
        text = text.replace('name = "acme"', 'name = "acme"\nschedule = "@daily"')
    saved.config.write_text(text)

    assert saved.json("apply", "plan.json").code == 0


def test_a_plan_beside_another_state_is_refused(saved):
    """G10: its identity counts, not its revision."""
    saved.database.unlink()
    saved.configure(limits="creates = 0")
    saved.json("sync", "--first")
    saved.configure()

    assert_refused(saved, "plan_foreign", "another state")


def test_a_plan_made_before_there_was_a_state_can_be_applied(place):
    """The quick start: plan, read it, apply it."""
    place.run("plan", "--out", "plan.json")

    applied = place.json("apply", "plan.json")

    assert applied.code == 0
    assert set(applied.outcomes) == {"ONLYPARTNERO20", "ONLYTOLT20", "ONLYTOLT30"}


def test_a_plan_for_a_pair_that_is_not_configured_is_refused(saved):
    saved.configure(name='"other"')

    assert_refused(saved, "plan_foreign", "acme", "other")


def test_an_unknown_id_is_a_usage_error(saved):
    """Neither with a file nor without one is anything done."""
    with_file = saved.run("apply", "plan.json", "--accept", "c_000000000000")
    without = saved.run("apply", "--yes", "--accept", "c_000000000000")

    assert with_file.code == without.code == 2
    assert "c_000000000000" in with_file.err
    assert "c_000000000000" in without.err
    assert saved.writes == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "is no plan"),
        ('{"format": "partnero-tolt/run"}', "is no plan"),
        ('{"format": "partnero-tolt/plan"}', "is no plan"),
        ('{"format": "partnero-tolt/plan", "version": 2, "changes": []}', "is no plan"),
    ],
    ids=["absent", "cut", "a list", "a run", "half a plan", "a newer plan"],
)
def test_a_file_that_is_no_plan_is_a_usage_error(place, content, said):
    if content is not None:
        (place.folder / "plan.json").write_text(content)

    refused = place.run("apply", "plan.json")

    assert refused.code == 2
    assert "plan.json" in refused.err
    assert said in refused.err
    assert place.writes == []


def test_a_refused_plan_is_no_consent(saved):
    """What a guard refused at plan time stays refused when the file is applied."""
    saved.configure(limits="creates = 1")
    planned = saved.json("plan", "--out", "plan.json")

    applied = saved.json("apply", "plan.json")

    assert planned.code == applied.code == 5
    assert applied.guard == "too_many_creates"
    assert saved.writes == []


def test_more_than_the_limit_is_done_where_each_is_named(saved):
    saved.configure(limits="creates = 1")
    saved.run("plan", "--out", "plan.json")
    plan = json.loads((saved.folder / "plan.json").read_text())

    applied = saved.json("apply", "plan.json", *accepting(plan, "create"))

    assert applied.code == 0
    assert len(applied.outcomes) == 4
