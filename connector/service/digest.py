"""What waits for a person, summed up once a period; who is paid is asked at once.

What was told is kept in the state, so that a restart tells nothing twice. The period is
anchored at the first digest: passes that come a little early do not make it creep.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from connector.reports.notices import Notice, Waits, digest, payee_questions
from mappings.canonical import Fixed, Side
from mappings.moments import instant, iso
from mappings.redemptions import Total
from state.model import Digested
from state.store import Store

Period = Literal["never", "daily", "weekly"]
PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
EARLY = timedelta(hours=1)
"""A pass may come so long before the period is over, and count as due."""
PAYEE = "payee_change"


class Told(NamedTuple):
    """A notice, and what is remembered once it was delivered."""

    notice: Notice
    after: Digested


def of_what_waits(
    pair: str, store: Store, period: Period, now: datetime
) -> Told | None:
    """Return what is to be told of what waits; None where it is told already."""
    look, known = store.looked(), store.facts.digested()
    if look is None or period == "never":
        return None
    waits = waits_of(store, look.as_of)
    new = {id_: text for id_, text in waits.payees.items() if id_ not in known.payees}
    due = bool(waits.held) and is_due(known.due, PERIODS[period], now)
    if not (due or new):
        return None
    after = Digested(known.due, tuple(sorted(waits.payees)))
    if not due:
        return Told(payee_questions(pair, _each_once(new)), after)
    after = Digested(next_due(known.due, PERIODS[period], now), after.payees)
    return Told(digest(pair, waits, _each_once(new)), after)


def is_due(due: str, period: timedelta, now: datetime) -> bool:
    """Say whether a digest is due; a time far to come is one of a wrong clock."""
    if not due:
        return True
    left = instant(due) - now
    return left <= EARLY or left > period + EARLY


def next_due(due: str, period: timedelta, now: datetime) -> str:
    """Return when the next one is due: from the last time, unless that is long ago."""
    late = now - instant(due) if due else period
    return iso((now - late if abs(late) <= EARLY else now) + period)


def waits_of(store: Store, as_of: str) -> Waits:
    """Return what the last complete look has left for a person."""
    documents = {id_: json.loads(w.document) for id_, w in store.waiting().items()}
    held = {id_: d for id_, d in documents.items() if d.get("status") == "held"}
    asked = {
        id_: _asked(document)
        for id_, document in held.items()
        if document.get("reason") == PAYEE
    }
    reasons = Counter(str(document.get("reason", "")) for document in held.values())
    return Waits(reasons, asked, _missing(store.ledger.totals()), as_of)


def _asked(document: Mapping[str, Any]) -> str:
    """Say what is asked: of a person one question, however many codes ask it."""
    if question := document.get("question"):
        return f"{question['title']}: {question['text']}"
    return f"{document.get('code', '')}: {document.get('message', '')}"


def _each_once(asked: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(asked.values()))


def _missing(totals: Iterable[Total]) -> list[str]:
    """Say by side and currency how many sales are missing, and what they come to."""
    counts: Counter[tuple[Side, str]] = Counter()
    minor: Counter[tuple[Side, str]] = Counter()
    for total in totals:
        for side in Side:
            if total.standing == f"missing_on_{side.value}":
                counts[side, total.currency] += total.number
                there = total.tolt if side is Side.PARTNERO else total.partnero
                minor[side, total.currency] += there
    return [
        f"{count} on {side.label}{_amount(minor[side, currency], currency)}"
        for (side, currency), count in sorted(counts.items())
    ]


def _amount(minor: int, currency: str) -> str:
    return f" ({Fixed(minor, currency)})" if currency else ""
