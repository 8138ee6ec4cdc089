"""What a complete look leaves to be read: its findings, and the money, as text.

It is kept with the state, so that a page can show it without asking a product: bounded,
and masked like everything that people read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.engine.planned import Plan
from connector.reports.messages.say import left_out, reader_of, said
from connector.reports.money import MoneyTables, Row, money_tables
from connector.reports.safe import cell
from mappings.masking import masked, masked_values
from state.model import FindingLine, LastReading

MOST = 200
"""Findings, and rows of each table, that are kept."""


def reading_of(plan: Plan) -> LastReading:
    """Return what a plan leaves to be read."""
    reader = reader_of(plan)
    findings = [
        FindingLine(finding.kind, masked(said(finding, reader)))
        for finding in plan.findings[:MOST]
    ]
    return LastReading(tuple(findings), masked_values(_money(plan)))


def _money(plan: Plan) -> dict[str, Any]:
    """Return the tables of the money; why there are none, where there are none."""
    tables = money_tables(plan.redemption_report, reader_of(plan))
    told: dict[str, Any] = {"not_compared": cell(left_out(plan))}
    return told if tables is None else told | _tables(tables)


def _tables(tables: MoneyTables) -> dict[str, Any]:
    return {
        "footnote": tables.footnote,
        "totals": _rows(tables.totals),
        "partners": _rows(tables.partners),
        "codes": _rows(tables.codes),
        "more_partners": max(0, len(tables.partners) - MOST),
        "more_codes": max(0, len(tables.codes) - MOST),
        "sales": [row._asdict() for row in tables.rows(MOST)],
        "number": tables.number,
        "more_sales": tables.left(MOST),
        "command": tables.command,
    }


def _rows(rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    return [
        row._asdict() | {"parts": [part.text for part in row.parts]}
        for row in rows[:MOST]
    ]
