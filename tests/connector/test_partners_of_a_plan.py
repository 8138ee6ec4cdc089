"""The partner view by the command line: as JSON, as a sheet, and as people read it."""

import csv
import io

import pytest


@pytest.fixture
def selling(place):
    """Ben sold once where Tolt does not know it, and waits for one decision."""
    place.settle()
    place.configure(policy='redemptions = "report"')
    place.edit("partnero", "sale", code="BEN10", amount="49.99", key="ord-ben")
    place.edit("tolt", "set_code", code="BEN10", value=33)
    place.edit("partnero", "set_discount", coupon="PCT10", amount=12)
    return place


def of_ben(rows):
    (ben,) = [row for row in rows if row["partner"].startswith("b***@")]
    return ben


def test_each_partner_is_one_line_with_what_waits_and_what_is_missing(selling):
    plan = selling.json("plan").document

    ben = of_ben(plan["partners"])
    assert ben["waiting"] >= 1
    (missing,) = [one for one in ben["missing"] if one["side"] == "tolt"]
    assert missing["currency"] == "USD"
    sums = [
        one
        for one in plan["redemption_sums"]
        if one["standing"] == "missing_on_tolt" and one["partner"] == ben["partner"]
    ]
    assert missing["count"] == sum(one["count"] for one in sums) > 0
    assert {one["amount"] for one in sums} == {missing["amount"]}


def test_the_sheet_of_partners_has_all_of_them_and_the_text_those_with_something(
    selling,
):
    sheet = selling.run("plan", "--format", "csv", "--of", "partners").out
    text = " ".join(selling.run("plan").out.split())

    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert len(rows) == len(selling.json("plan").document["partners"])
    ben = of_ben(rows)
    assert ben["missing_on_tolt"] == "49.99 USD (1 sale)"
    assert "49.99 USD (1 sale) missing on Tolt" in text
    assert "have something open)" in text


@pytest.mark.usefixtures("hurried")
def test_a_sheet_of_partners_says_where_it_cannot_be_whole(selling):
    selling.fault("cut", "GET", "/tolt/v2/promotion-codes", count=None)

    sheet = selling.run("plan", "--format", "csv", "--of", "partners").out

    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert rows[0]["partner"].startswith("Not all partners are known")
