"""What restrictions mean: a code is dead, or Tolt would not enforce them."""

import pytest

from mappings.canonical import Carried
from mappings.limits import earlier, looser, why_dead

TODAY = "2026-11-30"


@pytest.mark.parametrize(
    ("carried", "death"),
    [
        pytest.param(
            {"expires": "2026-11-29"}, ("expired", *["2026-11-29"] * 2), id="past"
        ),
        pytest.param({"expires": "2026-11-30"}, None, id="its last day"),
        pytest.param({"expires": "2026-12-01"}, None, id="to come"),
        pytest.param({"expires": "29.11.2022"}, None, id="a form nobody documented"),
        pytest.param({"expires": "1669680000"}, None, id="a number of seconds"),
        pytest.param({"expires": "2022-00-00"}, None, id="no day"),
        pytest.param(
            {"redemption_limit": 5, "redeemed": 5},
            ("used_up", "5 of 5", "5"),
            id="used up",
        ),
        pytest.param(
            {"redemption_limit": 5, "redeemed": 7},
            ("used_up", "7 of 5", "5"),
            id="beyond",
        ),
        pytest.param({"redemption_limit": 5, "redeemed": 4}, None, id="one use left"),
        pytest.param({"redemption_limit": 5}, None, id="no counter is told"),
        pytest.param(
            {"coupon_limit": 9, "coupon_redeemed": 9, "redeemed": 1},
            ("used_up", "9 of 9 (of its coupon)", "9 (of its coupon)"),
            id="its coupon is used up",
        ),
        pytest.param(
            {"coupon_limit": 9, "redeemed": 9}, None, id="a counter of another limit"
        ),
        pytest.param(
            {"switched_off": True}, ("switched_off", "", ""), id="switched off"
        ),
        pytest.param({"first_order_only": True}, None, id="restricted and live"),
    ],
)
def test_a_code_is_dead_when_nobody_can_redeem_it(carried, death):
    assert why_dead(Carried(**carried, limited=True), TODAY) == death


def test_a_code_without_restrictions_lives():
    assert why_dead(Carried(redeemed=100), TODAY) is None


def test_what_partnero_enforces_and_tolt_does_not_is_told_by_kind():
    carried = Carried(
        first_order_only=True,
        minimum_order="22",
        expires="2027-01-01",
        redemption_limit=5,
        coupon_limit=9,
        customer="cus_1",
    )

    assert looser(carried) == (
        ("expires", "expires 2027-01-01"),
        ("redemption_limit", "at most 5 redemptions"),
        ("redemption_limit", "at most 9 redemptions (of its coupon)"),
        ("first_order", "first orders only"),
        ("minimum_order", "orders from 22"),
        ("customer", "only for customer cus_1"),
    )


def test_a_counter_that_grows_changes_nothing_of_what_is_told():
    before = Carried(redemption_limit=5, redeemed=1, coupon_limit=9, coupon_redeemed=1)
    after = before._replace(redeemed=4, coupon_redeemed=8)

    assert looser(before) == looser(after)


def test_what_is_not_limited_is_not_looser_on_tolt():
    assert looser(Carried(coupon="C", duration="once", redeemed=3)) == ()


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        ("2026-01-02", "2026-01-01", "2026-01-01"),
        ("2026-01-02", None, "2026-01-02"),
        ("01/02/26", "2026-01-01", "2026-01-01"),
        (None, None, None),
    ],
)
def test_the_earlier_date_is_one_that_can_be_read(one, other, first):
    assert earlier(one, other) == earlier(other, one) == first
