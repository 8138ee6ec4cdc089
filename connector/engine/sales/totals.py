"""The totals of the ledger: count and money of each code and standing.

Sums are exact minor units, one for each currency. They are kept in the state with the
entries, and never counted anew.
"""

from collections import Counter
from collections.abc import Iterable

from connector.engine.sales.standings import Standing
from mappings.redemptions import Entry, Total

COUNTED = {
    "in_sync": (Standing.IN_SYNC, Standing.PUSHED, Standing.LINKED),
    "missing_on_partnero": (Standing.MISSING_ON_PARTNERO,),
    "missing_on_tolt": (Standing.MISSING_ON_TOLT,),
    "without_key": (Standing.WITHOUT_KEY,),
    "twice": (Standing.TWICE,),
    "differs": (Standing.DIFFERS,),
}
"""The counts that are kept with a run. What was refunded or too old is in none."""
ON_BOTH_SIDES = COUNTED["in_sync"]


def weight(entry: Entry, standing: str, sign: int = 1) -> Total:
    """Return what one redemption adds to the totals of its code."""
    sold, charged = entry.sold if entry.logged else None, entry.charged
    currency = next((money.currency for money in (sold, charged) if money), "")
    left = sold.minor if sold else 0
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


def number(totals: Iterable[Total], standing: Standing) -> int:
    """Count the redemptions that stand in one way."""
    return sum(total.number for total in totals if total.standing == standing)
