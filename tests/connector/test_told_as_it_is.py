"""No consent reaches further than its words, and no report says what is not so."""

import json
import shlex
from decimal import Decimal

import pytest

from tests.harness.settled import keep, settled_before

ANNA, BEN, CLEO = (f"partner0000{number}@example.com" for number in range(3))
CODE = "CODE000001"
ONLY = "to-partnero"


@pytest.fixture
def few(place):
    """Twelve codes on both sides; CODE000001 gives 6 % and belongs to Ben."""
    place.settle(12, partners=3, coupons=2)
    return place


def direct(place, direction):
    place.configure(name=f'"acme"\ndirection = "{direction}"')


def policy(place, *lines):
    place.configure(more="\n".join(["[pairs.policy]", *lines]))


def on_partnero(place):
    row = place.sandbox.world.partnero.code(CODE)
    return row.coupon.uuid_code, [uid for uid, _name in row.partners]


def is_on(place, side, code=CODE):
    table = getattr(place.sandbox.world, side).codes
    return code in [row.code for row in table]


# -- what was accepted is no consent to a deletion ----------------------------------


def test_who_accepted_a_limit_has_not_said_that_a_side_may_be_empty(few):
    place = few
    policy(place, 'delete = "auto"')
    codes = [f"CODE{number:06d}" for number in range(12)]
    for code in codes:
        place.edit("partnero", "set_code", code=code, redemption_limit=100)
    assert place.run("decide", *codes, "--keep").code == 0
    for code in codes:
        place.edit("tolt", "delete_code", code=code)

    synced = place.json("sync")

    assert synced.guard == "empty_side"


# -- what is in no plan any more is not therefore done ------------------------------


def saved(place):
    out = place.folder / "plan.json"
    place.run("plan", "--out", out)
    return out


def test_a_planned_creation_whose_source_vanished_is_stale_and_not_done(few):
    place = few
    place.edit("partnero", "create_code", code="NEW", coupon="PCT5", partner=ANNA)
    out = saved(place)
    place.edit("partnero", "delete_code", code="NEW")

    applied = place.json("apply", out, "--yes")

    assert applied.outcomes == {"NEW": "stale"}
    assert applied.code == 4


def test_a_planned_value_that_was_taken_back_at_its_source_is_stale(few):
    place = few
    place.edit("partnero", "set_discount", coupon="PCT5", amount=7)
    out = saved(place)
    place.edit("partnero", "set_discount", coupon="PCT5", amount=5)

    applied = place.json("apply", out, "--yes")

    assert set(applied.outcomes.values()) == {"stale"}


def test_a_planned_value_that_somebody_else_wrote_meanwhile_is_done(few):
    place = few
    place.edit("tolt", "set_code", code=CODE, value=5)
    place.run("sync")
    place.edit("partnero", "set_discount", coupon="PCT5", amount=7)
    out = saved(place)
    for number in range(0, 12, 2):
        place.edit("tolt", "set_code", code=f"CODE{number:06d}", value=7)

    applied = place.json("apply", out, "--yes")

    assert set(applied.outcomes.values()) == {"adopted"}


# -- a code that a replace left missing ---------------------------------------------


@pytest.fixture
def missing(few):
    """Tolt said 33 %; the replace took the old code away and every create failed."""
    place = few
    if settled_before(place, "a missing code"):
        return place
    place.edit("partnero", "create_coupon", uuid_code="P33", amount=33)
    place.edit("tolt", "set_code", code=CODE, value=33)
    place.run("sync")
    place.run("decide", CODE, "--take", "tolt", "--yes")
    broken = place.fault(
        "status", method="POST", path="promotion-codes", status=422, count=None
    )
    assert place.json("sync").outcomes == {CODE: "failed"}
    assert broken.hits
    place.sandbox.faults.clear()
    assert not is_on(place, "partnero")
    keep(place, "a missing code")
    return place


def proposal(place):
    plan = place.json("plan").document
    (change,) = [one for one in plan["changes"] if one["code"] == CODE]
    return change, {one["field"]: one["new"] for one in change["fields"]}


def test_what_is_made_again_is_what_is_shown(missing):
    place = missing
    _change, new = proposal(place)
    assert new["discount"] == "33%"

    place.run("decide", CODE, "--as-proposed")

    assert place.json("sync").outcomes == {CODE: "confirmed"}
    assert on_partnero(place)[0] == "P33"
    assert place.json("plan").document["summary"]["held"] == 0


def test_a_gap_whose_source_moved_on_is_closed_with_the_code_as_it_was(missing):
    """Tolt's new payee and value are asked about afterwards: nothing is remembered."""
    place = missing
    place.edit("tolt", "set_code", code=CODE, value=44)
    place.edit("tolt", "move_partner", code=CODE, partner=CLEO)
    change, new = proposal(place)
    assert new["discount"] == "6%"
    assert "it comes back as it was" in change["message"]

    place.run("decide", CODE, "--as-proposed")

    assert place.json("sync").outcomes == {CODE: "confirmed"}
    uuid, (owner,) = on_partnero(place)
    assert uuid == "PCT6"
    assert owner in new["partner"]
    asked = {one["reason"] for one in place.json("plan").document["changes"]}
    assert asked >= {"replace_needed", "payee_change"}
    assert "diverged" not in asked


def test_a_gap_is_not_closed_against_the_direction(missing):
    place = missing
    direct(place, "to-tolt")

    assert place.run("decide", CODE, "--as-proposed").code == 2
    found = place.json("plan").document["findings"]

    assert [one["kind"] for one in found] == ["missing_after_replace"]
    place.run("sync")
    assert not is_on(place, "partnero")


@pytest.mark.parametrize("how", ["suspend_partner", "erase_partner"])
def test_a_gap_is_not_closed_for_a_partner_who_gets_no_code(missing, how):
    place = missing
    place.edit("partnero", how, email=BEN)

    change, _new = proposal(place)

    assert (change["status"], change["reason"]) == ("blocked", "partner_inactive")
    assert "--as-proposed" not in change["message"]


# -- a certificate ------------------------------------------------------------------


def _limited(place):
    place.edit("partnero", "create_code", code="NEW", coupon="PCT5", partner=ANNA)
    place.edit("partnero", "set_code", code="NEW", redemption_limit=5)


NEVER = {
    "lossy": (_limited, "lossy"),
    "payee": (
        lambda place: place.edit("tolt", "move_partner", code=CODE, partner=CLEO),
        "payee_change",
    ),
    "replace": (
        lambda place: place.edit("tolt", "set_code", code=CODE, value=33),
        "replace_needed",
    ),
    "delete": (
        lambda place: place.edit("tolt", "delete_code", code=CODE),
        "gone_on_tolt",
    ),
}


@pytest.mark.parametrize("what", NEVER)
def test_what_the_policy_never_does_is_none_the_less_no_equal_pair(few, what):
    place, (edit, reason) = few, NEVER[what]
    policy(place, f'{what} = "never"')
    edit(place)

    verified = place.json("verify")

    (exception,) = verified.document["exceptions"]
    assert exception["reason"] == reason
    assert "partnero-tolt decide" not in exception["message"]
    assert exception["message"].endswith("The policy says that this is never done.")
    assert verified.code == 3


def test_a_code_that_is_missing_after_a_replace_is_an_exception(missing):
    place = missing
    policy(place, 'create = "never"', 'delete = "auto"')

    verified = place.json("verify")

    (exception,) = verified.document["exceptions"]
    assert exception["reason"] == "missing_after_replace"


# -- undo ---------------------------------------------------------------------------


def undo(place, run):
    out = place.folder / "undo.json"
    place.run("undo", run, "--out", out)
    plan = json.loads(out.read_text(encoding="utf-8"))
    ids = [word for c in plan["changes"] for word in ("--accept", c["id"])]
    return place.json("apply", out, *ids, "--yes")


def test_an_undo_does_not_write_against_the_direction(few):
    place = few
    place.edit("partnero", "create_code", code="NEW", coupon="PCT5", partner=ANNA)
    run = place.json("sync").document["run"]
    direct(place, ONLY)

    undone = undo(place, run)

    assert undone.outcomes == {"NEW": "skipped"}
    assert is_on(place, "tolt", "NEW")


@pytest.mark.parametrize("how", ["suspend_partner", "erase_partner"])
def test_an_undo_makes_no_code_for_a_partner_who_gets_none(few, how):
    place = few
    place.sandbox.switches.partnero_unknown_partner = "ignore"
    place.edit("tolt", "delete_code", code=CODE)
    place.run("sync")
    place.run("decide", CODE, "--take", "tolt", "--yes")
    run = place.json("sync").document["run"]
    assert not is_on(place, "partnero")
    place.edit("partnero", how, email=BEN)

    undone = undo(place, run)

    assert undone.outcomes == {CODE: "skipped"}
    assert not is_on(place, "partnero")


def renamed_on_partnero(place):
    place.edit("tolt", "rename_code", code=CODE, to="NEWNAME")
    place.run("sync")
    place.run("decide", CODE, "--take", "tolt", "--yes")
    run = place.json("sync").document["run"]
    assert is_on(place, "partnero", "NEWNAME")
    return run


def test_a_replace_under_another_text_is_taken_back(few):
    """It was called gone: it was looked for under the text that it had."""
    place = few
    run = renamed_on_partnero(place)

    undone = undo(place, run)

    assert undone.outcomes == {CODE: "confirmed"}
    assert is_on(place, "partnero")
    assert not is_on(place, "partnero", "NEWNAME")


def test_a_replaced_code_whose_payee_moved_since_is_not_taken_back(few):
    place = few
    run = renamed_on_partnero(place)
    place.edit("partnero", "move_partner", code="NEWNAME", partner=CLEO)

    undone = undo(place, run)

    assert undone.outcomes == {CODE: "skipped"}
    assert is_on(place, "partnero", "NEWNAME")


# -- a replace ----------------------------------------------------------------------


def test_terms_of_a_coupon_that_nobody_named_are_not_dropped(few):
    """A remembered coupon is another one by now: the row itself tells, at the write."""
    place = few
    place.sandbox.switches.partnero_embed_codes = False
    place.run("sync")
    more = {"duration_type": "once", "redemption_limit": 10}
    place.edit("partnero", "create_coupon", uuid_code="ONCE6", amount=6, **more)
    place.edit("partnero", "create_coupon", uuid_code="P33", amount=33)
    place.edit("partnero", "move_coupon", code=CODE, coupon="ONCE6")
    place.edit("tolt", "set_code", code=CODE, value=33)
    place.run("decide", CODE, "--take", "tolt", "--yes")
    # The run is not to find it out in the turn of its remembered coupons.
    row = "promotion-codes/" + CODE
    place.fault("status", method="GET", path=row, status=404, answer={}, count=1)

    synced = place.json("sync")

    (outcome,) = [o for o in synced.document["outcomes"] if o["code"] == CODE]
    assert outcome["outcome"] == "stale"
    assert "its coupon's limit (at most 10 redemptions)" in outcome["detail"]
    assert on_partnero(place)[0] == "ONCE6"


def test_a_replace_moves_the_base_of_no_other_field(few):
    """Who is paid differs and waits: nobody has agreed that it may."""
    place = few
    place.edit("partnero", "create_coupon", uuid_code="P33", amount=33)
    place.edit("tolt", "set_code", code=CODE, value=33)
    place.edit("tolt", "move_partner", code=CODE, partner=CLEO)
    changes = place.json("plan").document["changes"]
    (replace,) = [one for one in changes if one["action"] == "replace"]
    place.run("decide", replace["id"], "--take", "tolt", "--yes")
    assert place.json("sync").outcomes == {CODE: "confirmed"}

    (waits,) = place.json("plan").document["changes"]

    assert waits["reason"] == "payee_change"
    assert waits["fields"][0]["new"] is not None


def test_a_text_that_another_code_has_is_not_given_to_a_second_one(few):
    """A swap on Tolt: to take one half back would make two codes of one text."""
    place = few
    for old, new in (("CODE000003", "TMP"), (CODE, "CODE000003"), ("TMP", CODE)):
        place.edit("tolt", "rename_code", code=old, to=new)
    place.run("sync")

    decided = place.run("decide", CODE, "--take", "partnero")

    assert decided.code == 2
    assert "Its new text belongs to another code there" in decided.err
    place.run("sync")
    assert len(place.sandbox.world.tolt.codes_named(CODE)) == 1


def test_who_chooses_one_change_is_not_told_of_the_others(few):
    place = few
    place.edit("tolt", "set_code", code=CODE, value=33)
    place.edit("partnero", "create_code", code="NEW", coupon="PCT5", partner=ANNA)
    out = saved(place)
    changes = json.loads(out.read_text(encoding="utf-8"))["changes"]
    (new,) = [one["id"] for one in changes if one["code"] == "NEW"]

    applied = place.json("apply", out, "--accept", "all", "--only", new, "--yes")

    assert applied.outcomes == {"NEW": "confirmed"}
    assert applied.code == 0


# -- what is printed can be typed ---------------------------------------------------


def test_another_word_about_what_is_decided_says_what_to_take_back(few):
    place = few
    place.edit("tolt", "set_code", code=CODE, value=33)
    place.run("sync")
    place.run("decide", CODE, "--take", "partnero")

    for word in ("--keep", "--delete"):
        second = place.run("decide", CODE, word, "--yes")

        assert second.code == 2
        assert "is decided already (--take partnero, by " in second.err
        assert f"partnero-tolt decide {CODE} --withdraw" in second.err
    assert len(place.tables()["decision"]) == 1


@pytest.mark.parametrize("code", ["-SAM", "--delete", "A B", "a'b", "$(id)", "é;ls"])
def test_the_printed_command_decides_about_any_code(few, code):
    place = few
    place.edit("tolt", "create_code", code=code, partner=ANNA, value=5)
    place.edit("partnero", "create_code", code=code, coupon="PCT6", partner=ANNA)
    (asked,) = [
        one
        for one in place.json("plan").document["changes"]
        if one["reason"] == "diverged"
    ]

    decided = place.run(*shlex.split(asked["commands"][0])[1:])

    assert decided.code == 0
    assert [row[3] for row in place.tables()["decision"]] == [code]


def test_where_there_are_several_pairs_each_command_names_its_own(place):
    place.add_pair()
    place.run("sync", "--pair", "acme")

    plan = place.run("plan", "--pair", "acme").out
    document = place.json("inbox", "--pair", "acme").document

    commands = [line.strip() for line in plan.splitlines() if "tolt decide" in line]
    assert commands == []
    assert "partnero-tolt --pair acme decide DISCOUNTDIFF --take partnero" in plan
    named = [typed for one in document["held"] for typed in one["commands"]]
    assert named
    assert all(typed.startswith("partnero-tolt --pair acme ") for typed in named)


def test_a_withdrawal_that_two_pairs_know_names_both_commands(place):
    place.add_pair()
    beta = place.sandbox.world.organizations["tlt_beta"]
    place.run("sync")
    row = beta.codes_named(CODE)[0]
    beta.codes.change(row, value=Decimal(33))
    mine = {"code": CODE, "partner": "anna@example.com"}
    place.edit("partnero", "create_code", coupon="PCT10", **mine)
    place.edit("tolt", "create_code", value=20, **mine)
    for pair in ("acme", "beta"):
        decided = place.run("--pair", pair, "decide", CODE, "--take", "partnero")
        assert decided.code == 0
    assert len(place.tables()["decision"]) == 2

    withdrawn = place.run("decide", CODE, "--withdraw")

    assert withdrawn.code == 2
    assert f"--pair beta decide {CODE} --withdraw" in withdrawn.err
    assert len(place.tables()["decision"]) == 2


def test_a_counter_that_grows_past_a_limit_ends_no_acceptance(few):
    place = few
    used = {"redemption_limit": 2, "times_redeemed": 2}
    place.edit("partnero", "set_code", code=CODE, **used)
    place.run("sync")
    place.run("decide", CODE, "--keep", "--note", "they know")
    place.edit("partnero", "set_code", code=CODE, times_redeemed=3)
    place.run("sync")

    verified = place.json("verify")

    (exception,) = verified.document["exceptions"]
    assert exception["accepted"]
    place.edit("partnero", "set_code", code=CODE, redemption_limit=3)
    assert not place.json("verify").document["exceptions"][0]["accepted"]


def test_a_text_that_somebody_else_takes_meanwhile_is_not_doubled(few):
    """Tolt would let two partners own it: the rename looks right before it."""
    place = few
    place.edit("tolt", "rename_code", code=CODE, to="NEWNAME")
    place.run("sync")
    place.run("decide", CODE, "--take", "partnero")
    taken = {"side": "tolt", "action": "create_code", "code": CODE, "partner": CLEO}
    place.fault("edit", method="GET", path="partnero.*promotion-codes/", edit=taken)

    synced = place.json("sync")

    assert synced.outcomes == {CODE: "stale"}
    assert len(place.sandbox.world.tolt.codes_named(CODE)) == 1


@pytest.mark.parametrize("command", [("decide", CODE, "--keep"), ("inbox", "--fresh")])
def test_a_side_that_could_not_be_read_is_not_one_where_nothing_waits(few, command):
    place = few
    place.edit("tolt", "delete_code", code=CODE)
    place.run("sync")
    place.fault("status", method="GET", path="tolt", status=403, count=None)

    asked = place.run(*command)

    assert asked.code == 1
    assert "Tolt" in asked.err
    assert "403" in asked.err
    assert "nothing" not in asked.out
    assert place.tables()["decision"] == []


def test_a_decision_names_the_coupon_that_is_made_for_it(few):
    place = few
    place.edit("tolt", "set_code", code=CODE, value=33)

    decided = place.run("decide", CODE, "--take", "tolt", "--yes")

    assert "Partnero needs a coupon for 33%, lifetime" in decided.err


def test_an_old_code_that_does_not_go_is_told_beside_the_new_one(few):
    place = few
    place.edit("partnero", "move_partner", code=CODE, partner=CLEO)
    place.run("decide", CODE, "--take", "partnero", "--yes")
    place.fault("status", method="DELETE", path="tolt", status=422, count=None)

    synced = place.json("sync")

    (outcome,) = synced.document["outcomes"]
    assert outcome["outcome"] == "failed"
    assert "remove one of them there" in outcome["detail"]


def test_a_consent_to_a_replace_lets_no_part_of_it_go_alone(few):
    """A record is back on both sides; its payee may not be moved any more."""
    place = few
    place.run("decide", CODE, "--delete", "--yes")
    place.run("sync")
    place.edit("partnero", "create_code", code=CODE, coupon="PCT5", partner=ANNA)
    place.edit("tolt", "create_code", code=CODE, partner=BEN, value=9)
    place.run("sync")
    decided = place.run("decide", CODE, "--take", "partnero", "--yes")
    assert "is replaced by a new code on Tolt" in decided.err
    policy(place, 'payee = "never"')

    synced = place.json("sync")

    assert synced.outcomes == {}
    assert place.sandbox.world.tolt.codes_named(CODE)[0].value == 9
    (waits,) = place.json("inbox", "--fresh").document["held"]
    assert waits["reason"] == "reappeared"


def test_what_the_direction_forbids_names_no_command(few):
    place = few
    place.edit("tolt", "delete_code", code=CODE)
    direct(place, "to-tolt")

    (found,) = place.json("plan").document["findings"]

    assert found["kind"] == "gone_on_tolt"
    assert "partnero-tolt" not in found["message"]
    assert "The direction is to-tolt" in found["message"]
