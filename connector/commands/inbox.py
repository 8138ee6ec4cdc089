"""inbox: what waits for a person, as the last complete look has shown it.

Neither side is asked for that, unless nobody has looked yet, or ``--fresh`` wants it.
Nothing is written in any case.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connector.commands.context import (
    DONE,
    FAILED,
    LOCKED,
    REFUSED,
    Context,
    emit,
    note,
    now,
    remembered,
    worst,
)
from connector.commands.plans import planned
from connector.commands.together import in_order
from connector.config.load import Config
from connector.config.pair import Pair
from connector.config.schema import PairSection
from connector.engine.guards import OF_LIMITS
from connector.errors import Problem
from connector.reports.decision_sheet import sheet
from connector.reports.inbox import Inbox, entries_of, inbox_document, inbox_text
from connector.reports.messages.say import reader_of, said
from connector.reports.waiting import waiting_rows
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.progress import Progress, progress
from connector.terminal.width import width
from mappings.moments import instant
from state.database import StateBusy, StateProblem
from state.store import Store


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of it is wanted, and how."""

    reason: str = ""
    partner: str = ""
    fresh: bool = False
    kept: bool = False


def inbox(context: Context, wanted: Shown, jobs: int = 1) -> int:
    """Show what waits in each pair; in a spreadsheet all pairs stand in one."""
    context.wants("text", "json", "csv")
    config = context.config()
    codes, boxes = [], []
    for box, code in _boxes(context, config, wanted, jobs):
        codes.append(code)
        boxes.append(box.only(wanted.reason, wanted.partner))
        if context.format != "csv":
            document = inbox_document(boxes[-1], kept=wanted.kept)
            text = inbox_text(boxes[-1], width(sys.stdout), kept=wanted.kept)
            context.show(document, text)
    if context.format == "csv":
        emit(sheet(boxes, kept=wanted.kept))
    return worst(codes)


def _boxes(
    context: Context, config: Config, wanted: Shown, jobs: int
) -> Iterator[tuple[Inbox, int]]:
    """Yield what waits in each pair, in their order; one of several ends no other."""
    sections = context.sections(config)
    with progress() as shown:

        def one(section: PairSection) -> tuple[Inbox, int]:
            return _box(context, config, section, wanted, shown)

        for done in in_order(sections, one, jobs):
            with shown.aside():  # while it is printed
                yield done


def _box(
    context: Context,
    config: Config,
    section: PairSection,
    wanted: Shown,
    shown: Progress,
) -> tuple[Inbox, int]:
    """Return what waits in a pair, and the exit code that it comes to."""
    several = config.several
    try:
        store = remembered(config.location, section.name)
        box = _remembered(section.name, store, several=several)
    except StateProblem as error:
        unknown = Inbox(section.name, several, "", 0)
        return _as_before(unknown, str(error)), error.exit_code
    known = box.as_of or wanted.kept
    if known and not wanted.fresh:
        return box, DONE
    if not wanted.fresh:
        note(f"{section.name}: no run has looked yet, so both sides are read now.")
    try:
        return _read_anew(context.given(config, section), box, shown)
    except StateProblem:
        raise  # all pairs are in one state
    except Problem as error:
        if not box.several:
            raise
        return _as_before(box, str(error)), error.exit_code


def _remembered(pair: str, store: Store | None, *, several: bool) -> Inbox:
    """Return what the last complete look has shown."""
    look = store.looked() if store else None
    box = Inbox(pair, several, "", 0)
    if store is None:
        return box
    box = replace(box, decisions=tuple(store.decisions().values()))
    if look is None:
        return box
    age = max(0, int((now() - instant(look.as_of)).total_seconds()))
    entries = entries_of(store.waiting().values())
    return replace(box, as_of=look.as_of, age=age, entries=entries, ran=look.as_of)


def _read_anew(pair: Pair, before: Inbox, shown: Progress) -> tuple[Inbox, int]:
    """Return what waits now; where that cannot be read, what waited before, and why."""
    try:
        prepared = planned(pair, shown=shown)
    except StateBusy as error:
        return _as_before(before, str(error)), LOCKED
    if why := _why_not(prepared):
        code = REFUSED if prepared.plan.refused else FAILED
        return _as_before(before, why), code
    plan, facts = prepared.plan, prepared.facts
    rows = waiting_rows(plan, facts, pair.policy) if facts else []
    box = replace(before, as_of=plan.created_at, age=0, entries=entries_of(rows))
    return box, DONE


def _as_before(before: Inbox, why: str) -> Inbox:
    note(f"{before.pair} could not be read now: {why}")
    return replace(before, error=why)


def _why_not(prepared: Prepared) -> str:
    """Say why a reading is no complete look."""
    plan = prepared.plan
    if plan.refused and plan.refused.guard not in OF_LIMITS:
        return said(plan.refused, reader_of(plan))
    if plan.failed:
        return plan.failed
    return "; ".join(
        f"{side.label} could not be read completely: {seen.missed}"
        for side, seen in prepared.sides.items()
        if not seen.complete
    )
