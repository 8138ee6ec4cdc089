"""What a person should know of redemptions, whatever is pushed. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from connector.engine.causes.cause import Cause
from connector.engine.causes.sales import (
    CountersAhead,
    InDoubt,
    LoggedWithoutKey,
    LogShrank,
    MoneyDiffers,
    MoreOfTheKind,
    SaleUnread,
    TakenBackOnce,
    ThereTwice,
    UsesNearlyUp,
)
from connector.engine.change import Finding
from connector.engine.match import Pairing
from connector.engine.sales.standings import Standing
from mappings.canonical import Side
from mappings.redemptions import Entry, Log, Total

NAMED = 50
"""Single redemptions of one kind that are named before the rest is only counted."""
NEARLY = 90
"""From this percentage of its limit a code counts as nearly used up."""
KINDS: Mapping[Standing, str] = {
    Standing.WITHOUT_KEY: "redemption_without_key",
    Standing.TWICE: "redemption_twice",
    Standing.DIFFERS: "amount_differs",
    Standing.REFUNDED: "refunded",
    Standing.UNPROVEN: "unproven",
}
"""The standings that a person should look at, and the kinds of their findings."""


def of_standing(
    standing: Standing,
    entries: Iterable[Entry],
    number: int,
    name: Callable[[str], str],
) -> Iterator[Finding]:
    """Name single redemptions that stand in one way, up to a number."""
    kind = KINDS[standing]
    named = list(entries)[:NAMED]
    for entry in named:
        code = name(entry.code)
        cause = cause_of(standing, entry, code)
        unread = isinstance(cause, SaleUnread)  # the codes are equal all the same
        yield Finding("amount_unread" if unread else kind, (cause,), code)
    if number > len(named):
        yield Finding(kind, (MoreOfTheKind(kind, number - len(named)),))


def cause_of(standing: Standing, entry: Entry, code: str) -> Cause:
    """Return why a redemption stands as it does, where that is a question."""
    match standing:
        case Standing.WITHOUT_KEY:
            return LoggedWithoutKey(code, entry.logged)
        case Standing.TWICE:
            there = (entry.logged, entry.sales, entry.on_tolt)
            return ThereTwice(code, entry.key, *there)
        case Standing.DIFFERS:
            return MoneyDiffers(code, entry.key, entry.sold, entry.charged)
        case Standing.REFUNDED:
            where = Side.TOLT if entry.refunded else Side.PARTNERO
            return TakenBackOnce(code, entry.key, where)
        case Standing.UNPROVEN if not entry.doubt:
            return SaleUnread(code, entry.key, entry.charged)
        case _:
            return InDoubt(code, entry.key, _doubt(entry))


def _doubt(entry: Entry) -> Literal["open", "parked", "unmatched"]:
    match entry.doubt.partition(":")[0]:
        case "open":
            return "open"
        case "parked":
            return "parked"
        case _:
            return "unmatched"


def of_logs(
    logs: Mapping[str, Log], cut: Iterable[str], name: Callable[[str], str]
) -> Iterator[Finding]:
    """Say where counters and logs do not tell the same; one finding for all codes."""
    ahead = sorted(
        name(code)
        for code, log in logs.items()
        if (log.counter or 0) > len(log.entries)
    )
    if ahead:
        cause = CountersAhead(len(ahead))
        yield Finding("redemption_counter", (cause,), None, tuple(ahead))
    for code in sorted(map(name, cut)):
        yield Finding("log_shrank", (LogShrank(code),), code)


def of_limits(
    pairs: Mapping[str, Pairing], totals: Iterable[Total]
) -> Iterator[Finding]:
    """Warn where a code has fewer uses left than Partnero, which counts, believes."""
    used: Counter[str] = Counter()
    for total in totals:
        if total.standing not in (Standing.VOID, Standing.BEFORE_START):
            used[total.code] += total.number
    for key in sorted(used.keys() & pairs.keys()):
        code = pairs[key].partnero
        if code is None:
            continue
        limit, counted = code.carried.redemption_limit, code.carried.redeemed or 0
        # What the counter itself says is told with the code, whatever is compared.
        if not limit or used[key] <= counted or counted * 100 >= limit * NEARLY:
            continue
        if used[key] * 100 >= limit * NEARLY:
            cause = UsesNearlyUp(code.written, used[key], limit, counted)
            yield Finding("limit_nearly_used", (cause,), code.written)
