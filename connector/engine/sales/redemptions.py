"""What a reading of redemptions says, and what is known with it. Pure.

Redemptions are facts that are only ever added, so they are compared as sets and not
by the three-way table. How each stands is in standings.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
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
        alike=known.alike or learnt.alike,
        linked=known.linked or learnt.linked,
        # What we pushed and have seen there is in doubt no more.
        doubt="" if learnt.pushed else learnt.doubt or known.doubt,
        checked=max(known.checked, learnt.checked),
    )


def learnt_all(known: Mapping[Id, Entry], learnt: Iterable[Entry]) -> dict[Id, Entry]:
    """Return the entries that a reading touched, as they are now."""
    now: dict[Id, Entry] = {}
    for entry in learnt:
        id_ = (entry.code, entry.key)
        now[id_] = merged(now.get(id_, known.get(id_)), entry)
    return now


def of_log(code: str, entries: Iterable[Logged], whole: Counter[str]) -> list[Entry]:
    """Return what new log entries say; ``whole`` counts the keys of the full log.

    The full count, not one more for each new entry: what we redeemed ourselves is in
    the ledger before it is seen in the log.
    """
    return [
        Entry(code, key, logged=whole[key], logged_at=logged.at)
        for key, logged in {logged.key: logged for logged in entries}.items()
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
        entry
        for entry in entries
        if not entry.of_version(version)
        and entry.charged == charge.money
        and entry.charged_at == charge.at
        and any(
            entry.key == id_.partition(":")[2]
            for id_ in (*entry.charges, *entry.refunds)
        )
    ]
    return (alike[0] if len(alike) == 1 else None), bool(alike)


def rematched(taken: Iterable[tuple[Entry, Entry]]) -> list[Entry]:
    """Return sales under the keys that they had; ``taken`` holds each as it is read.

    Two that would be one entry are proven to be neither.
    """
    taken = tuple(taken)
    times = Counter((now.code, now.key) for _, now in taken)
    return [
        now if times[now.code, now.key] == 1 else replace(was, doubt="unmatched")
        for was, now in taken
    ]


# -- how far a log was read ----------------------------------------------------------


class LogMark(NamedTuple):
    """How far a code's log was read; ``cut`` once it has lost entries."""

    length: int
    first: str
    last: str
    longest: int
    cut: bool


class LogReading(NamedTuple):
    """What a code's log says that was not read before.

    ``bad`` are the entries that cannot be understood, by number, with the reason;
    ``mark`` is None where there is nothing to remember of it.
    """

    entries: list[Entry]
    bad: list[tuple[int, str]]
    mark: LogMark | None
    cut: bool


def read_log(code: str, log: Log, before: LogMark | None) -> LogReading:
    """Read what is new in a log; one with bad entries is looked at again."""
    rows, mark = unread_entries(log, before)
    logged, bad = understood(decode_logged, rows)
    entries = of_log(code, logged, count_keys(log)) if logged else []
    if bad:
        failures = [(number, why) for number, _row, why in bad]
        return LogReading(entries, failures, None, cut=False)
    news = mark != before and bool(rows or before)
    return LogReading(entries, [], mark if news else None, mark.cut)


def unread_entries(log: Log, mark: LogMark | None) -> tuple[list[Row], LogMark]:
    """Return the entries that were not read before, and how far it is read now.

    A log grows at its end. Where the part that was read is not there any more as it
    was, everything is looked at again: nothing is counted twice by that.
    """
    rows = log.entries
    first, last = (_sign(rows[0]), _sign(rows[-1])) if rows else ("", "")
    if mark is None:
        return rows, LogMark(len(rows), first, last, len(rows), cut=False)
    longest = max(len(rows), mark.longest)
    cut = mark.cut or len(rows) < mark.longest or bool(mark.first != first != "")
    cut = cut if mark.length else mark.cut
    now = LogMark(len(rows), first, last, longest, cut)
    grown = 0 < mark.length <= len(rows) and mark.first == first
    if grown and _sign(rows[mark.length - 1]) == mark.last:
        return rows[mark.length :], now
    return rows, now


def count_keys(log: Log) -> Counter[str]:
    """Count each key of a whole log, "" for the entries without one."""
    entries, _unread = understood(decode_logged, log.entries)
    return Counter(logged.key for logged in entries)


def _sign(row: Row) -> str:
    return f"{row.get('transaction_key')}@{row.get('redeemed_at')}"


def common_root(shared: int, missing: int) -> bool:
    """Say whether both sides hang on one billing system (semantics, section 8).

    ``shared`` are redemptions that came to both sides without us, under the same key
    or as lookalikes, ``missing`` those that the target does not show. What was pushed
    is neither: it takes nothing from the evidence.
    """
    return shared >= LEAST_SHARED and shared * SHARE_SHARED >= shared + missing
