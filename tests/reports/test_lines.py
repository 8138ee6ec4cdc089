"""Text is as wide as the window, and never breaks what is copied."""

import os
import pty
import re
import struct
import termios
from fcntl import ioctl

import pytest

from connector.reports.inbox import inbox_text
from connector.reports.lines import WIDEST, WIDTH, fitted
from connector.reports.render import render_all
from connector.reports.text import plan_text
from connector.terminal.width import width
from tests.reports.samples import inbox_of, ordinary, unread

COPIED = re.compile(r"\s*partnero-tolt ")


@pytest.mark.parametrize("columns", [40, 60, 88, 120])
@pytest.mark.parametrize("made", [ordinary, unread], ids=lambda made: made.__name__)
def test_no_line_is_wider_than_asked_for_but_what_is_copied(made, columns):
    lines = plan_text(made(), columns).splitlines()
    lines += inbox_text(inbox_of(made()), columns).splitlines()

    assert [
        line for line in lines if len(line) > columns and not COPIED.match(line)
    ] == []


def test_a_wider_window_takes_fewer_lines():
    heights = [
        len(plan_text(ordinary(), columns).splitlines()) for columns in (50, 120)
    ]

    assert heights[0] > heights[1]


def test_whatever_the_width_the_words_are_the_same():
    narrow, wide = (plan_text(ordinary(), columns).split() for columns in (50, 120))

    assert narrow == wide


def test_a_report_of_a_width_is_the_text_of_that_width():
    assert render_all([ordinary()], "text", 60) == plan_text(ordinary(), 60)
    assert render_all([ordinary()], "markdown", 60) != plan_text(ordinary(), 60)


def test_a_long_line_goes_on_below_itself_and_a_command_stays_whole():
    command = "      partnero-tolt decide SUMMER-CAMPAIGN-2026 --take partnero  # right"
    text = f"  one two three four\n{command}\nshort"

    assert fitted(text, 14) == f"  one two\n    three four\n{command}\nshort"


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        pytest.param(100, 100, id="as it is"),
        pytest.param(300, WIDEST, id="too wide to be read"),
        pytest.param(10, 40, id="too narrow for anything"),
        pytest.param(0, WIDTH, id="one that does not tell"),
    ],
)
def test_the_width_is_that_of_the_terminal_within_reason(columns, shown):
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(theirs, "w") as terminal:
        assert width(terminal) == shown
    os.close(ours)


def test_what_is_no_terminal_has_one_width_whatever_the_environment_says(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "40")
    with (tmp_path / "report.txt").open("w") as file:
        assert width(file) == WIDTH
