"""What waits for one answer about a partner, as one entry with all of its codes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from connector.engine.causes.needs import OwnerAmbiguous, OwnerMissing
from connector.engine.change import Change, Finding
from connector.engine.persons import Asking, Ids, asking
from connector.engine.planned import Plan
from connector.reports import typed
from connector.reports.safe import cell
from mappings.canonical import Side
from mappings.fields import shown_person

FEWEST = 2
"""Changes that ask the same; one alone is shown as it is."""
AT_ONCE = 30
"""So many codes are named in one command."""


class OneQuestion(NamedTuple):
    """Several changes that one answer settles; ``people`` is whom it is about."""

    asking: Asking
    people: tuple[str, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.asking.changes

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(map(cell, self.asking.codes))

    @property
    def title(self) -> str:
        noun = "code" if len(self.codes) == 1 else "codes"
        return f"{len(self.codes)} {noun} of {self.people[0]}"

    @property
    def text(self) -> str:
        """Say what is asked, and that one line of the alias file answers it."""
        if len(self.people) > 1:
            start = f"Is {self.people[0]} on Partnero the same person as "
            start += f"{self.people[1]} on Tolt?"
        else:
            there = Side.TOLT if self.asking.ids[0] else Side.PARTNERO
            start = f"Who is {self.people[0]} on {there.label}?"
        return f"{start} One line in the alias file answers this for all of them."


def together(
    plan: Plan, items: Sequence[Change | Finding]
) -> Iterator[Change | Finding | OneQuestion]:
    """Yield the items, those that ask the same in the place of the first of them.

    What is asked comes from the whole plan: some of it may wait in another section.
    """
    groups = [one for one in asking(plan.changes) if len(one.changes) >= FEWEST]
    of_id = {change.id: one for one in groups for change in one.changes}
    told: set[Ids] = set()
    shown = {item.id for item in items if isinstance(item, Change)}
    for item in items:
        one = of_id.get(item.id) if isinstance(item, Change) else None
        if one is None:
            yield item
        elif one.ids not in told:
            told.add(one.ids)
            here = tuple(change for change in one.changes if change.id in shown)
            yield OneQuestion(Asking(one.ids, here), _people(one))


def _people(one: Asking) -> tuple[str, ...]:
    """Return whom it is about as people read it, Partnero's first."""
    told: dict[str, str] = {}
    for change in one.changes:
        for cause in change.causes:
            if isinstance(cause, OwnerMissing | OwnerAmbiguous):
                told[cause.partner.id] = shown_person(cause.partner)
            if isinstance(cause, OwnerMissing) and cause.alike:
                told[cause.alike.id] = shown_person(cause.alike)
        for row in change.fields:
            if row.field == "partner":
                told |= _sights(change, row.partnero, row.tolt)
    return tuple(cell(told.get(id_, id_)) for id_ in one.ids if id_)


def _sights(change: Change, *shown: str | None) -> dict[str, str]:
    seen = [change.seen.get(side) for side in Side]
    pairs = zip(seen, shown, strict=True)
    return {one.values.partner or "": text for one, text in pairs if one and text}


def answers(plan: Plan, one: OneQuestion) -> Iterator[tuple[str, str]]:
    """Yield what can be typed: the file of questions first, then the codes as such."""
    pair = plan.pair if plan.several else None
    file = typed.command("check", "--aliases", "aliases.csv", pair=pair)
    yield file, "writes the row to confirm"
    codes = [code for code in one.asking.codes if typed.speakable(code)]
    whole = len(codes) == len(one.asking.codes) <= AT_ONCE
    if whole and all(change.reason == "payee_change" for change in one.changes):
        for side in Side:
            command = typed.decide_all(codes, f"--take {side}", pair=pair)
            yield command, f"two people: {side.label} is right"
