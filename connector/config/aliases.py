"""The alias file: which partner of one side is which of the other, a line each."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from connector.config.files import Unreadable, read_text
from connector.config.problem_lines import Told, listed
from connector.engine.partners import Alias
from connector.errors import Misconfigured
from mappings.canonical import Side
from mappings.discreet import shown_key

LARGEST = 64 * 1024 * 1024
"""Bytes."""
_HEADER = re.compile("(partnero|tolt)(?:[ _-]+[a-z]+)*")
"""A column's name; without a digit, which an id has."""


def read_aliases(path: Path, setting: Callable[[str], str]) -> list[Alias]:
    """Return the file's lines, each side named by e-mail or by id.

    ``setting`` names the key that names the file, behind a place: its own where there
    is none. Misconfigured with every line that is wrong.
    """
    rows = [(n, row) for n, row in _rows(path, setting) if _says_something(row)]
    if not rows:
        return []
    number, first = rows[0]
    columns = _columns(first, setting(f"{path}:{number}"))
    about = rows[1:] if columns else rows
    wrong = [
        f"{setting(f'{path}:{n}')}: {why}"
        for n, row in about
        if (why := _half(row, columns))
    ]
    if wrong:
        raise Misconfigured(listed([Told(wrong)]))
    return [Alias(*_cells(row, columns), n) for n, row in about]


def _rows(path: Path, setting: Callable[[str], str]) -> list[tuple[int, list[str]]]:
    try:
        reader = csv.reader(io.StringIO(read_text(path, LARGEST), newline=""))
        return [(reader.line_num, [c.strip() for c in row]) for row in reader]
    except (Unreadable, csv.Error) as error:
        raise Misconfigured(f"{setting('')}: {path} cannot be read: {error}") from None


def _says_something(row: Sequence[str]) -> bool:
    return any(row) and not row[0].startswith("#")


def _columns(first: Sequence[str], where: str) -> tuple[int, int] | None:
    """Return where a header puts Partnero and Tolt; None for a line about partners."""
    named = [_HEADER.fullmatch(cell.lower()) for cell in first]
    if not any(named) or any("@" in cell for cell in first):
        return None
    places = [
        [place for place, name in enumerate(named) if name and name[1] == side]
        for side in Side
    ]
    if any(len(columns) != 1 for columns in places):
        raise Misconfigured(
            f"{where}: a header names both sides once, partnero_email,tolt_email in "
            f"either order; this one is: {','.join(map(shown_key, first))}"
        )
    return places[0][0], places[1][0]


def _cells(row: Sequence[str], columns: tuple[int, int] | None) -> tuple[str, str]:
    left, right = (row[n] if n < len(row) else "" for n in columns or (0, 1))
    return left, right


def _half(row: Sequence[str], columns: tuple[int, int] | None) -> str:
    """Say what is wrong with a line that does not name two partners; "" if it does."""
    left, right = _cells(row, columns)
    if left and right:
        return ""
    return (
        "each line names two partners, partnero_email,tolt_email (or as a first line "
        f"says); this one names {bool(left) + bool(right)}"
    )
