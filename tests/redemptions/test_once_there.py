"""What was ever on the other side is not paid when it is gone, renamed or made anew."""

from datetime import UTC, datetime

import pytest

from tests.redemptions.test_paid_once import (
    ONE_WAY,
    PUSH,
    _decide,
    _held,
    _shared,
)

TO_TOLT = 'redemptions = "to-tolt"\ncommissions = true'


def _unlogged(place, key, major):
    log = place.world.partnero.code("ANNA10").redemptions
    before = list(log)
    place.sell_left(key, f"{major}")
    log[:] = before


def _odd(key):
    """A list in which the row of a key cannot be understood."""
    row = {"key": key, "amount": {"odd": 1}, "customer": 7}
    return {"data": [row], "links": {"next": None}, "meta": {}}


def _unread(place, key):
    path = rf"/partnero/v1/transactions\?.*key={key}"
    place.fault("status", "GET", path, status=200, answer=_odd(key), count=None)


def _rename(place):
    place.edit("tolt", "rename_code", code="ANNA10", to="ANNA11")
    codes = place.world.partnero.codes
    codes.change(place.world.partnero.code("ANNA10"), code="ANNA11")


# -- what the target had under the very key -------------------------------------


def test_what_had_another_amount_under_its_key_is_not_paid_once_deleted(
    open_shop,
):
    """It was blocked as amount_differs: to delete it is how Partnero takes it back."""
    place = open_shop(policy=ONE_WAY)
    _unlogged(place, "ord-1", 7)
    place.sell_right("ord-1", 1100)
    place.sync()
    (blocked,) = place.proposed(place.sync().plan)
    assert blocked.reason == "amount_differs"
    place.edit("partnero", "delete_sale", key="ord-1")
    place.sync()
    assert place.sales["ord-1"] == 0


def test_nor_where_a_person_had_left_it_as_it_is(open_shop):
    place = open_shop(policy=ONE_WAY)
    _unlogged(place, "ord-1", 7)
    place.sell_right("ord-1", 1100)
    (blocked,) = place.proposed(place.sync().plan)
    _decide(place, blocked, "keep")
    assert place.proposed(place.sync().plan) == []
    place.edit("partnero", "delete_sale", key="ord-1")
    place.sync()
    assert place.sales["ord-1"] == 0


def test_nor_where_only_its_use_of_the_code_had_failed(open_shop):
    place = open_shop(policy=ONE_WAY)
    _unlogged(place, "ord-1", 11)
    place.sell_right("ord-1", 1100)
    place.fault("status", "PUT", "promotion-codes", status=422, count=None)
    place.sync()
    place.sandbox.faults.clear()
    place.edit("partnero", "delete_sale", key="ord-1")
    place.sync()
    assert place.sales["ord-1"] == 0


def test_nor_where_we_had_pushed_it_and_came_no_further(open_shop):
    """Partnero has the sale, and no use of the code yet: then the sale is deleted."""
    place = open_shop(policy=ONE_WAY)
    place.sell_right("ch_1", 1100)
    place.an_hour_later()
    place.fault("status", "PUT", "promotion-codes", status=422, count=None)
    place.sync()
    place.sandbox.faults.clear()
    assert place.sales["ch_1"] == 1
    place.edit("partnero", "delete_sale", key="ch_1")
    for _ in range(2):
        place.an_hour_later()
        done = place.sync()
    assert [c.push.key for c in _held(done.plan)] == ["ch_1"]
    assert place.sales["ch_1"] == 0


def test_nor_where_it_was_there_without_the_code(pusher):
    pusher.sell_left("ord-1", "11")
    row = pusher.sell_right("ord-1", 1100)
    row.promotion_code_uid = row.promotion_code_name = None
    row.customer.promotion_code_uid = None
    pusher.an_hour_later()
    (blocked,) = pusher.proposed(pusher.sync().plan)
    assert blocked.reason == "quarantined"
    pusher.edit("tolt", "delete_sale", charge_id="ord-1")
    pusher.sync()
    assert pusher.charges["ord-1"] == 0


# -- that two look alike is remembered for both ---------------------------------


def test_the_half_that_nobody_was_asked_about_waits_once_its_direction_is_on(open_shop):
    place = open_shop(policy=ONE_WAY)
    place.sell_left("in_1", "11")
    place.sell_right("ch_1", 1100)
    assert [c.push.key for c in _held(place.sync().plan)] == ["ch_1"]
    place.edit("partnero", "amend_sale", key="in_1", amount="7.00")
    place.configure(policy=PUSH)
    place.sync()
    assert (place.charges["ch_1"], place.charges["in_1"]) == (1, 0)


def test_and_once_it_is_logged(pusher):
    _shared(pusher, 1)
    assert [c.push.key for c in _held(pusher.sync().plan)] == ["ch_1"]
    pusher.edit("tolt", "amend_sale", charge_id="ch_1", amount=700)
    pusher.edit("partnero", "redeem", code="ANNA10", key="in_1")
    pusher.sync()
    assert (pusher.charges["ch_1"], pusher.charges["in_1"]) == (1, 0)


def test_and_where_the_held_one_was_deleted(open_shop):
    place = open_shop(policy=ONE_WAY)
    place.sell_left("in_1", "11")
    place.sell_right("ch_1", 1100)
    place.sync()
    place.edit("tolt", "delete_sale", charge_id="ch_1")
    place.configure(policy=PUSH)
    place.sync()
    assert place.charges["in_1"] == 0


# -- a word that two are the same, and a sale that is made anew -----------------


@pytest.mark.parametrize("major", ["11", "7"])
def test_a_word_holds_for_what_is_made_anew_under_its_key(pusher, major):
    """Partnero cannot amend a transaction: it is deleted and made again."""
    _shared(pusher, 1)
    (held,) = _held(pusher.sync().plan)
    _decide(pusher, held, "keep")
    pusher.sync()
    pusher.edit("partnero", "delete_sale", key="in_1")
    pusher.sell_left("in_1", major)
    pusher.an_hour_later()
    pusher.sync()
    assert (pusher.charges["ch_1"], pusher.charges["in_1"]) == (1, 0)


# -- a code that is renamed has its sales under another text --------------------


@pytest.mark.parametrize("target", ["partnero", "tolt"])
def test_what_was_kept_waits_where_its_code_is_renamed_on_both_sides(pusher, target):
    pusher.sell_left("in_1", "11")
    pusher.sell_right("ch_1", 1100)
    held = _held(pusher.sync().plan)
    _decide(pusher, next(c for c in held if c.target == target), "keep")
    pusher.sync()
    _rename(pusher)
    for _ in range(2):
        pusher.an_hour_later()
        pusher.sync()
    assert (pusher.sales["ch_1"], pusher.charges["in_1"]) == (0, 0)


def test_and_where_we_carry_the_rename_over(pusher):
    pusher.sell_left("in_1", "11")
    pusher.sell_right("ch_1", 1100)
    held = _held(pusher.sync().plan)
    _decide(pusher, next(c for c in held if c.target == "partnero"), "keep")
    pusher.sync()
    pusher.edit("tolt", "rename_code", code="ANNA10", to="ANNA11")
    pusher.an_hour_later()
    (replaced,) = [c for c in pusher.sync().plan.changes if c.action == "replace"]
    pusher.sync(accepted=frozenset({replaced.id}))
    pusher.an_hour_later()
    pusher.sync()
    assert (pusher.sales["ch_1"], pusher.charges["in_1"]) == (0, 0)


def test_what_looked_alike_waits_where_its_code_is_renamed_and_it_is_deleted(pusher):
    pusher.sell_left("in_1", "11")
    pusher.sell_right("ch_1", 1100)
    assert len(_held(pusher.sync().plan)) == 2
    _rename(pusher)
    pusher.edit("tolt", "delete_sale", charge_id="ch_1")
    for _ in range(2):
        pusher.an_hour_later()
        pusher.sync()
    assert pusher.charges["in_1"] == 0


# -- what is no counterpart -----------------------------------------------------


@pytest.mark.parametrize("code", ["ANNA10", "BEN20"])
def test_the_number_of_another_buyers_sale_settles_nothing(open_shop, code):
    """Both systems count from 1: Tolt's 1001 is of somebody else, for another sum."""
    place = open_shop(policy=ONE_WAY)
    _unlogged(place, "1001", 11)
    place.sell_right("1001", 5000, code=code, buyer="other")
    place.sell_right("2001", 1100)
    place.an_hour_later()
    done = place.sync()
    assert "2001" in [c.push.key for c in _held(done.plan)]
    assert place.sales["2001"] == 0


# -- what is learnt while it is looked at ---------------------------------------


def test_a_mark_that_could_not_be_read_at_first_counts_once_it_is(pusher):
    pusher.sell_right("ch_9", 1100)
    pusher.an_hour_later()
    pusher.sync()
    pusher.edit("tolt", "delete_sale", charge_id="ch_9")
    pusher.database.unlink()
    _unread(pusher, "ch_9")
    pusher.sync()
    pusher.sandbox.faults.clear()
    pusher.sync()
    assert (pusher.sales["ch_9"], pusher.charges["ch_9"]) == (1, 0)


def test_a_sale_is_known_to_be_from_before_the_date_once_it_is_read(open_shop):
    """Logged after redemptions_since, sold before it, and unread in the first run."""
    place = open_shop(policy=f'{TO_TOLT}\nredemptions_since = "2026-01-02"')
    place.sell_left("in_1", "11")
    (logged,) = place.world.partnero.code("ANNA10").redemptions
    logged.redeemed_at = datetime(2026, 1, 2, 8, tzinfo=UTC)
    _unread(place, "in_1")
    place.sync()
    place.sandbox.faults.clear()
    place.sync()
    assert place.charges["in_1"] == 0


# -- what has our mark ----------------------------------------------------------


def test_a_sale_behind_many_with_our_mark_is_pushed_and_they_are_named(
    open_shop,
):
    """So many fill all that one run looks at, by the default limits."""
    place = open_shop(policy=ONE_WAY)
    right = place.world.tolt.codes_named("ANNA10")[0]
    for number in range(301):
        args = (right, f"old-{number}", 1000 + number)
        place.build.sale_right(*args, source="partnero-tolt")
    place.sell_right("new", 99900)
    place.an_hour_later()
    done = place.sync()
    assert place.sales["new"] == 1
    (named,) = [f for f in done.plan.findings if f.kind == "push_blocked"]
    assert named.causes[0].sales == 301


# -- two words that contradict each other ---------------------------------------


def test_keep_on_one_side_and_push_on_the_other_push_nothing(pusher):
    pusher.sell_left("in_1", "11")
    pusher.sell_right("ch_1", 1100)
    held = {c.target: c for c in _held(pusher.sync().plan)}
    _decide(pusher, held["partnero"], "proposed")
    _decide(pusher, held["tolt"], "keep")
    pusher.sync()
    assert (pusher.sales["ch_1"], pusher.charges["in_1"]) == (0, 0)


# -- a switch of the version ----------------------------------------------------


def test_a_refund_after_a_push_and_a_switch_of_the_version_is_a_finding(open_shop):
    place = open_shop(policy=PUSH, version="v1")
    place.sell_right("ch_9", 1100)
    place.an_hour_later()
    place.sync()
    assert place.sales["ch_9"] == 1
    place.version = "v2"
    place.configure(policy=PUSH)
    for _ in range(2):
        place.sync()
        place.an_hour_later()
    place.edit("tolt", "refund", charge_id="ch_9")
    for _ in range(3):
        place.an_hour_later()
        done = place.sync()
    assert done.plan.redemptions["refunded"] == 1


def test_a_word_holds_after_a_switch_of_the_version(open_shop):
    place = open_shop(policy=PUSH, version="v2")
    place.sync()
    place.sell_left("in_1", "11")
    place.an_hour_later()
    row, now = place.sell_right("ch_1", 1100), place.world.now()
    rows = place.world.tolt.transactions
    rows.change(row, created_at=now, updated_at=now)
    (asked,) = _held(place.sync().plan)
    assert asked.target == "tolt"
    _decide(place, asked, "keep")
    place.sync()
    rows.remove(row)
    row.uid = "of_v1_0000001"  # the stand-in shows one id to both
    rows.add(row)
    place.version = "v1"
    place.configure(policy=PUSH)
    for _ in range(3):
        place.an_hour_later()
        place.sync()
    assert (place.sales["ch_1"], place.charges["in_1"]) == (0, 0)
