"""What a plan counts: kept with its run, and printed as its summary."""

from collections import Counter
from dataclasses import asdict

from connector.engine.planned import Plan
from state.counts import PlanCounts, RedemptionCounts

ACTIONS = ("adopt", "create", "update", "replace", "delete")
STATUSES = ("ready", "held", "blocked")
REDEMPTIONS = tuple(RedemptionCounts.__dataclass_fields__)


def plan_counts(plan: Plan) -> PlanCounts:
    """Count the records, changes, findings and redemptions of a plan."""
    actions = Counter(change.action for change in plan.changes)
    statuses = Counter(change.status.value for change in plan.changes)
    actions["adopt"] += len(plan.adopted) + len(plan.adopted_later)
    statuses["ready"] += len(plan.adopted)
    statuses["held"] += len(plan.adopted_later)
    compared = {name: plan.redemptions.get(name, 0) for name in REDEMPTIONS}
    return PlanCounts(
        **asdict(plan.tally),
        **{name: actions[name] for name in ACTIONS},
        **{name: statuses[name] for name in STATUSES},
        findings=len(plan.findings),
        accepted=len(plan.accepted),
        redemptions=RedemptionCounts(**compared) if plan.redemptions else None,
    )
