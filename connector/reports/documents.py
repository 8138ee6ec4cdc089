"""A plan and a run as JSON documents, in the words of the published schemas."""

import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import Any

from connector.engine.adoptions import OF_THE_STATE, Adopted
from connector.engine.change import Change, Finding, Refusal, digest, order
from connector.engine.counts import REDEMPTIONS, plan_counts
from connector.engine.endings import of_plan
from connector.engine.planned import PartnerLine, Plan
from connector.reports.meaning import commands
from connector.reports.messages.codes import equal_code
from connector.reports.messages.say import (
    Reader,
    not_compared,
    reader_of,
    said,
    why,
)
from connector.reports.money_documents import major, money_documents
from mappings.masking import masked, masked_values
from state.counts import PlanCounts
from state.model import Decision

VERSION = 1
CHANGE = (
    *("id", "code", "action", "target", "status", "reason", "message", "fields"),
    *("lost", "raises_exposure", "row", "decided", "needs", "precondition"),
)
Document = dict[str, Any]
IN_BULK: Document = {
    "row": 3,
    "fields": [],
    "lost": [],
    "raises_exposure": False,
    "decided": False,
    "needs": [],
    "values": {},
    "decision": None,
}
"""What all changes in bulk have: nothing is to be said of their fields."""


def titled(word: str, **members: Any) -> Document:  # noqa: ANN401 (JSON)
    """Return a document of a kind, under the words that each one begins with."""
    return {"format": f"partnero-tolt/{word}", "version": VERSION, **members}


def plan_document(plan: Plan) -> Document:
    """Return the plan; ``seal`` covers the whole document, ``digest`` what it does."""
    document = titled(
        "plan",
        pair=plan.pair,
        created_at=plan.created_at,
        expires_at=plan.expires_at,
        digest=plan.digest,
        config=plan.config,
        state=plan.state,
        sides={
            side: _filled(asdict(side_read)) for side, side_read in plan.sides.items()
        },
        refused=plan.refused and refusal_document(plan.refused, reader_of(plan)),
        summary=summary(plan),
        changes=[item_document(plan, change) for change in plan.changes],
        findings=[item_document(plan, finding) for finding in plan.findings],
        accepted=[
            finding_document(finding, reader_of(plan)) for finding in plan.accepted
        ],
        **_partners(plan),
        **money_documents(plan.redemption_report, reader_of(plan)),
        error=why(of_plan(plan), reader_of(plan)),
        **_filled(
            {
                "undoes": plan.undoes,
                **{f"{what}_not_compared": told for what, told in not_compared(plan)},
            }
        ),
    )
    shown: Document = masked_values(document)  # sealed is what the file holds
    if len(plan.adopted):
        shown["changes"] = _with_adoptions(plan, shown["changes"])
    return shown | {"seal": seal(shown)}


def _with_adoptions(plan: Plan, shown: Sequence[Document]) -> list[Document]:
    """Return the documents of all changes, those in bulk in their places."""
    codes = len(plan.of_codes)
    own = zip(map(order, plan.of_codes), shown[:codes], strict=True)
    bulk = ((one.order, adoption_document(one)) for one in plan.adopted.named())
    merged = heapq.merge(own, bulk, key=itemgetter(0))
    return [*(document for _, document in merged), *shown[codes:]]


def _filled(members: Document) -> Document:
    """Leave out the texts that say nothing."""
    return {name: value for name, value in members.items() if value != ""}


def _partners(plan: Plan) -> Document:
    """Return the lines; nothing where nobody asked for them."""
    if not plan.partners:
        return {}
    return {"partners": [_partner(line) for line in plan.partners]}


def _partner(line: PartnerLine) -> Document:
    return {
        "partner": line.name,
        "partnero": line.partnero or None,
        "tolt": line.tolt or None,
        "codes": line.codes,
        "differ": line.differ,
        "waiting": line.waiting,
        "blocked": line.blocked,
        "missing": [
            {
                "side": one.side.value,
                "currency": one.currency or None,
                "count": one.number,
                "amount": major(one.minor, one.currency),
            }
            for one in line.missing
        ],
    }


def seal(document: Mapping[str, Any]) -> str:
    """Return the mark of a whole document, to notice that it was edited."""
    content = {name: part for name, part in document.items() if name != "seal"}
    return "sha256:" + digest(content)


def summary(plan: Plan) -> Document:
    """Return the counts of a plan, by action and by status."""
    counted = counts_document(plan_counts(plan))
    return counted | {"redemptions": redemption_counts(plan.redemptions)}


def counts_document(counts: PlanCounts) -> Document:
    """Return counts; of redemptions null, and not 0, where none were compared."""
    redemptions = counts.redemptions
    return {
        "compared": counts.compared,
        **asdict(counts),
        "redemptions": asdict(redemptions)
        if redemptions
        else dict.fromkeys(REDEMPTIONS),
    }


def redemption_counts(counted: Mapping[str, int]) -> dict[str, int | None]:
    """Return the counts of redemptions: null, and not 0, where none were compared."""
    none = 0 if counted else None
    return {name: counted.get(name, none) for name in REDEMPTIONS}


def adoption_document(one: Adopted) -> Document:
    """Return a change in bulk as briefly as a change can be told, and masked."""
    action, target = OF_THE_STATE
    code = masked(one.code)
    return {
        "id": one.id,
        "code": code,
        "action": action,
        "target": target,
        "status": "ready",
        "reason": "equal",
        "message": equal_code(code),
        "precondition": {
            side: [text and masked(text) for text in seen]
            for side, seen in json.loads(one.seen).items()
        },
        **IN_BULK,
    }


def item_document(plan: Plan, item: Change | Finding) -> Document:
    """Return a change or a finding of a plan, with what can be typed about it."""
    if isinstance(item, Finding):
        document = finding_document(item, reader_of(plan))
    else:
        document = change_document(item, reader_of(plan))
    typed = [command for command, _ in commands(plan, item)]
    return document | ({"commands": typed} if typed else {})


def change_document(change: Change, reader: Reader) -> Document:
    return {name: getattr(change, name) for name in CHANGE if name != "message"} | {
        "message": said(change, reader),
        "fields": [value._asdict() for value in change.fields],
        "lost": list(change.lost),
        "needs": list(change.needs),
        "values": dict(change.values),
        "decision": change.decision and decision_document(change.decision),
    }


def refusal_document(refusal: Refusal, reader: Reader) -> Document:
    """Return a refusal of the whole run."""
    return {
        "guard": refusal.guard,
        "side": refusal.side,
        "message": said(refusal, reader),
    }


def decisions_document(
    pair: str,
    taken: Iterable[Decision],
    refused: Iterable[tuple[int | None, str, str, str]],
) -> Document:
    """Return what became of decisions: stored, or refused and why.

    Of what is refused: the line in a sheet, the id, the code, and why.
    """
    return titled(
        "decisions",
        pair=pair,
        taken=[decision_document(decision) for decision in taken],
        refused=[
            {"line": line, "id": id_, "code": code, "why": why}
            for line, id_, code, why in refused
        ],
    )


def decision_document(decision: Decision) -> Document:
    """Return a decision; who, when and why are the person's own words."""
    return {
        "id": decision.id,
        "code": decision.code,
        "take": decision.take,
        "action": decision.action,
        "target": decision.target,
        "fields": list(decision.fields),
        "lost": list(decision.lost),
        "by": decision.who,
        "at": decision.at,
        "note": decision.note,
    }


def finding_document(finding: Finding, reader: Reader) -> Document:
    """Return one finding; ``code`` is left out where it is about none or several."""
    named = {"code": finding.code} if finding.code is not None else {}
    document: Document = {"kind": finding.kind, **named, "codes": list(finding.codes)}
    document["message"] = said(finding, reader)
    if finding.id:
        document["id"] = finding.id
    if finding.decision:
        document["decision"] = decision_document(finding.decision)
    return document
