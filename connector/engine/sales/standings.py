"""How one redemption stands between the two sides: one table, first match. Pure.

Each entry of the ledger stands in exactly one way, whatever was known before: no
order of reading and no interruption can make it stand in another.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from mappings.canonical import Side
from mappings.redemptions import Entry


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
        "on both sides, the sale on Partnero never read",
        lambda e: _both(e) and e.sales is None and e.sold is None,
        Standing.UNPROVEN,
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
