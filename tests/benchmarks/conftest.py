"""One board for all measurements; its table is printed, and written on request.

``BENCH_OUT`` names the folder of benchmarks.md (make bench: docs). Only a whole run
writes: a part of the table beside the rest of another run would be no comparison.
"""

import os
from pathlib import Path

import pytest

from tests.benchmarks.figures import Board, conditions, write

BOARD = Board()
WHOLE = 27
"""Rows of a whole run."""


@pytest.fixture(scope="session")
def board():
    return BOARD


def pytest_terminal_summary(terminalreporter):
    if not BOARD.rows:
        return
    terminalreporter.write_line("\n" + conditions() + "\n\n" + BOARD.table())
    folder = os.environ.get("BENCH_OUT")
    if folder and len(BOARD.rows) >= WHOLE:
        page = Path(folder) / "benchmarks.md"
        write(BOARD, Path(folder), page.read_text(encoding="utf-8"))
