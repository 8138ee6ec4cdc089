"""How a pair stands: above all, how long ago its last verified success was.

Only a run that read both sides completely, did everything that was ready and read
back what it wrote is a success; one that failed, was refused, partial, interrupted or
found the pair taken is none. Silence is the alarm: a pair without a success for two
intervals of its schedule is stale, and so is one that never had a success.
"""

from dataclasses import dataclass
from datetime import datetime

from connector.reports.ages import said_age
from connector.reports.documents import Document, titled
from connector.reports.runs import recorded
from connector.reports.safe import cell, inert
from connector.reports.typed import command
from connector.service.schedule import Timetable
from mappings.moments import CLOCKS_APART, instant, iso
from state.model import RunSummary
from state.store import Store

COUNTED = ("sync", "run", "apply", "migrate")
"""The commands whose complete runs are successes."""
MOST = 10
"""Complete runs that are looked at for a success."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One pair at one moment; ``unreadable`` is why the state does not tell.

    ``several``: there are other pairs, so that a command has to name this one.
    """

    pair: str
    now: datetime
    success: datetime | None
    due: datetime | None
    stale: bool
    last: RunSummary | None = None
    held: int | None = None
    unreadable: str = ""
    several: bool = False

    @property
    def error(self) -> str | None:
        """Why the last run was not complete, or else why the pair is stale."""
        if self.unreadable:
            return cell(self.unreadable)
        if self.last and (error := recorded(self.last)):
            return error
        return _stale(self) if self.stale else None

    @property
    def reason(self) -> str | None:
        """The same in one of few words."""
        if self.unreadable:
            return "state"
        if self.last and self.last.status != "complete":
            return self.last.reason or "other"
        return "stale" if self.stale else None

    @property
    def age(self) -> int | None:
        """The seconds since the last success."""
        if self.success is None:
            return None
        return max(0, int((self.now - self.success).total_seconds()))


def standing(
    pair: str, store: Store | None, times: Timetable, now: datetime
) -> Standing:
    """Return how a pair stands; without a state there never was a success."""
    runs = store.journal.runs(1) if store else []
    success = _last_success(store, now) if store else None
    ends = times.stale_at(success) if success else now
    return Standing(
        pair=pair,
        now=now,
        success=success,
        due=times.after(now),
        stale=ends is not None and ends <= now,
        last=runs[0] if runs else None,
        held=_held(store) if store else None,
    )


def _last_success(store: Store, now: datetime) -> datetime | None:
    """Return when the newest success ended; one in the future is not known to be one.

    A clock that is a little behind another machine's makes it no unknown.
    """
    until = iso(now + CLOCKS_APART)
    for run in store.journal.runs(MOST, status="complete", until=until):
        if run.command in COUNTED and run.finished_at and run.tried_everything:
            return min(instant(run.finished_at), now)
    return None


def _held(store: Store) -> int | None:
    """Return how many changes waited when a run last had a plan."""
    for run in store.journal.runs(MOST):
        if run.counts is not None:
            return run.counts.held
    return None


def unknown(pair: str, times: Timetable, now: datetime, why: str) -> Standing:
    """Return how a pair stands of which the state cannot tell anything."""
    return Standing(pair, now, None, times.after(now), stale=True, unreadable=why)


def standing_document(word: str, standing: Standing) -> Document:
    """Return one pair as a document, for ``status`` or for ``health``."""
    last = standing.last
    return titled(
        word,
        pair=standing.pair,
        ok=not standing.stale,
        stale=standing.stale,
        last_success=iso(standing.success) if standing.success else None,
        age_seconds=standing.age,
        next_due=iso(standing.due) if standing.due else None,
        last_run=last.id if last else None,
        last_status=last.status if last else None,
        last_started_at=last.started_at if last else None,
        held=standing.held,
        error=standing.error,
        reason=standing.reason,
    )


def health_text(standing: Standing) -> str:
    """Say in one line whether a pair is stale."""
    word = "STALE" if standing.stale else "ok"
    return cell(f"{word} {standing.pair}: {_said_success(standing)}{_cause(standing)}")


def status_text(standing: Standing) -> str:
    word, last = "STALE, " if standing.stale else "", standing.last
    lines = [f"{standing.pair}: {word}{_said_success(standing)}."]
    if last:
        error = recorded(last)
        because = f": {error}" if error else ""
        lines.append(f"  last run {last.id} ({last.command}): {last.status}{because}")
    if standing.held:
        inbox = command("inbox", pair=standing.pair if standing.several else None)
        verb = "waits" if standing.held == 1 else "wait"
        lines.append(f"  {standing.held} {verb} for a decision: {inbox}")
    if standing.due:
        lines.append(f"  next due {iso(standing.due)}")
    return "\n".join(map(inert, lines))


def _cause(standing: Standing) -> str:
    """Say why the last run was not complete, where it was not."""
    if standing.last is None or (error := recorded(standing.last)) is None:
        return ""
    return f"; the last run was {standing.last.status}: {error}"


def _stale(standing: Standing) -> str:
    if standing.age is None:
        return "There never was a verified success."
    return f"Two due times have passed: the {_said_success(standing)}."


def _said_success(standing: Standing) -> str:
    if standing.unreadable:
        return f"nothing is known: {standing.unreadable}"
    if standing.age is None:
        return "there never was a verified success"
    return f"last verified success {said_age(standing.age)} ago"
