"""Which sales of the target may be the one that is about to be pushed. Pure.

A shop whose billing system feeds both products shows one sale under two keys. Nobody
can tell that from two honest purchases but by what the two have in common: the buyer,
the amount, net or gross, and the time. What has a counterpart of its own already is
nobody's lookalike, so a second purchase on one day is no question.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from mappings.canonical import Side, plain_major
from mappings.redemptions import Charge, Entry, Money, Sale, folded_key

NEAR = timedelta(days=2)
"""Two billing reports of one sale are seldom further apart."""
SaleThere = Sale | Charge
"""A sale as either side shows it."""


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


def may_be(entry: Entry, side: Side, money: Money | None) -> bool:
    """Say whether what a side shows under a key can be a sale of this sum.

    Both products count from one: an equal number alone may be another buyer's sale.
    """
    shown = entry.charged if side is Side.TOLT else entry.sold
    return entry.seen_on(side) and (None in (shown, money) or shown == money)


def is_near_key(mine: str, theirs: str) -> bool:
    """Say whether two keys are equal but for case and blanks, and not the same."""
    return mine != theirs and folded_key(mine) == folded_key(theirs)


def looks_alike(key: str, sums: Collection[Money], at: str, sale: SaleThere) -> bool:
    """Say whether a sale of the same buyer may be this one, under whatever key.

    What is unknown (an amount that is not exact, no time) does not tell them apart.
    """
    if sale.key == key:
        return False
    if is_near_key(key, sale.key):
        return True
    theirs = sale.sums
    if theirs and sums:
        if not any(money in theirs and money.minor for money in sums):
            return False
    elif any(money.minor == 0 for money in (*theirs, *sums)):
        return False
    return _near(at, sale.at)


def lookalikes(
    key: str,
    sums: Collection[Money],
    at: str,
    sales: Iterable[SaleThere],
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
    return sorted(alike, key=lambda other: (_apart(at, other.at), other))


def near_keys(entry: Entry, others: Iterable[Entry]) -> list[Lookalike]:
    """Return what the ledger knows under nearly this key, whoever bought it."""
    return [
        Lookalike(other.key, other.key, other.at, other.charged or other.sold)
        for other in others
        if is_near_key(entry.key, other.key)
    ]


def _near(mine: str, theirs: str) -> bool:
    return not mine or not theirs or _apart(mine, theirs) <= NEAR


def _apart(mine: str, theirs: str) -> timedelta:
    if not mine or not theirs:
        return timedelta(0)
    return abs(datetime.fromisoformat(mine) - datetime.fromisoformat(theirs))
