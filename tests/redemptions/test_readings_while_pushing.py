"""Pushing under each reading of the APIs that the notes leave open.

Whatever the reading, a sale reaches the other side once, with its money and its time,
or it waits, with a sentence that says why; and what came once does not come again.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from connector.reports.messages.say import said
from connector.sandbox.switches import Switches

HINTS = get_type_hints(Switches)
PUSH = 'redemptions = "both"\ncommissions = true'
# Others are of the wire, of pages of codes, or have stories of their own.
NOT_HERE = ("any_key", "rate_", "limit_", "next_keeps", "_lag", "program_type", "whole")
NUMBERS = {"partnero_log_limit": [1], "tolt_duration": ["once"]}
# The readings under which money moves otherwise; all others are slow.
QUICK = (
    "partnero_list_shape",
    "partnero_customer_partner",
    "partnero_sale_partner",
    "partnero_amounts",
    "tolt_inherit_code",
    "tolt_v1_amounts",
    "tolt_v1_times",
    "tolt_v1_ids",
)


def _values(name):
    default, hint = getattr(Switches(), name), HINTS[name]
    if hint is bool:
        return [not default]
    if get_origin(hint) is Literal:
        return [value for value in get_args(hint) if value != default]
    return NUMBERS[name]


def _case(name, value):
    version = "v1" if name.startswith("tolt_v1") else "v2"
    marks = [] if name in QUICK else [pytest.mark.slow]
    return pytest.param(name, value, version, marks=marks, id=f"{name}={value}")


READINGS = [
    _case(name, value)
    for name in HINTS
    if not any(part in name for part in NOT_HERE)
    for value in _values(name)
]


def _sold(place):
    """A sale on each side, old enough to be read."""
    place.sell_left("left-1", "20", code="BEN20")
    place.sell_right("right-1", 4999)
    place.an_hour_later()


def _waits(run):
    """What is said of sales that were not pushed."""
    changes = [c for c in run.plan.changes if c.status != "ready" and said(c)]
    kinds = ("redemption", "unproven", "unmatched", "common", "unread")
    told = [f for f in run.plan.findings if f.kind.startswith(kinds) and said(f)]
    details = [one for one in run.outcomes if one.outcome != "confirmed" and one.detail]
    return [*changes, *told, *details]


@pytest.mark.parametrize(("name", "value", "version"), READINGS)
def test_a_sale_comes_once_with_its_money_or_waits_with_a_reason(
    open_shop, name, value, version
):
    place = open_shop(version=version, policy=PUSH)
    place.switches.set(name, value)
    _sold(place)

    runs = [place.sync() for _ in range(3)]

    sales, charges = place.sales, place.charges
    assert sales["left-1"] == charges["right-1"] == 1
    assert sales.total() <= 2
    assert charges.total() <= 2
    assert place.log in ([], ["right-1"])
    if sales.total() + charges.total() < 4:
        assert _waits(runs[-1]), "not pushed, and nobody says why"
        return
    _exact(place)
    assert not place.proposed(runs[-1].plan)


def _exact(place):
    """Money, time and buyer of what was pushed are those of what was sold."""
    pushed = place.world.partnero.transactions.exact("right-1")
    paid = place.world.tolt.transactions.exact("left-1")
    there = place.world.tolt.transactions.exact("right-1")
    here = place.world.partnero.transactions.exact("left-1")
    assert (pushed.amount, paid.amount) == (Decimal("49.99"), 2000)
    assert pushed.created_at == there.created_at.replace(microsecond=0)
    assert paid.created_at == here.created_at.replace(microsecond=0)
    assert pushed.customer.email == there.customer.email
    assert paid.customer.email == here.customer.email
    assert place.log == ["right-1"]


# --- what a general story does not bring about --------------------------------------


@pytest.mark.parametrize("counts", [False, True])
def test_a_sale_that_was_put_away_is_never_redeemed(open_shop, counts):
    place = open_shop(policy=PUSH)
    place.switches.partnero_archived_counts = counts
    place.sell_right("ord-1")
    buyer = {"customer": "c-1", "email": "buyer-of-anna10@buyers.example"}
    place.build.transaction(
        place.world.partnero.code("ANNA10"), "ord-1", "49.99", **buyer
    )
    place.edit("partnero", "archive_sale", key="ord-1")
    place.an_hour_later()

    place.sync()
    again = place.sync()

    assert (place.log, place.sales["ord-1"]) == ([], 1)
    assert place.charges == {"ord-1": 1}
    assert not [c for c in place.proposed(again.plan) if c.status == "ready"]


def test_a_redeem_whose_answer_is_lost_counts_once_where_two_at_once_would_race(
    open_shop,
):
    place = open_shop(policy=PUSH)
    place.switches.partnero_redeem_race = True
    place.sell_right("ord-1")
    place.an_hour_later()
    place.fault("lost_after", "PUT", "/partnero/v1/promotion-codes", count=2)

    place.sync()
    place.sync()

    assert place.log == ["ord-1"]
    assert place.world.partnero.code("ANNA10").times_redeemed == 1


@pytest.mark.parametrize("backdated", ["2025-12-31T23:59:59Z", "2024-02-29T12:00:00Z"])
def test_the_time_of_a_sale_is_sent_as_the_number_that_is_documented(
    open_shop, backdated
):
    place = open_shop(policy=PUSH)
    place.switches.partnero_integer_created_at = True
    row = place.sell_right("ord-1")
    at = datetime.fromisoformat(backdated)
    place.world.tolt.transactions.change(row, created_at=at)
    place.an_hour_later()

    place.sync()

    assert place.world.partnero.transactions.exact("ord-1").created_at == at


def test_where_v1_tells_as_little_as_its_samples_nothing_moves_and_it_is_said(
    open_shop,
):
    place = open_shop(version="v1", policy=PUSH)
    place.switches.tolt_v1_whole_rows = False
    _sold(place)

    runs = [place.sync() for _ in range(2)]

    assert place.sales == {"left-1": 1}
    assert place.charges == {"right-1": 1}
    assert place.world.partnero.customers.exact("buyer-of-anna10") is None
    assert len(place.world.tolt.customers) == 1
    assert _waits(runs[-1])


def test_where_v1_tells_the_codes_of_sales_alone_none_is_taken_for_kept(open_shop):
    """Whether a sale was taken back is not told either: it is not redeemed."""
    place = open_shop(version="v1", policy=PUSH)
    place.switches.update(
        {"tolt_v1_whole_rows": False, "tolt_v1_transaction_codes": True}
    )
    row = place.sell_right("right-1")
    place.world.tolt.refund(row, place.world.now())
    place.an_hour_later()

    done = place.sync()

    assert (place.sales, place.log) == ({}, [])
    assert _waits(done)


@pytest.mark.parametrize("listed", [False, True])
def test_no_sale_is_pushed_for_who_is_suspended_on_v1_whether_its_lists_say_so(
    open_shop, listed
):
    place = open_shop(version="v1", policy=PUSH)
    place.switches.tolt_v1_whole_partners = listed
    _sold(place)
    for name in ("anna", "ben"):
        place.edit("tolt", "suspend_partner", email=f"{name}@example.com")

    plan = place.sync().plan

    assert (place.sales.total(), place.charges.total()) == (1, 1)
    assert {c.reason for c in place.proposed(plan)} == {"partner_inactive"}
