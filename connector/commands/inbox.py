"""inbox: what waits for a person."""

from connector.commands.context import DONE, Context
from connector.commands.plans import seen_whole
from connector.engine.change import Status
from connector.engine.planned import Plan
from connector.reports.documents import Document, item_document, titled
from connector.reports.sections import pending_decisions
from connector.reports.text import inbox_text


def inbox(context: Context) -> int:
    context.wants("text", "json")
    for pair in context.pairs():
        plan = seen_whole(pair).plan
        context.show(_document(plan), inbox_text(plan))
    return DONE


def _document(plan: Plan) -> Document:
    waiting = [
        item_document(plan, change)
        for change in plan.changes
        if change.status is Status.HELD
    ]
    decided = [change for change in plan.changes if change.decided]
    return titled(
        "inbox",
        pair=plan.pair,
        as_of=plan.created_at,
        age_seconds=0,
        changes=waiting,
        held=waiting,
        decided=[item_document(plan, change) for change in decided],
        pending=[item_document(plan, finding) for finding in pending_decisions(plan)],
        acceptable=[item_document(plan, finding) for finding in plan.acceptable],
    )
