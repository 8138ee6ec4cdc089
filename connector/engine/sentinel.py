"""What follows from the sentinel, the code that always has to be there. Pure.

It is never replaced or deleted by this program, and on Partnero it carries the marks of
states: whose mark goes before whose is in marks.py.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from connector.engine.acts import Delete, Replace
from connector.engine.causes.refusals import (
    NobodyNotices,
    OtherState,
    RunsAreRefused,
    SentinelIsSpared,
)
from connector.engine.change import Change, Finding, Status
from connector.engine.marks import Mark, ahead, parse_marks
from mappings.canonical import PromoCode, fold
from mappings.wire import Json


def sentinel_among(codes: Iterable[PromoCode], sentinel: str) -> str | None:
    """Return the id of the sentinel: its own spelling, else one that folds to it."""
    key = fold(sentinel)
    named = [code.id for code in codes if code.values.code == key]
    return min(named, key=lambda id_: (id_ != sentinel, id_), default=None)


def spared(changes: Iterable[Change], sentinel: str | None) -> tuple[Change, ...]:
    """Block what would take the sentinel away: a decision too is none for that."""
    key = fold(sentinel) if sentinel else None
    return tuple(_spared(change) if change.key == key else change for change in changes)


def _spared(change: Change) -> Change:
    if not isinstance(change.act, Replace | Delete):
        return change
    causes = (*change.causes, SentinelIsSpared())
    return change._replace(status=Status.BLOCKED, decided=False, causes=causes)


def state_ahead(
    marks: Iterable[Mark], mine: str, sentinel: str, now: datetime
) -> OtherState | None:
    """Say which other state keeps the programme, as far as the marks show it."""
    mark = ahead(marks, mine)
    if mark is None:
        return None
    return OtherState(mark, sentinel, mark.is_ahead_of(now))


def of_marks(
    shown: Mapping[str, Json] | None,
    sentinel: str | None,
    mine: str,
    now: datetime,
    pair: str,
) -> list[Finding]:
    """Tell of another state, as far as the listing shows the sentinel's marks.

    ``pair`` is named in what to type, "" where there is but one.
    """
    other = state_ahead(parse_marks(shown or {}), mine, sentinel or "", now)
    if other is None:
        return []
    return [Finding("other_state", (other, RunsAreRefused(pair)), sentinel or "")]


def of_no_sentinel(sentinel: str | None, *, pushes: bool, pair: str) -> list[Finding]:
    """Warn in one line where nothing would notice a second machine that pays."""
    if sentinel or not pushes:
        return []
    return [Finding("no_sentinel", (NobodyNotices(pair),))]
