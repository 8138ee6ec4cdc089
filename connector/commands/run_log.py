"""What the log says of a finished run: one line, with counts, seconds and its cause."""

import sys
from datetime import UTC, datetime

from connector.engine.outcome import Run
from connector.logs import log
from connector.reports.runs import error_of
from connector.terminal.streams import is_terminal
from mappings.moments import instant

COUNTED = ("in_sync", "ready", "held", "blocked", "findings")


def log_run(run: Run) -> float:
    """Log a run, and return the seconds that it took."""
    ended = instant(run.finished_at) if run.finished_at else datetime.now(UTC)
    seconds = max(0.0, (ended - instant(run.started_at)).total_seconds())
    # Whoever sits at a terminal has just read it in the result.
    told = run.command != "run" and is_terminal(sys.stderr)
    level = log.warning if run.trouble and not told else log.info
    level(
        "pass" if run.command == "run" else "run",
        pair=run.pair,
        run=run.id or None,
        command=run.command,
        status=run.status,
        seconds=seconds,
        counts=_counts(run),
        requests=dict(run.requests),
        error=error_of(run),
        reason=run.trouble.reason if run.trouble else None,
    )
    return seconds


def _counts(run: Run) -> dict[str, int]:
    """Return what was seen, and what was done about it."""
    seen = {name: getattr(run.counts, name) for name in COUNTED} if run.counts else {}
    remote = [outcome for outcome in run.outcomes if outcome.target != "state"]
    good = sum(outcome.good for outcome in remote)
    return seen | {"done": good, "not_done": len(remote) - good}
