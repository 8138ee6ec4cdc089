"""A page read straight says what the tolerant reader makes of it, only sooner."""

import json
import random
from decimal import Decimal

import pytest

from mappings import partnero, redemption_wire, tolt
from mappings.embedded import codes_of
from mappings.pages import Listed, Paged
from mappings.partnero_rows import CODE_FIELDS, CodeRow, CouponRow, PartnerRow
from mappings.redemption_rows import BuyerRow, ChargeRow, CustomerRow, SaleRow
from mappings.rows import understood
from mappings.shapes import member
from mappings.tolerant_json import parse
from mappings.tolt_rows import CodeRow as ToltCodeRow
from mappings.tolt_rows import PartnerRow as ToltPartnerRow
from mappings.wire import Malformed
from tests.fuzz.mutations import _member, _value
from tests.fuzz.rows import PARTNERO, TOLT_V1, TOLT_V2
from tests.fuzz.values import Draw

LISTINGS = {
    "Partnero's codes": (
        CodeRow,
        lambda row: (
            partnero.decode_code(row, None, "USD"),
            partnero.decode_marks(row),
            redemption_wire.raw_log(row),
        ),
        PARTNERO["code"],
    ),
    "coupons": (
        CouponRow,
        lambda row: partnero.decode_coupon(row, "USD"),
        PARTNERO["coupon"],
    ),
    "Partnero's partners": (PartnerRow, partnero.decode_partner, PARTNERO["partner"]),
    "Partnero's sales": (
        SaleRow,
        lambda row: redemption_wire.decode_sale(row, "USD"),
        PARTNERO["sale"],
    ),
    "Partnero's customers": (
        BuyerRow,
        redemption_wire.decode_buyer,
        PARTNERO["buyer"],
    ),
    "codes of Tolt v1": (
        ToltCodeRow,
        lambda row: tolt.decode_code(row, "v1", "USD"),
        TOLT_V1["code"],
    ),
    "codes of Tolt v2": (
        ToltCodeRow,
        lambda row: tolt.decode_code(row, "v2", "USD"),
        TOLT_V2["code"],
    ),
    "Tolt's partners": (ToltPartnerRow, tolt.decode_partner, TOLT_V2["partner"]),
    "Tolt's sales": (
        ChargeRow,
        lambda row: redemption_wire.decode_charge(row, "USD"),
        TOLT_V2["charge"],
    ),
    "Tolt's customers": (
        CustomerRow,
        redemption_wire.decode_customer,
        TOLT_V2["customer"],
    ),
}


def page_of(*rows, **beside):
    body = {"data": list(rows), "success": True, "status": 1, **beside}
    return bytearray(json.dumps(body).encode())


def tried(read, content):
    try:
        return read(content)
    except ValueError:
        return None


def said(shape, decode, answer):
    """Return what the rows of an answer say, and why some say nothing."""
    try:
        rows = Paged(shape).listed(answer).rows
    except Malformed as error:
        return str(error)
    good, bad = understood(decode, rows)
    return good, [(number, why) for number, _row, why in bad]


@pytest.mark.parametrize("listing", LISTINGS)
def test_whatever_its_rows_hold_a_page_says_the_same_in_either_way(listing):
    shape, decode, known = LISTINGS[listing]
    straight = 0
    for number in range(40):
        dice = random.Random(f"{listing} {number}")  # noqa: S311 (repeatable)
        draw, row = Draw(dice, "qzx", ("k",)), json.loads(json.dumps(known))
        for _ in range(dice.choice([1, 1, 2, 3])):
            _, row = dice.choice([_value, _value, _value, _member])(draw, row)
        content = bytearray(draw.text({"data": [known, row, known], "status": 1}))
        answer = tried(Paged(shape).read, content)

        straight += isinstance(answer, Listed)
        expected = said(shape, decode, tried(parse, content))
        assert said(shape, decode, answer) == expected, content
    assert straight > 12


@pytest.mark.parametrize(
    "codes",
    [
        [{"code": "A"}, {"code": "B", "times_redeemed": 1}],
        ["A", {"code": "B"}],
        {"data": [{"code": "A"}, {"code": "B"}]},
        {"data": ["A", "B"]},
        {"data": [{"code": "A"}, {"code": None}, {"name": "x"}, "", {"code": "B"}]},
    ],
)
def test_the_codes_inside_a_coupon_are_their_texts_alone(codes):
    paged = Paged(CouponRow)

    answer = paged.read(page_of({"uuid_code": "C", "promotion_codes": codes}))

    assert isinstance(answer, Listed)
    assert codes_of(paged.listed(answer).rows[0]) == ("A", "B")


@pytest.mark.parametrize("codes", [None, [], {}, {"data": []}, {"data": None}, 7, [7]])
def test_a_coupon_without_codes_is_a_coupon(codes):
    paged = Paged(CouponRow)
    content = page_of({"uuid_code": "C", "promotion_codes": codes})

    (row,) = paged.listed(paged.read(content)).rows

    assert codes_of(row) == ()
    assert partnero.decode_coupon(row, "USD").uuid == "C"


def test_a_row_that_cannot_be_read_costs_itself_alone():
    good = {"code": "A", "limit_to_specific_partner": False}
    content = page_of(good, {**good, "code": "B\0"}, 7, {**good, "code": "C"})

    for text in (content, content.replace(b"\\u0000", b"\\ud800")):
        paged = Paged(CodeRow)
        codes, bad = understood(
            lambda row: partnero.decode_code(row, None, None),
            paged.listed(paged.read(text)).rows,
        )

        assert [code.id for code in codes] == ["A", "C"]
        assert [number for number, _row, _why in bad] == [2, 3]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": None},
        {"data": {"data": 7}},
        {"data": [], "success": False},
        {"data": [], "success": None},
        {"data": [], "status": 0},
        {"data": [], "status": "failed"},
        [],
        7,
    ],
)
def test_what_is_no_listing_is_none_in_either_way(body):
    paged = Paged(CodeRow)
    content = bytearray(json.dumps(body).encode())

    for answer in (paged.read(content), parse(content)):
        with pytest.raises(Malformed):
            paged.listed(answer)


def test_rows_one_deeper_are_rows():
    """Tolt v1 has its customers there."""
    paged = Paged(CustomerRow)

    answer = paged.read(bytearray(b'{"data": {"data": [{"id": "c"}]}}'))

    assert isinstance(answer, Listed)
    assert [row.id for row in paged.listed(answer).rows] == ["c"]


def test_a_number_is_exact_and_the_last_of_two_members_counts():
    paged = Paged(CodeRow)
    content = bytearray(
        b'{"data": [{"code": "A", "minimum_order_value": 1, "c\\u006fde": "B", '
        b'"minimum_order_value": 0.10000000000000000000001}]}'
    )

    (row,) = paged.listed(paged.read(content)).rows

    assert row.code == "B"
    assert row.minimum_order_value == Decimal("0.10000000000000000000001")


def test_strange_names_are_noticed_in_a_sample_that_grows_thinner():
    paged = Paged(CodeRow, CODE_FIELDS)
    for page in range(1, 10):
        paged.read(page_of({"code": "A", f"on_page_{page}": 1}))

    assert paged.unknown == {f"on_page_{page}" for page in (1, 2, 4, 8)}


def test_a_member_of_a_struct_is_found_by_its_name():
    row = CodeRow(code="A")

    assert member(row, "code") == member({"code": "A"}, "code") == "A"
    assert member(row, "metadata") is member(row, "id") is member(7, "code") is None
