"""Redemptions as people in finance read them, for every format that people read.

First all money of each currency, then by partner and by code what each side counts and
in how many ways that is not the same, then each sale that is not in step. The numbers
are those of the JSON document, and add up to its lines.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from connector.engine.planned import MoneyLine, RedemptionReport, SaleLine
from connector.reports.messages.say import Reader, message
from connector.reports.money_documents import major
from connector.reports.safe import cell
from connector.reports.words.sales import STANDINGS as STANDING_WORDS
from mappings.redemptions import Sum, shown

STANDINGS = {word: entry.said for word, entry in STANDING_WORDS.items()}
"""How a redemption stands, as people say it, in the order in which it matters."""
FOOTNOTE = (
    "What is there twice counts once here. Tolt's sales of the last five minutes "
    "belong to the next report."
)
Name = tuple[str, str]
"""A partner, a code, or "" for all of them, and a currency."""
ALL_OF_THEM = ("plan", "--format", "csv", "--of", "redemptions")
"""The command that lists every sale that is not in step."""


class Part(NamedTuple):
    """Redemptions that stand in one way: how people say it, how many, how much."""

    standing: str
    words: str
    number: int
    amount: str

    @property
    def text(self) -> str:
        return f"{self.number} {self.words} ({self.amount})"


class Row(NamedTuple):
    """What one code, one partner, or all of them come to, in one currency."""

    name: str
    partnero: str
    tolt: str
    in_step: int
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Say it in a sentence, behind the name."""
        both = f"{self.partnero} on Partnero, {self.tolt} on Tolt; "
        parts = [f"{self.in_step} on both sides", *(part.text for part in self.parts)]
        return f"{both}{', '.join(parts)}."


class SaleRow(NamedTuple):
    """One redemption that is not in step, in cells."""

    at: str
    code: str
    key: str
    amount: str
    standing: str
    partner: str
    why: str


@dataclass(frozen=True, slots=True)
class MoneyTables:
    """Everything that is said of redemptions, in the order in which it is read.

    ``sales`` are the first of ``number``.
    """

    totals: tuple[Row, ...]
    partners: tuple[Row, ...]
    codes: tuple[Row, ...]
    sales: Sequence[SaleLine]
    number: int
    reader: Reader

    @property
    def footnote(self) -> str:
        return FOOTNOTE

    @property
    def command(self) -> str:
        """What lists all of them."""
        return self.reader.command(*ALL_OF_THEM)

    def rows(self, most: int) -> list[SaleRow]:
        """Return the first sales, what matters most before the rest."""
        return [_sale_row(line, self.reader) for line in self.sales[:most]]

    def left(self, most: int) -> int:
        """Count the sales that are not among the first."""
        return self.number - min(most, len(self.sales))


def money_tables(report: RedemptionReport | None, reader: Reader) -> MoneyTables | None:
    """Return the tables; None where no redemptions were compared, or there are none."""
    if report is None or not report.codes:
        return None
    return MoneyTables(
        totals=_totals(report),
        partners=_rows(report.partners, report.sums, lambda one: one.partner),
        codes=_rows(report.codes, report.sums, lambda one: one.code),
        sales=report.lines,
        number=sum(one.number for one in report.sums),
        reader=reader,
    )


def first_open(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows with anything that is not in step."""
    return tuple(row for row in rows if row.parts)


def _totals(report: RedemptionReport) -> tuple[Row, ...]:
    """Return one row a currency: money of two currencies is never added."""
    lines = [line._replace(name="") for line in report.codes]
    return _rows(lines, report.sums, lambda _one: "")


def _rows(
    lines: Iterable[MoneyLine], sums: Iterable[Sum], name_of: Callable[[Sum], str]
) -> tuple[Row, ...]:
    """Return a row for each name and currency, what matters most first."""
    sides: dict[Name, list[MoneyLine]] = {}
    for line in lines:
        sides.setdefault((line.name, line.currency), []).append(line)
    parts: dict[Name, list[Sum]] = {}
    for one in sums:
        parts.setdefault((name_of(one), one.currency), []).append(one)
    rows = [_row(name, same, parts.get(name, ())) for name, same in sides.items()]
    return tuple(sorted(rows, key=_weight))


def _row(name: Name, lines: Sequence[MoneyLine], sums: Sequence[Sum]) -> Row:
    text, currency = name
    left = sum((Decimal(line.partnero) for line in lines), start=Decimal())
    right = sum((Decimal(line.tolt) for line in lines), start=Decimal())
    numbers: Counter[str] = Counter()
    minor: Counter[str] = Counter()
    for one in sums:
        numbers[one.standing] += one.number
        minor[one.standing] += one.minor
    parts = tuple(
        Part(word, words, numbers[word], _amount(word, minor[word], currency))
        for word, words in STANDINGS.items()
        if numbers[word]
    )
    in_step = sum(line.counts["in_sync"] for line in lines)
    sides = _with(f"{left:f}", currency), _with(f"{right:f}", currency)
    return Row(cell(text), *sides, in_step, parts)


def _amount(standing: str, minor: int, currency: str) -> str:
    if standing == "without_key":  # what names no sale has no amount
        return "amount not told"
    return _with(major(minor, currency), currency)


def _with(amount: str, currency: str) -> str:
    return f"{amount} {currency}" if currency else "no amount"


def _weight(row: Row) -> tuple[int, int, str, str]:
    order = list(STANDINGS)
    first = min((order.index(part.standing) for part in row.parts), default=len(order))
    return (first, -sum(part.number for part in row.parts), row.name, row.partnero)


def _sale_row(line: SaleLine, reader: Reader) -> SaleRow:
    at = f"{line.at[:10]} {line.at[11:16]}" if line.at else "no time"
    return SaleRow(
        at=at,
        code=cell(line.code),
        key=cell(shown(line.key)) or "no key",
        amount=str(line.money or "no exact amount"),
        standing=STANDINGS[line.standing],
        partner=cell(line.partner),
        why=cell(message(line.why, reader.reading_beside(line.code))),
    )
