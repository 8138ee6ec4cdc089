"""Partnero's JSON becomes canonical values, and values become its bodies."""

from decimal import Decimal

import pytest

from mappings.canonical import (
    Carried,
    Coupon,
    Fixed,
    Partner,
    Percentage,
    Unreadable,
    Values,
)
from mappings.partnero import (
    UNNAMED,
    decode_code,
    decode_coupon,
    decode_partner,
    losses,
)
from mappings.partnero_bodies import (
    coupon_uuid,
    encode_coupon,
    encode_create,
    encode_delete,
    encode_update,
)
from mappings.wire import Malformed

PERCENT_20 = Percentage(Decimal(20))
ANNA = Partner("prt_anna", "anna@example.com", "Anna Kask")

# The answer of "Update promotion code" as the documentation prints it.
UPDATED = {
    "code": "PROMO123",
    "first_time_order": True,
    "limit_to_specific_partner": False,
    "coupon_specific_partners": [],
    "limit_to_specific_customer": False,
    "coupon_specific_customers": [],
    "minimum_order_status": True,
    "minimum_order_value": 22,
    "expiration_date_status": False,
    "expiration_date_value": None,
    "redemption_times_status": False,
    "redemption_times_value": None,
    "metadata": {"campaign": "summer_sale"},
    "additional_info": {
        "redemptions": [
            {
                "redeemed_at": "2025-05-09T07:11:04.000000Z",
                "transaction_key": "order_4561",
            }
        ]
    },
    "times_redeemed": 2,
}
# The coupon in the answer of "Retrieve a specific promotion code".
PARTNERO25 = {
    "name": "PARTNERO25",
    "uuid_code": "coupon_123",
    "active": True,
    "coupon_discount_type": "percent",
    "coupon_discount_amount": 25,
    "coupon_duration_type": "months",
    "coupon_duration_value": 11,
    "created_at": "2025-05-09T06:22:59.000000Z",
    "updated_at": "2025-05-09T06:23:44.000000Z",
}
RETRIEVED = {
    name: value
    for name, value in UPDATED.items()
    if name not in ("additional_info", "times_redeemed")
} | {"metadata": [], "coupon": PARTNERO25}


def row(**fields):
    return {"code": "SAM20", "coupon": PARTNERO25, **fields}


def coupon_row(**fields):
    return {"uuid_code": "C1", **fields}


def restricted_to(owner):
    return row(limit_to_specific_partner=True, coupon_specific_partners=owner)


# -- promotion codes -----------------------------------------------------------


def test_the_documented_answer_of_get_decodes():
    code = decode_code(RETRIEVED, None, "USD")

    assert code.id == code.written == "PROMO123"
    assert code.values == Values("promo123", Percentage(Decimal(25)), None)
    assert code.carried == Carried(
        coupon="coupon_123",
        duration="months:11",
        first_order_only=True,
        minimum_order="22",
        limited=True,
    )


def test_the_documented_answer_of_update_decodes_with_the_coupon_that_is_known():
    coupon = decode_coupon(PARTNERO25, "USD")

    code = decode_code(UPDATED, coupon, "USD")

    assert code.values == Values("promo123", Percentage(Decimal(25)), None)
    assert code.carried.redeemed == 2
    assert code.carried.coupon == "coupon_123"


def test_a_listed_code_without_a_known_coupon_has_an_unreadable_discount():
    code = decode_code(UPDATED, None, "USD")

    assert isinstance(code.values.discount, Unreadable)
    assert code.carried.coupon is None


def test_the_coupon_in_the_row_wins_over_the_remembered_one():
    remembered = decode_coupon(coupon_row(coupon_discount_type="percent"), None)

    code = decode_code(row(), remembered, None)

    assert code.carried.coupon == "coupon_123"


@pytest.mark.parametrize("empty", [[], {}, None], ids=["list", "object", "null"])
def test_empty_maps_of_every_shape_are_the_same_code(empty):
    """C16."""
    shaped = row(
        metadata=empty,
        additional_info=empty,
        coupon_specific_partners=empty,
        coupon_specific_customers=empty,
    )

    assert decode_code(shaped, None, None) == decode_code(row(), None, None)


def test_fields_that_nobody_documented_are_ignored():
    """C17."""
    assert decode_code(row(shiny={"new": 1}), None, None) == decode_code(
        row(), None, None
    )


@pytest.mark.parametrize(
    ("owner", "partner"),
    [
        pytest.param({"id": "prt_anna", "full_name": "Anna"}, "prt_anna", id="object"),
        pytest.param([{"id": "prt_anna"}], "prt_anna", id="array of one"),
        pytest.param({"id": 7}, "7", id="a number for an id"),
        pytest.param([{"id": "b"}, {"id": "a"}], "a + b", id="several, sorted"),
    ],
)
def test_the_partner_is_read_in_every_shape(owner, partner):
    assert decode_code(restricted_to(owner), None, None).values.partner == partner


@pytest.mark.parametrize("owner", [[], {}, None, [{}]])
def test_a_code_limited_to_nobody_is_neither_free_nor_the_end_of_the_listing(owner):
    decoded = decode_code(restricted_to(owner), None, None)

    assert decoded.values.partner == UNNAMED


def test_a_named_partner_without_the_flag_does_not_own_the_code():
    shaped = row(limit_to_specific_partner=False, coupon_specific_partners={"id": "p"})

    assert decode_code(shaped, None, None).values.partner is None


@pytest.mark.parametrize(
    ("fields", "carried"),
    [
        pytest.param(
            {"expiration_date_status": True, "expiration_date_value": "2026-12-31"},
            {"expires": "2026-12-31"},
            id="a date",
        ),
        pytest.param(
            {
                "expiration_date_status": True,
                "expiration_date_value": "2026-12-31T00:00:00.000000Z",
            },
            {"expires": "2026-12-31"},
            id="a date with time",
        ),
        pytest.param(
            {"expiration_date_status": False, "expiration_date_value": "2026-12-31"},
            {},
            id="a date that is off",
        ),
        pytest.param(
            {"redemption_times_status": True, "redemption_times_value": "5"},
            {"redemption_limit": 5},
            id="a limit as text",
        ),
        pytest.param(
            {"redemption_times_status": True, "redemption_times_value": 0},
            {"redemption_limit": 0},
            id="a limit of none",
        ),
        pytest.param(
            {"minimum_order_status": True, "minimum_order_value": "22.50"},
            {"minimum_order": "22.5"},
            id="a minimum order as text",
        ),
        pytest.param(
            {"first_time_order": True}, {"first_order_only": True}, id="first"
        ),
        pytest.param({"times_redeemed": "3"}, {"redeemed": 3}, id="a counter as text"),
        pytest.param({"times_redeemed": None}, {}, id="a counter that is null"),
        pytest.param(
            {
                "limit_to_specific_customer": True,
                "coupon_specific_customers": {"id": "cus_1"},
            },
            {"customer": "cus_1"},
            id="a customer",
        ),
        pytest.param(
            {
                "limit_to_specific_subscriber": True,
                "coupon_specific_subscribers": [{"id": "sub_1"}],
            },
            {"customer": "sub_1"},
            id="a subscriber in an array",
        ),
        pytest.param(
            {"limit_to_specific_customer": True, "coupon_specific_customers": []},
            {"customer": "a customer who is not named"},
            id="a customer without a name",
        ),
    ],
)
def test_restrictions_are_carried(fields, carried):
    plain = decode_code(row(), None, None).carried
    limited = not carried.keys() <= {"redeemed"}

    assert decode_code(row(**fields), None, None).carried == plain._replace(
        **carried, limited=limited
    )


LIMITED = row(
    first_time_order=True,
    limit_to_specific_customer=True,
    coupon_specific_customers={"id": "cus_1"},
    limit_to_specific_subscriber=True,
    coupon_specific_subscribers={"id": "sub_1"},
    limit_to_specific_partner=True,
    coupon_specific_partners={"id": "prt_anna"},
    minimum_order_status=True,
    minimum_order_value=22,
    expiration_date_status=True,
    expiration_date_value="2026-12-31",
    redemption_times_status=True,
    redemption_times_value=5,
)
SWITCHES = [name for name, value in LIMITED.items() if value is True]


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("on", [1, "1", "true", "True"], ids=repr)
def test_a_restriction_holds_in_whatever_shape_its_switch_comes(switch, on):
    assert decode_code(LIMITED | {switch: on}, None, None) == decode_code(
        LIMITED, None, None
    )


@pytest.mark.parametrize("switch", SWITCHES[1:])
def test_where_a_switch_is_left_out_what_it_names_says_that_it_holds(switch):
    shaped = {name: value for name, value in LIMITED.items() if name != switch}

    assert decode_code(shaped, None, None) == decode_code(LIMITED, None, None)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("off", [0, "0", "false", "FALSE", ""], ids=repr)
def test_a_switch_that_is_off_in_whatever_shape_restricts_nothing(switch, off):
    assert decode_code(LIMITED | {switch: off}, None, None) == decode_code(
        LIMITED | {switch: False}, None, None
    )


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("odd", [2, -1, 1.0, "yes", "on", " 1", [], {}], ids=repr)
def test_a_switch_that_cannot_be_understood_is_never_taken_for_off(switch, odd):
    with pytest.raises(Malformed):
        decode_code(LIMITED | {switch: odd}, None, None)


@pytest.mark.parametrize(
    ("active", "off"),
    [(0, True), ("0", True), ("false", True), (1, False), ("1", False), (None, False)],
)
def test_a_coupon_is_switched_off_in_whatever_shape_that_is_told(active, off):
    shaped = row(coupon=PARTNERO25 | {"active": active})

    assert decode_code(shaped, None, None).carried.switched_off is off


def test_a_coupon_whose_switch_cannot_be_understood_is_malformed():
    with pytest.raises(Malformed, match="expected true or false"):
        decode_coupon(coupon_row(active="maybe"), None)


@pytest.mark.parametrize("on", [1, "1", "true"])
def test_a_coupon_reaches_a_provider_in_whatever_shape_that_is_told(on):
    assert not decode_coupon(coupon_row(synchronization_enabled=on), None).is_plain


@pytest.mark.parametrize(
    ("own", "coupons", "expires"),
    [
        ("2026-12-31", "2027-06-01", "2026-12-31"),
        ("2027-06-01T10:00:00Z", "2026-12-31", "2026-12-31"),
        ("31.12.2026", "2027-06-01", "2027-06-01"),
        (None, "2027-06-01", "2027-06-01"),
        (None, None, None),
    ],
)
def test_a_code_expires_with_itself_or_with_its_coupon(own, coupons, expires):
    shaped = row(
        coupon=PARTNERO25
        | {
            "redemption_specific_date_status": coupons is not None,
            "redemption_specific_date_value": coupons,
        },
        expiration_date_status=own is not None,
        expiration_date_value=own,
    )

    assert decode_code(shaped, None, None).carried.expires == expires


def test_an_expiry_without_a_date_is_a_restriction_all_the_same():
    shaped = row(expiration_date_status=True, expiration_date_value=None)

    assert losses(decode_code(shaped, None, None)) == (
        "expires on a day that is not told",
    )


def test_a_limit_without_a_number_is_never_taken_for_none():
    with pytest.raises(Malformed, match="limit of redemptions"):
        decode_code(row(redemption_times_status=1), None, None)


@pytest.mark.parametrize(
    ("fields", "carried"),
    [
        pytest.param({"active": False}, {"switched_off": True}, id="switched off"),
        pytest.param({"active": None}, {}, id="active unknown is not off"),
        pytest.param(
            {
                "redemption_specific_date_status": True,
                "redemption_specific_date_value": "2027-01-01T10:00:00Z",
            },
            {"expires": "2027-01-01"},
            id="expires",
        ),
        pytest.param(
            {"redemption_times_status": True, "redemption_times_value": 9},
            {"coupon_limit": 9},
            id="limit",
        ),
        pytest.param({"times_redeemed": "7"}, {"coupon_redeemed": 7}, id="counter"),
    ],
)
def test_a_code_inherits_the_restrictions_of_its_coupon(fields, carried):
    plain = decode_code(row(), None, None).carried
    shaped = row(coupon=PARTNERO25 | fields)
    limited = any(carried.values()) and "coupon_redeemed" not in carried

    assert decode_code(shaped, None, None).carried == plain._replace(
        **carried, limited=limited
    )


def test_a_codes_own_limit_stands_beside_that_of_its_coupon():
    shaped = row(
        coupon=PARTNERO25
        | {"redemption_times_status": True, "redemption_times_value": 9},
        redemption_times_status=True,
        redemption_times_value=0,
    )

    carried = decode_code(shaped, None, None).carried

    assert (carried.redemption_limit, carried.coupon_limit) == (0, 9)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"code": None}, id="no text"),
        pytest.param({"code": ""}, id="an empty text"),
        pytest.param({"code": ["SAM20"]}, id="a list for a text"),
        pytest.param({"coupon": "PCT20"}, id="a text for a coupon"),
        pytest.param({"times_redeemed": "many"}, id="a word for a counter"),
        pytest.param(
            {"minimum_order_status": True, "minimum_order_value": "much"},
            id="a word for money",
        ),
    ],
)
def test_a_row_that_cannot_be_understood_is_malformed(fields):
    with pytest.raises(Malformed):
        decode_code(row(**fields), None, None)


# -- coupons -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "amount", "currency", "discount"),
    [
        pytest.param("percent", 20, None, PERCENT_20, id="C12 percent, no currency"),
        pytest.param("percent", "20.00", "USD", PERCENT_20, id="B15 percent as text"),
        pytest.param("percent", 20.0, "USD", PERCENT_20, id="B15 percent as a float"),
        pytest.param("static", 25, "USD", Fixed(2500, "USD"), id="C11 whole dollars"),
        pytest.param("static", "25.00", "USD", Fixed(2500, "USD"), id="C11 as text"),
        pytest.param("static", 25.5, "USD", Fixed(2550, "USD"), id="C11 as a float"),
        pytest.param("static", 500, "JPY", Fixed(500, "JPY"), id="C13 yen"),
        pytest.param("static", 1.234, "KWD", Fixed(1234, "KWD"), id="three decimals"),
    ],
)
def test_a_discount_is_read_in_major_units(kind, amount, currency, discount):
    shaped = coupon_row(coupon_discount_type=kind, coupon_discount_amount=amount)

    assert decode_coupon(shaped, currency).discount == discount


@pytest.mark.parametrize(
    ("kind", "amount", "currency", "why"),
    [
        pytest.param("static", 25, None, "no currency", id="C12 no currency"),
        pytest.param("static", "1.5", "JPY", "more decimals", id="C13 half a yen"),
        pytest.param("bogo", 1, "USD", "not documented", id="C17 an unknown kind"),
        pytest.param("percent", None, None, "no amount", id="no amount"),
        pytest.param("percent", 101, None, "between 0 and 100", id="above 100 percent"),
        pytest.param(None, 20, None, "not documented", id="no kind"),
    ],
)
def test_a_discount_that_cannot_be_read_says_why(kind, amount, currency, why):
    shaped = coupon_row(coupon_discount_type=kind, coupon_discount_amount=amount)

    discount = decode_coupon(shaped, currency).discount

    assert isinstance(discount, Unreadable)
    assert why in discount.why


@pytest.mark.parametrize(
    ("kind", "value", "duration"),
    [
        pytest.param("once", None, "once", id="once"),
        pytest.param("lifetime", None, "lifetime", id="lifetime"),
        pytest.param("lifetime", 3, "lifetime", id="a value that means nothing"),
        pytest.param("months", 12, "months:12", id="months"),
        pytest.param("months", "12", "months:12", id="months as text"),
        pytest.param("fortnights", 2, "fortnights:2", id="C17 an unknown word"),
        pytest.param(None, None, "", id="absent"),
    ],
)
def test_a_duration_is_kept_as_one_word(kind, value, duration):
    shaped = coupon_row(coupon_duration_type=kind, coupon_duration_value=value)

    assert decode_coupon(shaped, None).duration == duration


@pytest.mark.parametrize(
    ("embedded", "texts"),
    [
        pytest.param({"data": [{"code": "A"}, {"code": "B"}]}, ("A", "B"), id="data"),
        pytest.param({"data": []}, (), id="empty data"),
        pytest.param([{"code": "A"}], ("A",), id="a list of objects"),
        pytest.param(["A", "B"], ("A", "B"), id="a list of texts"),
        pytest.param([], (), id="an empty list"),
        pytest.param({}, (), id="an empty object"),
        pytest.param(None, (), id="null"),
        pytest.param([{"code": None}, {}], (), id="codes without text"),
    ],
)
def test_the_codes_of_a_coupon_are_read_in_every_shape(embedded, texts):
    assert decode_coupon(coupon_row(promotion_codes=embedded), None).codes == texts


@pytest.mark.parametrize(
    ("fields", "plain"),
    [
        pytest.param({}, True, id="nothing said"),
        pytest.param({"active": True}, True, id="active"),
        pytest.param({"synchronization_enabled": False}, True, id="not synced"),
        pytest.param({"sync": []}, True, id="an empty sync"),
        pytest.param({"active": False}, False, id="switched off"),
        pytest.param({"synchronization_enabled": True}, False, id="C22 synced"),
        pytest.param({"sync": {"provider": "stripe"}}, False, id="C22 a provider"),
        pytest.param(
            {"redemption_times_status": True, "redemption_times_value": 0},
            False,
            id="a limit, even of none",
        ),
        pytest.param(
            {
                "redemption_specific_date_status": True,
                "redemption_specific_date_value": "2027-01-01",
            },
            False,
            id="an expiry",
        ),
    ],
)
def test_only_a_coupon_without_any_restriction_is_plain(fields, plain):
    assert decode_coupon(coupon_row(**fields), None).is_plain is plain


def test_a_coupon_without_its_name_is_malformed():
    with pytest.raises(Malformed, match="uuid_code"):
        decode_coupon({"coupon_discount_type": "percent"}, None)


# -- partners ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        pytest.param({"name": "Anna", "surname": "Kask"}, "Anna Kask", id="both names"),
        pytest.param({"name": "Anna", "surname": None}, "Anna", id="no surname"),
        pytest.param({"surname": "Kask"}, "Kask", id="no first name"),
        pytest.param({}, "", id="no name"),
    ],
)
def test_a_partners_full_name_is_built(fields, name):
    decoded = decode_partner({"id": "prt_1", "email": "a@example.com", **fields})

    assert decoded == Partner("prt_1", "a@example.com", name)


def test_a_partner_without_an_address_has_none():
    assert decode_partner({"id": "prt_1", "email": ""}).email is None


@pytest.mark.parametrize(
    ("fields", "inactive"),
    [
        pytest.param({}, "", id="not told"),
        pytest.param({"status": "active"}, "", id="active"),
        pytest.param({"status": "created"}, "", id="created"),
        pytest.param({"status": "shiny"}, "", id="a status nobody documented"),
        pytest.param({"status": 1}, "", id="no word"),
        pytest.param({"status": "Archived"}, "archived", id="archived"),
        pytest.param({"status": "rejected"}, "rejected", id="rejected"),
        pytest.param({"status": "deleted"}, "deleted", id="deleted"),
        pytest.param({"deleted_at": None, "status": "active"}, "", id="no date"),
        pytest.param(
            {"deleted_at": "2026-01-01T00:00:00Z", "status": "active"},
            "deleted",
            id="a date outweighs a status",
        ),
        pytest.param({"archived_at": "2026-01-01"}, "archived", id="archived at"),
    ],
)
def test_a_partner_who_gets_nothing_new_is_known(fields, inactive):
    assert decode_partner({"id": "prt_1", **fields}).inactive == inactive


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        pytest.param({}, "", id="not told"),
        pytest.param({"key": "anna"}, "anna", id="told"),
        pytest.param(
            {"referral_link": "https://acme.example/?utm=1&aff=anna%20k#top"},
            "anna k",
            id="in the link",
        ),
        pytest.param(
            {"key": "one", "referral_link": "https://x.example/?aff=two"},
            "one",
            id="both",
        ),
        pytest.param({"referral_link": "https://acme.example/anna"}, "", id="no key"),
        pytest.param({"referral_link": "http://[?aff=anna"}, "anna", id="no host"),
        pytest.param({"referral_link": ["aff="]}, "", id="no link"),
    ],
)
def test_a_partners_referral_key_is_read_where_there_is_one(fields, key):
    assert decode_partner({"id": "prt_1", **fields}).key == key


# -- bodies, as the documentation shows them -----------------------------------


def test_the_body_of_a_create_names_coupon_code_and_partner():
    assert encode_create(" SAM20 ", "CPN20", ANNA) == {
        "coupon_uuid": "CPN20",
        "code": "SAM20",
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {"id": "prt_anna", "full_name": "Anna Kask"},
    }


def test_the_body_of_a_create_without_partner_says_nothing_about_partners():
    assert encode_create("SAM20", "CPN20", None) == {
        "coupon_uuid": "CPN20",
        "code": "SAM20",
    }


def test_a_replacement_takes_restrictions_and_metadata_along():
    kept = RETRIEVED | {
        "metadata": {"src": "x"},
        "expiration_date_status": True,
        "expiration_date_value": "2026-12-31",
        "limit_to_specific_customer": True,
        "coupon_specific_customers": [{"id": "cus_1"}],
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {"id": "prt_old"},
    }

    assert encode_create("NEW", "CPN20", ANNA, kept) == {
        "coupon_uuid": "CPN20",
        "code": "NEW",
        "first_time_order": True,
        "minimum_order_status": True,
        "minimum_order_value": 22,
        "expiration_date_status": True,
        "expiration_date_value": "2026-12-31",
        "limit_to_specific_customer": True,
        "coupon_specific_customers": {"id": "cus_1"},
        "metadata": {"src": "x"},
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {"id": "prt_anna", "full_name": "Anna Kask"},
    }


def test_a_replacement_decodes_to_the_restrictions_of_the_old_one():
    body = encode_create("PROMO123", "coupon_123", None, RETRIEVED)

    again = decode_code(body, decode_coupon(PARTNERO25, None), None)

    assert again == decode_code(RETRIEVED, None, None)


@pytest.mark.parametrize("on", [True, 1, "1", "true"])
@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        ({"first_time_order": ...}, {"first_time_order": True}),
        (
            {"redemption_times_status": ..., "redemption_times_value": 7},
            {"redemption_times_status": True, "redemption_times_value": 7},
        ),
        (
            {"minimum_order_status": ..., "minimum_order_value": "22"},
            {"minimum_order_status": True, "minimum_order_value": "22"},
        ),
        (
            {"minimum_order_status": ..., "minimum_order_value": "22.00"},
            {"minimum_order_status": True, "minimum_order_value": 22},
        ),
        (
            {
                "limit_to_specific_customer": ...,
                "coupon_specific_customers": {"id": "c_1", "customer_full_name": "V"},
            },
            {
                "limit_to_specific_customer": True,
                "coupon_specific_customers": {"id": "c_1", "customer_full_name": "V"},
            },
        ),
        (
            {
                "limit_to_specific_subscriber": ...,
                "coupon_specific_subscribers": {"id": "s_1"},
            },
            {
                "limit_to_specific_subscriber": True,
                "coupon_specific_subscribers": {"id": "s_1"},
            },
        ),
    ],
)
def test_a_restriction_goes_over_however_its_switch_is_written(kept, sent, on):
    row = {name: on if value is ... else value for name, value in kept.items()}

    body = encode_create("TWIN", "C", None, row)

    assert body == {"coupon_uuid": "C", "code": "TWIN"} | sent


@pytest.mark.parametrize("off", [False, 0, "0", ""])
def test_a_restriction_that_is_off_does_not_come_to_life(off):
    row = {"first_time_order": off, "redemption_times_status": off}
    row |= {"redemption_times_value": 7, "limit_to_specific_customer": off}

    assert encode_create("TWIN", "C", None, row) == {"coupon_uuid": "C", "code": "TWIN"}


def test_an_end_goes_over_as_the_date_that_a_create_takes():
    row = {"expiration_date_status": True}
    row |= {"expiration_date_value": "2099-12-31T00:00:00.000000Z"}

    body = encode_create("TWIN", "C", None, row)

    assert body["expiration_date_value"] == "2099-12-31"


@pytest.mark.parametrize("named", [[], {}, None, {"id": ""}, [{"id": 1}, {"id": 2}]])
@pytest.mark.parametrize("noun", ["customer", "subscriber"])
def test_a_restriction_that_cannot_be_said_again_is_no_body_at_all(noun, named):
    """Found out before a code is taken away, and not by a refusal after it."""
    row = {f"limit_to_specific_{noun}": True, f"coupon_specific_{noun}s": named}

    with pytest.raises(Malformed):
        encode_create("TWIN", "C", None, row)


def test_a_partner_change_names_the_partner_and_nothing_else():
    assert encode_update("SAM20", {"partner"}, ANNA) == {
        "code": "SAM20",
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {"id": "prt_anna", "full_name": "Anna Kask"},
    }


def test_a_partner_is_removed_by_the_flag_alone():
    assert encode_update("SAM20", {"partner"}, None) == {
        "code": "SAM20",
        "limit_to_specific_partner": False,
    }


def test_a_delete_names_the_code_and_its_coupon():
    assert encode_delete("SAM20", "CPN20") == {
        "code": "SAM20",
        "coupon": {"uuid_code": "CPN20"},
    }


@pytest.mark.parametrize(
    ("discount", "duration", "body"),
    [
        pytest.param(
            PERCENT_20,
            "lifetime",
            {
                "uuid_code": "sync-percent-20-lifetime",
                "name": "20% off",
                "coupon_discount_type": "percent",
                "coupon_discount_amount": 20,
                "coupon_duration_type": "lifetime",
            },
            id="percent for ever",
        ),
        pytest.param(
            Fixed(2550, "USD"),
            "months:12",
            {
                "uuid_code": "sync-static-25_5-USD-months-12",
                "name": "25.50 USD off",
                "coupon_discount_type": "static",
                "coupon_discount_amount": 25.5,
                "coupon_duration_type": "months",
                "coupon_duration_value": 12,
            },
            id="C11 dollars for a year",
        ),
        pytest.param(
            Fixed(500, "JPY"),
            "once",
            {
                "uuid_code": "sync-static-500-JPY-once",
                "name": "500 JPY off",
                "coupon_discount_type": "static",
                "coupon_discount_amount": 500,
                "coupon_duration_type": "once",
            },
            id="C13 yen once",
        ),
    ],
)
def test_the_body_of_a_coupon_is_deterministic_and_never_syncs(
    discount, duration, body
):
    assert encode_coupon(discount, duration) == body


def test_an_unreadable_discount_is_never_written():
    with pytest.raises(ValueError, match="never written"):
        encode_coupon(Unreadable("why", "raw"), "once")
    with pytest.raises(ValueError, match="never written"):
        coupon_uuid(Unreadable("why", "raw"), "once")


# -- what Tolt cannot hold -----------------------------------------------------


@pytest.mark.parametrize(
    ("carried", "lost"),
    [
        pytest.param(Carried(), (), id="nothing"),
        pytest.param(
            Carried(coupon="C", duration="once", redeemed=3), (), id="neutral"
        ),
        pytest.param(
            Carried(expires="2026-12-31"), ("expires 2026-12-31",), id="expiry"
        ),
        pytest.param(
            Carried(redemption_limit=0),
            ("at most 0 redemptions",),
            id="a limit of none",
        ),
        pytest.param(
            Carried(redemption_limit=5, coupon_limit=9),
            ("at most 5 redemptions", "at most 9 redemptions (of its coupon)"),
            id="its coupon's limit",
        ),
        pytest.param(
            Carried(
                first_order_only=True,
                minimum_order="22",
                customer="cus_1",
                switched_off=True,
            ),
            (
                "its coupon is switched off",
                "first orders only",
                "orders from 22",
                "only for customer cus_1",
            ),
            id="all the others",
        ),
    ],
)
def test_what_tolt_cannot_hold_is_named(carried, lost):
    code = decode_code(row(), None, None)._replace(carried=carried)

    assert losses(code) == lost


def test_an_unknown_coupon_is_no_reason_to_call_a_code_plain():
    coupon = Coupon("C", None, "once", Carried(switched_off=True))

    assert not coupon.is_plain
