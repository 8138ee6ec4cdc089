"""A finished run as a JSON document, and in a few lines for people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Protocol

from connector.engine.acts import Create, Replace, Update
from connector.engine.adoptions import OF_THE_STATE
from connector.engine.change import Change, Status
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.engine.trouble import NOT_ENDED
from connector.reports.documents import (
    Document,
    counts_document,
    item_document,
    refusal_document,
    titled,
)
from connector.reports.meaning import (
    action_text,
    commands,
    guard_text,
    message_of,
    verb,
)
from connector.reports.messages.say import left_out, reader_of, why
from connector.reports.safe import cell, inert


def run_document(run: Run) -> Document:
    """Return the run, with the summary of the plan that it carried out."""
    return titled(
        "run",
        run=run.id or None,
        pair=run.pair,
        command=run.command,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        plan=counts_document(run.counts) if run.counts else None,
        refused=run.refused and refusal_document(run.refused, reader_of(run.plan)),
        outcomes=[*map(asdict, run.outcomes), *_adopted(run)],
        missing=[item_document(plan, change) for plan, change in _missing(run)],
        requests=dict(run.requests),
        error=error_of(run),
        reason=run.trouble.reason if run.trouble else None,
        **_not_compared(run),
    )


def _adopted(run: Run) -> Iterator[Document]:
    """Yield what became of each code that was remembered in bulk."""
    same = asdict(Outcome("", "", *OF_THE_STATE, "adopted"))
    for one in run.adopted.named():
        yield {**same, "id": one.id, "code": one.code}


def error_of(run: Run) -> str | None:
    """Return in one line why a run is not complete; None where it is."""
    return why(run.trouble, reader_of(run.plan))


class Ended(Protocol):
    """A run that the history knows, as far as its end is asked for."""

    @property
    def status(self) -> str: ...
    @property
    def error(self) -> str: ...


def recorded(run: Ended) -> str | None:
    """Return the same of a run that the history knows."""
    if run.status == "complete":
        return None
    if run.error:
        return cell(run.error)
    if run.status == "interrupted":
        return why(NOT_ENDED)
    return "The version of this program that did the run has not noted why."


def _not_compared(run: Run) -> Document:
    left = left_out(run.plan) if run.plan else ""
    return {"redemptions_not_compared": left} if left else {}


def _missing(run: Run) -> Iterator[tuple[Plan, Change]]:
    """Yield what a replace took away and left missing: told until it is mended."""
    if run.plan is None:
        return
    for change in run.plan.changes:
        if change.reason == "missing_after_replace" and change.status is Status.HELD:
            yield run.plan, change


def run_text(run: Run) -> str:
    """Say in a few lines what a run did; an idle one is one line."""
    return "\n".join(inert(line) for line in _lines(run))


def _lines(run: Run) -> Iterator[str]:
    named = f" ({run.id})" if run.id else ""  # one that never began has none
    because = error_of(run)
    if run.refused:
        because = f"Refused, {guard_text(run.refused.guard)}: {because}"
    head = f"{run.pair}: {run.status}, {', '.join(_parts(run))}{named}."
    yield f"{head} {because}" if because else head
    for plan, change in _missing(run):
        yield message_of(change, reader_of(plan))
        yield from (
            f"  {typed}  # {effect}" for typed, effect in commands(plan, change)
        )
    yield from _outcomes(run)


def _parts(run: Run) -> list[str]:
    """Return what the first line says of the run: in step, written, waiting."""
    remote = [outcome.outcome for outcome in run.outcomes if outcome.target != "state"]
    done, adopted = remote.count("confirmed"), remote.count("adopted")
    known = sum(outcome.target == "state" for outcome in run.outcomes)
    known += len(run.adopted)
    counts = run.counts
    parts = [f"{_in_step(run)} codes in step" if counts else "nothing was read"]
    if run.plan and not (run.plan.complete or run.plan.tally.compared):
        parts = ["nothing was compared"]
    parts += ["nothing new"] if run.unchanged else []
    parts += [f"{known} remembered"] if known else []
    parts += [f"{adopted} found done"] if adopted else []
    noun = "change" if done == 1 else "changes"
    parts += [f"{done} {noun} written" if done else "nothing written"]
    if run.plan and run.plan.undoes:
        return parts[1:]  # its plan is what is taken back: nothing of the rest
    waiting = counts.held if counts else 0
    verb = "waits" if waiting == 1 else "wait"
    return parts + ([f"{waiting} {verb} for a decision"] if waiting else [])


def _in_step(run: Run) -> int:
    """Count the codes that agree by now: before the run, and by what it has done."""
    if run.plan is None:
        return run.counts.in_sync if run.counts else 0
    good = {outcome.id for outcome in run.outcomes if outcome.good}
    done, open_ = set[str](), set[str]()
    for change in run.plan.changes:
        if isinstance(change.act, Create | Update | Replace):
            (done if change.id in good else open_).add(change.key)
        elif change.status is not Status.READY:
            open_.add(change.key)
    return run.plan.tally.in_sync + len(done - open_)


def _outcomes(run: Run) -> Iterator[str]:
    """Count what became of the changes, then name each that went wrong."""
    did = Counter(
        (outcome.action, outcome.target, outcome.outcome)
        for outcome in run.outcomes
        if outcome.target != "state"
    )
    for (action, target, became), count in sorted(did.items()):
        yield f"  {verb(action)} on {target.capitalize()}: {count} {became}"
    for outcome in run.outcomes:
        if not outcome.good:
            what = f"  {outcome.code}: {action_text(outcome)}"
            yield f"{what} {outcome.outcome}: {outcome.detail}"
