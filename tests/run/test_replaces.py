"""A replace keeps a full copy, avoids the gap, and closes or tells what is left (D8).

What is taken away can come back: the old code is made anew where the refused new one
has left nothing at all, and a gap that cannot be closed is told until it is mended.
"""

import json
from dataclasses import replace

import pytest
from msgspec import structs

from connector.engine.notes import parse_note
from connector.providers.memory.programme import Kind
from mappings.canonical import Carried
from state.model import Settlement, Unfinished
from tests.run.kinds import CASES
from tests.run.places import LEFT, RIGHT, percent

LIMIT = Carried(
    coupon="PCT20", duration="lifetime", redemption_limit=7, redeemed=0, limited=True
)


@pytest.fixture
def replacing(place):
    """TWIN goes from 20 % to 10 %: Partnero must make it anew, with its limit."""
    change = CASES["a discount on Partnero"].change(place)
    codes = place.left.tables.codes
    codes["TWIN"] = codes["TWIN"]._replace(carried=LIMIT)
    return place, change


def limit_of(place, text):
    return place.standing(LEFT, text).carried.redemption_limit


def test_the_new_code_keeps_the_restrictions_of_the_old_one(replacing):
    place, change = replacing

    assert place.open().carry_out(change).outcome == "confirmed"

    new = place.standing(LEFT, "TWIN")
    assert (new.values.discount, new.carried.coupon) == (percent(10), "PCT10")
    assert limit_of(place, "TWIN") == 7


def test_a_refused_new_code_puts_the_old_one_back_with_its_restrictions(replacing):
    """The gap cannot be avoided, so the full copy is what comes back."""
    place, change = replacing
    place.fault(LEFT, Kind.REFUSED, "create", status=422)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert "put back (its counter and log are lost)" in outcome.detail
    back = place.standing(LEFT, "TWIN")
    assert (back.values.discount, back.carried.coupon) == (percent(20), "PCT20")
    assert limit_of(place, "TWIN") == 7


def test_the_copy_is_stored_before_anything_is_destroyed(replacing):
    place, change = replacing
    kept = []
    place.meanwhile(LEFT, "delete", lambda _: kept.extend(place.open_intents()))

    place.open().carry_out(change)

    assert [intent.state for intent in kept] == ["sending"]
    assert json.loads(kept[0].copy)["redemption_times_value"] == 7


def test_what_a_proven_replace_needs_is_asked_for_right_before_it(replacing):
    place, change = replacing

    place.open().carry_out(change)

    before = place.left.asked[: place.left.asked.index("delete")]
    assert before.count("partner") == 1
    assert before.count("coupon") == 2  # the one that comes and the one that goes


def test_an_old_code_that_could_not_be_put_back_is_not_forgotten(replacing):
    """Nothing can be created just then: the copy stays open until it can."""
    place, change = replacing
    place.fault(LEFT, Kind.REFUSED, "create", status=422)
    place.fault(LEFT, Kind.LOST_BEFORE, "create", nth=1)

    outcome = place.open().carry_out(change)

    (left,) = place.open_intents()
    assert (outcome.outcome, place.shape()["partnero"]["codes"]) == ("uncertain", [])
    assert json.loads(left.copy)["redemption_times_value"] == 7
    (healed,) = place.open().resume()
    assert healed.outcome == "confirmed"
    assert limit_of(place, "TWIN") == 7


def test_a_code_that_cannot_come_back_is_noted_as_missing_and_not_as_uncertain(
    replacing,
):
    place, change = replacing
    place.fault(LEFT, Kind.REFUSED, "create", nth=0, status=422)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert "TWIN is missing on Partnero now" in outcome.detail
    left = place.store().unfinished()["twin"]
    assert (left.code, left.target) == ("TWIN", "partnero")
    assert json.loads(left.copied)["code"] == "TWIN"
    assert parse_note(left.change).want.coupon == "PCT10"
    assert place.remembered()["open"] == []


def test_the_run_after_it_sends_nothing_by_itself(replacing):
    place, change = replacing
    place.fault(LEFT, Kind.REFUSED, "create", nth=0, status=422)
    place.open().carry_out(change)
    place.left.faults.clear()
    sent = list(place.writes)

    assert place.open().resume() == []

    assert place.writes == sent
    assert place.remembered()["missing"] == ["twin"]


def test_a_server_that_only_ever_loses_its_answers_ends_as_missing_too(replacing):
    """Not uncertain for ever: the second run closes it."""
    place, change = replacing
    place.fault(LEFT, Kind.LOST_BEFORE, "create", nth=0)

    first = place.open().carry_out(change)
    (second,) = place.open().resume()

    assert (first.outcome, second.outcome) == ("uncertain", "failed")
    assert "TWIN is missing on Partnero now" in second.detail
    assert place.remembered()["missing"] == ["twin"]
    assert place.remembered()["open"] == []


@pytest.mark.parametrize("name", ["a code on Tolt", "a code on Partnero"])
def test_a_code_that_is_written_again_is_missing_no_longer(place, name):
    change = CASES[name].change(place)
    work = place.open()
    target = change.target
    gap = Unfinished("new", "NEW", target, "{}", "{}", "it is missing", "t")
    other = place.change("delete", RIGHT)
    work.carry_out(other)
    (intent,) = work.store.journal.intents(work.settling.verdicts.run)
    work.store.journal.settle(
        Settlement(replace(intent, state="failed"), unfinished=gap)
    )
    assert place.remembered()["missing"] == ["new"]

    assert work.carry_out(change).outcome == "confirmed"

    assert place.remembered()["missing"] == []


def test_what_comes_back_after_a_gap_has_a_base_in_what_was_written_alone(place):
    """As it was, perhaps: of the other fields nobody has seen that both agree."""
    change = CASES["a code on Tolt"].change(place)
    change = change._replace(reason="missing_after_replace")

    assert place.open().carry_out(change).outcome == "confirmed"

    assert place.store().link("new").unset == {"discount", "partner"}


def half_done(place, change):
    """Carry a replace out to its middle: the old one is gone, the new one is not."""
    place.fault(LEFT, Kind.THROTTLED, "create")
    outcome = place.open().carry_out(change)
    assert outcome.outcome == "uncertain"
    assert place.shape()["partnero"]["codes"] == []


def test_a_gap_whose_source_is_as_it_was_is_closed_with_the_new_code(replacing):
    place, change = replacing
    half_done(place, change)

    (healed,) = place.open().resume()

    assert healed.outcome == "confirmed"
    assert place.standing(LEFT, "TWIN").values.discount == percent(10)


def test_a_gap_whose_source_changed_since_is_closed_with_the_old_code(replacing):
    """The new value is no longer anybody's; the old one was."""
    place, change = replacing
    half_done(place, change)
    there = place.standing(RIGHT, "TWIN")
    changed = there._replace(values=there.values._replace(discount=percent(33)))
    place.right.tables.codes[there.id] = changed

    (healed,) = place.open().resume()

    assert healed.outcome == "failed"
    assert "discount: 10% -> 33%" in healed.detail
    assert "put back" in healed.detail
    assert place.standing(LEFT, "TWIN").values.discount == percent(20)
    assert place.remembered()["open"] == []


def test_a_gap_that_somebody_else_has_filled_is_adopted_or_told(replacing):
    place, change = replacing
    half_done(place, change)
    place.code(LEFT, "TWIN", 10, "Anna")

    (healed,) = place.open().resume()

    assert healed.outcome == "confirmed"
    assert place.writes == ["delete", "create"]


def test_an_old_code_that_was_edited_meanwhile_is_not_deleted(place):
    """Between the new code and the deletion of the old one somebody edits the old."""
    change = CASES["a text on Partnero"].change(place)

    def raised(_tables):
        there = place.standing(LEFT, "TWIN")
        edited = there._replace(values=there.values._replace(discount=percent(21)))
        place.left.tables.codes["TWIN"] = edited

    place.meanwhile(LEFT, "create", raised)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert place.writes == ["create"]
    assert [text for text, *_ in place.shape()["partnero"]["codes"]] == ["NEXT", "TWIN"]


@pytest.mark.parametrize("name", ["a text on Partnero", "a payee on Tolt"])
def test_an_old_code_that_is_refused_to_go_is_told_with_the_new_one(place, name):
    """Two would count: a person removes one of them."""
    change = CASES[name].change(place)
    place.fault(CASES[name].side, Kind.REFUSED, "delete", status=403)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert "the old one" in outcome.detail
    assert "remove one of them there" in outcome.detail
    assert place.remembered()["open"] == []


def test_only_our_own_gap_is_closed_and_not_what_somebody_else_deleted(replacing):
    place, change = replacing
    place.gone(LEFT, "TWIN")

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert (place.writes, place.shape()["partnero"]["codes"]) == ([], [])


def test_a_restriction_that_cannot_be_said_again_keeps_a_code_where_it_is(replacing):
    """Partnero takes a minimum order in whole units alone."""
    place, change = replacing
    old = place.standing(LEFT, "TWIN")
    cents = old.carried._replace(minimum_order="49.99")
    place.left.tables.codes["TWIN"] = old._replace(carried=cents)

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])
    assert "49.99" in outcome.detail


def test_what_else_would_go_with_the_coupon_than_was_agreed_to_keeps_a_code(replacing):
    """It is the coupon that the row itself names whose terms would be lost."""
    place, change = replacing
    coupons = place.left.tables.coupons
    coupons["PCT20"] = replace(
        coupons["PCT20"], restrictions=Carried(expires="2099-06-30")
    )

    outcome = place.open().carry_out(change)

    expiry = "its coupon's expiry (2099-06-30)"
    assert (outcome.outcome, place.writes) == ("stale", [])
    assert f"it would also lose {expiry}" in outcome.detail
    agreed = change._replace(act=structs.replace(change.act, lost=(expiry,)))
    assert place.open().carry_out(agreed).outcome == "confirmed"


def test_a_code_whose_partner_of_today_has_left_could_not_come_back_and_stays(place):
    """The new one is another partner's, who is there: that is not enough."""
    place.code(RIGHT, "TWIN", 10, "Ben")
    want = place.want(LEFT, "TWIN", 10, "Ben", "discount", "partner")
    change = place.change("replace", LEFT, want=want)
    del place.left.tables.partners["prt_1"]

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])
    assert "its partner of today (prt_1) is not there any more" in outcome.detail


def test_a_code_that_is_refused_to_go_is_neither_made_again_nor_missing(replacing):
    place, change = replacing
    place.fault(LEFT, Kind.REFUSED, "delete", status=403)

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("failed", ["delete"])
    assert "missing" not in outcome.detail
    assert place.remembered()["missing"] == []


@pytest.mark.parametrize("name", ["a text on Partnero", "a payee on Tolt"])
def test_a_new_code_that_came_before_a_kill_is_not_made_once_more(place, name):
    """Both are there: the old one goes, and nothing else is sent."""
    change = CASES[name].change(place)
    work = place.open()
    place.meanwhile(CASES[name].side, "delete", lambda _: work.process.kill())
    assert work.carry_out(change) is None
    place.of(CASES[name].side).meanwhile.clear()

    (healed,) = place.open().resume()

    assert healed.outcome == "confirmed"
    assert place.writes.count("create") == 1


def test_a_pause_while_the_old_code_is_put_back_ends_the_run_and_misses_nothing(
    replacing,
):
    """It is tried again by the next run, as soon as requests are answered."""
    place, change = replacing
    place.fault(LEFT, Kind.REFUSED, "create", status=422)
    place.fault(LEFT, Kind.THROTTLED, "create")
    work = place.open()

    outcome = work.carry_out(change)

    assert (outcome.outcome, work.settling.halted) == ("uncertain", True)
    assert place.remembered()["missing"] == []
    assert [one.state for one in place.open_intents()] == ["uncertain"]
