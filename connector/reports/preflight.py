"""What a migration would not carry, before it is asked for."""

from collections import defaultdict
from collections.abc import Iterable

from connector.engine.change import Change, Status
from connector.engine.planned import Plan
from connector.reports import typed
from connector.reports.meaning import reason_text
from connector.reports.safe import cell
from mappings.canonical import Side

SAMPLE = 3
"""Codes that are named of those that would not be carried for one reason."""
OF_PARTNERS = ("partner_missing", "partner_ambiguous", "payee_change")
"""Reasons for which a row of the alias file may be the answer."""


def preflight_text(plan: Plan) -> str:
    """Group what would not be carried by its reason, with the alias rows to fill in."""
    waiting = [change for change in plan.changes if change.status is not Status.READY]
    reasons: dict[str, list[str]] = defaultdict(list)
    for change in waiting:
        reasons[change.reason].append(cell(change.code))
    lines = [f"{len(plan.ready()) + len(plan.adopted)} changes are ready."]
    if plan.wave is not None:
        lines.append(f"{len(plan.wave.outside)} codes are not in this wave.")
    for reason, codes in sorted(reasons.items()):
        shown = ", ".join(codes[:SAMPLE])
        more = ", ..." if len(codes) > SAMPLE else ""
        why = reason_text(reason)
        lines.append(f"{len(codes)} will not be carried ({why}): {shown}{more}")
    if rows := _alias_rows(waiting):
        pair = plan.pair if plan.several else None
        command = typed.command("check", "--aliases", "aliases.csv", pair=pair)
        lines.append(f"Who is who on the other side, as a file to confirm: {command}")
        lines.append(
            "Rows for the alias file, to be completed with the other side's id:"
        )
        lines += ["  partnero_id,tolt_id", *(f"  {row}" for row in rows)]
    return "\n".join(lines)


def _alias_rows(changes: Iterable[Change]) -> list[str]:
    """Return a row for each partner who is not matched, each of them once."""
    rows = [_alias_row(change) for change in changes if change.reason in OF_PARTNERS]
    return list(dict.fromkeys(row for row in rows if row))


def _alias_row(change: Change) -> str:
    """Return the row with the one id that is known; "" where nobody is paid."""
    left, right = change.seen.get(Side.PARTNERO), change.seen.get(Side.TOLT)
    if left is not None:
        return f"{left.values.partner}," if left.values.partner else ""
    return f",{right.values.partner}" if right and right.values.partner else ""
