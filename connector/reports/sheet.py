"""A plan as CSV, for a spreadsheet: one row for each change and each finding.

It begins with a byte order mark: the reader is a person with a spreadsheet, and
without it Excel reads UTF-8 as something else. Scripts have JSON. What makes a plan
unreliable stands first, the counts stand last, told apart by the column ``record``.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from connector.engine.adoptions import OF_THE_STATE
from connector.engine.change import Change, Finding
from connector.engine.planned import Plan
from connector.reports.documents import summary
from connector.reports.meaning import commands, message_of, reason_text
from connector.reports.messages.codes import equal_codes
from connector.reports.messages.say import Reader, not_compared, reader_of, said
from connector.reports.safe import sheet_cell
from connector.reports.sections import counts, is_below, redemptions, sections
from mappings.canonical import FIELDS

MARK = "\ufeff"
SIGHTS = ("base", "partnero", "tolt", "new")
COLUMNS = (
    *("record", "pair", "status", "code", "action", "target", "reason"),
    *("meaning", "message", "count"),
    *(f"{field}_{sight}" for field in FIELDS for sight in SIGHTS),
    *(
        "other_values",
        "lost",
        "raises_exposure",
        "decided",
        "row",
        "id",
        "needs",
        "command",
    ),
)
_WORDS = {"ready": "would be done, what is only noted included"}
Row = dict[str, str]


def plan_csv(plan: Plan) -> str:
    return plans_csv([plan])


def plans_csv(plans: Sequence[Plan]) -> str:
    """Return the report as CSV: commas, every cell in quotes, no cell a formula."""
    written = io.StringIO()
    # Quoted also where it need not be: where a list separator is a semicolon, text
    # with one in it would go on in the next cell.
    sheet = csv.DictWriter(
        written, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n"
    )
    sheet.writeheader()
    for plan in plans:
        for row in _rows(plan):
            full = {"pair": plan.pair, "count": "1"} | row
            sheet.writerow({name: sheet_cell(text) for name, text in full.items()})
    return MARK + written.getvalue().rstrip("\n")


def _rows(plan: Plan) -> Iterator[Row]:
    if plan.refused:
        text = said(plan.refused, reader_of(plan))
        yield _row("refused", plan.refused.guard, text)
    if plan.failed:
        yield _row("failed", "failed", plan.failed)
    for side, read in plan.sides.items():
        complete = "complete" if read.complete else f"not complete: {read.missed}"
        message = f"{read.partners} partners, {read.requests} requests, {complete}"
        row = _row("side", "complete" if read.complete else "incomplete", message)
        yield row | {"target": side, "count": str(read.codes)}
    for section in sections(plan):
        kind = "accepted" if section.name == "accepted" else "finding"
        for item in section.items:
            if isinstance(item, Change):
                row = _change(item, reader_of(plan))
            else:
                row = _finding(item, kind, reader_of(plan))
            yield row | {"command": _command(plan, item)}
        if section.bulk:
            yield _bulk(section.bulk)
    again = {change.causes for change in plan.changes}
    for finding in plan.findings:
        if finding.causes in again or is_below(plan, finding):
            yield _finding(finding, "finding", reader_of(plan))
    yield from _counts(plan)
    yield from _not_compared(plan)


def _not_compared(plan: Plan) -> Iterator[Row]:
    for what, why in not_compared(plan):
        yield _row("not_compared", what, f"not compared: {why}") | {"count": ""}


def _row(record: str, reason: str, message: str) -> Row:
    return {"record": record, "reason": reason, "message": message}


def _finding(item: Finding, record: str, reader: Reader) -> Row:
    row = _row(record, item.kind, said(item, reader))
    named = ", ".join(item.codes) if item.code is None else item.code
    return row | {"code": named, "meaning": reason_text(item.kind)}


def _bulk(number: int) -> Row:
    """Return the one row of what is only remembered, however much it is."""
    action, target = OF_THE_STATE
    row = _row("change", "equal", equal_codes(number)) | {"count": str(number)}
    named = {"status": "ready", "action": action, "target": target}
    return row | named | {"meaning": reason_text("equal")}


def _values(item: Change) -> Row:
    """Return the values of the fields, those without a column of their own in one."""
    values = {
        f"{row.field}_{sight}": getattr(row, sight) or ""
        for row in item.fields
        if row.field in FIELDS
        for sight in SIGHTS
    }
    others = [
        f"{row.field} {sight}: {getattr(row, sight)}"
        for row in item.fields
        if row.field not in FIELDS
        for sight in SIGHTS
        if getattr(row, sight) is not None
    ]
    return values | {"other_values": ", ".join(others)}


def _change(item: Change, reader: Reader) -> Row:
    return _values(item) | {
        "record": "change",
        "status": item.status.value,
        "code": item.code,
        "action": item.action,
        "target": item.target,
        "reason": item.reason,
        "meaning": reason_text(item.reason),
        "message": message_of(item, reader),
        "lost": ", ".join(item.lost),
        "raises_exposure": "yes" if item.raises_exposure else "",
        "decided": "yes" if item.decided else "",
        "row": "" if item.push else str(item.row),
        "id": item.id,
        "needs": ", ".join(item.needs),
    }


def _command(plan: Plan, item: Change | Finding) -> str:
    """Return the first thing that can be typed about a row."""
    return next((command for command, _ in commands(plan, item)), "")


def _counts(plan: Plan) -> Iterator[Row]:
    redeemed = [(f"redemptions_{name}", *cells) for name, *cells in redemptions(plan)]
    counted = summary(
        plan
    )  # what scripts know by its name has the number that they know
    for name, words, number in (*counts(plan), *redeemed):
        shown = counted.get(str(name), number)
        yield _row("summary", str(name), _WORDS.get(str(name), str(words))) | {
            "count": str(shown)
        }
    yield _row("summary", "adopt", "to remember") | {"count": str(counted["adopt"])}
