"""A plan for people at a terminal: one sentence first, then what matters most."""

from collections.abc import Iterator, Sequence

from connector.engine.change import Change, Finding, Plan, Status
from connector.reports.safe import cell

MOST = 20
"""Lines of one section before it says how many more there are."""


def plan_text(plan: Plan) -> str:
    """Return the diff report as text."""
    return "\n".join(_lines(plan))


def headline(plan: Plan) -> str:
    """Say the whole plan in one sentence that needs no explanation."""
    tally = plan.tally
    waiting = sum(change.status is Status.HELD for change in plan.changes)
    parts = [
        (tally.in_sync, "in step"),
        (tally.only_on_partnero, "only on Partnero"),
        (tally.only_on_tolt, "only on Tolt"),
        (tally.differ, "differ"),
        (tally.collisions, "unclear"),
    ]
    said = [f"{count} {words}" for count, words in parts if count or words == "in step"]
    noun = "code" if tally.compared == 1 else "codes"
    need = f" {waiting} {'needs' if waiting == 1 else 'need'} a decision."
    return (
        f"{tally.compared} {noun} compared: {', '.join(said)}."
        f"{need if waiting else ''} Nothing was changed."
    )


def _lines(plan: Plan) -> Iterator[str]:
    yield cell(headline(plan))
    if plan.refused:
        yield ""
        yield cell(f"REFUSED ({plan.refused.guard}): {plan.refused.message}")
    if plan.failed:
        yield ""
        yield cell(f"FAILED: {plan.failed}. Nothing was decided.")
    unproven = [finding for finding in plan.findings if finding.kind == "unproven"]
    yield from _findings("Not read completely", unproven)
    by_status = {
        status: [c for c in plan.changes if c.status is status and c.action != "adopt"]
        for status in Status
    }
    adopts = [c for c in plan.changes if c.action == "adopt"]
    held = by_status[Status.HELD]
    held += [change for change in adopts if change.status is Status.HELD]
    yield from _changes("Needs a decision", sorted(held, key=_weight))
    yield from _changes("Cannot be done as things are", by_status[Status.BLOCKED])
    yield from _changes("Would be done", by_status[Status.READY])
    quiet = sum(change.status is Status.READY for change in adopts)
    if quiet:
        yield ""
        yield f"{quiet} codes are on both sides and would be remembered as they are."
    others = [finding for finding in plan.findings if finding.kind != "unproven"]
    yield from _findings("Good to know", others)
    yield from _findings("Accepted exceptions", plan.accepted)
    yield ""
    sides = "; ".join(
        f"{side.capitalize()} {report.codes} codes, {report.partners} partners, "
        f"{report.requests} requests"
        for side, report in plan.sides.items()
    )
    yield f"Read: {sides}. Plan {plan.digest[7:19]}, good until {plan.expires_at}."


def _weight(change: Change) -> tuple[int, str]:
    """Put first what changes who is paid, then what is lost, then the rest."""
    order = ("payee_change", "collision", "deleted_and_edited", "both_changed")
    rank = order.index(change.reason) if change.reason in order else len(order)
    return (rank, change.key)


def _changes(title: str, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        return
    yield ""
    yield f"{title} ({len(changes)})"
    for change in changes[:MOST]:
        target = "" if change.target == "state" else f" on {change.target.capitalize()}"
        yield f"  {change.id}  {change.action}{target}  [{change.reason}]"
        yield f"      {cell(change.message)}"
        if change.lost:
            yield f"      Lost: {cell(', '.join(change.lost))}."
    if len(changes) > MOST:
        yield f"  ... and {len(changes) - MOST} more (all of them: --format json)"


def _findings(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield f"{title} ({len(findings)})"
    for finding in findings[:MOST]:
        yield f"  [{finding.kind}] {cell(finding.message)}"
    if len(findings) > MOST:
        yield f"  ... and {len(findings) - MOST} more (all of them: --format json)"
