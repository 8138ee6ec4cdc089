"""What earlier runs did, in numbers: a line each, and members of the history."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from connector.reports.documents import Document
from mappings.moments import instant
from state.model import Intent, RunSummary

KINDS = {
    "create": "created",
    "update": "updated",
    "replace": "updated",
    "delete": "deleted",
    "redeem": "pushed",
    "transaction": "pushed",
}
"""What a person calls an effect; a code that was replaced has another value now."""
DONE = ("confirmed", "adopted")
LEFT = ("failed", "uncertain", "stale", "quarantined")


@dataclass(frozen=True, slots=True)
class Did:
    """How many codes and sales a run changed, left waiting, and failed at.

    ``held`` is None where it had no plan.
    """

    created: int = 0
    updated: int = 0
    deleted: int = 0
    pushed: int = 0
    held: int | None = None
    failed: int = 0


def did(run: RunSummary, printed: str, journal: Iterable[Intent]) -> Did:
    """Count what a run did: as it was printed, or else as its journal has it."""
    if printed:
        outcomes = json.loads(printed)["outcomes"]
        became = [(one["action"], one["target"], one["outcome"]) for one in outcomes]
    else:
        became = [(one.action, one.target, one.state) for one in journal]
    remote = [(action, end) for action, target, end in became if target != "state"]
    counted = Counter(KINDS.get(action, "") for action, end in remote if end in DONE)
    return Did(
        **{name: counted[name] for name in ("created", "updated", "deleted", "pushed")},
        held=run.counts.held if run.counts else None,
        failed=sum(end in LEFT for _, end in remote),
    )


def seconds_of(run: RunSummary) -> int | None:
    """Return how long a run took; None where it is going on, or was killed."""
    if not run.finished_at:
        return None
    took = instant(run.finished_at) - instant(run.started_at)
    return max(0, round(took.total_seconds()))


def did_document(run: RunSummary, counted: Did) -> Document:
    return {"counts": asdict(counted), "seconds": seconds_of(run)}


def did_text(run: RunSummary, counted: Did) -> str:
    """Say it in a few words: "4 created, 1 failed, 8 wait for a decision, 2 s"."""
    return ", ".join(_words(run, counted))


def _words(run: RunSummary, counted: Did) -> Iterator[str]:
    numbers = asdict(counted)
    done = [f"{numbers[name]} {name}" for name in numbers if numbers[name]]
    changed = [words for words in done if not words.endswith((" held", " failed"))]
    yield from changed or ["nothing written"]
    if counted.failed:
        yield f"{counted.failed} failed"
    if counted.held:
        verb = "waits" if counted.held == 1 else "wait"
        yield f"{counted.held} {verb} for a decision"
    took = seconds_of(run)
    if took is not None:
        yield f"{took} s"
