"""What a person finds where, in each format."""

import csv
import io
import re
from dataclasses import replace

import pytest

from connector.engine.causes.cause import Quoted
from connector.engine.causes.codes import Incomparable, OnlyOn
from connector.engine.change import Finding, Status
from connector.engine.endings import of_outcomes
from connector.engine.outcome import Outcome, Run
from connector.reports.meaning import REASONS, message_of, reason_text, row_words
from connector.reports.messages.say import ANYBODY
from connector.reports.render import render
from connector.reports.runs import run_document, run_text
from connector.reports.sections import headline, sections
from connector.reports.text import plan_text
from mappings.canonical import Side
from mappings.redemptions import Push
from tests.reports.samples import change, held, large, ordinary, plan, unread


def test_the_headline_says_everything_in_one_sentence():
    assert headline(ordinary()) == (
        "51 codes compared: 29 in step, 3 only on Partnero, 12 only on Tolt, 5 differ, "
        "2 unclear. 6 need a decision. Nothing was changed."
    )


def test_the_headline_says_first_that_a_side_is_not_whole():
    assert headline(unread()).startswith("Tolt not read completely. 51 codes compared")


def test_the_headline_of_a_failure_compares_nothing():
    made = replace(plan(failed="no route"), tally=type(plan().tally)())

    assert headline(made) == "Nothing could be compared. Nothing was changed."


def test_the_headline_of_an_undo_names_the_run():
    made = plan(held("A"), undoes="r_1")

    assert headline(made).startswith("The way back from run r_1: 1 changes. 1 needs")
    assert "apply FILE --accept" in plan_text(made)


def test_who_is_paid_comes_first():
    first, second = sections(ordinary())[:2]

    assert [item.code for item in first.items] == ["PAID"]
    assert [item.code for item in second.items[:2]] == ["SAM20", "GONE"]


def test_what_pays_the_wrong_person_or_has_a_wrong_unit_stands_before_all_findings():
    twice = Finding("redemption_twice", (Quoted("k is there twice."),), "A")
    dead = Finding("dead_here_live_there", (Quoted("B is dead on Tolt."),), "B")
    made = plan(held("C", "wrong_unit"), held("D", "payee_change"), held("E"))

    (urgent, rest) = sections(replace(made, findings=(twice, dead)))

    assert [item.code for item in urgent.items] == ["D", "B", "C", "A"]
    assert [item.code for item in rest.items] == ["E"]


@pytest.mark.parametrize("format_", ["text", "markdown", "csv"])
def test_each_format_shows_changes_and_findings_that_matter_most_in_one_list(format_):
    dead = Finding("dead_here_live_there", (Quoted("B is dead on Tolt."),), "B")
    made = replace(plan(held("DORA", "payee_change"), held("EMIL")), findings=(dead,))

    told = render(made, format_)

    assert told.index("DORA") < told.index("B is dead on Tolt") < told.index("EMIL")


def test_the_heading_counts_what_stands_above_and_says_so():
    made = plan(held("DORA", "payee_change"), held("EMIL"))

    told = plan_text(made)

    assert "Needs a decision (2)" in told
    assert "1 of these above, under matters most." in told


def test_what_needs_a_decision_comes_before_everything_else():
    names = [section.name for section in sections(ordinary())]

    late = ["blocked", "ready", "known", "accepted", "remembered"]
    assert names == ["urgent", "held", *late]


@pytest.mark.parametrize("format_", ["text", "markdown", "csv", "html"])
def test_a_refusal_stands_above_all_else(format_):
    report = re.sub(r"</?span[^>]*>", "", render(unread(), format_))

    assert report.index("last time 40") < report.index("page 3: 502")
    assert report.index("page 3: 502") < report.index("could not be read")


def test_text_is_wrapped_but_what_is_copied_is_not():
    lines = plan_text(ordinary()).splitlines()

    assert all(
        len(line) <= 88 or line.strip().startswith("partnero-tolt") for line in lines
    )
    assert "partnero-tolt decide DIFFERENT --take partnero" in "\n".join(lines)
    assert not any("\x1b" in line for line in lines)


def test_a_held_change_says_what_to_type():
    report = plan_text(ordinary())
    limited = next(c for c in ordinary().changes if c.code == "LIMITED")

    only = f"partnero-tolt apply --only {limited.id} --accept {limited.id}"
    assert only in report
    assert "Lost: at most 10 redemptions." in report
    assert "Customers could get more off than now." in report


def test_a_code_that_is_gone_may_be_made_anew():
    report = plan_text(ordinary())

    assert re.search(r"decide GONE --take tolt +# Tolt is right: make it anew", report)
    assert re.search(r"GONE --take partnero +# Partnero is right: delete it", report)


def test_a_collision_cannot_be_decided_for_a_side():
    assert "decide SAM20 --take" not in plan_text(ordinary())


def test_an_update_shows_what_was_and_what_would_be():
    field = held("A").fields[0]._replace(base="5%", new="15%")

    assert "New: discount 5% -> 15%" in plan_text(plan(change("A", fields=(field,))))


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        pytest.param(
            Incomparable("A", "why"), "the discounts cannot be compared: why."
        ),
        pytest.param(OnlyOn("A", Side.TOLT), "A is only on Tolt."),
    ],
)
def test_a_message_is_told_without_its_code_in_front(cause, shown):
    assert message_of(change("A", causes=(cause,)), ANYBODY) == shown


ACCEPTED = {
    "text": "partnero-tolt decide OLD-SUMMER-CAMPAIGN --keep  # accept it as it is",
    "markdown": "`partnero-tolt decide OLD-SUMMER-CAMPAIGN --keep`",
    "csv": '"partnero-tolt decide OLD-SUMMER-CAMPAIGN --keep"',
    "html": '["partnero-tolt decide OLD-SUMMER-CAMPAIGN --keep","accept it as it is"]',
}


@pytest.mark.parametrize("format_", ACCEPTED)
def test_what_can_be_accepted_has_its_command_in_one_piece(format_):
    code = "OLD-SUMMER-CAMPAIGN"
    said = f"{code} is expired, last valid on 2025-06-30 on Partnero and live on Tolt."
    found = Finding("dead_here_live_there", (Quoted(said),), code, id="f_1")

    lines = render(plan(findings=[found]), format_).splitlines()

    assert any(ACCEPTED[format_] in line for line in lines)


MISSING = change(
    "TWIN",
    target="partnero",
    reason="missing_after_replace",
    status=Status.HELD,
    causes=(Quoted("TWIN is missing on Partnero: a replace took the old one away."),),
)


def test_what_a_replace_left_missing_is_told_by_every_run_with_its_command():
    run = Run("r_1", "acme", "sync", "", None, plan=plan(MISSING))

    text, document = run_text(run), run_document(run)

    typed = "partnero-tolt decide TWIN --as-proposed"
    assert "TWIN is missing on Partnero" in text
    assert f"  {typed}  # make it with the next run" in text.splitlines()
    assert typed in document["missing"][0]["commands"]
    assert "1 waits for a decision" in text


def test_a_run_counts_as_written_only_what_it_wrote():
    names = ("A", "create", "tolt")
    outcomes = tuple(Outcome(f"c_{n}", *names, "adopted") for n in range(3))
    outcomes += (Outcome("c_9", "S", "adopt", "state", "skipped", "it is blocked"),)

    text = run_text(
        Run("r_1", "acme", "apply", "", of_outcomes(outcomes), outcomes=outcomes)
    )

    assert "3 found done, nothing written" in text
    assert "  S: remember skipped: it is blocked" in text


def test_a_coupon_waits_with_the_code_that_needs_it():
    coupon = change("A", "coupon", "partnero", status=Status.HELD)

    assert "partnero-tolt" not in plan_text(plan(coupon))


def test_a_sale_is_said_to_be_pushed_and_falls_under_no_row_of_the_table():
    push = Push(*["x"] * len(Push._fields))
    sale = change("A", "transaction", row=0, status=Status.HELD, push=push)
    made = plan(sale)

    assert f"--accept {sale.id}  # push just this, now" in plan_text(made)
    assert "a key that is not unique" not in render(made, "html")


def test_a_finding_about_several_codes_names_them_and_what_to_type():
    codes = tuple(f"CODE{number:02}" for number in range(12))
    found = Finding(
        "looser_on_tolt", (Quoted("12 codes have an expiry date."),), None, codes
    )

    report = " ".join(plan_text(plan(findings=[found])).split())

    assert "Codes: CODE00, CODE01" in report
    assert "CODE09 and 2 more." in report
    assert "decide CODE00 CODE01 CODE02 CODE03 CODE04 --keep" in report


def test_a_finding_that_a_change_tells_already_is_told_once():
    report = plan_text(ordinary())

    assert report.count("Nobody can tell whom it credits.") == 1
    assert "1 more, told with the changes above." in report


def test_a_new_reason_is_at_least_readable():
    assert reason_text("brand_new_word") == "Brand new word"
    assert all(not text.endswith(".") for text in REASONS.values())


def test_a_row_of_the_table_is_named_in_words():
    assert row_words(1) == "only on Partnero"
    assert row_words(0) == "a key that is not unique"


def test_a_csv_begins_with_a_byte_order_mark_and_ends_without_a_line_end():
    report = render(ordinary(), "csv")

    assert report.startswith('\ufeff"record","pair","status"')
    assert report.endswith('"')


def test_a_csv_has_both_values_the_base_and_the_new_one_in_columns():
    rows = csv.DictReader(io.StringIO(render(ordinary(), "csv").removeprefix("\ufeff")))
    row = next(row for row in rows if row["code"] == "DIFFERENT")

    assert [
        row[f"discount_{name}"] for name in ("base", "partnero", "tolt", "new")
    ] == [
        "5%",
        "10%",
        "15%",
        "",
    ]


def test_a_finding_about_several_codes_names_them_all():
    found = Finding("spelling", (Quoted("Two ways."),), None, ("AA", "aa"))

    assert "`AA`, `aa`" in render(plan(findings=[found]), "markdown")


def test_the_picture_fills_its_width_and_shows_the_small_parts():
    page = render(large(100), "html")
    assert 'class="only_on_partnero" x="0.0%"' in page

    page = render(ordinary(), "html")
    widths = re.findall(
        r'<rect class="\w+" x="[\d.]+%" y="\d+" width="([\d.]+)%"', page
    )

    assert len(widths) == 5
    assert sum(map(float, widths)) == pytest.approx(100, abs=0.01)
    assert min(map(float, widths)) >= 2.5


def test_a_page_of_ten_thousand_changes_stays_below_eight_megabytes():
    assert len(render(large(), "html").encode()) < 8_000_000
