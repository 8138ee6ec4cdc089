"""Redemptions as counts and money, by code and by partner, and what to say of them.

For people in finance. Sums are exact minor units, one line for each currency; the
totals come from the state and are never counted anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from connector.engine.change import Finding, MoneyLine, RedemptionReport
from connector.engine.ledger import Standing
from mappings.canonical import PromoCode, plain_major
from mappings.redemptions import Entry, Log, Total, shown

COUNTED = {
    "in_sync": (Standing.IN_SYNC, Standing.PUSHED, Standing.LINKED),
    "missing_on_partnero": (Standing.MISSING_ON_PARTNERO,),
    "missing_on_tolt": (Standing.MISSING_ON_TOLT,),
    "without_key": (Standing.WITHOUT_KEY,),
    "twice": (Standing.TWICE,),
    "differs": (Standing.DIFFERS,),
}
"""The counts of a plan's summary. What was refunded or too old is in none."""
NAMED = 50
"""Single redemptions of one kind that are named before the rest is only counted."""
NEARLY = 90
"""From this percentage of its limit a code counts as nearly used up."""


def weight(entry: Entry, standing: str, sign: int = 1) -> Total:
    """Return what one redemption adds to the totals of its code."""
    sold, charged = entry.sold, entry.charged
    currency = next((one.currency for one in (sold, charged) if one), "")
    left = sold.minor if sold and entry.logged else 0
    right = charged.minor if charged and charged.currency == currency else 0
    return Total(entry.code, standing, currency, sign, sign * left, sign * right)


def added(totals: Iterable[Total], more: Iterable[Total]) -> tuple[Total, ...]:
    """Return totals with others added; what comes to nothing is left out."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for one in (*totals, *more):
        kept = sums.setdefault(one[:3], [0, 0, 0])
        kept[:] = [old + new for old, new in zip(kept, one[3:], strict=True)]
    return tuple(Total(*name, *sums[name]) for name in sorted(sums) if any(sums[name]))


def counts(totals: Iterable[Total]) -> dict[str, int]:
    """Return the counts of a plan's summary."""
    by_standing: Counter[str] = Counter()
    for one in totals:
        by_standing[one.standing] += one.number
    return {
        name: sum(by_standing[one] for one in standings)
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
        one._replace(currency=one.currency or currency)
        for one in totals
        if one.standing != Standing.BEFORE_START
    ]
    return RedemptionReport(
        codes=_lines(counted, lambda one: name(one.code)),
        partners=_lines(counted, lambda one: owner(one.code)),
    )


def _lines(
    totals: Iterable[Total], name_of: Callable[[Total], str]
) -> tuple[MoneyLine, ...]:
    grouped: dict[tuple[str, str], list[Total]] = {}
    for one in totals:
        grouped.setdefault((name_of(one), one.currency), []).append(one)
    return tuple(
        MoneyLine(
            name,
            currency,
            {**counts(group), "refunded": _refunded(group)},
            _major(sum(one.partnero for one in group if _stands(one)), currency),
            _major(sum(one.tolt for one in group if _stands(one)), currency),
        )
        for (name, currency), group in sorted(grouped.items())
    )


def _stands(total: Total) -> bool:
    return total.standing not in (Standing.REFUNDED, Standing.VOID)


def _refunded(group: Iterable[Total]) -> int:
    return sum(one.number for one in group if not _stands(one))


def _major(minor: int, currency: str) -> str:
    return plain_major(minor, currency) if currency else "0"


# -- what a person should know ------------------------------------------------------

_NO_KEY = (
    "{code} has {logged} log entries on Partnero that name no transaction: they cannot "
    "be matched and are never pushed."
)
_TWICE = (
    "{key} of {code} is there more than once: {logged} log entries and {sales} "
    "transactions on Partnero, {on_tolt} transactions on Tolt. Nothing is pushed; look "
    "whether it was paid twice."
)
_DIFFERS = (
    "{key} of {code} is {sold} on Partnero and {charged} on Tolt. Neither is changed, "
    "and nothing is sent a second time."
)
_REFUNDED = (
    "{key} of {code} is on both sides and was taken back on {where} alone. Take it "
    "back on the other side too, or its commission stays; a redemption itself cannot "
    "be undone on Partnero."
)
_DOUBTED = "{key} of {code} is not pushed: {doubt}."
_DOUBTS = {
    "open": "a payment of it was sent, and nobody can tell yet whether it arrived; it "
    "is looked for in every run, and not sent again by itself",
    "parked": "a payment of it was sent and never found; look whether it is there, "
    "and decide about it",
    "unmatched": "Tolt's API version was switched, and under its new id nobody can "
    "tell whether it was pushed before; look for it on Partnero",
}
_SAID = {
    Standing.WITHOUT_KEY: ("redemption_without_key", _NO_KEY),
    Standing.TWICE: ("redemption_twice", _TWICE),
    Standing.DIFFERS: ("amount_differs", _DIFFERS),
    Standing.REFUNDED: ("refunded", _REFUNDED),
    Standing.UNPROVEN: ("unproven", _DOUBTED),
}
NAMED_STANDINGS = tuple(_SAID)


def findings(
    standing: Standing,
    entries: Iterable[Entry],
    number: int,
    name: Callable[[str], str],
) -> list[Finding]:
    """Name single redemptions that a person should look at, up to a number."""
    kind, sentence = _SAID[standing]
    named = list(entries)[:NAMED]
    found = [
        Finding(
            kind,
            (sentence.format(**_words(one, name(one.code))),),
            name(one.code),
        )
        for one in named
    ]
    if number > len(named):
        more = f"{number - len(named)} more redemptions are of the kind {kind}."
        found.append(Finding(kind, (more,)))
    return found


def _words(entry: Entry, code: str) -> dict[str, object]:
    return {
        "code": code,
        "key": shown(entry.key),
        "logged": entry.logged,
        "sales": "an unknown number of" if entry.sales is None else entry.sales,
        "on_tolt": entry.on_tolt,
        "sold": entry.sold or "not an exact amount",
        "charged": entry.charged or "not an exact amount",
        "where": "Tolt" if entry.refunded else "Partnero",
        "doubt": _DOUBTS.get(entry.doubt.partition(":")[0], ""),
    }


def log_findings(
    logs: Mapping[str, Log], cut: Iterable[str], name: Callable[[str], str]
) -> Iterable[Finding]:
    """Say where counters and logs do not tell the same; one finding for all codes."""
    more = sorted(
        name(code)
        for code, log in logs.items()
        if (log.counter or 0) > len(log.entries)
    )
    if more:
        message = (
            f"{len(more)} codes count more redemptions on Partnero than their log "
        )
        message += (
            "holds: those that a billing integration counted are not logged. The "
        )
        message += "counter is information; what is compared is the log."
        yield Finding("redemption_counter", (message,), None, tuple(more))
    for code in sorted(map(name, cut)):
        message = f"The redemption log of {code} is shorter than it was, or lost its "
        message += "beginning. What it held before is remembered and still counts."
        yield Finding("log_shrank", (message,), code)


def limit_findings(
    codes: Iterable[tuple[str, PromoCode]], totals: Iterable[Total]
) -> Iterable[Finding]:
    """Warn where a code has fewer uses left than Partnero, which counts, believes."""
    used: Counter[str] = Counter()
    for one in totals:
        if one.standing not in (Standing.VOID, Standing.BEFORE_START):
            used[one.code] += one.number
    for key, code in codes:
        limit, counted = code.carried.redemption_limit, code.carried.redeemed or 0
        # What the counter itself says is told with the code, whatever is compared.
        if not limit or used[key] <= counted or counted * 100 >= limit * NEARLY:
            continue
        if used[key] * 100 >= limit * NEARLY:
            message = f"{code.written} is used {used[key]} of {limit} times if both "
            message += f"sides are counted; Partnero believes {counted}."
            yield Finding("limit_nearly_used", (message,), code.written)
