"""One state per programme: whose mark on the sentinel goes before whose.

Two machines with a state each would both believe that they are alone, and pay twice.
So each state leaves a mark of its own in the sentinel's metadata: a key with its id,
and the time. Metadata cannot be removed, so a state that takes over leaves a later
mark that says so. Pure: every state that reads the same marks comes to one answer.
"""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.engine.change import Change, Finding, Refusal, Status
from mappings.canonical import PromoCode, Side, fold
from mappings.wire import Json

ID_LENGTH = 16
"""So much of a state's identity stands in its key."""
CLAIM = "claim"
STEP = timedelta(microseconds=1)
GUARD = "other_state"


@dataclass(frozen=True, slots=True)
class Mark:
    """What one state has left: since when, and whether it says that it takes over.

    ``at`` is None where the time cannot be read.
    """

    state: str
    at: datetime | None
    claims: bool = False


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


# -- the sentinel itself ------------------------------------------------------------


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
    if change.action not in ("replace", "delete"):
        return change
    told = "It is limits.sentinel, which is never replaced or deleted by this program: "
    told += "name another code there first."
    causes = (*change.causes, told)
    return change._replace(status=Status.BLOCKED, decided=False, causes=causes)


# -- words --------------------------------------------------------------------------


def since(mark: Mark, now: datetime) -> str:
    """Say since when a mark is there, and what is odd about it."""
    if mark.at is None:
        return "since a time that cannot be read"
    told = f"since {mark.at:%Y-%m-%dT%H:%M:%SZ}"
    later = ", which is in the future by this machine's clock" if mark.at > now else ""
    return f"{told}{later}"


def named(mark: Mark) -> str:
    """Return who a mark is, as far as its key says."""
    return mark.state[:ID_LENGTH] or "without a name"


def told(mark: Mark, sentinel: str, now: datetime) -> str:
    """Say that another state keeps the programme, since when, and who that may be."""
    taken = "took this programme over" if mark.claims else "keeps this programme"
    return (
        f"Another state ({named(mark)}) {taken}: its mark is on Partnero's sentinel "
        f"{sentinel} {since(mark, now)}. It may be a second machine, or this one "
        "before its state was lost."
    )


def refusal(
    mark: Mark, sentinel: str, now: datetime, command: str, *, done: str
) -> Refusal:
    """Refuse a run that would be a second one; ``done`` is what it has written."""
    return Refusal(
        GUARD,
        Side.PARTNERO.value,
        (
            (
                f"{told(mark, sentinel, now)} {done} Stop the other one; if from now "
                "on it "
                f"is to be this state, type: {command}"
            ),
        ),
    )


def missing(sentinel: str) -> Refusal:
    """Refuse where there is nothing that could carry a mark."""
    return Refusal(
        "sentinel_missing",
        Side.PARTNERO.value,
        (
            (
                f"The sentinel code {sentinel} is not on Partnero, so that no other "
                "state "
                "would be noticed. Nothing was written. Look with: partnero-tolt check"
            ),
        ),
    )


def finding(mark: Mark, sentinel: str, now: datetime, command: str) -> Finding:
    """Tell a reading command what a run would be refused for."""
    return Finding(
        GUARD,
        (
            (
                f"{told(mark, sentinel, now)} A run that writes is refused until "
                "somebody "
                f"types: {command}"
            ),
        ),
        sentinel,
    )


def claim_command(pair: str, *, several: bool) -> str:
    """Return what takes the programme over, as it can be pasted."""
    named = f"--pair {shlex.quote(pair)} " if several else ""
    return f"partnero-tolt {named}state claim"


def of_marks(
    shown: Mapping[str, Json] | None,
    sentinel: str | None,
    mine: str,
    now: datetime,
    command: str,
) -> list[Finding]:
    """Tell of another state, as far as the listing shows the sentinel's marks."""
    mark = ahead(parse_marks(shown or {}), mine)
    return [finding(mark, sentinel or "", now, command)] if mark else []


def of_no_sentinel(sentinel: str | None, *, pushes: bool, pair: str) -> list[Finding]:
    """Warn in one line where nothing would notice a second machine that pays."""
    if sentinel or not pushes:
        return []
    told = "Redemptions are pushed and no sentinel is set: nothing prevents a second "
    told += "machine, with a state of its own, from pushing them as well. Name a code "
    told += f"that stands on both sides in pairs.{pair}.limits.sentinel."
    return [Finding("no_sentinel", (told,))]
