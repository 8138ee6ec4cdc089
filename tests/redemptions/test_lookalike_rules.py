"""When a sale of the target may be the one that is about to be pushed."""

import pytest

from connector.engine.sales.lookalikes import lookalikes, may_be, near_keys
from mappings.canonical import Side
from mappings.redemptions import (
    Charge,
    Entry,
    KeyFlaw,
    Money,
    Sale,
    flaw_of,
    folded_key,
)

TEN, NET, FREE = Money(1000, "USD"), Money(840, "USD"), Money(0, "USD")
AT = "2026-03-10T12:00:00Z"


def sale(key="in_1", money=TEN, at=AT, **more):
    return Sale(key, money, "buyer", at, **more)


def charge(money=TEN, *others, refunded=False):
    return Charge("t", "ch_1", money, "c", "", AT, refunded, others=others)


def _alike(*sales, sums=(TEN,), at=AT, settled=()):
    return [one.key for one in lookalikes("ord-1", sums, at, sales, settled)]


ALIKE = {
    "the same amount": sale(),
    "two days later, to the second": sale(at="2026-03-12T12:00:00Z"),
    "two days before": sale(at="2026-03-08T12:00:00Z"),
    "taken back": sale(archived=True),
    "refunded": charge(refunded=True),
    "the gross amount": sale(money=NET, gross=TEN),
    "Tolt's amount with tax": charge(NET, NET, TEN),
    "without a time": sale(at=""),
    "an amount that is not exact": sale(money=None),
    "another amount, but nearly the same key": sale("ORD-1", Money(1, "USD")),
    "nothing paid, but nearly the same key": sale(" ord-1", FREE),
}
UNLIKE = {
    "the same key": sale("ord-1"),
    "another amount": sale(money=NET),
    "another currency": sale(money=Money(1000, "EUR")),
    "more than two days later": sale(at="2026-03-12T12:00:01Z"),
    "more than two days before": sale(at="2026-03-08T11:59:59Z"),
}


@pytest.mark.parametrize("there", ALIKE.values(), ids=ALIKE)
def test_what_may_be_the_same_sale_is_a_lookalike(there):
    assert _alike(there) == [there.key]


@pytest.mark.parametrize("there", UNLIKE.values(), ids=UNLIKE)
def test_what_cannot_be_the_same_sale_is_none(there):
    assert _alike(there) == []


def test_the_source_may_tell_net_and_gross_as_well():
    assert _alike(sale(money=NET), sums=(TEN, NET)) == ["in_1"]


@pytest.mark.parametrize("money", [FREE, None])
def test_amounts_of_zero_are_nobodys_lookalike(money):
    assert _alike(sale(money=money), sums=(FREE,)) == []


def test_a_sale_with_a_counterpart_is_nobodys_lookalike():
    there = sale()

    assert _alike(there, sale("in_2"), settled={there.reference}) == ["in_2"]


def test_the_nearest_in_time_is_named_first():
    far, near = sale("far", at="2026-03-11T12:00:00Z"), sale("near")

    assert _alike(far, near) == ["near", "far"]


def test_the_ledger_knows_nearly_equal_keys_of_any_buyer():
    others = [Entry("x", "ORD-1"), Entry("x", "ord-1"), Entry("x", "ord-2")]

    assert [one.key for one in near_keys(Entry("x", "ord-1"), others)] == ["ORD-1"]


@pytest.mark.parametrize("key", ["Order_1", "order_1 ", "ORDER_1", "or der_1"])
def test_case_and_blanks_make_no_other_key(key):
    assert folded_key(key) == "order_1"


@pytest.mark.parametrize(
    "key",
    [
        " a",
        "a ",
        "a\t",
        "a\nb",
        "a  b",
        "a\u00a0b",
        "a\u2003b",
        "a\x00b",
        "a\u200bb",
        "e\u0301",
        "k" * 256,
    ],
)
def test_a_key_that_a_server_may_change_is_unsafe(key):
    assert flaw_of(key)


@pytest.mark.parametrize("key", ["a", "a b", "Order_1", "\u00e9", "k" * 255, "@/#?"])
def test_a_key_that_arrives_as_it_is_is_safe(key):
    assert flaw_of(key) is None


@pytest.mark.parametrize("unseen", ["\u200b", "\ufe0f", "\u034f", "\u00ad", "\u3164"])
def test_what_nobody_can_see_in_a_key_makes_no_other_sale(unseen):
    key = f"ord{unseen}-1"

    assert [one.key for one in near_keys(Entry("x", "ord-1"), [Entry("x", key)])] == [
        key
    ]
    assert flaw_of(key) is KeyFlaw.INVISIBLE


ON_TOLT = Entry("x", "1001", charges=("v2:ch_1",), charged=TEN)
LOGGED = Entry("x", "1001", logged=1)


@pytest.mark.parametrize(
    ("entry", "side", "money", "is_one"),
    [
        pytest.param(ON_TOLT, Side.TOLT, TEN, True, id="equal"),
        pytest.param(ON_TOLT, Side.TOLT, NET, False, id="another sum"),
        pytest.param(ON_TOLT, Side.TOLT, None, True, id="what is gone has no sum"),
        pytest.param(ON_TOLT, Side.PARTNERO, TEN, False, id="not there at all"),
        pytest.param(LOGGED, Side.PARTNERO, TEN, True, id="a sum that nobody has read"),
    ],
)
def test_an_equal_number_is_a_counterpart_where_the_sums_can_be_one(
    entry, side, money, is_one
):
    assert may_be(entry, side, money) is is_one
