"""A plan and a run as JSON documents, in the words of the published schemas."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from connector.engine.change import (
    Change,
    Finding,
    Plan,
    RedemptionReport,
    Refusal,
    digest,
)

VERSION = 1
REDEMPTIONS = (
    "in_sync",
    "missing_on_partnero",
    "missing_on_tolt",
    "without_key",
    "twice",
    "differs",
)
Document = dict[str, Any]


def plan_document(plan: Plan) -> Document:
    """Return the plan; ``seal`` covers the whole document, ``digest`` what it does."""
    document: Document = {
        "format": "partnero-tolt/plan",
        "version": VERSION,
        "pair": plan.pair,
        "created_at": plan.created_at,
        "expires_at": plan.expires_at,
        "digest": plan.digest,
        "config": plan.config,
        "state": plan.state,
        "sides": {
            side: {
                "codes": report.codes,
                "partners": report.partners,
                "complete": report.complete,
                "requests": report.requests,
                **({"missed": report.missed} if report.missed else {}),
            }
            for side, report in plan.sides.items()
        },
        "refused": refusal_document(plan.refused),
        "summary": summary(plan),
        "changes": [change_document(change) for change in plan.changes],
        "findings": [finding_document(finding) for finding in plan.findings],
        "accepted": [finding_document(finding) for finding in plan.accepted],
        **_money_document(plan.redemption_report),
        **({"error": plan.failed} if plan.failed else {}),
        **({"undoes": plan.undoes} if plan.undoes else {}),
    }
    document["seal"] = seal(document)
    return document


def _money_document(report: RedemptionReport | None) -> Document:
    """Return counts and money of redemptions; nothing where none were compared."""
    if report is None:
        return {}
    lines = {"codes": report.codes, "partners": report.partners}
    shown = {name: [one._asdict() for one in lines[name]] for name in lines}
    return {"redemption_report": shown}


def seal(document: Mapping[str, Any]) -> str:
    """Return the mark of a whole document, to notice that it was edited."""
    content = {name: part for name, part in document.items() if name != "seal"}
    return "sha256:" + digest(content)


def refusal_document(refused: Refusal | None) -> Document | None:
    """Return the guard that said no, or None."""
    if refused is None:
        return None
    return {"guard": refused.guard, "side": refused.side, "message": refused.message}


def summary(plan: Plan) -> Document:
    """Return the counts of a plan, by action and by status."""
    actions = Counter(change.action for change in plan.changes)
    states = Counter(change.status.value for change in plan.changes)
    counted = {
        name: actions[name]
        for name in ("adopt", "create", "update", "replace", "delete")
    }
    return {
        "compared": plan.tally.compared,
        "in_sync": plan.tally.in_sync,
        "only_on_partnero": plan.tally.only_on_partnero,
        "only_on_tolt": plan.tally.only_on_tolt,
        "differ": plan.tally.differ,
        "collisions": plan.tally.collisions,
        **counted,
        **{name: states[name] for name in ("ready", "held", "blocked")},
        "findings": len(plan.findings),
        "accepted": len(plan.accepted),
        "redemptions": {name: plan.redemptions.get(name, 0) for name in REDEMPTIONS},
    }


def change_document(change: Change) -> Document:
    """Return one change."""
    return {
        "id": change.id,
        "code": change.code,
        "action": change.action,
        "target": change.target,
        "status": change.status.value,
        "reason": change.reason,
        "message": change.message,
        "fields": [
            {
                "field": value.field,
                "base": value.base,
                "partnero": value.partnero,
                "tolt": value.tolt,
                "new": value.new,
            }
            for value in change.fields
        ],
        "lost": list(change.lost),
        "raises_exposure": change.raises_exposure,
        "row": change.row,
        "decided": change.decided,
        "needs": list(change.needs),
        "precondition": change.precondition,
    }


def finding_document(finding: Finding) -> Document:
    """Return one finding; ``code`` is left out where it is about none or several."""
    named = {"code": finding.code} if finding.code is not None else {}
    codes = list(finding.codes)
    return {"kind": finding.kind, **named, "codes": codes, "message": finding.message}
