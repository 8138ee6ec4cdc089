"""What is said about a change, a finding or a refusal: its causes in words.

Whoever says something imports it from here: the words of all subjects are known then.
"""

from collections.abc import Iterator

from connector.engine.causes.cause import Causes, Quoted
from connector.engine.causes.sales import NotRead
from connector.engine.certificate import Certificate
from connector.engine.change import Change, Finding, Refusal
from connector.engine.planned import Plan
from connector.engine.trouble import Trouble
from connector.reports.messages import (
    asks,
    codes,
    decisions,
    findings,
    guards,
    needs,
    pushes,
    requests,
    runs,
    sales,
    saved_plans,
    undo,
    waves,
)
from connector.reports.messages.reader import ANYBODY, Reader, says, sentence
from connector.reports.safe import cell

SUBJECTS = (
    asks,
    codes,
    decisions,
    findings,
    guards,
    needs,
    pushes,
    requests,
    runs,
    sales,
    saved_plans,
    undo,
    waves,
)
"""Where the words of causes stand: an import is what makes them known."""
__all__ = [
    "ANYBODY",
    "Reader",
    "left_out",
    "message",
    "not_compared",
    "parts",
    "reader_of",
    "said",
    "sentence",
    "why",
]


def message(causes: Causes, reader: Reader = ANYBODY) -> str:
    """Return what causes come to, one sentence after the other."""
    sentences = (sentence(cause, reader) for cause in causes)
    return " ".join(text for text in sentences if text)


def left_out(made: Plan | Certificate) -> str:
    """Say what of the redemptions was not compared, and why; "" where all were."""
    causes = made.uncompared or (() if made.redemptions else (NotRead(),))
    return parts(causes, reader_of(made))


def not_compared(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what was compared with nothing, or in part, and why."""
    reader = reader_of(plan)
    found = {"redemptions": left_out(plan), "currency": parts(plan.untold, reader)}
    yield from ((what, why) for what, why in found.items() if why)


def parts(causes: Causes, reader: Reader = ANYBODY) -> str:
    """Return causes that are parts of one sentence."""
    return "; ".join(sentence(cause, reader) for cause in causes)


def said(item: Change | Finding | Refusal, reader: Reader = ANYBODY) -> str:
    """Return everything that is said about one item."""
    return message(item.causes, reader)


def why(trouble: Trouble | None, reader: Reader = ANYBODY) -> str | None:
    """Return the cause of a trouble in one line; None where there is none."""
    return cell(message(trouble.causes, reader)) if trouble else None


def reader_of(plan: Plan | Certificate | None) -> Reader:
    """Return for whom a plan, or what was made of one, is written."""
    return Reader(plan.pair) if plan and plan.several else ANYBODY


@says
def _quoted(cause: Quoted) -> str:
    return cause.text
