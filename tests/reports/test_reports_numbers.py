"""All formats carry the numbers of the JSON document."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from connector.engine.causes.cause import Quoted
from connector.reports.documents import summary
from connector.reports.render import RENDERERS, render
from connector.reports.sections import COUNTED, REDEEMED, headline
from tests.reports.samples import change, large, ordinary, plan, unread

PLANS = {"ordinary": ordinary, "unread": unread, "empty": plan}
COLLISIONS = {"ordinary": 1, "unread": 0, "empty": 0}
"""What is "adopt" in a document and waits for a person: no bookkeeping."""
FORMATS = ("text", "markdown", "csv", "html")


def in_text(report: str) -> dict[str, int]:
    line = " ".join(report.partition("In numbers:")[2].split())
    names = COUNTED | {f"redemptions_{name}": said for name, said in REDEEMED.items()}
    found = {
        name: re.search(rf"(?<=\s)(\d+) {said}[,.]", f" {line}")
        for name, said in names.items()
    }
    return {name: int(match[1]) for name, match in found.items() if match}


def in_markdown(report: str) -> dict[str, int]:
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|$", report, re.MULTILINE))
    names = COUNTED | {
        f"redemptions_{name}": f"redemptions: {said}" for name, said in REDEEMED.items()
    }
    return {name: int(rows[said]) for name, said in names.items() if said in rows}


def in_csv(report: str) -> dict[str, int]:
    rows = csv.DictReader(io.StringIO(report.removeprefix("\ufeff")))
    return {r["reason"]: int(r["count"]) for r in rows if r["record"] == "summary"}


def in_html(report: str) -> dict[str, int]:
    found = re.findall(r'data-count="(\w+)">(\d+)<', report)
    redeemed = re.findall(r'data-redeemed="(\w+)">(\d+)<', report)
    found += [(f"redemptions_{name}", count) for name, count in redeemed]
    return {name: int(count) for name, count in found}


READ = {"text": in_text, "markdown": in_markdown, "csv": in_csv, "html": in_html}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_carries_the_same_numbers(format_, name):
    made = PLANS[name]()
    document = json.loads(render(made, "json"))["summary"]
    redeemed = document.pop("redemptions")
    if made.redemptions:
        document |= {f"redemptions_{word}": n for word, n in redeemed.items()}

    told = READ[format_](render(made, format_))

    if format_ != "csv":  # what is only noted changes nothing, and is told apart
        document["noted"] = document.pop("adopt") - COLLISIONS[name]
        document["ready"] -= document["noted"]
    assert {word: told.get(word) for word in document} == document


def test_the_sample_has_different_numbers_where_a_mix_up_could_hide():
    counts = summary(ordinary())

    assert counts["ready"] != counts["held"] != counts["blocked"]
    assert counts["create"] > counts["adopt"] > counts["update"] > counts["delete"]


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_the_headline_is_the_same_in_every_format(format_):
    made = ordinary()
    report = re.sub(r"<[^>]+>", "", render(made, format_))

    assert headline(made) in " ".join(report.split())


def test_a_csv_has_one_row_for_each_change_and_finding():
    made = ordinary()
    rows = list(csv.DictReader(io.StringIO(render(made, "csv").removeprefix("\ufeff"))))
    kinds = [row["record"] for row in rows]

    assert kinds.count("change") == len(made.changes)
    assert kinds.count("finding") == len(made.findings)
    assert kinds.count("accepted") == len(made.accepted)
    assert {row["id"] for row in rows if row["id"]} == {c.id for c in made.changes}


def test_a_page_holds_every_change_and_every_finding_that_no_change_tells():
    made = ordinary()
    data = re.search(r'id="data">(.*?)</script>', render(made, "html"))[1]
    rows = json.loads(data)["rows"]

    assert {row["id"] for row in rows if "id" in row} == {c.id for c in made.changes}
    assert sum("id" not in row for row in rows) == 3


def test_a_large_plan_fits_a_comment_and_says_what_is_left_out():
    report = render(large(), "markdown")

    assert len(report) < 65_536
    assert re.search(r"\.\.\. and \d+ more", report)


def test_a_large_plan_says_in_text_how_many_more_there_are():
    report = render(large(1000), "text")

    assert len(report.splitlines()) < 400
    assert "... and 230 more" in report


@pytest.mark.parametrize("format_", RENDERERS)
def test_the_same_plan_gives_the_same_bytes(format_):
    assert render(ordinary(), format_) == render(ordinary(), format_)


@pytest.mark.parametrize("format_", FORMATS)
def test_where_no_redemptions_were_compared_no_number_of_them_stands(format_):
    """And the report says so, with the reason: 0 would be a finding of its own."""
    made = replace(plan(change("A")), uncompared=(Quoted("Tolt was not asked"),))

    report = " ".join(render(made, format_).split())

    assert not [name for name in READ[format_](report) if "redemptions" in name]
    assert "ot compared: Tolt was not asked" in report


def test_where_no_redemptions_were_compared_the_document_says_null():
    made = replace(plan(change("A")), uncompared=(Quoted("Tolt was not asked"),))

    document = json.loads(render(made, "json"))

    assert set(document["summary"]["redemptions"].values()) == {None}
    assert document["redemptions_not_compared"] == "Tolt was not asked"


@pytest.mark.parametrize("format_", FORMATS)
def test_none_at_all_among_those_compared_is_a_zero(format_):
    made = plan(change("A"), redemptions=dict.fromkeys(REDEEMED, 0))

    told = READ[format_](render(made, format_))

    assert {told[f"redemptions_{name}"] for name in REDEEMED} == {0}
    assert json.loads(render(made, "json"))["summary"]["redemptions"]["twice"] == 0
