"""The pairs of a fleet as they are imported, listed, paused. No database here."""

from collections.abc import Sequence
from typing import NamedTuple

from connector.reports.ages import said_age
from connector.reports.documents import Document, titled
from connector.reports.fleet import NO_PAIR, counted, some
from connector.reports.safe import cell, inert
from connector.reports.typed import command


class Paused(NamedTuple):
    """Who has paused a pair, when (ISO 8601, UTC), and why."""

    by: str
    at: str
    note: str


class PairLine(NamedTuple):
    """One pair of a fleet; ``late`` are the seconds for which it has been due.

    Times are ISO 8601 in UTC. ``last_success``, ``last_run``, ``last_status`` and
    ``error`` are of its runs, None where there are none.
    """

    pair: str
    paused: Paused | None
    due: str
    late: int
    is_queued: bool
    is_running: bool
    worker: str
    failures: int
    is_stale: bool
    last_success: str | None
    last_run: str | None
    last_status: str | None
    error: str | None
    held: int | None
    imported_at: str
    imported_by: str

    @property
    def states(self) -> list[str]:
        """Say in words how it stands: what it does first, then what is wrong."""
        if self.paused:
            does = "paused"
        elif self.is_running:
            does = "running"
        elif self.is_queued:
            does = "queued"
        else:
            does = "due" if self.late else "waiting"
        wrong = [("failing", self.failures > 0), ("stale", self.is_stale)]
        return [does, *(word for word, is_so in wrong if is_so)]


class PairPage(NamedTuple):
    """One page of the pairs; ``total`` are all that were asked for."""

    lines: Sequence[PairLine]
    total: int
    page: int
    pages: int


# -- import -----------------------------------------------------------------------


class Brought(NamedTuple):
    """What an import has done, or would do: names, in the order of the files.

    ``left`` are in the database, and in none of the files. ``spread`` counts those that
    said no jitter.
    """

    new: Sequence[str]
    changed: Sequence[str]
    unchanged: Sequence[str]
    left: Sequence[str]
    is_dry: bool
    spread: int = 0


def brought_document(brought: Brought) -> Document:
    return titled(
        "fleet-import",
        dry_run=brought.is_dry,
        new=list(brought.new),
        changed=list(brought.changed),
        unchanged=list(brought.unchanged),
        left=list(brought.left),
        spread=brought.spread,
    )


def brought_text(brought: Brought) -> str:
    """Say what has become of each pair, and which ones are in no file."""
    new, changed, same = brought.new, brought.changed, brought.unchanged
    count = len(new) + len(changed) + len(same)
    did = "would be imported" if brought.is_dry else "imported"
    kinds = f"{len(new)} new, {len(changed)} changed, {len(same)} as before"
    lines = [f"{counted(count)} {did}: {kinds}."]
    lines += [f"  new      {name}" for name in new]
    lines += [f"  changed  {name}" for name in changed]
    if brought.spread:
        lines.append(
            f"Without a jitter of their own: {counted(brought.spread)}. So that not "
            "all are due at once, each begins up to 840 seconds after its schedule, "
            "always by as much. For another bound: jitter = SECONDS in [defaults] "
            "or in a pair."
        )
    if brought.left:
        pause = command("fleet", "pairs", "pause", "NAME")
        lines.append(
            f"{counted(len(brought.left))} of the database in none of these files, "
            f"left as they are: {some(brought.left)}. To let one rest: {pause}"
        )
    if brought.is_dry:
        lines.append("Nothing was written: --dry-run only says what would be.")
    return "\n".join(lines)


# -- pause and resume -------------------------------------------------------------


def changed_document(
    word: str, done: Sequence[str], already: Sequence[str]
) -> Document:
    return titled(f"fleet-{word}", done=list(done), already=list(already))


def changed_text(word: str, done: Sequence[str], already: Sequence[str]) -> str:
    """Say which pairs were paused, or go on, and which ones did so before."""
    did, after, state = _SAID[word]
    lines = [f"{counted(len(done))} {did}: {some(done)}{after}."] if done else []
    if already:
        lines.append(f"{counted(len(already))} {state}: {some(already)}.")
    return "\n".join(lines) or "There is no pair in the database."


_SAID = {
    "pause": ("paused", ", until they are resumed", "paused already"),
    "resume": ("resumed", "", "not paused"),
}


def question_text(word: str, names: Sequence[str]) -> str:
    return f"{word.capitalize()} {counted(len(names))}: {some(names)}?"


# -- list -------------------------------------------------------------------------


def page_document(page: PairPage) -> Document:
    return titled(
        "fleet-pairs",
        total=page.total,
        page=page.page,
        pages=page.pages,
        pairs=[_line_document(line) for line in page.lines],
    )


def _line_document(line: PairLine) -> Document:
    return {
        "pair": line.pair,
        "state": line.states[0],
        "failing": line.failures > 0,
        "failures": line.failures,
        "stale": line.is_stale,
        "paused": line.paused and line.paused._asdict(),
        "due": line.due,
        "late_seconds": line.late,
        "worker": line.worker or None,
        "last_success": line.last_success,
        "last_run": line.last_run,
        "last_status": line.last_status,
        "error": line.error,
        "held": line.held,
        "imported_at": line.imported_at,
        "imported_by": line.imported_by,
    }


def page_text(page: PairPage, words: Sequence[str]) -> str:
    """Say how each pair stands; ``words`` is what was typed, for the next page."""
    if not page.lines:
        return _nothing_text(page, words)
    width = max(len(line.pair) for line in page.lines)
    lines = [f"{line.pair:<{width}}  {_stands(line)}" for line in page.lines]
    if page.pages > 1:
        lines.append(f"Page {page.page} of {page.pages}, {counted(page.total)} in all.")
    if page.page < page.pages:
        lines[-1] += f" Next: {command(*words, '--page', str(page.page + 1))}"
    return "\n".join(map(inert, lines))


def _nothing_text(page: PairPage, words: Sequence[str]) -> str:
    if page.total:
        return f"That page is empty; there are {page.pages}."
    if "--search" in words or "--state" in words:
        return f"There is no such pair. All of them: {command(*words[:3])}"
    return NO_PAIR.format(command("fleet", "pairs", "import", "FILE"))


def _stands(line: PairLine) -> str:
    parts = [", ".join(line.states)]
    if line.paused:
        why = f" ({cell(line.paused.note)})" if line.paused.note else ""
        parts.append(f"by {cell(line.paused.by)} since {line.paused.at}{why}")
    elif line.late:
        parts.append(f"late by {said_age(line.late)}")
    else:
        parts.append(f"due {line.due}")
    success = line.last_success
    parts.append(f"last success {success}" if success else "no success yet")
    if line.last_status not in (None, "complete"):
        parts.append(f"last run {line.last_status}: {cell(line.error or '')}")
    return "; ".join(parts)
