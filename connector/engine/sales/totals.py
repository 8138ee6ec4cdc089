"""Redemptions as counts and money, by code and by partner.

For people in finance. Sums are exact minor units, one line for each currency; the
totals come from the state and are never counted anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from connector.engine.planned import MoneyLine, RedemptionReport
from connector.engine.sales.standings import Standing
from mappings.canonical import plain_major
from mappings.redemptions import Entry, Total

COUNTED = {
    "in_sync": (Standing.IN_SYNC, Standing.PUSHED, Standing.LINKED),
    "missing_on_partnero": (Standing.MISSING_ON_PARTNERO,),
    "missing_on_tolt": (Standing.MISSING_ON_TOLT,),
    "without_key": (Standing.WITHOUT_KEY,),
    "twice": (Standing.TWICE,),
    "differs": (Standing.DIFFERS,),
}
"""The counts of a plan's summary. What was refunded or too old is in none."""


def weight(entry: Entry, standing: str, sign: int = 1) -> Total:
    """Return what one redemption adds to the totals of its code."""
    sold, charged = entry.sold, entry.charged
    currency = next((money.currency for money in (sold, charged) if money), "")
    left = sold.minor if sold and entry.logged else 0
    right = charged.minor if charged and charged.currency == currency else 0
    return Total(entry.code, standing, currency, sign, sign * left, sign * right)


def added(totals: Iterable[Total], more: Iterable[Total]) -> tuple[Total, ...]:
    """Return totals with others added; what comes to nothing is left out."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for total in (*totals, *more):
        kept = sums.setdefault(total[:3], [0, 0, 0])
        kept[:] = [old + new for old, new in zip(kept, total[3:], strict=True)]
    return tuple(Total(*name, *sums[name]) for name in sorted(sums) if any(sums[name]))


def counts(totals: Iterable[Total]) -> dict[str, int]:
    """Return the counts of a plan's summary."""
    by_standing: Counter[str] = Counter()
    for total in totals:
        by_standing[total.standing] += total.number
    return {
        name: sum(by_standing[standing] for standing in standings)
        for name, standings in COUNTED.items()
    }


def report(
    totals: Iterable[Total],
    *,
    name: Callable[[str], str],
    owner: Callable[[str], str],
    currency: str,
) -> RedemptionReport:
    """Return the totals as lines, with the names of codes and of their partners.

    ``currency`` is the programme's: redemptions without any amount count there.
    """
    counted = [
        total._replace(currency=total.currency or currency)
        for total in totals
        if total.standing != Standing.BEFORE_START
    ]
    return RedemptionReport(
        codes=_lines(counted, lambda total: name(total.code)),
        partners=_lines(counted, lambda total: owner(total.code)),
    )


def _lines(
    totals: Iterable[Total], name_of: Callable[[Total], str]
) -> tuple[MoneyLine, ...]:
    grouped: dict[tuple[str, str], list[Total]] = {}
    for total in totals:
        grouped.setdefault((name_of(total), total.currency), []).append(total)
    return tuple(
        MoneyLine(
            name,
            currency,
            {**counts(group), "refunded": _refunded(group)},
            _major(sum(t.partnero for t in group if _stands(t)), currency),
            _major(sum(t.tolt for t in group if _stands(t)), currency),
        )
        for (name, currency), group in sorted(grouped.items())
    )


def _stands(total: Total) -> bool:
    return total.standing not in (Standing.REFUNDED, Standing.VOID)


def _refunded(group: Iterable[Total]) -> int:
    return sum(total.number for total in group if not _stands(total))


def _major(minor: int, currency: str) -> str:
    return plain_major(minor, currency) if currency else "0"


def number(totals: Iterable[Total], standing: Standing) -> int:
    """Count the redemptions that stand in one way."""
    return sum(total.number for total in totals if total.standing == standing)
