"""One plan in the order in which it is read, the same in every format.

First what pays the wrong person, what is dead on one side alone and what has the wrong
unit, then what else a person has to decide, then what cannot be done, then what would
be done, then what is good to know. The numbers are those of the JSON document.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from connector.engine.acts import Adopt, Collision, Forget, Reappeared
from connector.engine.change import Change, Finding, Status
from connector.engine.planned import Plan
from connector.reports.documents import summary
from connector.reports.meaning import guard_text, rank, reason_text, verb
from connector.reports.messages.say import reader_of, said
from connector.reports.safe import cell

TITLES = {
    "unread": "Not read completely",
    "urgent": "Matters most",
    "held": "Needs a decision",
    "blocked": "Cannot be done as things are",
    "ready": "Would be done",
    "known": "Good to know",
    "acceptable": "Can be accepted as it is",
    "accepted": "Accepted differences",
    "decided": "Decided, done by the next sync or apply",
    "pending": "Decided, and not possible now",
    "remembered": "Only noted",
}
COUNTED = {
    "compared": "codes compared",
    "in_sync": "in step",
    "only_on_partnero": "only on Partnero",
    "only_on_tolt": "only on Tolt",
    "differ": "differ",
    "collisions": "unclear",
    "unproven": "not certain",
    "ready": "would be written",
    "held": "need a decision",
    "blocked": "cannot be done",
    "noted": "only noted",
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "findings": "findings",
    "accepted": "accepted differences",
}
_UNCLEAR = ("collisions", "unproven")
URGENT = (
    *("dead_here_live_there", "switched_off", "wrong_unit", "rematched"),
    *("common_root", "redemption_twice", "refunded", "other_state"),
)
"""Findings that come before everything else: who is paid wrongly, what is not equal."""
URGENT_CHANGES = ("payee_change", "wrong_unit")
"""Why a change that waits, or cannot be done, stands among them."""
BELOW = ("redemption_without_key", "amount_differs", "amount_unread")
"""Findings about one sale each, which its line among the sales tells as well."""
REDEEMED = {
    "in_sync": "redemptions on both sides",
    "missing_on_partnero": "missing on Partnero",
    "missing_on_tolt": "missing on Tolt",
    "without_key": "without a key",
    "twice": "twice",
    "differs": "with another amount",
    "refunded": "taken back on one side only",
    "lookalike": "perhaps the same as another sale",
    "quarantined": "to be judged by a person",
    "unproven": "in doubt",
}


class Count(NamedTuple):
    """One number of a plan: its stable name, and how people say it."""

    name: str
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading; ``elsewhere`` findings are told by a change.

    ``above`` counts the changes of it that stand with what matters most, ``below`` the
    findings that stand with the sales, ``bulk`` what is one line however much it is.
    """

    name: str
    items: tuple[Change | Finding, ...]
    elsewhere: int = 0
    above: int = 0
    below: int = 0
    bulk: int = 0

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def heading(self) -> str:
        return f"{self.title} ({len(self.items) + self.above + self.bulk})"

    @property
    def notes(self) -> Iterator[str]:
        """Yield what is said below the items: what of them stands elsewhere."""
        if self.above:
            title = TITLES["urgent"]
            yield f"{self.above} of these above, under {title[:1].lower()}{title[1:]}."
        if self.elsewhere:
            yield f"{self.elsewhere} more, told with the changes above."
        if self.below:
            yield f"{self.below} more, told with the sales below."

    def by_reason(self) -> Iterator[tuple[str, list[Change | Finding]]]:
        """Yield the items that share a reason, under that reason as people say it."""
        for reason, items in groupby(self.items, reason_of):
            yield reason_text(reason), list(items)


def reason_of(item: Change | Finding) -> str:
    return item.reason if isinstance(item, Change) else item.kind


def sections(plan: Plan) -> tuple[Section, ...]:
    """Return the sections of a plan that have something in them."""
    filed: dict[str, list[Change | Finding]] = {name: [] for name in TITLES}
    for change in plan.changes:
        filed[_place(change)].append(change)
    causes = {change.causes for change in plan.changes}
    below = sum(is_below(plan, finding) for finding in plan.findings)
    for finding in plan.findings:
        if finding.causes not in causes and not is_below(plan, finding):
            unread = finding.kind == "unproven" and finding.code is None
            urgent = "urgent" if finding.kind in URGENT else "known"
            filed["unread" if unread else urgent].append(finding)
    shown = [item for items in filed.values() for item in items]
    again = len(plan.findings) - below
    again -= sum(isinstance(item, Finding) for item in shown)
    filed["accepted"] += plan.accepted
    above = Counter(
        item.status.value for item in filed["urgent"] if isinstance(item, Change)
    )
    every = (
        Section(
            name,
            tuple(sorted(items, key=rank)),
            again if name == "known" else 0,
            above[name],
            below if name == "known" else 0,
            len(plan.adopted) if name == "remembered" else 0,
        )
        for name, items in filed.items()
    )
    return tuple(one for one in every if one.items or one.bulk or any(one.notes))


def is_below(plan: Plan, finding: Finding) -> bool:
    """Say whether a finding is told once more where the sales are listed."""
    report = plan.redemption_report
    return finding.kind in BELOW and report is not None and bool(report.lines)


def is_noted(change: Change) -> bool:
    """Say whether it is ready and only bookkeeping: neither side is written to."""
    noted = isinstance(change.act, Adopt | Forget | Reappeared | Collision)
    return noted and change.status is Status.READY


def _place(change: Change) -> str:
    if is_noted(change):
        return "remembered"
    waits = change.status is not Status.READY
    return "urgent" if waits and change.reason in URGENT_CHANGES else change.status


def headline(plan: Plan) -> str:
    """Say the whole plan in one sentence that needs no explanation."""
    if plan.failed and not plan.tally.compared:
        return "Nothing could be compared. Nothing was changed."
    counted = summary(plan)
    waiting = counted["held"]
    need = f" {waiting} {'needs' if waiting == 1 else 'need'} a decision."
    end = f"{need if waiting else ''} Nothing was changed."
    if plan.undoes:
        return f"The way back from run {plan.undoes}: {len(plan.changes)} changes.{end}"
    words = ("in_sync", "only_on_partnero", "only_on_tolt", "differ", *_UNCLEAR)
    parts = [
        f"{counted[w]} {COUNTED[w]}" for w in words if counted[w] or w == "in_sync"
    ]
    noun = "code" if counted["compared"] == 1 else "codes"
    unread = [
        side.capitalize() for side, read in plan.sides.items() if not read.complete
    ]
    start = f"{' and '.join(unread)} not read completely. " if unread else ""
    return f"{start}{counted['compared']} {noun} compared: {', '.join(parts)}.{end}"


def banners(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what stands above everything else: why a plan is not to be relied on."""
    if plan.refused:
        text = said(plan.refused, reader_of(plan))
        why = guard_text(plan.refused.guard)
        yield f"A run would be refused, {why}", cell(text)
    if plan.failed:
        yield "Failed", cell(plan.failed)
    for side, read in plan.sides.items():
        if not read.complete:
            why = f": {read.missed}" if read.missed else ""
            text = f"{read.codes} codes were read{why}. What is missing is unknown."
            yield f"{side.capitalize()} was not read completely", cell(text)


def counts(plan: Plan) -> list[Count]:
    """Return the counts that people read, then those of further actions.

    What is only noted is no change of anything, and counts apart.
    """
    noted = sum(map(is_noted, plan.changes)) + len(plan.adopted)
    counted = summary(plan) | {"noted": noted}
    counted["ready"] -= noted
    others = Counter(
        change.action
        for change in plan.changes
        if change.action not in COUNTED and change.target != "state"
    )
    return [Count(name, words, counted[name]) for name, words in COUNTED.items()] + [
        Count(action, f"to {verb(action)}", number)
        for action, number in sorted(others.items())
    ]


def redemptions(plan: Plan) -> list[Count]:
    """Return the counts of redemptions; none where none were compared."""
    if not plan.redemptions:
        return []
    counted = summary(plan)["redemptions"]
    return [Count(name, words, counted[name]) for name, words in REDEEMED.items()]
