"""How a fleet stands, and what is said of pairs in the database. No database here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from connector.reports.ages import said_age
from connector.reports.documents import Document, titled
from connector.reports.safe import cell, inert
from connector.reports.typed import command

NAMES = 20
"""Names that stand in one sentence."""


class WorkerLine(NamedTuple):
    """One worker; ``silent`` are the seconds since its last sign of life."""

    worker: str
    slots: int
    running: int
    silent: int
    is_alive: bool


class FleetState(NamedTuple):
    """A fleet in numbers; ``late`` are the seconds that the longest due pair waits.

    ``bound`` are the seconds that a pair may be late, before that is wrong.
    """

    pairs: int
    paused: int
    due: int
    queued: int
    running: int
    failing: int
    stale: int
    late: int
    oldest: str
    oldest_due: str
    workers: Sequence[WorkerLine]
    bound: int

    @property
    def problems(self) -> list[str]:
        """Say what is wrong, a sentence each; nothing where all is well."""
        return list(_problems(self))


# -- migrate ---------------------------------------------------------------------


def migrated_document(schema: str, *, made: bool) -> Document:
    return titled("fleet-migrate", schema=schema, queue_changed=made)


def migrated_text(schema: str, *, made: bool) -> str:
    """Say how the tables are now; ``made``: the queue's were made or upgraded."""
    queue = "were made or upgraded" if made else "were up to date"
    return f"The state's tables have schema {schema}; those of the queue {queue}."


# -- status -----------------------------------------------------------------------


def state_document(state: FleetState) -> Document:
    return titled(
        "fleet-status",
        ok=not state.problems,
        problems=state.problems,
        pairs=state.pairs,
        paused=state.paused,
        due=state.due,
        queued=state.queued,
        running=state.running,
        failing=state.failing,
        stale=state.stale,
        late_seconds=state.late,
        oldest_pair=state.oldest or None,
        oldest_due=state.oldest_due or None,
        workers=[
            {
                "worker": one.worker,
                "alive": one.is_alive,
                "slots": one.slots,
                "running": one.running,
                "silent_seconds": one.silent,
            }
            for one in state.workers
        ],
    )


def state_text(state: FleetState) -> str:
    if not state.pairs:
        bring = command("fleet", "pairs", "import", "FILE")
        return "\n".join([NO_PAIR.format(bring), *map(inert, _workers_text(state))])
    longest = f" (the longest for {said_age(state.late)}: {state.oldest})"
    late = longest if state.oldest else ""
    lines = [f"WRONG  {problem}" for problem in state.problems]
    lines.append(
        f"{counted(state.pairs)}, {state.paused} paused. {state.due} due now{late}, "
        f"{state.queued} in the queue, {state.running} under way, {state.failing} "
        f"failing, {state.stale} stale."
    )
    return "\n".join(map(inert, [*lines, *_workers_text(state)]))


def _workers_text(state: FleetState) -> list[str]:
    alive = [one for one in state.workers if one.is_alive]
    slots = sum(one.slots for one in alive)
    noun = "worker" if len(alive) == 1 else "workers"
    lines = [f"{len(alive)} {noun} alive, with {slots} slots."]
    for one in state.workers:
        word = "alive" if one.is_alive else "SILENT"
        lines.append(
            f"  {one.worker}  {word}, {one.running} of {one.slots} slots in use, last "
            f"sign of life {said_age(one.silent)} ago"
        )
    return lines


def _problems(state: FleetState) -> Iterator[str]:
    waiting = state.due + state.queued
    if waiting and not any(one.is_alive for one in state.workers):
        start = command("fleet", "worker")
        are = "1 pair is" if waiting == 1 else f"{waiting} pairs are"
        yield f"No worker is alive, and {are} due. Start one: {start}"
    if state.oldest and state.late > state.bound:
        yield (
            f"{state.oldest} has been due for {said_age(state.late)}, since "
            f"{state.oldest_due}: longer than {said_age(state.bound)}. There are too "
            "few workers, or one key has too many pairs"
        )


NO_PAIR = "There is no pair in the database. Bring them into it: {}"
NOTHING_DONE = "Nothing was changed."
ON_FILE = (
    "this state is in a file, and a fleet needs PostgreSQL, which many machines can "
    'reach: url = "postgresql+psycopg://USER@HOST/DATABASE". Nothing was done.'
)


# -- a configuration with pairs of the database -----------------------------------


def no_pair_text(path: Path) -> str:
    bring = command("fleet", "pairs", "import", "FILE")
    return (
        f"{path}: there is no pair, neither in the file nor in the database. Write "
        f"[[pairs]] into the file, or bring them into the database: {bring}"
    )


def unknown_text(path: Path, name: str, nearest: str) -> str:
    """Say that no pair has a name; ``nearest`` is what may be meant."""
    look = command("fleet", "pairs", "list")
    meant = nearest.partition(";")[0]
    return (
        f"{path}: there is no pair {cell(name)}{meant}, neither in the file nor in the "
        f"database. See: {look}"
    )


def paused_text(names: Sequence[str], *, named: bool) -> str:
    """Say that pairs are paused: left alone, or run because they were named."""
    if named:
        return f"{some(names)}: paused, and run all the same, because it was named"
    return f"{counted(len(names))} paused and left alone: {some(names)}"


def of_workers_text() -> str:
    return f"the pairs of the database are run by: {command('fleet', 'worker')}"


def some(names: Sequence[str]) -> str:
    """Return names as one text, however many there are."""
    left = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (f" and {left} more" if left > 0 else "")


def counted(count: int) -> str:
    """Return a number of pairs in words."""
    return "1 pair" if count == 1 else f"{count} pairs"
