"""Why a run is not complete: how it ended, and at least one cause.

A run without a trouble is complete, one with it is not: no other word for how a run
ended can be made, and none of them without a cause.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from connector.engine.causes.cause import Cause, Quoted
from connector.engine.causes.runs import Declined, NotEnded, StopAsked
from connector.engine.change import Refusal
from mappings.errors import Busy, Problem

Unfinished = Literal[
    "partial", "refused", "failed", "interrupted", "locked", "declined"
]
"""How a run can end that is not complete."""
STATUSES = ("complete", *get_args(Unfinished))
OUTAGE = frozenset(
    {
        *("host_unknown", "no_connection", "tls", "timeout"),
        *("server_error", "bad_answer", "throttled"),
    }
)
"""The reasons for which a side cannot be read for a while: one and the same trouble."""
REASONS = OUTAGE | {
    *("key_refused", "key_not_allowed", "configuration", "memory", "bug", "other"),
    *("state", "state_busy", "other_run", "stopped", "cut_off", "declined"),
    *("items", "not_found", "version_switched", "stale", "silent", "too_long"),
}
"""What a reason may be, beside the name of a guard: few words, for metrics."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """How a run ended that is not complete; ``reason`` says why in one of few words."""

    status: Unfinished
    reason: str
    causes: tuple[Cause, *tuple[Cause, ...]]
    refusal: Refusal | None = None


NOT_ENDED = Trouble("interrupted", "cut_off", (NotEnded(),))
STOPPED = Trouble("interrupted", "stopped", (StopAsked(),))
DECLINED = Trouble("declined", "declined", (Declined(),))


def failing(error: BaseException, why: str = "") -> Trouble:
    """Return the trouble of a run that this error kept from going on.

    ``why`` is said of it, where that is not its own text.
    """
    status: Unfinished = "locked" if isinstance(error, Busy) else "failed"
    return by_error(status, error, why)


def by_error(status: Unfinished, error: BaseException, why: str = "") -> Trouble:
    said = why or str(error) or type(error).__name__
    return Trouble(status, reason_of(error), (Quoted(said),))


def reason_of(error: BaseException) -> str:
    return error.reason if isinstance(error, Problem) else "bug"


def failed(why: str, reason: str) -> Trouble:
    return Trouble("failed", reason, (Quoted(why),))


def refused(refusal: Refusal) -> Trouble:
    first, *more = refusal.causes or (Quoted(refusal.guard),)
    return Trouble("refused", refusal.guard, (first, *more), refusal)
