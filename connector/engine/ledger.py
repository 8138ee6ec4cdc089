"""Comparing redemptions: the source, the target, and our own ledger. Pure.

Redemptions are facts that are only ever added, so they are compared as sets and not
by the three-way table. Each entry of the ledger stands in exactly one way
(``STANDINGS``, first match), whatever was known before: no order of reading and no
interruption can make it stand in another.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from mappings.canonical import Side
from mappings.redemption_wire import decode_logged
from mappings.redemptions import (
    Charge,
    Entry,
    Log,
    Logged,
    Sale,
)
from mappings.rows import understood
from mappings.wire import Row

Id = tuple[str, str]
"""What makes a redemption: the code's key and the transaction's key."""
RECHECKED = 20
"""Redemptions on both sides that a run asks for again, in turn."""
LEAST_SHARED = 5
"""From so many keys on both sides, which we did not bring there ..."""
SHARE_SHARED = 5
"""... and one in so many of all: both sides hang on one billing system."""


class Standing(StrEnum):
    """How one redemption stands between the two sides."""

    BEFORE_START = "before_start"
    WITHOUT_KEY = "without_key"
    TWICE = "twice"
    LINKED = "linked"
    REFUNDED = "refunded"
    VOID = "void"
    DIFFERS = "differs"
    PUSHED = "pushed"
    IN_SYNC = "in_sync"
    QUARANTINED = "quarantined"
    UNPROVEN = "unproven"
    MISSING_ON_TOLT = "missing_on_tolt"
    MISSING_ON_PARTNERO = "missing_on_partnero"


MISSING = {
    Side.PARTNERO: Standing.MISSING_ON_PARTNERO,
    Side.TOLT: Standing.MISSING_ON_TOLT,
}


TO_RECHECK = (Standing.PUSHED, Standing.REFUNDED, Standing.VOID)
"""What is asked for again, after doubles: what was pushed may be taken back.

And what seemed taken back may only have been young: a log shows a sale at once, the
list of transactions later.
"""


def _both(entry: Entry) -> bool:
    return bool(entry.logged) and entry.seen_on(Side.TOLT)


def _undone(entry: Entry) -> tuple[bool, bool]:
    """Say whether it was taken back, on Partnero and on Tolt.

    Deleting the transaction is Partnero's way to refund; the log keeps its entry.
    """
    return bool(entry.logged) and entry.sales == 0, entry.refunded


class StandingRow(NamedTuple):
    """One row of the table: in words, as a test, and what follows."""

    words: str
    holds: Callable[[Entry], bool]
    standing: Standing


STANDINGS: tuple[StandingRow, ...] = (
    StandingRow(
        "logged without a key",
        lambda e: not e.key,
        Standing.WITHOUT_KEY,
    ),
    StandingRow(
        "several log entries, or transactions, under one key",
        lambda e: e.logged > 1 or (e.sales or 0) > 1 or e.on_tolt > 1,
        Standing.TWICE,
    ),
    StandingRow(
        "the same sale as one under another key, a person said",
        lambda e: bool(e.linked),
        Standing.LINKED,
    ),
    StandingRow(
        "on both sides, taken back on one of them alone",
        lambda e: _both(e) and _undone(e) in ((True, False), (False, True)),
        Standing.REFUNDED,
    ),
    StandingRow(
        "taken back wherever it was",
        lambda e: any(_undone(e)),
        Standing.VOID,
    ),
    StandingRow(
        "on both sides, the money not the same",
        lambda e: _both(e) and (e.sold is None or e.sold != e.charged),
        Standing.DIFFERS,
    ),
    StandingRow(
        "on both sides, by us",
        lambda e: _both(e) and bool(e.pushed),
        Standing.PUSHED,
    ),
    StandingRow("on both sides", _both, Standing.IN_SYNC),
    StandingRow(
        "a payment of unknown outcome, which a person has to judge",
        lambda e: e.doubt.startswith("parked:"),
        Standing.QUARANTINED,
    ),
    StandingRow(
        "a payment of unknown outcome, or not matched after a switch",
        lambda e: bool(e.doubt),
        Standing.UNPROVEN,
    ),
    StandingRow("on Partnero", lambda e: bool(e.logged), Standing.MISSING_ON_TOLT),
    StandingRow("on Tolt", lambda _e: True, Standing.MISSING_ON_PARTNERO),
)


def judge(entry: Entry, since: str) -> Standing:
    """Return how a redemption stands; what is older than ``since`` does not count."""
    if since and entry.at and entry.at < since:
        return Standing.BEFORE_START
    return next(row.standing for row in STANDINGS if row.holds(entry))


# -- what a reading adds ------------------------------------------------------------


def merged(known: Entry | None, learnt: Entry) -> Entry:
    """Return what is known after something was learnt; nothing is ever unlearnt.

    What a side now says of itself wins (an amount can be amended), but what it no
    longer shows stays: a log may have been cut.
    """
    if known is None:
        return learnt
    looked = learnt.sales is not None
    refunds = {*known.refunds, *learnt.refunds} - {*learnt.charges}
    charges = {*known.charges, *learnt.charges} - {*learnt.refunds}
    # What was taken back says nothing of the amount of another one that stands.
    charged = bool(learnt.charges) or (bool(learnt.refunds) and not charges)
    return Entry(
        code=known.code,
        key=known.key,
        logged=max(known.logged, learnt.logged),
        logged_at=known.logged_at or learnt.logged_at,
        sales=learnt.sales if looked else known.sales,
        # A deleted transaction takes its amount along; the ledger keeps it.
        sold=learnt.sold if looked and learnt.sales else known.sold,
        buyer=learnt.buyer or known.buyer,
        sold_at=learnt.sold_at or known.sold_at,
        charges=tuple(sorted(charges)),
        charged=learnt.charged if charged else known.charged,
        customer=learnt.customer or known.customer,
        charged_at=learnt.charged_at or known.charged_at,
        pushed=known.pushed or learnt.pushed,
        refunds=tuple(sorted(refunds)),
        evidence=known.evidence or learnt.evidence,
        linked=known.linked or learnt.linked,
        # What we pushed and have seen there is in doubt no more.
        doubt="" if learnt.pushed else learnt.doubt or known.doubt,
        checked=max(known.checked, learnt.checked),
    )


def learnt_all(known: Mapping[Id, Entry], learnt: Iterable[Entry]) -> dict[Id, Entry]:
    """Return the entries that a reading touched, as they are now."""
    now: dict[Id, Entry] = {}
    for one in learnt:
        id_ = (one.code, one.key)
        now[id_] = merged(now.get(id_, known.get(id_)), one)
    return now


def of_log(code: str, entries: Iterable[Logged], whole: Counter[str]) -> list[Entry]:
    """Return what new log entries say; ``whole`` counts the keys of the full log.

    The full count, not one more for each new entry: what we redeemed ourselves is in
    the ledger before it is seen in the log.
    """
    return [
        Entry(code, one.key, logged=whole[one.key], logged_at=one.at)
        for one in {one.key: one for one in entries}.values()
    ]


def of_sales(code: str, key: str, sales: list[Sale]) -> Entry:
    """Return what Partnero's transactions under one key say of a redemption."""
    live = [sale for sale in sales if not sale.archived]
    if not live:
        return Entry(code, key, sales=0)
    first = min(live, key=lambda sale: sale.at)
    return Entry(
        code,
        key,
        sales=len(live),
        sold=first.money,
        buyer=first.customer,
        sold_at=first.at,
        pushed=Side.PARTNERO.value if any(sale.ours for sale in live) else "",
    )


def of_charge(code: str, charge: Charge, version: str) -> Entry:
    """Return what one of Tolt's transactions says of a redemption."""
    ids = (f"{version}:{charge.id}",)
    return Entry(
        code,
        charge.key,
        charges=() if charge.refunded else ids,
        charged=charge.money,
        customer=charge.customer,
        charged_at=charge.at,
        pushed=Side.TOLT.value if charge.ours else "",
        refunds=ids if charge.refunded else (),
    )


def of_asked(
    entry: Entry, sales: list[Sale] | None, charges: Mapping[str, Charge | None]
) -> Entry:
    """Return an entry after both sides were asked for it again.

    ``sales`` is None, and an id left out, where that could not be proven; a None in
    place of a charge says that it is gone.
    """
    now = entry
    if sales is not None:
        now = merged(now, of_sales(entry.code, entry.key, sales))
    for id_, charge in charges.items():
        version, _, bare = id_.partition(":")
        gone = Entry(entry.code, entry.key, refunds=(id_,), charged=entry.charged)
        seen = gone if charge is None else of_charge(entry.code, charge, version)
        if charge is None or charge.id == bare:
            now = merged(now, seen)
    return now


def unmatched(
    charge: Charge, version: str, entries: Iterable[Entry]
) -> tuple[Entry | None, bool]:
    """Return the entry that a charge of a new version is, and whether it may be one.

    Only where neither version tells a charge id: then code, amount and time say which,
    and the customer is compared by whoever can ask for them. Two that are alike are
    nobody's: it is not guessed.
    """
    alike = [
        one
        for one in entries
        if not one.of_version(version)
        and one.charged == charge.money
        and one.charged_at == charge.at
        and any(
            one.key == id_.partition(":")[2] for id_ in (*one.charges, *one.refunds)
        )
    ]
    return (alike[0] if len(alike) == 1 else None), bool(alike)


class Mark(NamedTuple):
    """How far a code's log was read; ``cut`` once it has lost entries."""

    length: int
    first: str
    last: str
    longest: int
    cut: bool


def unread(log: Log, mark: Mark | None) -> tuple[list[Row], Mark]:
    """Return the entries that were not read before, and how far it is read now.

    A log grows at its end. Where the part that was read is not there any more as it
    was, everything is looked at again: nothing is counted twice by that.
    """
    rows = log.entries
    first, last = (_sign(rows[0]), _sign(rows[-1])) if rows else ("", "")
    if mark is None:
        return rows, Mark(len(rows), first, last, len(rows), cut=False)
    longest = max(len(rows), mark.longest)
    cut = mark.cut or len(rows) < mark.longest or bool(mark.first != first != "")
    cut = cut if mark.length else mark.cut
    now = Mark(len(rows), first, last, longest, cut)
    grown = 0 < mark.length <= len(rows) and mark.first == first
    if grown and _sign(rows[mark.length - 1]) == mark.last:
        return rows[mark.length :], now
    return rows, now


def count_keys(log: Log) -> Counter[str]:
    """Count each key of a whole log, "" for the entries without one."""
    entries, _unread = understood(decode_logged, log.entries)
    return Counter(one.key for one in entries)


def _sign(row: Row) -> str:
    return f"{row.get('transaction_key')}@{row.get('redeemed_at')}"


def common_root(found: int, missing: int) -> bool:
    """Say whether both sides hang on one billing system (semantics, section 8).

    ``found`` are redemptions that came to both sides without us, under the same key
    or as lookalikes, ``missing`` those that the target does not show. What was pushed
    is neither: it takes nothing from the evidence.
    """
    return found >= LEAST_SHARED and found * SHARE_SHARED >= found + missing
