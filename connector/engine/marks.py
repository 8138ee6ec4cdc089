"""One state per programme: whose mark on the sentinel goes before whose.

Two machines with a state each would both believe that they are alone, and pay twice.
So each state leaves a mark of its own in the sentinel's metadata: a key with its id,
and the time. Metadata cannot be removed, so a state that takes over leaves a later
mark that says so. Pure: every state that reads the same marks comes to one answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mappings.wire import Json

ID_LENGTH = 16
"""So much of a state's identity stands in its key."""
CLAIM = "claim"
STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one state has left: since when, and whether it says that it takes over.

    ``at`` is None where the time cannot be read.
    """

    state: str
    at: datetime | None
    claims: bool = False

    def is_ahead_of(self, now: datetime) -> bool:
        """Say whether it is in the future by this machine's clock."""
        return self.at is not None and self.at > now


def state_mark(identity: str | None) -> str:
    """Return the part of a state's identity that its mark is known by."""
    return (identity or "")[:ID_LENGTH]


def parse_marks(raw: Mapping[str, Json]) -> tuple[Mark, ...]:
    """Return the marks, by state, in a stable order."""
    return tuple(_parsed(state, raw[state]) for state in sorted(raw))


def _parsed(state: str, value: Json) -> Mark:
    words = value.split() if isinstance(value, str) else []
    claims = words[1:] == [CLAIM]
    if not words or not (claims or len(words) == 1):
        return Mark(state, None)
    try:
        at = datetime.fromisoformat(words[0])
        zoned = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        _ = zoned + STEP  # a time that nothing can be later than is none
        return Mark(state, zoned, claims)
    except (ValueError, OverflowError):
        return Mark(state, None)


def ahead(marks: Iterable[Mark], mine: str) -> Mark | None:
    """Return the mark of another state that goes before ours, or None.

    The latest claim wins. Without claims a mark whose time cannot be read was there
    first, for all that is known, and else the earliest; ties go by the id.
    """
    marks = tuple(marks)
    claims = [mark for mark in marks if mark.claims]
    if claims:
        latest = max(mark.at for mark in claims if mark.at)
        return _other(min(m.state for m in claims if m.at == latest), marks, mine)
    unknown = [mark.state for mark in marks if mark.at is None]
    if others := [state for state in unknown if state != mine]:
        return _other(min(others), marks, mine)
    if unknown or not marks:
        return None
    first = min((mark.at, mark.state) for mark in marks if mark.at)
    return _other(first[1], marks, mine)


def _other(state: str, marks: tuple[Mark, ...], mine: str) -> Mark | None:
    if state == mine:
        return None
    return next(mark for mark in marks if mark.state == state)


def own(marks: Iterable[Mark], mine: str) -> Mark | None:
    """Return our own mark where it is there."""
    return next((mark for mark in marks if mark.state == mine), None)


def first_mark(now: datetime) -> str:
    """Return what a state writes that finds nobody there."""
    return _iso(now)


def claiming_mark(marks: Iterable[Mark], now: datetime) -> str:
    """Return what takes the programme over: later than all there is, on any clock."""
    known = [mark.at for mark in marks if mark.at]
    return f"{_iso(max([now, *(at + STEP for at in known)]))} {CLAIM}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
