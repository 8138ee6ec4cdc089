"""Why a run, or a plan, is not complete: found in what was read, planned and done."""

from collections import Counter
from collections.abc import Sequence

from connector.engine.causes.cause import Causes, Quoted
from connector.engine.causes.runs import FirstUnderVersion, NotAllDone
from connector.engine.outcome import Outcome
from connector.engine.planned import Plan
from connector.engine.trouble import Trouble, by_error, refused

GRAVE = ("failed", "uncertain", "quarantined")
"""What is named before what is only stale or was skipped."""


def of_plan(plan: Plan) -> Trouble | None:
    """Return why nothing, or not all, can be said by a plan."""
    if plan.failed:
        return Trouble("failed", plan.reason or "other", (Quoted(plan.failed),))
    if plan.refused:
        return refused(plan.refused)
    unread = [side for side in plan.sides.values() if not side.complete]
    if not unread:
        return None
    missed = "; ".join(dict.fromkeys(side.missed for side in unread if side.missed))
    reason = next((side.reason for side in unread if side.reason), "other")
    return Trouble("partial", reason, (Quoted(missed or "a side was not read whole"),))


def partial(ending: BaseException | None, plan: Plan, later: Causes) -> Trouble | None:
    """Return why a run that has ended properly has not done all of it, or None."""
    if ending is not None:
        return by_error("partial", ending)
    if unread := of_plan(plan):
        return unread
    if later:
        first, *more = later
        switched = isinstance(first, FirstUnderVersion)
        reason = "version_switched" if switched else "not_found"
        return Trouble("partial", reason, (first, *more))
    return None


def of_outcomes(outcomes: Sequence[Outcome]) -> Trouble | None:
    """Return which changes came to nothing: the first of them, and how many like it."""
    bad = [outcome for outcome in outcomes if not outcome.good]
    if not bad:
        return None
    first = min(bad, key=lambda outcome: outcome.outcome not in GRAVE)
    others = Counter(outcome.outcome for outcome in bad)
    others[first.outcome] -= 1
    cause = NotAllDone(
        first.code,
        first.action,
        first.target,
        first.outcome,
        first.detail,
        tuple(sorted((+others).items())),
    )
    return Trouble("partial", "items", (cause,))
