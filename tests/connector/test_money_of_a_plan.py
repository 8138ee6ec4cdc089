"""Money by the command line: the sheet of sales, and certificates with their sums."""

import csv
import io
import json
from collections import Counter

import pytest

from tests.harness.documents import validator_of


@pytest.fixture
def selling(place):
    """The small world, which has a sale in nearly every trouble there is."""
    place.settle()
    place.configure(policy='redemptions = "report"')
    return place


def test_the_sheet_of_sales_has_the_lines_of_the_document_and_the_summary(selling):
    plan = selling.json("plan").document

    sheet = selling.run("plan", "--format", "csv", "--of", "redemptions").out

    text = sheet.removeprefix("\ufeff")
    assert text.splitlines()[0] == (
        '"pair","code","key","standing","at","amount","currency","partner","why"'
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    lines = plan["redemptions"]
    assert [(row["key"], row["standing"]) for row in rows] == [
        (line["key"], line["standing"]) for line in lines
    ]
    told = plan["summary"]["redemptions"]
    counted = Counter(row["standing"] for row in rows)
    assert counted.total() > 4
    assert {name: counted[name] for name in told if name != "in_sync"} == {
        name: number for name, number in told.items() if name != "in_sync"
    }


def test_another_format_of_a_sheet_is_a_usage_error_that_says_which_there_is(selling):
    run = selling.run("plan", "--of", "redemptions")

    assert run.code == 2
    assert "--format csv" in run.err


def test_a_certificate_has_the_sales_with_their_sums_and_no_exception_of_them(selling):
    run = selling.run("--format", "json", "verify")

    proof = json.loads(run.out)
    validator_of("certificate").validate(proof)
    assert {one["standing"] for one in proof["redemption_lines"]} >= {
        "missing_on_partnero",
        "missing_on_tolt",
    }
    number = sum(one["count"] for one in proof["redemption_sums"])
    assert number == len(proof["redemption_lines"])
    reasons = {one["reason"] for one in proof["exceptions"]}
    assert not reasons & {"missing_on_partnero", "missing_on_tolt"}
