"""decide --ask: one thing after the other, a key each.

Each answer is stored at once: whoever stops in the middle keeps what was answered.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from connector.commands.agreeing import No, opened, refused_by
from connector.commands.context import DONE, Context, needs_terminal, note, now
from connector.commands.names import (
    is_blocked,
    refuse_strange,
    waiting_for,
    waiting_for_reason,
)
from connector.commands.reading import all_seen
from connector.commands.whoami import whoami
from connector.config.pair import Pair
from connector.engine.causes.cause import Cause
from connector.engine.decisions import Waits
from connector.engine.options import consent, open_questions, options_of
from connector.reports.documents import decisions_document
from connector.reports.inbox import Entry, entries_of
from connector.reports.meaning import rank
from connector.reports.messages.say import Reader, message, reader_of
from connector.reports.question import question_text
from connector.reports.waiting import rows
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.keys import key
from connector.terminal.streams import aside
from connector.terminal.width import width
from mappings.moments import iso
from state.model import Decision, Take
from state.store import Store

KEYS: Mapping[str, Take] = {
    "p": "partnero",
    "t": "tolt",
    "k": "keep",
    "d": "delete",
    "a": "proposed",
}
AT_ONCE = 50
"""For so many it is worked out at a time what each key would do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """About what is asked, who answers, and why."""

    names: Sequence[str] = ()
    reason: str = ""
    by: str = ""
    note: str = ""


@dataclass(slots=True)
class Sitting:
    """The answers about one pair, as they come."""

    pair: Pair
    reader: Reader
    store: Store
    asked: Asked
    taken: list[Decision] = field(default_factory=list)
    refused: list[No] = field(default_factory=list)


def decide_asking(context: Context, asked: Asked) -> int:
    """Ask about all that waits, or about what is named."""
    aside()
    context.wants("text", "json")
    needs_terminal(
        "decide --ask asks about each",
        "decide by a sheet instead (inbox --format csv, decide --from FILE)",
        yes=False,
    )
    pairs = list(context.pairs())
    prepared_of = all_seen(pairs)
    waiting = _waiting(context, pairs, prepared_of, asked)
    for pair in pairs:
        reader = reader_of(prepared_of[pair.name].plan)
        sitting = Sitting(pair, reader, opened(pair), asked)
        goes_on = _sit(sitting, prepared_of[pair.name], waiting[pair.name])
        _end(context, sitting)
        if not goes_on:
            break
    return DONE


def _waiting(
    context: Context,
    pairs: Sequence[Pair],
    prepared_of: Mapping[str, Prepared],
    asked: Asked,
) -> dict[str, list[Waits]]:
    """Return by pair what is to be asked about; by itself nothing that is blocked."""
    if asked.reason:
        held = waiting_for_reason(prepared_of, asked.reason, context.pair)
        return {pair: [w for g in held[pair].values() for w in g] for pair in held}
    if not asked.names:
        return {
            pair: [w for w in open_questions(prepared.plan) if not is_blocked(w)]
            for pair, prepared in prepared_of.items()
        }
    named = {
        pair: waiting_for(prepared, asked.names, "keep")
        for pair, prepared in prepared_of.items()
    }
    refuse_strange(pairs, context.pair, asked.names, "keep", named)
    return {pair: [w for g in named[pair].values() for w in g] for pair in named}


def _sit(sitting: Sitting, prepared: Prepared, waiting: Sequence[Waits]) -> bool:
    """Ask one after the other; False where a person ends it."""
    entries = _entries(sitting, prepared, waiting)
    for number, entry in enumerate(entries, 1):
        note("")
        note(f"{number} of {len(waiting)}, {sitting.pair.name}")
        note(question_text(entry, width(sys.stderr)))
        if not _answered(sitting, entry):
            return False
    return True


def _entries(
    sitting: Sitting, prepared: Prepared, waiting: Sequence[Waits]
) -> Iterator[Entry]:
    """Yield what waits, and work out what each key would do a few at a time."""
    left = iter(sorted(waiting, key=rank))
    facts = prepared.facts
    while facts and (some := list(islice(left, AT_ONCE))):
        policy = sitting.pair.policy
        yield from entries_of(rows(some, prepared.plan, facts, policy))


def _answered(sitting: Sitting, entry: Entry) -> bool:
    """Ask until there is an answer; False for the end."""
    while True:
        pressed = key("p t k d a, s to skip, q to end: ")
        if pressed in ("q", ""):
            return False
        if pressed == "s":
            return True
        if pressed not in KEYS:
            continue
        decision = _decision(sitting, entry, KEYS[pressed])
        if decision is None:
            continue
        _store(sitting, decision)
        return True


def _decision(sitting: Sitting, entry: Entry, take: Take) -> Decision | None:
    """Return what a key decides; None where it does not fit, or was not meant."""
    asked = sitting.asked
    person = (asked.by or whoami(), iso(now()))
    decision = consent(entry.waiting, take, *person, asked.note)
    if isinstance(decision, Cause):
        note(message((decision,), sitting.reader))
        return None
    if options_of(entry.waiting)[take]["destroys"]:
        note("What is lost cannot be brought back.")
        if key("Go on? y or n: ") != "y":
            return None
    return decision


def _store(sitting: Sitting, decision: Decision) -> None:
    if beaten := sitting.store.decide([decision]):
        no = refused_by(beaten[0], sitting.reader)
        sitting.refused.append(no)
        note(no.why)
    else:
        sitting.taken.append(decision)


def _end(context: Context, sitting: Sitting) -> None:
    """Say how many were decided."""
    number = len(sitting.taken)
    line = f"{sitting.pair.name}: {number or 'nothing'} decided."
    name = sitting.pair.name
    context.show(decisions_document(name, sitting.taken, sitting.refused), line)
    if any(decision.take != "keep" for decision in sitting.taken):
        note("It is done by the next sync or apply; take it back with --withdraw.")
