"""Redemptions that are not in step as CSV, for a spreadsheet: one row a sale.

The rows are the lines of the JSON document, of all pairs in one table. Every cell is
in quotes and none is a formula; a spreadsheet has to be told that keys are text, or it
shortens long numbers (docs/money.md).
"""

import csv
import io
from collections.abc import Iterable, Iterator

from connector.engine.planned import Plan
from connector.reports.messages.say import left_out, reader_of
from connector.reports.money_documents import line_document
from connector.reports.safe import sheet_cell
from connector.reports.sheet import MARK

COLUMNS = (
    *("pair", "code", "key", "standing", "at"),
    *("amount", "currency", "partner", "why"),
)


def redemptions_csv(plans: Iterable[Plan]) -> str:
    """Return the redemptions of some plans that are not in step."""
    written = io.StringIO()
    sheet = csv.DictWriter(
        written, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n"
    )
    sheet.writeheader()
    for plan in plans:
        for row in _rows(plan):
            sheet.writerow({name: sheet_cell(text) for name, text in row.items()})
    return MARK + written.getvalue().rstrip("\n")


def _rows(plan: Plan) -> Iterator[dict[str, str]]:
    """Yield a row a line; where none were compared, one that says so.

    An empty table would say that nothing is missing.
    """
    report, reader = plan.redemption_report, reader_of(plan)
    if report is None:
        yield {"pair": plan.pair, "why": f"Not compared: {left_out(plan)}."}
        return
    for line in report.lines:
        document = line_document(line, reader)
        row = {name: document[name] or "" for name in COLUMNS[1:]}
        yield {"pair": plan.pair, **row}
