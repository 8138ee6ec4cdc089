"""A finished run as a JSON document, and in a few lines for people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from connector.engine.outcome import Run
from connector.reports.documents import Document, summary, titled
from connector.reports.safe import inert


def run_document(run: Run) -> Document:
    """Return the run, with the summary of the plan that it carried out."""
    return titled(
        "run",
        run=run.id,
        pair=run.pair,
        command=run.command,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        plan=run.plan and summary(run.plan),
        refused=run.refused and asdict(run.refused),
        outcomes=[asdict(outcome) for outcome in run.outcomes],
        requests=dict(run.requests),
        **({"error": run.error} if run.error else {}),
    )


def run_text(run: Run) -> str:
    """Say in a few lines what a run did; an idle one is one line."""
    return "\n".join(inert(line) for line in _lines(run))


def _lines(run: Run) -> Iterator[str]:
    did = Counter(
        (outcome.action, outcome.target, outcome.outcome)
        for outcome in run.outcomes
        if outcome.target != "state"
    )
    done = sum(one.good and one.target != "state" for one in run.outcomes)
    known = sum(one.target == "state" for one in run.outcomes)
    parts = [
        f"{run.plan.tally.in_sync} codes in step" if run.plan else "nothing was read"
    ]
    parts += [f"{known} remembered"] if known else []
    parts += [f"{done} changes written" if done else "nothing written"]
    waiting = summary(run.plan)["held"] if run.plan else 0
    parts += [f"{waiting} wait for a decision"] if waiting else []
    yield f"{run.pair}: {run.status}, {', '.join(parts)} ({run.id})."
    if run.refused:
        yield f"Refused by the guard {run.refused.guard}: {run.refused.message}"
    if run.error:
        yield run.error
    for (action, target, became), count in sorted(did.items()):
        yield f"  {action} on {target.capitalize()}: {count} {became}"
    for outcome in run.outcomes:
        if not outcome.good:
            told = (
                f"  {outcome.code}: {outcome.action} on {outcome.target.capitalize()} "
            )
            yield f"{told}{outcome.outcome}: {outcome.detail}"
