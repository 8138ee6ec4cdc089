"""How a pair stands: above all, how long ago its last verified success was.

Only a run that read both sides completely, did everything that was ready and read
back what it wrote is a success; one that failed, was refused, partial, interrupted or
found the pair taken is none. Silence is the alarm: a pair without a success for two
intervals of its schedule is stale, and so is one that never had a success.

What the state keeps of a pair is one row (state/standing.py); thousands of them are
read for one answer, so everything here is worked out only when it is asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from connector.config.timetable import Timetable
from connector.reports.ages import said_age
from connector.reports.documents import Document, titled
from connector.reports.runs import recorded
from connector.reports.safe import cell, inert
from connector.reports.typed import command
from connector.run.holder import is_dead
from mappings.moments import CLOCKS_APART, instant, iso
from state.database import Engine
from state.standing import NEVER, Kept, LastRun, nothing_kept
from state.store import Store
from state.summing import standings_of

MOST = 10
"""Complete runs that are looked at for a success, where a clock was ahead."""


class Standing(NamedTuple):
    """One pair at one moment; ``unreadable`` is why the state does not tell.

    ``several``: there are other pairs, so that a command has to name this one.
    ``success_at`` is the last success (ISO 8601), "" for none. One that is ``paused``
    is never stale.
    """

    kept: Kept
    times: Timetable
    now: datetime
    success_at: str
    stale: bool
    unreadable: str = ""
    several: bool = False
    paused: bool = False

    @property
    def pair(self) -> str:
        return self.kept.pair

    @property
    def held(self) -> int | None:
        """How many changes waited when a run last had a plan."""
        return self.kept.held

    @property
    def success(self) -> datetime | None:
        return min(instant(self.success_at), self.now) if self.success_at else None

    @property
    def due(self) -> datetime | None:
        """The next due time."""
        return self.times.after(self.now)

    @property
    def running(self) -> LastRun | None:
        """The run that goes on now; one whose process has surely ended is none."""
        kept = self.kept
        unended = bool(kept.run) and not kept.finished_at
        there = unended and kept.holder and not is_dead(kept.holder)
        return kept.last if there else None

    @property
    def last(self) -> LastRun | None:
        """The last run that has ended, by itself or not."""
        return self.kept.before if self.running else self.kept.last

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
        complete = self.kept.status == "complete"  # of thousands most are
        last = None if complete else self.last
        if last and last.status != "complete":
            return last.reason or "other"
        return "stale" if self.stale else None

    @property
    def age(self) -> int | None:
        """The seconds since the last success."""
        if self.success is None:
            return None
        return max(0, int((self.now - self.success).total_seconds()))


def standings(
    engine: Engine | None,
    timetables: Mapping[str, Timetable],
    now: datetime,
    *,
    several: bool = False,
) -> list[Standing]:
    """Return how these pairs stand, in their order, by one question to the state.

    Without a state there never was a success.
    """
    rows = standings_of(engine, timetables) if engine else ()
    kept = {row.pair: row for row in rows}
    look = _Look(engine, now, iso(now), iso(now + CLOCKS_APART), several)
    return [
        look.at(kept.get(pair) or nothing_kept(pair), times)
        for pair, times in timetables.items()
    ]


class _Look(NamedTuple):
    """A look at many pairs; what is later than ``until`` is of a clock that was wrong.

    ``text`` and ``until`` are ISO 8601, as what is kept is.
    """

    engine: Engine | None
    now: datetime
    text: str
    until: str
    several: bool

    def at(self, kept: Kept, times: Timetable) -> Standing:
        """Return how a pair stands, by what is kept of it.

        A success in the future is not known to be one: the one before it is looked
        for. When it is too long ago was worked out with the run, unless the timetable
        is another one by now.
        """
        success, ends = kept.success, kept.stale_at
        ahead = success > self.until
        if ahead and self.engine is not None:
            success = _success_until(Store(self.engine, kept.pair), self.until)
        if success and (ahead or kept.schedule != times.mark):
            ends = _ends(times, success)
        stale = not success or (ends != NEVER and ends <= self.text)
        return Standing(kept, times, self.now, success, stale, "", self.several)


@lru_cache(maxsize=10_000)
def _ends(times: Timetable, success: str) -> str:
    """Return when a success is too long ago, where it was not kept with the run."""
    return times.ends(success)


def _success_until(store: Store, until: str) -> str:
    """Return when the newest success ended that ended until a time; "" for none."""
    for run in store.journal.runs(MOST, status="complete", until=until):
        if run.is_success:
            return run.finished_at
    return ""


def unknown(pair: str, times: Timetable, now: datetime, why: str) -> Standing:
    """Return how a pair stands of which the state cannot tell anything."""
    return Standing(nothing_kept(pair), times, now, "", stale=True, unreadable=why)


def standing_document(word: str, standing: Standing) -> Document:
    """Return one pair as a document, for ``status`` or for ``health``."""
    last, running = standing.last, standing.running
    return titled(
        word,
        pair=standing.pair,
        ok=not standing.stale,
        stale=standing.stale,
        paused=standing.paused,
        last_success=iso(standing.success) if standing.success else None,
        age_seconds=standing.age,
        next_due=iso(standing.due) if standing.due else None,
        last_run=last.id if last else None,
        last_status=last.status if last else None,
        last_started_at=last.started_at if last else None,
        running=running.id if running else None,
        running_since=running.started_at if running else None,
        held=standing.held,
        error=standing.error,
        reason=standing.reason,
    )


def health_text(standing: Standing) -> str:
    """Say in one line whether a pair is stale."""
    word = "STALE" if standing.stale else "paused" if standing.paused else "ok"
    return cell(f"{word} {standing.pair}: {_said_success(standing)}{_cause(standing)}")


def status_text(standing: Standing) -> str:
    word, last = "STALE, " if standing.stale else "", standing.last
    word = "paused, " if standing.paused else word
    lines = [f"{standing.pair}: {word}{_said_success(standing)}."]
    if running := standing.running:
        since = f"since {running.started_at}"
        lines.append(f"  run {running.id} ({running.command}) goes on, {since}")
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
