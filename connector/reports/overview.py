"""Several pairs in one look: how each of them stands, before any of them is told.

The numbers are those of the sections below: what a run only notes is not counted.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from connector.engine.change import Change
from connector.engine.planned import Plan
from connector.reports.meaning import guard_text
from connector.reports.money_documents import major
from connector.reports.safe import cell
from connector.reports.sections import sections

HEADS = ("Pair", "In step", "Ready", "To decide", "Blocked", "Sales missing", "Read")
UNKNOWN = "\u2013"
MISSING = ("missing_on_partnero", "missing_on_tolt")


class Line(NamedTuple):
    """One pair: its numbers, where there are any, and whether it was read."""

    pair: str
    in_step: str = UNKNOWN
    ready: str = UNKNOWN
    held: str = UNKNOWN
    blocked: str = UNKNOWN
    missing: str = UNKNOWN
    state: str = ""


def overview(plans: Sequence[Plan]) -> list[Line]:
    """Return a line for each pair, in the order in which they are given."""
    return [_line(plan) for plan in plans]


def table(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    """Return the heads and the cells; no column of sales where none is missing."""
    lines = overview(plans)
    without = not any(line.missing.strip(f"0{UNKNOWN}") for line in lines)
    rows: list[tuple[str, ...]] = [HEADS, *lines]
    at = HEADS.index("Sales missing")
    return [row[:at] + row[at + 1 :] if without else tuple(row) for row in rows]


def sentence(plans: Sequence[Plan]) -> str:
    """Say how all of them stand in one sentence."""
    unread = [plan for plan in plans if plan.failed or not plan.complete]
    refused = [plan for plan in plans if plan.refused and plan not in unread]
    told = f"{len(plans)} pairs: {len(plans) - len(unread)} read completely"
    for some, word in ((unread, "not"), (refused, "refused")):
        if some:
            names = ", ".join(cell(plan.pair) for plan in some)
            told += f", {len(some)} {word} ({names})"
    waiting = sum(_counts(plan)["held"] for plan in plans)
    verb = "needs" if waiting == 1 else "need"
    need = f" {waiting} {verb} a decision." if waiting else ""
    return f"{told}.{need} Nothing was changed."


def state_of(plan: Plan) -> str:
    """Say whether a pair was read, and if not, why."""
    if plan.failed:
        return f"not read: {cell(plan.failed)}"
    if plan.refused:
        return f"refused: {guard_text(plan.refused.guard)}"
    unread = [
        f"{side.capitalize()} not completely" + (f": {why}" if why else "")
        for side, read in plan.sides.items()
        if not read.complete
        for why in [cell(read.missed)]
    ]
    return "; ".join(unread) or "complete"


def _line(plan: Plan) -> Line:
    counted, state = _counts(plan), state_of(plan)
    if plan.failed and not plan.tally.compared:
        return Line(cell(plan.pair), state=state)
    return Line(
        cell(plan.pair),
        in_step=str(plan.tally.in_sync),
        ready=str(counted["ready"]),
        held=str(counted["held"]),
        blocked=str(counted["blocked"]),
        missing=_missing(plan),
        state=state,
    )


def _missing(plan: Plan) -> str:
    """Return how many sales one side lacks, and what they come to in each currency."""
    if not plan.redemptions:
        return UNKNOWN  # none were compared
    number = sum(plan.redemptions.get(name, 0) for name in MISSING)
    sums = plan.redemption_report.sums if plan.redemption_report else ()
    minor: Counter[str] = Counter()
    for one in sums:
        if one.standing in MISSING and one.currency:
            minor[one.currency] += one.minor
    money = [f"{major(minor[name], name)} {name}" for name in sorted(minor)]
    return f"{number} ({', '.join(money)})" if money else str(number)


def _counts(plan: Plan) -> dict[str, int]:
    """Count the changes by status, wherever they stand, but what is only noted."""
    filed = dict.fromkeys(("ready", "held", "blocked"), 0)
    for section in sections(plan):
        for item in section.items:
            if isinstance(item, Change) and section.name != "remembered":
                filed[item.status] += 1
    return filed
