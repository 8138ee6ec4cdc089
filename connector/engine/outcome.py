"""What became of a change, and of a whole run. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connector.engine.adoptions import NOTHING_ADOPTED, Adoptions
from connector.engine.change import Refusal
from connector.engine.counts import plan_counts
from connector.engine.planned import Plan
from connector.engine.trouble import Trouble, Unfinished
from state.counts import PlanCounts

PARKED = "looked at twice"
"""In the detail of what nobody can explain: not tried again by itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change."""

    id: str
    code: str
    action: str
    target: str
    outcome: str
    detail: str = ""

    @property
    def good(self) -> bool:
        """Say whether others may rely on it."""
        return self.outcome in ("confirmed", "adopted")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run saw and did; times are UTC in ISO 8601.

    ``trouble`` is why it is not complete: without one it is. ``unchanged`` are the
    counts of the run before, where nothing has changed since. One that could not even
    begin has no ``id``. ``adopted`` was remembered in bulk, beside the ``outcomes``.
    """

    id: str
    pair: str
    command: str
    started_at: str
    trouble: Trouble | None
    finished_at: str = ""
    plan: Plan | None = None
    outcomes: tuple[Outcome, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)
    unchanged: PlanCounts | None = None
    adopted: Adoptions = NOTHING_ADOPTED

    @property
    def status(self) -> Literal["complete"] | Unfinished:
        return self.trouble.status if self.trouble else "complete"

    @property
    def refused(self) -> Refusal | None:
        return self.trouble.refusal if self.trouble else None

    @property
    def tried(self) -> int:
        """How many changes it tried, those in bulk included."""
        return len(self.outcomes) + len(self.adopted)

    @property
    def counts(self) -> PlanCounts | None:
        """What its plan counted, or else the run before; None where none did."""
        return plan_counts(self.plan) if self.plan else self.unchanged
