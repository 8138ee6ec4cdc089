"""What finance reads of redemptions: the lines, their sums, and both sides in full.

By code and by partner it says what each side counts, and in how many ways that is not
the same: so that what one side counts, less what is missing on the other, and so on,
comes to what the other side counts. Pure; amounts are exact minor units.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from connector.engine.planned import MoneyLine, RedemptionReport, SaleLine
from connector.engine.sales.lines import (
    LISTED,
    Notes,
    added_up,
    counted,
    counts_of,
    in_order,
    line,
    sums_of,
    sums_of_missing,
)
from connector.engine.sales.owners import Owners
from connector.engine.sales.standings import MISSING, Standing
from connector.engine.sales.totals import ON_BOTH_SIDES, added, counts, weight
from mappings.canonical import Side, fold, plain_major
from mappings.redemptions import Entry, Sum, Total

TAKEN_BACK = "taken_back"
"""How a sale is counted that was taken back wherever it was: nothing is to be done."""
COLUMNS = ("in_sync", *LISTED, TAKEN_BACK)
_COUNTED_AS = {
    **dict.fromkeys(ON_BOTH_SIDES, "in_sync"),
    Standing.VOID: TAKEN_BACK,
}
Judged = tuple[Entry, Standing]


@dataclass(frozen=True, slots=True)
class Found:
    """What one comparison knows of redemptions.

    ``open`` is all that is not in step without being simply missing, with what a
    person is asked about; ``missing`` what is, or the first of it where ``whole`` is
    false. ``currency`` is the programme's, "" where it is not known.
    """

    totals: Sequence[Total]
    open: Sequence[Judged]
    missing: Sequence[Judged]
    owners: Owners
    currency: str = ""
    notes: Notes = field(default_factory=dict)
    whole: bool = True

    def within(self, keys: Collection[str]) -> "Found":
        """Return what is known of some codes alone, named by their folded text."""

        def is_among(one: Judged) -> bool:
            return self._is_of(one[0].code, keys)

        return replace(
            self,
            totals=[total for total in self.totals if self._is_of(total.code, keys)],
            open=[one for one in self.open if is_among(one)],
            missing=[one for one in self.missing if is_among(one)],
        )

    def _is_of(self, key: str, keys: Collection[str]) -> bool:
        return key in keys or fold(self.owners.code(key)) in keys


def money_report(found: Found) -> RedemptionReport:
    """Return what finance reads."""
    lines = [_line(found, each) for each in found.open]
    rest = _without_open(found)
    parts = [*_of_totals(found, rest), *_of_entries(found, lines)]
    more = [_line(found, each) for each in found.missing]
    return RedemptionReport(
        codes=_money_lines((part.code, part) for part in parts),
        partners=_money_lines((part.partner, part) for part in parts),
        lines=in_order([*lines, *more]),
        sums=added_up([*sums_of(lines), *_missing(found, rest)]),
        whole=found.whole,
    )


def counts_of_plan(found: Found, report: RedemptionReport) -> dict[str, int]:
    """Return how many redemptions are in step, and how many lines stand in each way."""
    return {"in_sync": counts(found.totals)["in_sync"], **counts_of(report.sums)}


def _line(found: Found, judged: Judged) -> SaleLine:
    entry, standing = judged
    note = found.notes.get((entry.code, entry.key))
    return line(entry, standing, note, found.owners, found.currency)


def _missing(found: Found, totals: Iterable[Total]) -> list[Sum]:
    return sums_of_missing(totals, found.owners, found.currency)


def _without_open(found: Found) -> tuple[Total, ...]:
    """Return the totals of what is in step, taken back, or simply missing.

    What a person is asked about is a line of its own and no more merely missing.
    """
    asked = [weight(*each, -1) for each in found.open if each[1] in MISSING.values()]
    kept = (*_COUNTED_AS, *MISSING.values())
    totals = [total for total in found.totals if total.standing in kept]
    return added(totals, asked)


# -- both sides, by code and by partner ----------------------------------------------


class _Part(NamedTuple):
    """What something adds to a line: a number that stands in one way, and money."""

    code: str
    partner: str
    currency: str
    standing: str
    number: int = 0
    partnero: int = 0
    tolt: int = 0


def _of_totals(found: Found, totals: Iterable[Total]) -> Iterator[_Part]:
    """Yield what totals add; each side's money is its own partner's."""
    for total in totals:
        standing = Standing(total.standing)
        word = _COUNTED_AS.get(standing, standing.value)
        currency = total.currency or found.currency
        counting = Side.PARTNERO
        if standing is Standing.MISSING_ON_PARTNERO:
            counting = Side.TOLT
        left = _Part(*_named(found, total.code, Side.PARTNERO), currency, word)
        right = _Part(*_named(found, total.code, Side.TOLT), currency, word)
        if standing is not Standing.VOID:
            left = left._replace(partnero=total.partnero)
            right = right._replace(tolt=total.tolt)
        if counting is Side.PARTNERO:
            yield from (left._replace(number=total.number), right)
        else:
            yield from (left, right._replace(number=total.number))


def _of_entries(found: Found, lines: Sequence[SaleLine]) -> Iterator[_Part]:
    """Yield what single redemptions add, each side in its own currency."""
    for (entry, _), shown in zip(found.open, lines, strict=True):
        word = shown.standing
        yield _Part(shown.code, shown.partner, shown.currency, word, number=1)
        left, right = counted(entry)
        if left is not None:
            named = _named(found, entry.code, Side.PARTNERO)
            yield _Part(*named, left.currency, word, partnero=left.minor)
        if right is not None:
            named = _named(found, entry.code, Side.TOLT)
            yield _Part(*named, right.currency, word, tolt=right.minor)


def _named(found: Found, code: str, side: Side) -> tuple[str, str]:
    return found.owners.code(code), found.owners.partner(code, side)


def _money_lines(named: Iterable[tuple[str, _Part]]) -> tuple[MoneyLine, ...]:
    grouped: dict[tuple[str, str], list[_Part]] = {}
    for name, part in named:
        if part.number or part.partnero or part.tolt:
            grouped.setdefault((name, part.currency), []).append(part)
    return tuple(
        _money_line(name, currency, parts)
        for (name, currency), parts in sorted(grouped.items())
    )


def _money_line(name: str, currency: str, parts: Sequence[_Part]) -> MoneyLine:
    counts = dict.fromkeys(COLUMNS, 0)
    for part in parts:
        counts[part.standing] += part.number
    left, right = sum(p.partnero for p in parts), sum(p.tolt for p in parts)
    shown = _major(left, currency), _major(right, currency)
    return MoneyLine(name, currency, counts, *shown)


def _major(minor: int, currency: str) -> str:
    return plain_major(minor, currency) if currency else "0"
