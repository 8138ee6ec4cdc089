"""The sheet of the inbox, out and back, with all that spreadsheet programs do to it."""

import csv
import io
import json

import pytest

from connector.reports.decision_sheet import COLUMNS, Unfit, read_sheet, sheet
from connector.reports.inbox import Inbox, entries_of
from connector.run.deciding import fits
from state.model import Decision, Waiting

AT = "2026-01-02T00:00:00Z"
HEAD = "pair,id,code,decision,note"


def waiting(code="SAM20", id_="c_1", **more):
    document = {
        "reason": "diverged",
        "status": "held",
        "action": "update",
        "target": "tolt",
        "message": f"{code}: discount is 20% on Partnero and 30% on Tolt.",
        "sights": {"partnero": "discount 20%", "tolt": "discount 30%"},
        "partner": "s***@example.com (prt_1)",
        "lost": [],
        "ways": [],
        "options": {"tolt": {"effects": ["x"], "lost": ["its counter"]}},
    }
    return Waiting(id_, code.lower(), code, "r_1", AT, json.dumps(document | more))


def box(*rows, decisions=()):
    return Inbox("acme", False, AT, 0, entries_of(rows), tuple(decisions))


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def asks(text, encoding="utf-8"):
    return read_sheet(text.encode(encoding))


def test_the_sheet_has_the_columns_of_the_contract_and_nothing_decided():
    text = sheet([box(waiting())])

    assert text.startswith("\ufeff")
    (row,) = rows_of(text)
    assert tuple(row) == COLUMNS
    assert (row["pair"], row["id"], row["code"]) == ("acme", "c_1", "SAM20")
    assert (row["partnero"], row["tolt"]) == ("discount 20%", "discount 30%")
    assert row["lost"] == "tolt: its counter"
    assert (row["decision"], row["note"]) == ("", "")


def test_what_is_decided_is_in_no_sheet_and_what_is_kept_in_one_of_its_own():
    decided = Decision("c_1", "sam20", "SAM20", "keep", "", "Ada", AT, note="=spring")

    assert rows_of(sheet([box(waiting(), decisions=[decided])])) == []
    (row,) = rows_of(sheet([box(waiting(), decisions=[decided])], kept=True))
    assert (row["id"], row["note"], row["by"]) == ("c_1", "'=spring", "Ada")


@pytest.mark.parametrize("code", ["=1+1", "-SAM", "+SAM", "@SAM", "\tSAM", "a;=SAM"])
def test_no_cell_is_a_formula_and_the_code_is_known_again(code):
    (row,) = rows_of(sheet([box(waiting(code))]))

    assert not row["code"].lstrip().startswith(("=", "-", "+", "@"))
    assert fits(row["code"], code)
    assert not fits(row["code"], "OTHER")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_separators_line_ends_and_marks_are_read(separator, end, mark):
    lines = [HEAD, "acme,c_1,SAM20,Keep ,fine", "", "acme,c_2,BEN10,,"]
    text = mark + end.join(line.replace(",", separator) for line in lines)

    one, two = asks(text)

    assert (one.pair, one.id, one.code) == ("acme", "c_1", "SAM20")
    assert (one.word.strip(), one.note, one.line) == ("Keep", "fine", 2)
    assert (two.word, two.line) == ("", 4)


def test_the_whole_sheet_comes_back_quoted_or_not_in_any_order_and_with_more_columns():
    text = sheet([box(waiting(), waiting("BEN10", "c_2"))])
    rows = [row | {"decision": "tolt", "mine": "x"} for row in rows_of(text)]
    names = sorted(rows[0], reverse=True)
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows(reversed(rows))

    assert {(ask.id, ask.word) for ask in asks(written.getvalue())} == {
        ("c_1", "tolt"),
        ("c_2", "tolt"),
    }


def test_a_hint_of_the_separator_and_titles_in_capitals_are_understood():
    (ask,) = asks("sep=;\r\nPair;ID; Code ;DECISION;Note\r\nacme;c_1;SAM20;keep;\r\n")

    assert (ask.id, ask.word, ask.line) == ("c_1", "keep", 3)


def test_a_mark_within_quotes_is_no_part_of_a_title():
    (ask,) = asks('"\ufeffpair","id","decision"\nacme,c_1,keep\n')

    assert (ask.pair, ask.id) == ("acme", "c_1")


def test_a_note_of_several_lines_moves_the_lines_of_the_rows_below():
    first, second = asks(f'{HEAD}\nacme,c_1,SAM20,keep,"one\ntwo"\nacme,c_2,,keep,\n')

    assert (first.note, first.line, second.line) == ("one\ntwo", 2, 4)


def test_a_neutralised_note_loses_the_sign_that_was_put_before_it():
    (ask,) = asks(f"{HEAD}\nacme,c_1,SAM20,keep,'-10 agreed\n")

    assert ask.note == "-10 agreed"


def test_a_row_that_was_cut_short_has_blank_cells():
    (ask,) = asks(f"{HEAD}\nacme,c_1\n")

    assert (ask.id, ask.word, ask.note) == ("c_1", "", "")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"{HEAD}\n".encode("utf-16"), "UTF-16"),
        (f"{HEAD}\n".encode("utf-16-le"), "UTF-16"),
        (f"{HEAD}\nacme,c_1,M\u00dcLLER,keep,\n".encode("latin-1"), "not in UTF-8"),
        (b"pair,id,code\nacme,c_1,SAM20\n", "no column decision"),
        (b"pair,code,decision\nacme,SAM20,keep\n", "no column id"),
        (b"", "no column decision"),
        (b"id,decision,Decision\nc_1,keep,delete\n", "several columns decision"),
        (b"id,decision\nc_1," + b"k" * 200_000, "line 2 cannot be read"),
    ],
)
def test_what_is_no_sheet_is_refused_with_a_sentence(content, why):
    with pytest.raises(Unfit, match=why):
        read_sheet(content)


@pytest.mark.parametrize("damaged", ["1-Mar", "7", "1.00E+05", "#NAME?", "SAM 20"])
def test_a_code_that_a_program_has_rewritten_does_not_fit_its_id(damaged):
    codes = {"1-Mar": "MAR1", "7": "007", "1.00E+05": "1E5", "#NAME?": "-SAM"}

    assert not fits(damaged, codes.get(damaged, "SAM20"))


@pytest.mark.parametrize("written", ["", " ", "sam20", " SAM20 ", "'SAM20"])
def test_case_blanks_and_an_empty_cell_are_no_other_code(written):
    assert fits(written, "SAM20")


def test_a_code_that_is_an_address_fits_as_it_is_shown():
    assert fits("s***@example.com", "sam@example.com")
