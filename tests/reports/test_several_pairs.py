"""Several pairs in one report: all of them first, then each by its name."""

import csv
import io
import re
from dataclasses import replace

import pytest

from connector.engine.planned import RedemptionReport, Tally
from connector.reports.overview import HEADS, sentence, state_of, table
from connector.reports.render import RENDERERS, render, render_all
from connector.reports.whose import named
from mappings.redemptions import Sum
from tests.reports.samples import HOSTILE, hostile, large, ordinary, plan, unread

ACME = replace(ordinary(), several=True)
BETA = replace(plan(), pair="beta", several=True)
DOWN = replace(
    plan(failed="Tolt answered 503 to GET partners (5 tries)"),
    pair="gamma",
    several=True,
    tally=Tally(),
)
SHORT = replace(unread(), pair="delta", several=True)
ALL = [ACME, BETA, DOWN, SHORT]


def test_the_overview_has_a_line_for_each_pair_in_the_order_given():
    heads, *rows = table(ALL)

    assert heads == HEADS
    assert [row[0] for row in rows] == ["acme", "beta", "gamma", "delta"]
    assert {len(row) for row in rows} == {len(HEADS)}


def test_the_numbers_of_the_overview_are_those_of_the_headings_below():
    row = dict(zip(*table([ACME, BETA])[:2], strict=True))
    text = render(ACME, "text")

    assert f"Needs a decision ({row['To decide']})" in text
    assert f"Would be done ({row['Ready']})" in text
    assert f"Cannot be done as things are ({row['Blocked']})" in text
    assert f"{row['In step']} in step" in text


def test_no_column_speaks_of_sales_where_none_is_missing():
    heads, *_ = table([BETA, DOWN])

    assert "Sales missing" not in heads
    assert "Sales missing" in table(ALL)[0]


def test_what_the_missing_sales_come_to_stands_beside_their_number():
    def sold(standing, currency, number, minor):
        return Sum("s***@example.com", "SAM20", currency, standing, number, minor)

    sums = (
        sold("missing_on_tolt", "USD", 2, 9998),
        sold("missing_on_partnero", "USD", 1, 2),
        sold("missing_on_tolt", "JPY", 1, 500),
        sold("missing_on_tolt", "", 1, 0),
        sold("differs", "USD", 1, 7777),
    )
    counted = {"missing_on_tolt": 4, "missing_on_partnero": 1, "differs": 1}
    made = replace(
        BETA, redemptions=counted, redemption_report=RedemptionReport(sums=sums)
    )

    heads, row = table([made])

    assert row[heads.index("Sales missing")] == "5 (500 JPY, 100.00 USD)"


def test_what_was_not_read_has_no_numbers_and_says_why():
    row = table([BETA, DOWN])[2]

    assert {*row[1:-1]} == {"\u2013"}
    assert row[-1] == "not read: Tolt answered 503 to GET partners (5 tries)"
    assert state_of(BETA) == "complete"
    assert state_of(SHORT).startswith("refused: ")
    assert state_of(replace(SHORT, refused=None)).startswith("Tolt not completely: ")


def test_the_sentence_counts_what_was_read_and_names_what_was_not():
    assert sentence(ALL) == (
        "4 pairs: 2 read completely, 2 not (gamma, delta). 6 need a decision. "
        "Nothing was changed."
    )
    assert sentence([BETA, BETA]) == "2 pairs: 2 read completely. Nothing was changed."
    stopped = replace(BETA, refused=SHORT.refused)
    assert "2 read completely, 1 refused (beta)." in sentence([ACME, stopped])


def test_every_line_of_text_that_begins_something_names_its_pair():
    overview, _, blocks = render_all(ALL, "text").partition("\n\nacme: ")

    begun = [line for line in f"acme: {blocks}".splitlines() if line[:1].strip()]
    assert [line for line in begun if line.split(":")[0] not in overview] == []
    assert "beta: " not in overview


def test_the_overview_fits_a_terminal():
    overview = render_all(ALL, "text").partition("\n\nacme: ")[0]

    assert max(map(len, overview.splitlines())) <= 88


@pytest.mark.parametrize("format_", RENDERERS)
def test_one_pair_alone_is_printed_as_ever(format_):
    assert render_all([ordinary()], format_) == render(ordinary(), format_)
    assert "acme: " not in render(ordinary(), "text")


def test_one_sheet_has_one_head_and_the_rows_of_all():
    text = render_all([ACME, SHORT], "csv").removeprefix("\ufeff")

    rows = list(csv.DictReader(io.StringIO(text)))
    alone = [render(one, "csv").splitlines()[1:] for one in (ACME, SHORT)]
    assert text.splitlines()[1:] == [*alone[0], *alone[1]]
    assert {row["pair"] for row in rows} == {"acme", "delta"}


def test_markdown_of_many_pairs_still_fits_a_comment():
    many = [replace(large(2000), pair=f"p{n}", several=True) for n in range(6)]

    assert len(render_all(many, "markdown")) < 65_536


def test_the_page_of_several_holds_each_row_once_under_its_pair():
    page = render_all([ACME, SHORT], "html")

    assert page.count("<html") == 1
    assert page.count('href="#pair-acme"') == 1
    assert page.count('id="pair-acme"') == 1
    assert page.count('"pair":"acme"') > 20
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len({*ids})


@pytest.mark.parametrize("format_", ["text", "markdown", "html", "csv"])
def test_hostile_text_of_one_pair_is_as_inert_among_others(format_):
    bad = replace(hostile(), several=True)
    report = render_all([ACME, bad], format_)

    assert "\x1b" not in report
    assert "\u202e" not in report
    if format_ == "html":
        assert not any(text in report for text in HOSTILE[:2])


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("complete, 3 written", "acme: complete, 3 written"),
        ("acme: complete", "acme: complete"),
        ("STALE acme: there never was one", "STALE acme: there never was one"),
        ("SAM20 (pair acme)", "SAM20 (pair acme)"),
        ("  partnero-tolt decide SAM20", "  partnero-tolt decide SAM20"),
        ("", ""),
        ("acmes: 3", "acme: acmes: 3"),
    ],
)
def test_a_line_that_names_no_pair_is_given_its_name(line, shown):
    assert named("acme", line) == shown
