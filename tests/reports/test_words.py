"""What people read needs no glossary: the words of the engine stay in the engine."""

import ast
import html
import re
from pathlib import Path

import pytest

import connector
from connector.reports.inbox import inbox_text
from connector.reports.meaning import ACTIONS_SAID, GUARDS, REASONS
from connector.reports.render import render
from connector.reports.runs import run_text
from connector.reports.sections import COUNTED, TITLES
from tests.golden import make
from tests.reports.samples import inbox_of, large, ordinary, plan, unread

BANNED = re.compile(
    r"\b(row \d+|base(?!-uri| address)|adopt(s|ed|ion)?|hangs? on|guards?"
    r"|tombstones?|snapshots?|linked (codes|records)|unproven|diverged"
    r"|lossy|quarantined|held|facts|payee)\b",
    re.IGNORECASE,
)
STABLE = re.compile(
    r"in row \d+|the policy \(\w+\)|--reason \w+|\[[a-z_]+\]|`[^`]*`|\bs?c_\w+"
    r"|partnero-tolt .*"
)
"""What stands beside the words to be typed: reasons in brackets, ids, commands."""
HOUSE = Path(connector.__file__).parent.parent
SPOKEN = ("connector", "state", "mappings")
MAY = (
    "connector/reports/explanation.py",  # explain says how the engine sees it
    "connector/commands/explaining.py",
    "connector/commands/probe.py",  # what a live programme answers, for who builds this
    "connector/engine/decide.py",  # the words of the table, for explain
    "connector/engine/propose.py",  # a bug's
    "connector/sandbox",
    "state/migrations",
)
PROSE = re.compile(r"\w \w")


def told(text: str) -> list[str]:
    """Return the banned words of a text that people read."""
    return [match[0] for match in BANNED.finditer(STABLE.sub(" ", text))]


def sentences(path: Path):
    """Yield the texts of a module that are no docstrings and look like prose."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in silent:
            text = node.value
            if isinstance(text, str) and PROSE.search(text):
                yield node.lineno, text


def spoken():
    for folder in SPOKEN:
        for path in sorted((HOUSE / folder).rglob("*.py")):
            if not path.relative_to(HOUSE).as_posix().startswith(MAY):
                yield path


def test_the_words_are_found_where_they_stand():
    assert told("It hangs on the new base: row 4 of the table.") == [
        "hangs on",
        "base",
        "row 4",
    ]
    assert told("Refused by the guard x") == ["guard"]
    assert told("It is one [held]: `decide A --reason payee`") == []
    assert told("The household is baseless.") == []


@pytest.mark.parametrize(
    "path", list(spoken()), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_no_sentence_in_the_code_has_a_word_of_the_engine(path):
    found = [(line, text) for line, text in sentences(path) if told(text)]

    assert found == []


@pytest.mark.parametrize("words", [REASONS, GUARDS, TITLES, COUNTED, ACTIONS_SAID])
def test_no_heading_has_a_word_of_the_engine(words):
    assert [text for text in words.values() if told(text)] == []


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
@pytest.mark.parametrize("made", [ordinary, unread, plan], ids=lambda m: m.__name__)
def test_no_report_has_a_word_of_the_engine(format_, made):
    report = render(made(), format_)
    if format_ == "html":
        report = re.sub(
            r"<(style|script).*?</\1>|<[^>]+>", " ", report, flags=re.DOTALL
        )
        report = html.unescape(report)

    assert told(report) == []


def test_neither_the_inbox_nor_a_run_has_a_word_of_the_engine():
    from connector.engine.outcome import Run

    made = large(40)

    assert told(inbox_text(inbox_of(ordinary()))) == []
    assert told(run_text(Run("r_1", "acme", "sync", "complete", "", plan=made))) == []


def test_no_sentence_of_the_golden_worlds_has_a_word_of_the_engine():
    text = Path(make.SENTENCES)
    lines = {
        line.partition(": ")[2]  # what it is about stands in front, as a stable word
        for world in make.read(text).values()
        for line in every_text(world)
        if " " in line
    }

    assert lines
    assert sorted({line for line in lines if told(line)})[:20] == []


def every_text(part):
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | dict):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from every_text(inner)
