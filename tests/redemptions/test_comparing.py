"""What a report says of redemptions, and that it only looks."""

import hashlib

import pytest

from connector.reports.messages.say import said
from connector.sandbox import seed

SMALL = {
    "in_sync": 1,
    "missing_on_partnero": 1,
    "missing_on_tolt": 1,
    "without_key": 1,
    "twice": 2,
    "differs": 1,
    "refunded": 0,
    "lookalike": 0,
    "quarantined": 0,
    "unproven": 0,
}


def _small():
    build = seed.Builder()
    build.world = seed.small()
    return build


@pytest.mark.parametrize("version", ["v2", "v1"])
def test_every_trouble_of_the_small_world_is_counted_once(open_shop, version):
    plan = open_shop(_small(), version).plan()

    assert plan.redemptions == SMALL


def test_every_trouble_of_the_small_world_has_its_finding(open_shop):
    place = open_shop(_small())

    kinds = place.kinds(place.plan())

    assert kinds["redemption_without_key"] == 1
    assert kinds["redemption_twice"] == 2
    assert kinds["amount_differs"] == 1
    assert kinds["redemption_counter"] == 1


def test_finance_reads_counts_and_money_by_code_and_by_partner(open_shop):
    found = open_shop(_small()).plan().redemption_report

    (code,), (partner,) = found.codes, found.partners
    assert (code.name, code.currency) == ("ANNA10", "USD")
    assert code.counts == {**SMALL, "taken_back": 1}
    # 49.99 + 20 + 10 + 15; and 49.99 + 30 + 12 + 15, without the 80 taken back
    assert (code.partnero, code.tolt) == ("94.99", "106.99")
    assert partner.name.startswith("a***@example.com")
    assert partner[1:] == code[1:]


def test_the_second_run_says_the_same_without_asking_again(open_shop):
    place = open_shop(_small())
    first = place.sync().plan

    again = place.sync()

    assert again.plan.redemptions == first.redemptions == SMALL
    assert again.plan.redemption_report == first.redemption_report
    asked = [r.path for r in place.sandbox.asked if "transactions" in r.path]
    assert asked == ["/tolt/v2/transactions"]


def test_a_report_leaves_the_state_as_it_is_to_the_byte(place):
    place.sync()
    place.sell_left("ord-1")
    place.sell_right("ord-2")
    before = hashlib.sha256(place.database.read_bytes()).digest()

    plan = place.plan()

    assert plan.redemptions["missing_on_tolt"] == 1
    assert hashlib.sha256(place.database.read_bytes()).digest() == before


def test_what_a_report_learnt_the_next_run_learns_again(place):
    place.sell_left("ord-1")
    reported = place.plan().redemptions

    assert place.sync().plan.redemptions == reported == place.plan().redemptions


def test_a_report_over_500_redemptions_writes_nothing(open_shop):
    """F22: zero write requests, totals by reason, also where pushing is asked for."""
    place = open_shop(policy='redemptions = "both"\ncommissions = true')
    for number in range(250):
        place.sell_left(f"left-{number}", "10")
        place.sell_right(f"right-{number}", 1000, buyer=f"buyer-{number % 7}")
    place.sandbox.mark()

    plan = place.plan()

    assert plan.redemptions["missing_on_partnero"] == 250
    assert plan.redemptions["missing_on_tolt"] == 250
    assert plan.refused.guard == "too_many_creates"
    assert not place.sandbox.asked.writes


def test_many_sales_are_read_by_pages_and_not_one_by_one(place):
    place.configure(policy='redemptions = "report"')
    for number in range(250):
        place.sell_left(f"left-{number}", "10")
    place.sandbox.mark()

    plan = place.plan()

    asked = [r for r in place.sandbox.asked if "/partnero/v1/trans" in r.path]
    assert plan.redemptions["missing_on_tolt"] == 250
    assert len(asked) == 3


# -- what is read, and when ---------------------------------------------------------


def test_without_a_line_for_them_and_without_any_on_partnero_sales_are_compared(place):
    place.sell_right("ord-1")

    assert place.plan().redemptions["missing_on_partnero"] == 1


@pytest.mark.parametrize("policy", ["report", "to-tolt"])
def test_a_stated_policy_has_the_transactions_read(place, policy):
    place.configure(policy=f'redemptions = "{policy}"')
    place.sell_right("ord-1")

    assert place.plan().redemptions["missing_on_partnero"] == 1


def test_a_redemption_on_partnero_has_them_read_as_well(place):
    place.sell_left("ord-1", code="BEN20")
    place.sell_right("ord-2")

    assert place.plan().redemptions["missing_on_partnero"] == 1


def test_the_next_window_begins_at_the_newest_sale_that_was_seen(place):
    place.configure(policy='redemptions = "report"')
    place.sell_right("ord-1")
    place.sync()
    (first,) = [r for r in place.sandbox.asked if "transactions" in r.path]
    place.sync()
    (second,) = [r for r in place.sandbox.asked if "transactions" in r.path]

    assert "updated_after" not in first.query
    assert first.query["sort"] == second.query["sort"] == "updated_at"
    # ten minutes of what was read are read again
    assert second.query["updated_after"] < first.query["updated_before"]


def test_a_row_younger_than_five_minutes_waits_for_the_next_window(place):
    place.configure(policy='redemptions = "report"')
    row = place.sell_right("ord-1")
    place.world.tolt.transactions.touch(row, place.world.now())

    assert place.plan().redemptions["missing_on_partnero"] == 0


def test_the_code_is_taken_from_the_customer_where_the_sale_has_none(place):
    place.configure(policy='redemptions = "report"')
    row = place.sell_right("ord-1")
    row.promotion_code_uid = row.promotion_code_name = None

    assert place.plan().redemptions["missing_on_partnero"] == 1


def test_a_sale_without_any_code_is_no_redemption(place):
    place.configure(policy='redemptions = "report"')
    row = place.sell_right("ord-1")
    row.promotion_code_uid = row.customer.promotion_code_uid = None

    assert place.plan().redemptions == dict.fromkeys(SMALL, 0)


def test_a_partnero_that_shows_no_log_is_not_compared_with(place):
    place.configure(policy='redemptions = "both"\ncommissions = true')
    place.switches.partnero_list_shape = "old"
    place.sell_right("ord-1")

    plan = place.plan()

    assert place.kinds(plan)["unproven"] == 1
    assert (plan.redemptions, place.proposed(plan)) == ({}, [])


def test_transactions_that_cannot_be_read_make_a_partial_run_that_pushes_nothing(place):
    place.configure(policy='redemptions = "both"\ncommissions = true')
    place.sell_right("ord-1")
    place.fault("status", "GET", "/tolt/v2/transactions", status=500, count=None)

    done = place.sync()

    assert done.status == "partial"
    assert place.proposed(done.plan) == []
    assert place.kinds(done.plan)["unproven"] == 1


# -- what it makes of it ------------------------------------------------------------


def test_the_counter_is_information_and_the_log_is_compared(place):
    """F13: counter 7, log 5"""
    for number in range(5):
        place.sell_left(f"ord-{number}")
    place.edit("partnero", "set_code", code="ANNA10", times_redeemed=7)

    plan = place.plan()

    assert plan.redemptions["missing_on_tolt"] == 5
    assert place.kinds(plan)["redemption_counter"] == 1


def test_a_log_that_shrank_is_told_and_forgets_nothing(place):
    for number in range(4):
        place.sell_left(f"ord-{number}")
    place.sync()
    place.switches.partnero_log_limit = 2
    place.sell_left("ord-9")

    plan = place.plan()

    assert place.kinds(plan)["log_shrank"] == 1
    assert plan.redemptions["missing_on_tolt"] == 5


def test_a_limit_that_both_sides_together_nearly_reach_is_told(place):
    place.edit("partnero", "set_code", code="ANNA10", redemption_limit=10)
    place.sell_left("ord-0")
    for number in range(8):
        place.sell_right(f"ord-{number + 1}")

    plan = place.plan()

    (told,) = [said(f) for f in plan.findings if f.kind == "limit_nearly_used"]
    assert "9 of 10" in told
    assert "believes 1" in told


def test_a_refund_on_one_side_alone_is_told(place):
    """F15: a proposal in words, never a negative redeem."""
    place.sell_left("ord-1")
    place.sell_right("ord-1")
    assert place.sync().plan.redemptions["in_sync"] == 1
    row = next(iter(place.world.tolt.transactions))
    row.status = "refunded"
    place.world.tolt.transactions.touch(row, place.world.now())
    place.an_hour_later()

    plan = place.plan()

    assert place.kinds(plan)["refunded"] == 1
    assert plan.redemptions["in_sync"] == 0


def test_what_is_older_than_the_start_does_not_count(place):
    place.sell_left("old")
    place.sell_right("old-too")
    place.sync()
    both = 'redemptions = "both"\ncommissions = true'
    place.configure(policy=f"{both}\nredemptions_since = 2026-06-01")

    plan = place.sync().plan

    assert plan.redemptions == dict.fromkeys(SMALL, 0)
    assert place.proposed(plan) == []


def test_a_start_that_is_moved_back_counts_them_again(place):
    place.configure(policy="redemptions_since = 2026-06-01")
    place.sell_left("old")
    assert place.sync().plan.redemptions["missing_on_tolt"] == 0
    place.configure(policy="")

    assert place.sync().plan.redemptions["missing_on_tolt"] == 1


def test_twins_of_one_text_are_never_set_off_against_each_other(open_shop):
    place = open_shop(_small())
    place.configure(policy='redemptions = "report"')
    sara = next(c for c in place.world.tolt.codes_named("sam20") if c.code == "sam20")
    place.sell_left("ord-1", code="SAM20")
    place.build.sale_right(sara, "ord-1", 4999)

    plan = place.plan()

    assert plan.redemptions["in_sync"] == SMALL["in_sync"]
    assert plan.redemptions["missing_on_tolt"] == SMALL["missing_on_tolt"] + 1
