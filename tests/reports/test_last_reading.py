"""What a look leaves to be read: bounded, masked, and nothing but text."""

import json

from connector.engine.causes.cause import Quoted
from connector.engine.change import Finding
from connector.engine.planned import MoneyLine, RedemptionReport
from connector.reports.last_reading import MOST, reading_of
from connector.reports.messages.say import left_out
from tests.reports.samples import plan

NAMED = "s***@example.com (prt_1)"


def finding(number: int) -> Finding:
    return Finding("dead", (Quoted("Of sam@example.com."),), f"CODE{number}")


def test_findings_are_kept_with_their_words_bounded_and_masked():
    reading = reading_of(plan(findings=map(finding, range(MOST + 5))))

    assert len(reading.findings) == MOST
    assert {(line.kind, line.message) for line in reading.findings} == {
        ("dead", "Of s***@example.com.")
    }


def test_the_money_is_kept_as_its_tables():
    counts = {"in_sync": 2}
    lines = [
        MoneyLine(f"CODE{number:03d}", "USD", counts, "20.00", "20.00")
        for number in range(MOST + 5)
    ]
    partner = MoneyLine(NAMED, "USD", counts, "20.00", "20.00")
    report = RedemptionReport(codes=tuple(lines), partners=(partner,))

    money = reading_of(plan(redemption_report=report)).money

    assert json.loads(json.dumps(money)) == money
    assert len(money["codes"]) == MOST
    assert money["more_codes"] == 5
    assert money["partners"] == [
        {
            "name": NAMED,
            "partnero": "20.00 USD",
            "tolt": "20.00 USD",
            "in_step": 2,
            "parts": [],
        }
    ]
    assert [row["partnero"] for row in money["totals"]] == ["4100.00 USD"]


def test_where_no_sales_were_compared_it_is_said_why():
    money = reading_of(plan()).money

    assert money == {"not_compared": left_out(plan())}
    assert money["not_compared"]
