"""Redemptions as text: all money, then by partner, by code, and sale by sale.

Lists are bounded, and say how many more there are and what lists all of them. Wrapping
is the business of whoever prints it.
"""

from collections.abc import Iterator, Sequence

from connector.reports.money import FOOTNOTE, MoneyTables, Row, SaleRow, first_open

MOST = 20
"""Rows of each list before it says how many more there are."""
Line = tuple[str, str]
"""An indent, and what stands behind it."""


def money_lines(tables: MoneyTables | None, of: str = "") -> Iterator[Line]:
    """Yield the lines of the part on money; none where there is nothing to say."""
    if tables is None:
        return
    yield "", ""
    yield "", f"{of}Money"
    for row in tables.totals:
        yield "  ", f"In all: {row.text}"
    yield "  ", FOOTNOTE
    yield from _grouped("By partner", tables.partners, tables)
    yield from _grouped("By code", first_open(tables.codes), tables)
    in_step = len(tables.codes) - len(first_open(tables.codes))
    if in_step:
        yield "    ", f"{in_step} more: all their sales are on both sides."
    yield from _sales(tables)


def _grouped(title: str, rows: Sequence[Row], tables: MoneyTables) -> Iterator[Line]:
    yield "  ", f"{title} ({len(rows)})"
    for row in rows[:MOST]:
        yield "    ", f"{row.name}: {row.text}"
    if len(rows) > MOST:
        more = len(rows) - MOST
        command = tables.reader.command("plan", "--format", "json")
        yield "    ", f"... and {more} more; all of them:"
        yield "      ", command


def _sales(tables: MoneyTables) -> Iterator[Line]:
    """Yield the sales that are not in step, under how they stand."""
    if not tables.number:
        return
    yield "  ", f"Sales that are not the same on both sides ({tables.number})"
    standing = ""
    for row in tables.rows(MOST):
        if row.standing != standing:
            yield "    ", row.standing[:1].upper() + row.standing[1:]
            standing = row.standing
        yield from _sale(row)
    if left := tables.left(MOST):
        yield "    ", f"... and {left} more; all of them:"
        yield "      ", tables.command


def _sale(row: SaleRow) -> Iterator[Line]:
    cells = (row.at, row.code, row.key, row.amount, row.partner)
    yield "      ", ", ".join(cells)
    if row.why:
        yield "        ", row.why
