"""Redemptions as finance reads them, as members of JSON documents.

Amounts are texts of exact major units with all decimals of their currency ("20.00",
"500", "1.250"): nobody has to know exponents, and no digit passes through a float.
"""

from collections.abc import Iterable
from typing import Any

from connector.engine.planned import RedemptionReport, SaleLine
from connector.reports.messages.say import Reader, message
from mappings.canonical import plain_major
from mappings.redemptions import Money, Sum, shown

Document = dict[str, Any]


def money_documents(report: RedemptionReport | None, reader: Reader) -> Document:
    """Return all that is said of redemptions; nothing where none were compared.

    What was not compared has empty lists: there is nothing that could be said of it.
    """
    if report is None:
        return {"redemptions": [], "redemption_sums": []}
    lines = {"codes": report.codes, "partners": report.partners}
    totals = {name: [line._asdict() for line in lines[name]] for name in lines}
    return {
        "redemptions": [line_document(line, reader) for line in report.lines],
        "redemption_sums": sums_documents(report.sums),
        "redemption_report": totals,
    }


def line_document(line: SaleLine, reader: Reader) -> Document:
    """Return one redemption that is not in step."""
    return {
        "code": line.code,
        "key": shown(line.key),
        "standing": line.standing,
        "at": line.at or None,
        "amount": amount(line.money),
        "currency": line.currency or None,
        "partner": line.partner,
        "why": message(line.why, reader.reading_beside(line.code)) or None,
        "partnero": line.partnero and str(line.partnero),
        "tolt": line.tolt and str(line.tolt),
        "reason": line.reason or None,
        "change": line.change or None,
    }


def sums_documents(sums: Iterable[Sum]) -> list[Document]:
    """Return sums by partner, code, currency and standing, in exact major units."""
    return [
        {
            "partner": each.partner,
            "code": each.code,
            "currency": each.currency or None,
            "standing": each.standing,
            "count": each.number,
            "amount": major(each.minor, each.currency),
        }
        for each in sums
    ]


def amount(money: Money | None) -> str | None:
    """Return an amount without its currency; None where it is not an exact one."""
    return None if money is None else major(money.minor, money.currency)


def major(minor: int, currency: str) -> str:
    """Return minor units as major units; without a currency there are none to sum."""
    return plain_major(minor, currency) if currency else "0"
