"""What an earlier run left open is settled by looking, before anything is planned.

What had no effect is closed without an outcome: this run's plan proposes it anew, from
what both sides show now. What cannot be told stays open.
"""

from datetime import UTC, datetime

from connector.engine.change import Change
from connector.engine.notes import parse_note
from connector.engine.outcome import Outcome
from connector.errors import Failed, Rejected, SyncError, Uncertain
from connector.run.crossing import Crossing
from connector.run.kinds import write_for
from connector.run.settle import Settling
from connector.run.verdicts import Attempt, begun_at
from connector.run.write import Reading, Verdict
from state.model import Intent


def resume(settling: Settling, intent: Intent) -> Outcome | None:
    """Settle one open write; None where nothing came of it."""
    try:
        change = parse_note(intent.change)
    except ValueError as error:
        return settling.verdicts.quarantine(
            intent,
            f"its note cannot be read ({type(error.__cause__ or error).__name__})",
        )
    if intent.state == "planned":
        settling.verdicts.close(intent, "failed", "was never sent")
        return None
    try:
        return _looked_up(settling, intent, change)
    except Failed:
        raise  # a refused key ends the run; what is open stays open
    except SyncError as error:
        attempt = Attempt(intent, write_for(change, settling.verdicts.shared))
        return settling.verdicts.leave_open(attempt, str(error))


def _looked_up(settling: Settling, intent: Intent, change: Change) -> Outcome | None:
    """Look, by ids of the version that is spoken, for what was begun before."""
    shared, matched = settling.verdicts.shared, settling.store.partner_links
    crossing = Crossing(shared.writers.tolt, matched, shared.version)
    change, since, why = crossing.over(change, intent.version)
    write = write_for(change, shared, intent.copy)
    write.since = since
    attempt = Attempt(intent, write)
    if not why:
        return _looked_for(settling, attempt)
    if write.pays:
        return settling.verdicts.doubt(attempt, why, looked=False)
    return settling.verdicts.settle(attempt, "stale", why)


def _looked_for(settling: Settling, attempt: Attempt) -> Outcome | None:
    """Finish what was left half done, and look for its effect."""
    waited = _age(attempt.intent)
    try:
        attempt.write.resume()
    except Rejected as refused:
        return settling.refused(attempt, refused, last=True)
    except Uncertain:
        waited = 0.0  # a request has just left once more
    after, certain = settling.until_shown(attempt, waited)
    since = f"settled after run {attempt.intent.run}"
    if after.verdict is Verdict.DONE:
        return settling.verdicts.settle(attempt, "confirmed", since, after)
    if attempt.write.pays:
        return _not_found(settling, attempt, after, since)
    if after.verdict is Verdict.OTHER:
        return settling.verdicts.settle(attempt, "stale", f"{since}: {after.detail}")
    if not certain or after.verdict is Verdict.HALF:
        why = attempt.intent.detail or "not settled yet"
        return settling.verdicts.leave_open(attempt, why)
    return _without_effect(settling, attempt, since)


def _not_found(
    settling: Settling, attempt: Attempt, after: Reading, since: str
) -> Outcome:
    """A payment that does not show may still have been made: it stays open."""
    if after.verdict is Verdict.OTHER:
        detail = f"{since}: {after.detail}"
        return settling.verdicts.put_aside(attempt, detail, after)
    return settling.verdicts.doubt(attempt, attempt.intent.detail or "not found yet")


def _without_effect(settling: Settling, attempt: Attempt, since: str) -> Outcome | None:
    """Close what did nothing, so that a plan may propose it anew; None for that."""
    rescued, lost = settling.rescue(attempt, last=True)
    if lost:
        return settling.verdicts.miss(attempt, f"{since}: {lost}")
    if rescued:
        why = f"{since}: the new one did not come{rescued}"
        return settling.verdicts.settle(attempt, "failed", why)
    settling.verdicts.close(attempt.intent, "failed", f"{since}: it had no effect")
    return None


def _age(intent: Intent) -> float:
    """Return how long ago an intent was begun; a clock set back makes it new."""
    return max(0.0, (datetime.now(UTC) - begun_at(intent)).total_seconds())
