"""A decoder returns what a row says, or says Malformed: nothing else ever leaves it."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings import (
    partnero,
    partnero_rows,
    redemption_wire,
    tolt,
    tolt_rows,
)
from mappings.rows import Unread, may_be, told, understood
from mappings.tolerant_json import Unparsed
from mappings.wire import Malformed


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = [
    *(None, True, False, 0, -1, 2, 10**30, 10**400, -(10**5000), 0.5),
    *(float("inf"), float("nan"), 1e308, Decimal("1e999999999"), Decimal("NaN")),
    *(Decimal("sNaN"), Decimal("-Infinity"), Decimal("1e-999999999")),
    *("", " ", "12,5", "1,024", "9" * 5000, "1e999999999", "nan", "\ud83d", "\x00"),
    *([], {}, [[]], [None], [1, 2], [{}], {"id": None}, {"id": []}, {"data": 7}),
    *(
        {"code": {}},
        {"redemptions": 7},
        {"redemptions": [7]},
        {"redemptions": {"0": {}}},
    ),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-13-45", 10**12),
    *(nested(3000), Unparsed("it is nested too deeply"), b"bytes"),
]
ROWS = {
    "code on Partnero": (
        lambda row: partnero.decode_code(row, None, "USD"),
        dict.fromkeys(partnero_rows.CODE_FIELDS) | {"code": "X"},
    ),
    "coupon": (
        lambda row: partnero.decode_coupon(row, "USD"),
        dict.fromkeys(partnero_rows.COUPON_FIELDS) | {"uuid_code": "C"},
    ),
    "partner on Partnero": (
        partnero.decode_partner,
        dict.fromkeys("email name surname status deleted_at archived_at key".split())
        | {"id": "p", "referral_link": None},
    ),
    "marks": (partnero.decode_marks, {"metadata": {}}),
    "code on Tolt v1": (
        lambda row: tolt.decode_code(row, "v1", "JPY"),
        dict.fromkeys(tolt_rows.CODE_FIELDS)
        | {"id": "c", "code": "X", "type": "fixed"},
    ),
    "code on Tolt v2": (
        lambda row: tolt.decode_code(row, "v2", "USD"),
        dict.fromkeys(tolt_rows.CODE_FIELDS)
        | {"id": "c", "code": "X", "type": "percentage"},
    ),
    "partner on Tolt": (
        tolt.decode_partner,
        {"id": "p", "email": "e", "first_name": "a", "last_name": "b", "status": "x"},
    ),
    "log": (redemption_wire.raw_log, {"times_redeemed": 1, "additional_info": {}}),
    "entry": (
        redemption_wire.decode_logged,
        {"transaction_key": "k", "redeemed_at": ""},
    ),
    "sale": (
        lambda row: redemption_wire.decode_sale(row, "USD"),
        dict.fromkeys(
            "key amount amount_units customer created_at deleted_at partner action "
            "gross_amount".split()
        ),
    ),
    "charge": (
        lambda row: redemption_wire.decode_charge(row, "USD"),
        {"id": "t"}
        | dict.fromkeys(
            "charge_id amount currency payment_currency customer_id source partner_id "
            "promotion_code_id created_at status amount_excluding_tax "
            "amount_including_tax payment_amount".split()
        ),
    ),
    "buyer": (
        redemption_wire.decode_buyer,
        {"key": "k", "email": "", "name": "", "surname": "", "partner": "p"},
    ),
    "customer": (
        redemption_wire.decode_customer,
        {"id": "c"}
        | dict.fromkeys("email name customer_id partner_id promotion_code_id".split()),
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_whatever_a_member_holds_a_decoder_fails_in_one_way_only(kind):
    decode, row = ROWS[kind]
    decode(row)
    for field in row:
        with_it = [{**row, field: value} for value in HOSTILE]
        good, bad = understood(decode, with_it)
        assert len(good) + len(bad) == len(HOSTILE)
        assert all(len(why) < 400 for _number, _row, why in bad)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(ROWS)), st.data())
def test_any_row_at_all_is_understood_or_malformed(kind, data):
    decode, row = ROWS[kind]
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(row)), JSON))

    good, bad = understood(decode, [{**row, **changed}, row])

    assert len(good) + len(bad) == 2
    assert len(good) >= 1


@pytest.mark.parametrize("row", [7, None, "x", [], [{}], True, Unparsed("why")])
def test_what_is_no_row_is_not_understood(row):
    assert understood(dict, [row])[1][0][0] == 1


@pytest.mark.parametrize("currency", ["BTC", "XAU", "usd ", "\u20ac", "", "XXX" * 99])
def test_an_amount_in_no_currency_is_none_and_the_rest_is_read(currency):
    charge = {"id": "t", "amount": "12", "currency": currency, "status": "paid"}

    assert redemption_wire.decode_charge(charge, None).money is None


def test_a_time_far_away_is_not_read_as_none():
    for value in (10**30, -(10**30), 10**15, "soon", "2026-02-30", [], True, {}):
        with pytest.raises(Malformed):
            redemption_wire.moment(value)
    assert redemption_wire.moment(None) == redemption_wire.moment("") == ""
    assert redemption_wire.moment(1767225600) == "2026-01-01T00:00:00Z"
    assert (
        redemption_wire.moment("2026-01-01T01:00:00.5+01:00") == "2026-01-01T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("row", "refunded"),
    [
        ({"status": "refunded"}, True),
        ({"status": " Refunded"}, True),
        ({"status": "paid"}, False),
        ({"status": "shiny"}, False),
        ({"status": "partially_refunded"}, None),
        ({"status": None}, None),
        ({"status": ""}, None),
        ({}, None),
    ],
)
def test_whether_a_sale_was_taken_back_is_told_or_unknown(row, refunded):
    assert redemption_wire.decode_charge({"id": "t", **row}, None).refunded is refunded


@pytest.mark.parametrize(
    ("row", "archived"),
    [({}, None), ({"deleted_at": None}, False), ({"deleted_at": "2026-01-01"}, True)],
)
def test_whether_a_sale_was_archived_is_told_or_unknown(row, archived):
    assert redemption_wire.decode_sale(row, None).archived is archived


@pytest.mark.parametrize(
    ("row", "log"),
    [
        ({"times_redeemed": 3}, None),
        ({"times_redeemed": 3, "additional_info": None}, None),
        ({}, None),
        ({"times_redeemed": 0}, ([], 0)),
        ({"times_redeemed": 2, "additional_info": []}, ([], 2)),
        ({"additional_info": {}}, ([], None)),
    ],
)
def test_a_log_that_is_not_shown_is_not_an_empty_one(row, log):
    assert redemption_wire.raw_log(row) == log


def test_a_bad_row_is_another_one_only_where_it_says_so():
    assert may_be({"email": ["x"]}, "email", "a@b.co")
    assert may_be(7, "email", "a@b.co")
    assert may_be({"email": "A@b.co"}, "email", "a@b.co")
    assert not may_be({"email": "c@b.co"}, "email", "a@b.co")
    assert told({"id": 7}, "id") == "7"
    assert told({"id": None}, "id") == told([], "id") == ""


def test_a_row_is_named_by_its_id_or_by_its_place_and_no_address_in_full():
    place = "row 3 of page 2"

    assert Unread("coupon", "C1", "", "why", "C1").shown == "coupon C1"
    assert Unread("coupon", "", place, "why").shown == f"coupon in {place}"
    assert "sam@" not in Unread("partner", "p", "", "why", "sam@example.com").shown
    assert len(Unread("partner", "p" * 9999, "", "why").shown) < 200
