"""Laws of the mappings: round trips, stability, and no crash on any JSON (law 11)."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import partnero, partnero_bodies, partnero_rows, tolt, tolt_rows
from mappings.canonical import (
    Carried,
    Coupon,
    Fixed,
    Partner,
    Percentage,
    PromoCode,
    Values,
    fold,
    percentage,
)
from mappings.capability import CAPABILITIES
from mappings.fields import why_inexpressible
from mappings.wire import Malformed

FIXED = settings(derandomize=True, deadline=None, max_examples=200)
CURRENCIES = st.sampled_from(("JPY", "USD", "KWD"))
PERCENTAGES = st.decimals(0, 100, places=2).map(percentage)
AMOUNTS = st.builds(Fixed, st.integers(0, 10**8), CURRENCIES)
DISCOUNTS = st.one_of(PERCENTAGES, AMOUNTS)
PARTNERO_TEXTS = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
TOLT_TEXTS = st.text(min_size=1, max_size=20).filter(str.strip).map(str.strip)
DURATIONS = st.sampled_from(("once", "lifetime", "months:12", "days:3"))
IDS = st.from_regex(r"[a-z]{2,5}_[a-z0-9]{1,6}", fullmatch=True)


def currency_of(discount):
    return discount.currency if isinstance(discount, Fixed) else None


def over_the_wire(body):
    """Print and read the JSON, as sending and receiving would."""
    return json.loads(json.dumps(body))


# -- round trips ---------------------------------------------------------------


@FIXED
@given(DISCOUNTS, DURATIONS)
def test_a_coupon_that_partnero_is_sent_reads_back_as_itself(discount, duration):
    body = over_the_wire(partnero_bodies.encode_coupon(discount, duration))

    coupon = partnero.decode_coupon(body, currency_of(discount))

    uuid = partnero_bodies.coupon_uuid(discount, duration)
    assert coupon == Coupon(uuid, discount, duration, Carried())
    assert coupon.is_plain


@FIXED
@given(PARTNERO_TEXTS, DISCOUNTS, st.none() | IDS)
def test_a_code_that_partnero_is_sent_reads_back_as_itself(text, discount, owner):
    coupon = Coupon("C1", discount, "once", Carried())
    person = Partner(owner, "a@example.com", "Anna") if owner else None

    body = over_the_wire(partnero_bodies.encode_create(text, "C1", person))

    code = partnero.decode_code(body, coupon, currency_of(discount))
    assert code.values == Values(fold(text), discount, owner)
    assert code.written == text


@pytest.mark.parametrize("version", ["v1", "v2"])
@FIXED
@given(TOLT_TEXTS, DISCOUNTS, IDS)
def test_a_code_that_tolt_is_sent_reads_back_as_itself(version, text, discount, owner):
    body = over_the_wire(tolt.encode_create(text, discount, owner, version))

    code = tolt.decode_code(body | {"id": "x"}, version, currency_of(discount))

    assert code == PromoCode("x", text, Values(fold(text), discount, owner))


@FIXED
@given(DISCOUNTS, DISCOUNTS, DURATIONS, DURATIONS)
def test_two_coupons_share_a_name_only_if_they_are_the_same(one, two, first, second):
    same = (one, first) == (two, second)

    names = (
        partnero_bodies.coupon_uuid(one, first),
        partnero_bodies.coupon_uuid(two, second),
    )

    assert (names[0] == names[1]) is same


@FIXED
@given(DISCOUNTS, DURATIONS)
def test_the_name_of_a_coupon_uses_only_allowed_characters(discount, duration):
    name = partnero_bodies.coupon_uuid(discount, duration)

    assert CAPABILITIES["partnero"].code_pattern.fullmatch(name)
    assert len(name) <= 255


@pytest.mark.parametrize("dialect", CAPABILITIES)
@FIXED
@given(
    st.one_of(
        st.decimals(0, 100, places=12).map(percentage),
        st.builds(Fixed, st.integers(0, 10**30), CURRENCIES),
    )
)
def test_whatever_counts_as_expressible_can_be_sent_exactly(dialect, discount):
    if why_inexpressible(Values("SAM20", discount, None), CAPABILITIES[dialect]):
        return
    if dialect == "partnero":
        body = over_the_wire(partnero_bodies.encode_coupon(discount, "once"))
        again = partnero.decode_coupon(body, currency_of(discount)).discount
    else:
        version = dialect.removeprefix("tolt-")
        body = over_the_wire(tolt.encode_create("SAM20", discount, "p", version))
        code = tolt.decode_code(body | {"id": "x"}, version, currency_of(discount))
        again = code.values.discount

    assert again == discount


# -- the three readings of one discount ----------------------------------------


@FIXED
@given(AMOUNTS)
def test_all_three_dialects_mean_the_same_amount(discount):
    """C11, C13."""
    currency = discount.currency
    coupon = partnero_bodies.encode_coupon(discount, "once")
    v1 = tolt.encode_discount(discount, "v1") | {"id": "x", "code": "c"}
    v2 = tolt.encode_discount(discount, "v2") | {"id": "x", "code": "c"}

    read = {
        partnero.decode_coupon(over_the_wire(coupon), currency).discount,
        tolt.decode_code(over_the_wire(v1), "v1", currency).values.discount,
        tolt.decode_code(over_the_wire(v2), "v2", currency).values.discount,
    }

    assert read == {discount}


@FIXED
@given(st.decimals(0, 100, places=2), st.integers(0, 4))
def test_equal_numbers_in_any_notation_give_equal_values_and_bytes(amount, zeros):
    """B15: number or text, with or without zeros behind."""
    written = f"{amount:f}" + "0" * zeros
    readings = [
        partnero.decode_coupon(
            {
                "uuid_code": "C",
                "coupon_discount_type": "percent",
                "coupon_discount_amount": stated,
            },
            None,
        ).discount
        for stated in (written, amount, float(amount))
    ]

    assert len(set(readings)) == 1
    assert len({str(one) for one in readings}) == 1
    assert isinstance(readings[0], Percentage)


# -- any JSON at all -----------------------------------------------------------

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(
            ("", "v", "20", "20.00", "1e400", "NaN", "2026-12-31", "\ud800")
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("id", "code", "data", "x")), inner, max_size=3
        ),
    ),
    max_leaves=5,
)


def rows_of(fields):
    """Build rows where each documented field may be missing or hold anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(fields), JSON)).map(
        lambda row: {"code": "SAM20", "uuid_code": "C", "id": "i"} | row
    )


MOSTLY_RIGHT = {
    "limit_to_specific_partner": st.just(True),
    "minimum_order_status": st.just(True),
    "expiration_date_status": st.just(True),
    "redemption_times_status": st.just(True),
    "limit_to_specific_customer": st.just(True),
}


@FIXED
@given(
    rows_of(partnero_rows.CODE_FIELDS),
    st.fixed_dictionaries({}, optional=MOSTLY_RIGHT),
    st.sampled_from((None, "USD", "JPY", "KWD")),
)
def test_no_partnero_code_crashes_the_reading(row, flags, currency):
    try:
        code = partnero.decode_code(row | flags, None, currency)
    except Malformed:
        return

    assert code.values.code == fold(code.written)
    hash(code)


@FIXED
@given(
    rows_of(partnero_rows.COUPON_FIELDS), st.sampled_from((None, "USD", "JPY", "KWD"))
)
def test_no_coupon_crashes_the_reading(row, currency):
    try:
        coupon = partnero.decode_coupon(row, currency)
    except Malformed:
        return

    assert all(isinstance(text, str) for text in coupon.codes)
    hash(coupon)


@pytest.mark.parametrize("version", ["v1", "v2"])
@FIXED
@given(rows_of(tolt_rows.CODE_FIELDS), st.sampled_from((None, "USD", "JPY", "KWD")))
def test_no_tolt_code_crashes_the_reading(version, row, currency):
    try:
        code = tolt.decode_code(row, version, currency)
    except Malformed:
        return

    assert code is None or code.values.code == fold(code.written)
    hash(code)


@FIXED
@given(
    rows_of({"id", "email", "name", "surname", "first_name", "last_name"}),
    st.sampled_from((partnero.decode_partner, tolt.decode_partner)),
)
def test_no_partner_crashes_the_reading(row, decode):
    try:
        person = decode(row)
    except Malformed:
        return

    assert isinstance(person.id, str)
    assert person.email is None or person.email


@FIXED
@given(rows_of(partnero_rows.CODE_FIELDS | {"shiny"}))
def test_reading_the_same_row_twice_gives_the_same_value(row):
    def read():
        try:
            return partnero.decode_code(row, None, "USD")
        except Malformed as malformed:
            return str(malformed)

    assert read() == read()


@FIXED
@given(DISCOUNTS)
def test_a_decimal_never_becomes_a_float_on_the_way(discount):
    shown = partnero_bodies.encode_coupon(discount, "once")["coupon_discount_amount"]

    exact = (
        discount.percent
        if isinstance(discount, Percentage)
        else Decimal(str(discount).split()[0])
    )
    assert Decimal(json.dumps(shown)) == exact
