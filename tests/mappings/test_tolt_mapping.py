"""Tolt's JSON of both versions becomes canonical values, and back."""

from decimal import Decimal

import pytest

from mappings.canonical import (
    NOTHING_CARRIED,
    Carried,
    Fixed,
    Partner,
    Percentage,
    PromoCode,
    Unreadable,
    Values,
)
from mappings.tolt import (
    decode_code,
    decode_partner,
    encode_create,
    encode_discount,
    losses,
    shown_version,
)
from mappings.wire import Malformed, mapping, rows

PERCENT_20 = Percentage(Decimal(20))
DOLLARS = Fixed(2500, "USD")

# The answer of "Update Promotion Code" (v1) as the documentation prints it.
UPDATED_V1 = {
    "success": True,
    "data": [
        {
            "id": "prc_dK9bzRGn4BhVgNFHD6fDgXW",
            "active": True,
            "entity_type": None,
            "code": "SUMMER2024",
            "value": 20,
            "type": "percentage",
            "program_id": "prg_YRsbPDAKhWfdqJbFACheh",
            "group_id": None,
            "organization_id": "org_JE3mfYNL9ci7sFaJazAv2",
            "partner_id": "part_s7mbzRjGn46BhVgNFHD6fDgXW",
            "created_at": "2025-01-15T14:30:00.000Z",
            "updated_at": "2025-01-15T14:30:00.000Z",
        }
    ],
}
CREATED_V2 = {
    "id": "promo_A1",
    "code": "SAM20",
    "type": "fixed",
    "value": "20",
    "duration": "forever",
    "duration_in_months": None,
    "active": True,
    "entity_type": "partner",
    "external_id": None,
    "partner_id": "part_A1",
    "program_id": "prg_A1",
    "group_id": None,
    "created_at": "2026-03-01T12:00:00.000Z",
    "updated_at": "2026-03-01T12:00:00.000Z",
}
LISTED_V1 = {
    "id": "prc_A1",
    "code": "SAM20",
    "type": "fixed",
    "value": 2000,
    "partner_id": "part_A1",
    "created_at": "2024-11-25T15:24:26.846428+00:00",
    "updated_at": "2024-11-25T15:24:26.846428+00:00",
    "program_id": "prg_A1",
    "organization_id": "org_A1",
}


def row(**fields):
    return {"id": "promo_1", "code": "SAM20", "partner_id": "part_1", **fields}


def discount_of(kind, value, version, currency="USD"):
    return decode_code(row(type=kind, value=value), version, currency).values.discount


def test_the_documented_answer_of_v1_decodes_from_its_array_of_one():
    code = decode_code(mapping(UPDATED_V1["data"]), "v1", None)

    assert code == PromoCode(
        id="prc_dK9bzRGn4BhVgNFHD6fDgXW",
        written="SUMMER2024",
        values=Values("summer2024", PERCENT_20, "part_s7mbzRjGn46BhVgNFHD6fDgXW"),
    )


def test_an_object_and_an_array_of_one_are_the_same_code():
    lone = UPDATED_V1["data"][0]

    assert mapping(lone) == mapping([lone])
    assert rows([lone]) == rows({"data": [lone]}) == rows(lone)


def test_the_same_discount_of_both_versions_is_equal():
    """C11: 2000 cents in v1, "20" in major units in v2."""
    one = decode_code(LISTED_V1, "v1", "USD")
    two = decode_code(CREATED_V2, "v2", "USD")

    assert one.values == two.values == Values("sam20", Fixed(2000, "USD"), "part_A1")


@pytest.mark.parametrize(
    ("kind", "value", "version", "currency", "discount"),
    [
        pytest.param("percentage", 20, "v1", None, PERCENT_20, id="C12 v1 percent"),
        pytest.param(
            "percentage", "20.00", "v2", None, PERCENT_20, id="B15 v2 percent"
        ),
        pytest.param("percentage", "20", "v1", None, PERCENT_20, id="v1 as text"),
        pytest.param("percentage", 20, "v2", None, PERCENT_20, id="v2 as number"),
        pytest.param("fixed", 2500, "v1", "USD", DOLLARS, id="C11 v1 cents"),
        pytest.param("fixed", "2500", "v1", "USD", DOLLARS, id="C11 v1 cents as text"),
        pytest.param("fixed", "25", "v2", "USD", DOLLARS, id="C11 v2 major"),
        pytest.param("fixed", "25.00", "v2", "USD", DOLLARS, id="C11 v2 decimals"),
        pytest.param("fixed", 25, "v2", "USD", DOLLARS, id="v2 as number"),
        pytest.param("fixed", 500, "v1", "JPY", Fixed(500, "JPY"), id="C13 v1 yen"),
        pytest.param("fixed", "500", "v2", "JPY", Fixed(500, "JPY"), id="C13 v2 yen"),
        pytest.param("fixed", "1.5", "v2", "KWD", Fixed(1500, "KWD"), id="v2 dinar"),
        pytest.param("fixed", 1500, "v1", "KWD", Fixed(1500, "KWD"), id="v1 dinar"),
        pytest.param("fixed", None, "v2", "USD", None, id="no value is no discount"),
        pytest.param(None, None, "v2", "USD", None, id="neither kind nor value"),
    ],
)
def test_a_discount_is_read_in_the_unit_of_its_version(
    kind, value, version, currency, discount
):
    assert discount_of(kind, value, version, currency) == discount


@pytest.mark.parametrize(
    ("kind", "value", "version", "currency", "why"),
    [
        pytest.param("fixed", "25", "v2", None, "no currency", id="C12 v2"),
        pytest.param("fixed", 2500, "v1", None, "no currency", id="C12 v1"),
        pytest.param("fixed", "0.5", "v2", "JPY", "more decimals", id="C13 half a yen"),
        pytest.param("fixed", "25.005", "v2", "USD", "more decimals", id="C14"),
        pytest.param("fixed", 25.5, "v1", "USD", "whole number", id="half a cent"),
        pytest.param("fixed", -5, "v1", "USD", "from 0 up", id="negative"),
        pytest.param(
            "percentage", 101, "v2", None, "between 0 and 100", id="above 100"
        ),
        pytest.param("bogo", 1, "v2", "USD", "not documented", id="C17 unknown kind"),
        pytest.param(None, 1, "v2", "USD", "not documented", id="no kind"),
    ],
)
def test_a_discount_that_cannot_be_read_says_why(kind, value, version, currency, why):
    discount = discount_of(kind, value, version, currency)

    assert isinstance(discount, Unreadable)
    assert why in discount.why


@pytest.mark.parametrize(
    ("fields", "carried"),
    [
        pytest.param({}, NOTHING_CARRIED, id="B19 v1 list without active"),
        pytest.param({"active": None}, NOTHING_CARRIED, id="B19 active is null"),
        pytest.param({"active": True}, NOTHING_CARRIED, id="active"),
        pytest.param(
            {"active": False}, Carried(switched_off=True, limited=True), id="off"
        ),
        pytest.param(
            {"duration": "forever"}, Carried(duration="forever"), id="duration"
        ),
        pytest.param(
            {"duration": "repeating", "duration_in_months": "12", "active": False},
            Carried(duration="repeating:12", switched_off=True, limited=True),
            id="months",
        ),
        pytest.param({"duration_in_months": None}, NOTHING_CARRIED, id="no months"),
        *(
            pytest.param(
                {"active": off}, Carried(switched_off=True, limited=True), id=repr(off)
            )
            for off in (0, "0", "false", "False")
        ),
        *(
            pytest.param({"active": on}, NOTHING_CARRIED, id=repr(on))
            for on in (1, "1", "true")
        ),
    ],
)
def test_absent_is_unknown_and_never_off(fields, carried):
    assert decode_code(row(**fields), "v2", None).carried == carried


@pytest.mark.parametrize("odd", [2, "off", [], {}], ids=repr)
def test_a_switch_that_cannot_be_understood_is_never_taken_for_live(odd):
    with pytest.raises(Malformed, match="expected true or false"):
        decode_code(row(active=odd), "v2", None)


def test_fields_that_nobody_documented_are_ignored():
    """C17."""
    assert decode_code(row(shiny=[1]), "v2", None) == decode_code(row(), "v2", None)


@pytest.mark.parametrize("text", [None, ""])
def test_a_row_without_text_is_no_code(text):
    assert decode_code(row(code=text), "v2", None) is None


def test_a_code_of_a_group_has_no_partner():
    assert decode_code(row(partner_id=None), "v2", None).values.partner is None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"id": None}, id="no id"),
        pytest.param({"code": {"text": "x"}}, id="an object for a text"),
        pytest.param({"value": "lots"}, id="a word for a number"),
        pytest.param({"partner_id": ["part_1"]}, id="a list for a partner"),
        pytest.param({"type": 1.5, "value": 1}, id="a number for a kind"),
    ],
)
def test_a_row_that_cannot_be_understood_is_malformed(fields):
    with pytest.raises(Malformed):
        decode_code(row(**fields), "v2", "USD")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        pytest.param(
            {"first_name": "Anna", "last_name": "Kask"}, "Anna Kask", id="both"
        ),
        pytest.param({"first_name": None, "last_name": "Kask"}, "Kask", id="last"),
        pytest.param({}, "", id="none"),
    ],
)
def test_a_partners_names_are_joined(fields, name):
    decoded = decode_partner({"id": "part_1", "email": "a@example.com", **fields})

    assert decoded == Partner("part_1", "a@example.com", name)


@pytest.mark.parametrize(
    ("status", "inactive"),
    [
        (None, ""),
        ("active", ""),
        ("pending", ""),
        ("suspended", "suspended"),
        ("rejected", "rejected"),
        ("inactive", "inactive"),
    ],
)
def test_a_partner_who_gets_nothing_new_is_known(status, inactive):
    assert decode_partner({"id": "part_1", "status": status}).inactive == inactive


# -- which version answers -------------------------------------------------------

V1_LIST = {"success": True, "has_more": False, "total_count": 1, "data": []}
V2_LIST = {"success": True, "has_more": False, "next_cursor": None, "data": []}


@pytest.mark.parametrize(
    ("body", "codes", "version"),
    [
        pytest.param(V1_LIST, [], "v1", id="a list of v1"),
        pytest.param(V2_LIST, [], "v2", id="a list of v2, empty"),
        pytest.param(
            V1_LIST, [{"type": "fixed", "value": "2500"}], "v1", id="the list says it"
        ),
        pytest.param({}, [{"type": "fixed", "value": 2500}], "v1", id="cents"),
        pytest.param(
            {}, [{"type": "fixed", "value": Decimal("25.5")}], "v1", id="25.5"
        ),
        pytest.param({}, [{"type": "fixed", "value": "25"}], "v2", id="a text"),
        pytest.param({}, [{"id": "prc_1"}], "v1", id="an id of v1"),
        pytest.param({}, [{"id": "promo_1"}], "v2", id="an id of v2"),
        pytest.param({}, [], None, id="nothing"),
        pytest.param(
            {}, [{"type": "percentage", "value": 20}], None, id="a percentage"
        ),
        pytest.param({}, [{"type": "fixed", "value": None}], None, id="no value"),
        pytest.param({}, [{"id": "a5f0-uuid"}], None, id="a bare id"),
        pytest.param(
            {}, [{"id": "promo_1"}, {"id": "prc_1"}], None, id="codes of both kinds"
        ),
        pytest.param(
            {"total_count": 1, "next_cursor": "c"}, [], None, id="members of both"
        ),
    ],
)
def test_an_answer_shows_its_version_only_by_what_the_other_has_not(
    body, codes, version
):
    shown = shown_version(body, codes)

    assert (shown and shown[0]) == version


# -- bodies, as the documentation shows them -----------------------------------


@pytest.mark.parametrize(
    ("discount", "version", "body"),
    [
        pytest.param(
            DOLLARS, "v1", {"type": "fixed", "value": 2500}, id="C11 v1 as documented"
        ),
        pytest.param(
            DOLLARS, "v2", {"type": "fixed", "value": "25"}, id="C11 v2 major"
        ),
        pytest.param(
            Fixed(2550, "USD"),
            "v2",
            {"type": "fixed", "value": "25.5"},
            id="v2 shortest",
        ),
        pytest.param(
            Fixed(500, "JPY"), "v1", {"type": "fixed", "value": 500}, id="C13 v1 yen"
        ),
        pytest.param(
            Fixed(500, "JPY"), "v2", {"type": "fixed", "value": "500"}, id="C13 v2 yen"
        ),
        pytest.param(
            PERCENT_20, "v1", {"type": "percentage", "value": 20}, id="v1 percent"
        ),
        pytest.param(
            PERCENT_20, "v2", {"type": "percentage", "value": "20"}, id="v2 percent"
        ),
        pytest.param(
            Percentage(Decimal("12.5")),
            "v1",
            {"type": "percentage", "value": 12.5},
            id="v1 half a percent",
        ),
    ],
)
def test_a_discount_is_sent_in_the_unit_of_its_version(discount, version, body):
    sent = encode_discount(discount, version)

    assert sent == body
    assert type(sent["value"]) is type(body["value"])


def test_the_body_of_a_create_always_states_type_and_value():
    assert encode_create(" SAM20 ", DOLLARS, "part_1", "v2") == {
        "code": "SAM20",
        "partner_id": "part_1",
        "type": "fixed",
        "value": "25",
    }


def test_an_unreadable_discount_is_never_written():
    with pytest.raises(ValueError, match="never written"):
        encode_discount(Unreadable("why", "raw"), "v2")


def test_what_partnero_cannot_hold_is_that_a_code_is_off():
    off = decode_code(row(active=False), "v2", None)
    live = decode_code(row(active=True), "v2", None)

    assert losses(off) == ("switched off on Tolt",)
    assert losses(live) == ()
