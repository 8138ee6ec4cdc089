"""What a run has left to be read: its report, and its journal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connector.reports.meaning import reason_text, verb
from connector.reports.sections import COUNTED, REDEEMED
from connector.service.desk.inbox import Item, counted
from connector.service.desk.known import Document
from mappings.canonical import Side
from state.model import FindingLine

NUMBERS = (
    *("compared", "in_sync", "only_on_partnero", "only_on_tolt", "differ"),
    *("collisions", "unproven", "held", "blocked", "accepted"),
)
WAITING = {
    "held": "wait for a decision",
    "blocked": "cannot be done as things are",
    "accepted": "differences accepted",
}
DONE = {
    "create": "codes made on",
    "update": "codes changed on",
    "replace": "codes replaced on",
    "delete": "codes deleted on",
    "redeem": "redemptions noted on",
    "transaction": "sales carried to",
    "customer": "customers made on",
    "partner": "partners made on",
    "coupon": "coupons made on",
}
BECAME = {
    "confirmed": "done",
    "adopted": "was done already",
    "failed": "failed",
    "uncertain": "not certain",
    "stale": "left alone: it had changed since",
    "quarantined": "stopped, until a person decides",
    "skipped": "skipped",
    "planned": "begun, and not settled",
    "sending": "begun, and not settled",
}
NOTED = {"adopt": "noted as equal", "forget": "noted as gone"}
GOOD = ("confirmed", "adopted")
MOST = 200
"""Codes that are named of one kind of change, and failures that are listed."""


@dataclass(frozen=True, slots=True)
class Number:
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done of one kind, and to which codes."""

    count: int
    words: str
    codes: Sequence[str]


class Entry(NamedTuple):
    """One write of a run, or one that came to nothing."""

    code: str
    words: str
    became: str
    detail: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one pair; ``run`` is "" where there was none yet."""

    pair: str
    run: str = ""
    at: str = ""
    status: str = ""
    headline: str = ""
    cause: str = ""
    numbers: Sequence[Number] = ()
    sales: Sequence[Number] = ()
    done: Sequence[Done] = ()
    failed: Sequence[Entry] = ()
    waiting: Sequence[tuple[str, str, int]] = ()
    findings: Sequence[tuple[str, Sequence[str]]] = ()


def report_of(
    pair: str,
    document: Document | None,
    items: Sequence[Item],
    findings: Sequence[FindingLine],
) -> Report:
    """Return the report of a pair by the document of its newest run."""
    if document is None:
        return Report(pair)
    outcomes = document.get("outcomes", ())
    entries = [entry_of(one) for one in outcomes if one["outcome"] not in GOOD]
    return Report(
        pair,
        run=str(document.get("run") or ""),
        at=str(document.get("finished_at") or document.get("started_at") or ""),
        status=str(document["status"]),
        headline=_headline(document),
        cause=cause_of(document),
        numbers=list(_numbers(document.get("plan") or {})),
        sales=list(_sales(document.get("plan") or {})),
        done=_done(outcomes),
        failed=entries[:MOST],
        waiting=counted(items),
        findings=_by_kind(findings),
    )


def _headline(document: Document) -> str:
    counts = document.get("plan")
    if not counts:
        return "Nothing was compared."
    equal, compared = counts["in_sync"], counts["compared"]
    if equal == compared:
        return f"All {compared} codes that were compared are in step."
    return f"When it looked, {equal} of {compared} codes were in step."


def _numbers(counts: Mapping[str, object]) -> Iterator[Number]:
    for name in NUMBERS:
        count = counts.get(name)
        if isinstance(count, int) and (count or name in NUMBERS[:2]):
            yield Number(WAITING.get(name, COUNTED[name]), count)


def _sales(counts: Mapping[str, object]) -> Iterator[Number]:
    redeemed = counts.get("redemptions")
    for name, words in REDEEMED.items():
        count = redeemed.get(name) if isinstance(redeemed, Mapping) else None
        if count:
            yield Number(words, count)


def _done(outcomes: Sequence[Mapping[str, str]]) -> list[Done]:
    codes: dict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        if outcome["outcome"] in GOOD:
            action, target = outcome["action"], outcome["target"]
            words = DONE.get(action, action_words(action, target))
            words += f" {Side(target).label}" if action in DONE else ""
            codes[words].append(outcome["code"])
    return [Done(len(c), words, sorted(c)[:MOST]) for words, c in sorted(codes.items())]


def action_words(action: str, target: str) -> str:
    """Say what kind of change it is."""
    if target in ("", "state"):
        return NOTED.get(action, action)
    return f"{verb(action)} on {Side(target).label}"


def _by_kind(findings: Sequence[FindingLine]) -> list[tuple[str, Sequence[str]]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        kinds[reason_text(finding.kind)].append(finding.message)
    return list(kinds.items())


def cause_of(document: Document) -> str:
    """Say why a run ended as it did; "" where it is complete."""
    if error := document.get("error"):
        return str(error)
    refused = document.get("refused")
    return str(refused["message"]) if refused else ""


def entry_of(outcome: Mapping[str, str]) -> Entry:
    return Entry(
        outcome["code"],
        action_words(outcome["action"], outcome["target"]),
        BECAME.get(outcome["outcome"], outcome["outcome"]),
        outcome["detail"],
    )


def journal_of(document: Document) -> list[Entry]:
    """Return every write of a run, and after them what came to nothing without one."""
    written = [
        Entry(
            each["code"],
            action_words(each["action"], each["target"]),
            BECAME.get(each["state"], each["state"]),
            each["detail"],
            each.get("by") or "",
        )
        for each in document.get("journal", ())
    ]
    noted = {each["change"] for each in document.get("journal", ())}
    others = [
        entry_of(outcome)
        for outcome in document.get("outcomes", ())
        if outcome["id"] not in noted and outcome["outcome"] not in GOOD
    ]
    return written + others
