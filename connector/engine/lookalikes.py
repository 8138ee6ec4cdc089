"""Which sales of the target may be the one that is about to be pushed. Pure.

A shop whose billing system feeds both products shows one sale under two keys. Nobody
can tell that from two honest purchases but by what the two have in common: the buyer,
the amount, net or gross, and the time. What has a counterpart of its own already is
nobody's lookalike, so a second purchase on one day is no question.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from mappings.canonical import plain_major
from mappings.redemptions import Charge, Entry, Money, Sale, folded_key

NEAR = timedelta(days=2)
"""Two billing reports of one sale are seldom further apart."""
Found = Sale | Charge


class Lookalike(NamedTuple):
    """A sale of the target that may be the same one, as a person needs to see it."""

    reference: str
    key: str
    at: str
    money: Money | None

    @property
    def values(self) -> dict[str, str | None]:
        money = self.money
        amount = plain_major(money.minor, money.currency) if money else None
        currency = money.currency if money else None
        return {"key": self.key, "at": self.at, "amount": amount, "currency": currency}


def is_near_key(mine: str, theirs: str) -> bool:
    """Say whether two keys are equal but for case and blanks, and not the same."""
    return mine != theirs and folded_key(mine) == folded_key(theirs)


def looks_alike(key: str, sums: Collection[Money], at: str, sale: Found) -> bool:
    """Say whether a sale of the same buyer may be this one, under whatever key.

    What is unknown (an amount that is not exact, no time) does not tell them apart.
    """
    if sale.key == key:
        return False
    if is_near_key(key, sale.key):
        return True
    theirs = sale.sums
    if theirs and sums:
        if not any(one in theirs and one.minor for one in sums):
            return False
    elif any(one.minor == 0 for one in (*theirs, *sums)):
        return False
    return _near(at, sale.at)


def lookalikes(
    key: str,
    sums: Collection[Money],
    at: str,
    sales: Iterable[Found],
    settled: Collection[str] = (),
) -> list[Lookalike]:
    """Return the lookalikes among a buyer's sales, the nearest in time first.

    ``settled`` names those that have their counterpart, by reference.
    """
    alike = [
        Lookalike(sale.reference, sale.key, sale.at, sale.money)
        for sale in sales
        if sale.reference not in settled and looks_alike(key, sums, at, sale)
    ]
    return sorted(alike, key=lambda one: (_apart(at, one.at), one))


def near_keys(entry: Entry, others: Iterable[Entry]) -> list[Lookalike]:
    """Return what the ledger knows under nearly this key, whoever bought it."""
    return [
        Lookalike(one.key, one.key, one.at, one.charged or one.sold)
        for one in others
        if is_near_key(entry.key, one.key)
    ]


def _near(mine: str, theirs: str) -> bool:
    return not mine or not theirs or _apart(mine, theirs) <= NEAR


def _apart(mine: str, theirs: str) -> timedelta:
    if not mine or not theirs:
        return timedelta(0)
    return abs(datetime.fromisoformat(mine) - datetime.fromisoformat(theirs))
