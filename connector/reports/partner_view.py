"""The partner view: a line for each partner, short in text, whole in a sheet."""

import csv
import io
from collections.abc import Iterable, Iterator

from connector.engine.planned import MissingMoney, PartnerLine, Plan
from connector.reports import typed
from connector.reports.safe import cell, sheet_cell
from mappings.canonical import Side, plain_major

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
        for row in _sheet_rows(plan):
            sheet.writerow([sheet_cell(text) for text in (plan.pair, *row)])
    return MARK + written.getvalue().rstrip("\n")


def _sheet_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield a row a partner; where a side is not known whole, first one that says so.

    A short table would say that the others have no code.
    """
    if plan.failed or not plan.complete:
        why = plan.failed or "a side was not read completely"
        yield (f"Not all partners are known: {why}", *[""] * (len(COLUMNS) - 2))
    for line in plan.partners:
        numbers = (line.codes, line.differ, line.waiting, line.blocked)
        names = (line.name, line.partnero, line.tolt)
        yield (*names, *map(str, numbers), *_missing(line))


def partner_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Return the cells of each partner of whom something is open, as people read it."""
    return [_cells(line) for line in plan.partners if _is_open(line)]


def partners_in_step(plan: Plan) -> int:
    return sum(not _is_open(line) for line in plan.partners)


def _cells(line: PartnerLine) -> tuple[str, ...]:
    numbers = (line.codes, line.differ, line.waiting, line.blocked)
    return (cell(line.name), *map(str, numbers), *_missing(line))


def partner_lines_text(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield an indent and a line for each partner of whom something is open."""
    rows = [line for line in plan.partners if _is_open(line)]
    if not rows:
        return
    yield "", f"By partner ({len(rows)} of {len(plan.partners)} have something open)"
    for line in rows[:MOST]:
        yield "  ", f"{cell(line.name)}: {', '.join(_parts(line))}"
    if len(rows) > MOST:
        pair = plan.pair if plan.several else None
        all_of_them = typed.command(*SHEET, pair=pair)
        yield "  ", f"... and {len(rows) - MOST} more; all: {all_of_them}"


def _parts(line: PartnerLine) -> Iterator[str]:
    yield f"{line.codes} {'code' if line.codes == 1 else 'codes'}"
    if line.differ:
        yield f"{line.differ} not the same"
    if line.waiting:
        yield f"{line.waiting} {'needs' if line.waiting == 1 else 'need'} a decision"
    if line.blocked:
        yield f"{line.blocked} cannot be done"
    for where, money in zip(("Partnero", "Tolt"), _missing(line), strict=True):
        if money:
            yield f"{money} missing on {where}"


def _is_open(line: PartnerLine) -> bool:
    return bool(line.differ or line.waiting or line.blocked or line.missing)


def _missing(line: PartnerLine) -> tuple[str, str]:
    """Return the money of sales that are missing on each side, by currency."""
    left, right = (
        ", ".join(_money(one) for one in line.missing if one.side is side)
        for side in Side
    )
    return left, right


def _money(one: MissingMoney) -> str:
    sales = f"{one.number} {'sale' if one.number == 1 else 'sales'}"
    if not one.currency:
        return sales
    return f"{plain_major(one.minor, one.currency)} {one.currency} ({sales})"
