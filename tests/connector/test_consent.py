"""Consent through the command line: one change, once, and nothing else."""

import json

import pytest

from connector.engine.asks import Ask
from connector.run.deciding import accept

NEVER = {
    "delete": '[pairs.policy]\ndelete = "never"',
    "payee": '[pairs.policy]\npayee = "never"',
}


def held(place):
    return {c["code"]: c for c in place.json("inbox", "--fresh").document["held"]}


def waiting(place, reason):
    held_ = place.json("inbox", "--fresh").document["held"]
    return next(change for change in held_ if change["reason"] == reason)


def deleted_on_tolt(place, code):
    place.edit("tolt", "delete_code", code=code)


# -- used once ----------------------------------------------------------------------


LIMITED = "ONLYPARTNERO-LIMITED"


def made_again(place):
    """Make the code that is only on Partnero anew, just as it was."""
    row = place.sandbox.world.partnero.code(LIMITED)
    coupon, partner = row.coupon.uuid_code, row.partners[0][0]
    email = place.sandbox.world.partnero.partners.rows[partner].email

    def again():
        options = {"coupon": coupon, "partner": email}
        place.edit("partnero", "create_code", code=LIMITED, **options)

    return again


def is_there(place):
    return LIMITED in [code.code for code in place.sandbox.world.partnero.codes]


def test_a_code_that_is_made_again_is_not_deleted_again(place):
    """C13: the same values under the same text, and the old decision is used up."""
    place.settle()
    again = made_again(place)
    place.run("decide", LIMITED, "--delete", "--yes")
    place.run("sync")
    assert not is_there(place)
    again()

    ended = place.json("sync")

    assert LIMITED not in ended.outcomes
    assert is_there(place)
    assert held(place)[LIMITED]["reason"] == "reappeared"


def test_a_value_that_changes_a_second_time_is_not_overwritten(place):
    """C13: also where it is the very value about which a person decided before."""
    place.settle()
    place.edit("tolt", "set_code", code="ANNA10", value=33)
    place.run("sync")
    assert place.run("decide", "ANNA10", "--take", "partnero").code == 0
    assert place.json("sync").outcomes["ANNA10"] == "confirmed"
    assert place.tables()["decision"] == []
    place.edit("tolt", "set_code", code="ANNA10", value=33)

    ended = place.json("sync")

    assert "ANNA10" not in ended.outcomes
    assert place.sandbox.world.tolt.codes_named("ANNA10")[0].value == 33


def test_a_decision_whose_value_moved_away_and_came_back_is_over(place):
    place.settle()
    place.edit("tolt", "set_code", code="ANNA10", value=33)
    place.run("decide", "ANNA10", "--take", "partnero")
    place.edit("tolt", "set_code", code="ANNA10", value=44)
    place.run("sync")
    place.edit("tolt", "set_code", code="ANNA10", value=33)

    ended = place.json("sync")

    assert "ANNA10" not in ended.outcomes
    assert "ANNA10" in held(place)


def undo_everything(place, run):
    out = place.folder / "undo.json"
    place.run("undo", run, "--out", out)
    plan = json.loads(out.read_text(encoding="utf-8"))
    ids = [word for c in plan["changes"] for word in ("--accept", c["id"])]
    return place.json("apply", out, *ids, "--yes")


@pytest.mark.parametrize("code", [LIMITED, "ANNA10"])
def test_an_undo_of_a_decided_deletion_lasts(place, code):
    """C13: no decision is left behind that would delete it again."""
    place.settle()
    place.run("decide", code, "--delete", "--yes")
    run = place.json("sync").document["run"]
    undone = undo_everything(place, run)
    assert undone.outcomes[code] == "confirmed"

    ended = place.json("sync")

    assert code not in ended.outcomes
    assert place.sandbox.world.partnero.code(code)
    assert held(place)[code]["reason"] == "reappeared"


def test_an_undone_value_is_held_and_not_carried_back(place):
    place.configure(limits="share = 1.0")
    place.run("sync")
    place.edit("partnero", "set_discount", coupon="PCT10", amount=12)
    run = place.json("sync").document["run"]
    done = undo_everything(place, run)
    assert done.outcomes["ANNA10"] == "confirmed"

    ended = place.json("sync")

    assert "ANNA10" not in ended.outcomes
    assert held(place)["ANNA10"]["reason"] == "diverged"


def test_a_rename_on_tolt_is_taken_back(place):
    """C18: it said "adopted" and did nothing."""
    place.settle()
    place.edit("tolt", "rename_code", code="BEN20", to="BENNY20")
    place.run("sync")
    place.run("decide", "BEN20", "--take", "partnero")
    run = place.json("sync").document["run"]
    assert place.sandbox.world.tolt.codes_named("BEN20")

    undone = undo_everything(place, run)

    assert undone.outcomes["BEN20"] == "confirmed"
    assert [c.code for c in place.sandbox.world.tolt.codes_named("BENNY20")] == [
        "BENNY20"
    ]


# -- what it will do is shown first -------------------------------------------------


def test_taking_the_side_on_which_a_code_vanished_asks_a_second_time(place):
    """C14: it deleted the other half without a word."""
    place.settle()
    deleted_on_tolt(place, "ANNA10")

    refused = place.run("decide", "ANNA10", "--take", "tolt")

    assert refused.code == 2
    assert "is deleted for good on Partnero" in refused.err
    assert "Lost: its counter" in refused.err
    assert place.tables()["decision"] == []


def test_a_code_that_vanished_since_it_was_shown_is_refused(place):
    """C14: the person saw a difference, and no deletion."""
    place.settle()
    place.edit("tolt", "set_code", code="ANNA10", value=33)
    place.run("sync")
    deleted_on_tolt(place, "ANNA10")

    refused = place.run("decide", "ANNA10", "--take", "tolt", "--yes")

    assert refused.code == 2
    assert "not as it was when the last run showed it" in refused.err
    assert place.tables()["decision"] == []


def test_a_replace_is_named_before_it_is_agreed_to(place):
    """C14"""
    place.settle()
    place.edit("tolt", "set_code", code="ANNA10", value=33)

    refused = place.run("decide", "ANNA10", "--take", "tolt")
    agreed = place.json("decide", "ANNA10", "--take", "tolt", "--yes")

    assert refused.code == 2
    assert "is replaced by a new code on Partnero" in refused.err
    assert agreed.code == 0
    (taken,) = agreed.document["taken"]
    assert (taken["action"], taken["target"]) == ("replace", "partnero")
    assert "its redemption log" in taken["lost"]


# -- stronger than a decision, and weaker -------------------------------------------


@pytest.mark.parametrize("take", [("--delete",), ("--take", "tolt")])
def test_what_the_policy_says_never_to_do_is_not_decided(place, take):
    """C15"""
    place.settle()
    deleted_on_tolt(place, "ANNA10")
    place.configure(more=NEVER["delete"])

    refused = place.run("decide", "ANNA10", *take, "--yes")

    assert refused.code == 2
    assert place.tables()["decision"] == []


def test_a_pending_decision_waits_when_the_policy_becomes_never(place):
    """C15: it deleted all the same."""
    place.settle()
    deleted_on_tolt(place, "ANNA10")
    assert place.run("decide", "ANNA10", "--take", "tolt", "--yes").code == 0
    place.configure(more=NEVER["delete"])

    ended = place.json("sync")
    planned = place.json("plan").document

    assert "ANNA10" not in ended.outcomes
    assert place.sandbox.world.partnero.code("ANNA10")
    told = [f for f in planned["findings"] if "waits" in f["message"]]
    assert [f["code"] for f in told] == ["ANNA10"]
    place.configure()
    assert place.json("sync").outcomes["ANNA10"] == "confirmed"


def test_what_is_kept_is_kept_also_when_deletions_are_let_go(place):
    """C15"""
    place.settle()
    deleted_on_tolt(place, "ANNA10")
    place.run("decide", "ANNA10", "--keep", "--note", "on the podcast until May")
    place.configure(more='[pairs.policy]\ndelete = "auto"')

    ended = place.json("sync")
    proof = place.json("verify").document

    assert "ANNA10" not in ended.outcomes
    (kept,) = [one for one in proof["exceptions"] if one["code"] == "ANNA10"]
    assert kept["accepted"]
    assert kept["note"] == "on the podcast until May"
    assert "@" in kept["by"]


def test_a_decision_about_a_discount_does_not_move_the_payee(place):
    """C15"""
    place.settle()
    place.edit("tolt", "set_code", code="ANNA10", value=33)
    place.edit("tolt", "move_partner", code="ANNA10", partner="ben@example.com")
    place.configure(more=NEVER["payee"])
    discount = waiting(place, "replace_needed")

    place.run("decide", discount["id"], "--take", "tolt", "--yes")
    ended = place.json("sync")

    assert ended.outcomes["ANNA10"] == "confirmed"
    (owner,) = place.sandbox.world.partnero.code("ANNA10").partners
    assert owner[1].startswith("Anna")


def test_payee_and_discount_decided_together_are_one_replace(place):
    """C16: a replace with the old discount, then a stale update."""
    place.settle()
    place.edit("partnero", "set_discount", coupon="PCT10", amount=13)
    place.edit("partnero", "move_partner", code="ANNA10", partner="ben@example.com")
    place.configure(more='[pairs.policy]\nupdate = "hold"')
    names = ["ANNA10"]

    said = place.json("decide", *names, "--take", "partnero", "--yes")
    ended = place.json("sync")
    after = place.json("sync")

    assert said.code == 0
    mine = [o for o in ended.document["outcomes"] if o["code"] == "ANNA10"]
    assert [(o["action"], o["outcome"]) for o in mine] == [("replace", "confirmed")]
    (right,) = place.sandbox.world.tolt.codes_named("ANNA10")
    assert (right.value, right.partner.email) == (13, "ben@example.com")
    assert "ANNA10" not in after.outcomes
    assert "ANNA10" not in held(place)


def test_a_collision_that_was_accepted_does_not_take_in_further_records(place):
    """C17"""
    place.settle()
    assert place.run("decide", "SAM20", "--keep").code == 0
    assert "SAM20" not in held(place)
    place.edit("tolt", "create_code", code="Sam20", partner="ben@example.com")

    place.run("sync")

    assert held(place)["SAM20"]["reason"] == "collision"


# -- words and exit codes -----------------------------------------------------------


def test_an_unknown_code_is_refused_and_nothing_of_the_rest_is_stored(place):
    place.settle()

    refused = place.run("decide", "NOPARTNER", "NOSUCH", "--take", "tolt")

    assert refused.code == 2
    assert "NOSUCH" in refused.err
    assert place.tables()["decision"] == []


def test_of_several_those_that_do_not_fit_are_refused_by_themselves(place):
    place.settle()

    said = place.json("decide", "NOPARTNER", "SAM20", "--take", "tolt")

    assert said.code == 4
    assert [one["code"] for one in said.document["taken"]] == ["NOPARTNER"]
    assert [one["code"] for one in said.document["refused"]] == ["SAM20"]


def test_a_change_is_decided_by_its_id_as_it_was_proposed(place):
    place.settle()
    lossy = waiting(place, "lossy")

    said = place.run("decide", lossy["id"], "--as-proposed", "--by", "Ada")
    ended = place.json("sync")

    assert said.code == 0
    assert ended.outcomes[lossy["code"]] == "confirmed"
    proof = place.json("verify").document
    (known,) = [
        one
        for one in proof["exceptions"]
        if one["code"] == lossy["code"] and one["reason"] == "looser_on_tolt"
    ]
    assert (known["accepted"], known["by"]) == (True, "Ada")


def test_consented_changes_do_not_count_against_the_limits(place):
    place.settle()
    for code in ("ANNA10", "BEN20"):
        deleted_on_tolt(place, code)
    place.configure(limits="deletes = 0")

    place.run("decide", "ANNA10", "BEN20", "--take", "tolt", "--yes")
    ended = place.json("sync")

    assert ended.code == 0, ended.document
    assert {ended.outcomes[code] for code in ("ANNA10", "BEN20")} == {"confirmed"}


def test_what_is_taken_back_while_a_run_has_read_is_not_done_any_more(place):
    place.settle()
    place.run("decide", LIMITED, "--delete", "--yes")

    def taken_back(plan):
        assert place.run("decide", LIMITED, "--withdraw").code == 0
        return frozenset(change.id for change in plan.ready())

    ended = place.sync(choose=taken_back)

    (outcome,) = [one for one in ended.outcomes if one.code == LIMITED]
    assert outcome.outcome == "stale"
    assert "taken back" in outcome.detail
    assert is_there(place)


def test_what_is_never_deleted_is_not_by_a_migration_either(place):
    place.settle()
    place.edit("partnero", "delete_code", code="ANNA10")
    place.run("sync")
    assert place.run("decide", "ANNA10", "--as-proposed", "--yes").code == 0
    place.configure(policy='delete = "never"')

    moved = place.json("migrate", "--from", "partnero", "--to", "tolt", "--yes")

    assert "ANNA10" not in moved.outcomes
    assert place.world.tolt.codes_named("ANNA10")


def test_one_word_for_both_sides_is_carried_out_on_both(place):
    place.settle()
    place.run("decide", "ANNA10", "--delete", "--yes")

    ended = place.sync()

    done = [one for one in ended.outcomes if one.code == "ANNA10"]
    assert {(one.target, one.outcome) for one in done} == {
        ("partnero", "confirmed"),
        ("tolt", "confirmed"),
    }


def test_an_answer_that_is_sent_once_more_while_it_is_carried_out_is_no_new_one(place):
    place.settle()
    place.run("sync")
    store = place.store()
    (id_,) = [one.id for one in store.waiting().values() if one.code == LIMITED]
    asks = [Ask("acme", id_, "delete", "")]
    sent = {"who": "Sam", "at": "2026-11-30T10:00:00Z", "sure": True}
    assert accept({"acme": store}, asks, **sent).taken
    late = []

    def sent_again(outcome):
        if outcome.code == LIMITED:
            late.append(accept({"acme": store}, asks, **sent))

    place.sync(on_done=sent_again)

    (heard,) = late
    assert not heard.taken
    assert "it is done" in heard.refused[0].why
    assert store.decisions() == {}


def test_a_withdrawn_decision_asks_neither_side(place):
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt")
    place.sandbox.requests.clear()

    said = place.run("decide", "NOPARTNER", "--withdraw")

    assert said.code == 0
    assert list(place.sandbox.requests) == []
    assert place.run("decide", "NOPARTNER", "--withdraw").code == 2
