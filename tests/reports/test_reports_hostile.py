"""Text from a provider does nothing, in any format."""

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from connector.reports.markdown import code
from connector.reports.render import RENDERERS, render
from connector.reports.safe import inert, sheet_cell
from connector.reports.text import plan_text
from tests.reports.samples import HOSTILE, held, hostile, ordinary, plan

# Nothing that a terminal obeys, that turns text around, or that cannot be seen.
LOUD = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("format_", RENDERERS)
def test_no_character_of_a_report_is_obeyed_by_a_terminal(format_):
    report = render(hostile(), format_).removeprefix("\ufeff")
    loud = {c for c in report if unicodedata.category(c) in LOUD} - {"\n"}

    assert loud == set()
    report.encode("utf-8")


def test_json_means_the_same_text_as_before():
    names = [
        change["code"] for change in json.loads(render(hostile(), "json"))["changes"]
    ]

    assert sorted(names) == sorted(HOSTILE)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_shown_instead_is_the_escape_of_json(text):
    shown = inert(json.dumps(text, ensure_ascii=False))

    assert json.loads(shown) == text


def test_no_cell_of_a_csv_is_a_formula():
    report = render(hostile(), "csv").removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(report)) for cell in row]

    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert '\'=HYPERLINK("http://evil.example","HOSTILE")' in cells


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("  @SUM", "'@SUM", id="after blanks"),
        pytest.param("\t=1", "'=1", id="after a tab"),
        pytest.param("\r-1", "\\u000d-1", id="after a line end"),
        pytest.param("＝1", "'＝1", id="full width"),  # noqa: RUF001
        pytest.param("a;=1", "a;'=1", id="where a semicolon ends a cell"),
        pytest.param("SAM-20", "SAM-20", id="an ordinary code"),
        pytest.param("s***@example.com", "s***@example.com", id="a masked e-mail"),
    ],
)
def test_a_cell_is_kept_from_being_a_formula(text, shown):
    assert sheet_cell(text) == shown


def test_every_row_of_a_csv_has_all_columns():
    rows = list(csv.reader(io.StringIO(render(hostile(), "csv"))))

    assert len({len(row) for row in rows}) == 1


def test_markdown_has_no_markup_but_its_own():
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = reader.parse(render(hostile(), "markdown"))
    inside = [part for token in tokens for part in token.children or ()]

    assert {t.content for t in (*tokens, *inside) if t.type.startswith("html")} == {
        "<br>"
    }
    assert not {t.type for t in inside} & {"link_open", "image", "em_open"}


def test_no_row_of_a_markdown_table_is_torn():
    reader = MarkdownIt("commonmark").enable("table")
    html = reader.render(render(hostile(), "markdown"))
    widths = {
        len(re.findall(r"<t[hd]", row))
        for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    }

    assert widths <= {2, 3, 4}
    assert html.count("<table>") == 5


def test_markdown_calls_nobody_and_links_nowhere():
    report = re.sub("`[^`\n]*`", "", render(hostile(), "markdown"))

    assert not re.findall(r"@\w", report)
    assert not re.findall(r"://\w|www\.", report)


@pytest.mark.parametrize("text", ["a`b", "a|b", "a\\|b", "``"])
def test_a_code_that_could_end_its_own_mark_is_written_as_text(text):
    assert not code(text).startswith("`")


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_page_of_hostile_text_has_the_elements_of_any_other():
    usual, strange = (Tags(render(p, "html")) for p in (ordinary(), hostile()))

    assert strange.found <= usual.found
    assert not {name for name in strange.attributes if name.startswith("on")}


def test_the_data_of_a_page_cannot_end_its_element():
    data = re.search(r'id="data">(.*?)</script>', render(hostile(), "html"))[1]

    assert not set("<>&\u2028") & set(data)
    assert json.loads(data)["rows"][0]["in"] == "held"


def test_a_page_names_no_other_address():
    page = render(ordinary(), "html")

    assert not re.findall(
        r"""(?:src|href)=["'](?!#)|url\((?!#)|https?:|@import""", page
    )


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        pytest.param("SAM20", "partnero-tolt decide SAM20 --keep", id="plain"),
        pytest.param("a b", "partnero-tolt decide 'a b' --keep", id="a blank"),
        pytest.param(
            "x; rm -rf ~", "partnero-tolt decide 'x; rm -rf ~' --keep", id="shell"
        ),
        pytest.param("-x", "partnero-tolt decide --keep -- -x", id="like an option"),
    ],
)
def test_a_command_to_type_is_quoted_for_a_shell(text, typed):
    report = plan_text(plan(held(text)))

    assert typed in report
    assert f"decide {text} --take partnero," not in report


def test_a_code_that_cannot_be_typed_as_shown_is_decided_by_the_id_of_its_change():
    change = held("A\u202eB")

    report = plan_text(plan(change))

    typed = [line for line in report.splitlines() if "partnero-tolt decide" in line]
    assert typed
    assert all(f"decide {change.id} " in line for line in typed)
