"""What waits for a person, as the last complete look has shown it.

Made of what is kept of that look, and of the decisions that stand now: what was decided
since then waits no more.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from connector.reports.documents import Document, decision_document, titled
from connector.reports.lines import (
    NARROWEST,
    WIDTH,
    Commands,
    Head,
    Line,
    Prose,
    laid_out,
)
from connector.reports.meaning import reason_text, verb, weight
from connector.reports.safe import cell
from connector.reports.sections import TITLES
from connector.reports.typed import command, explain, paired
from connector.reports.waiting import BASIS
from connector.reports.whose import named
from mappings.canonical import Side
from mappings.masking import masked
from state.model import Decision, Waiting

MOST = 20
"""So many are shown of each kind, before it says how to see the rest."""
MANY = 3
"""From so many on, the sheet is the quicker way."""
ACCEPTABLE = "acceptable"
BELOW = "      "


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that waits, with its document as it was kept."""

    waiting: Waiting
    document: Mapping[str, Any]

    @property
    def reason(self) -> str:
        return str(self.document.get("reason") or self.document.get("kind") or "")

    @property
    def status(self) -> str:
        """Held, blocked, or acceptable: a finding."""
        return str(self.document.get("status") or ACCEPTABLE)

    @property
    def code(self) -> str:
        """The code as it may be shown."""
        return masked(self.waiting.code)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits in one pair; ``error`` says why it could not be read anew.

    ``as_of`` is when both sides were seen, ``ran`` when the last run or pass saw them.
    ``several``: there are more pairs, and commands name theirs. ``all_of_it``: nothing
    is left out of the text.
    """

    pair: str
    several: bool
    as_of: str
    age: int
    entries: tuple[Entry, ...] = ()
    decisions: tuple[Decision, ...] = ()
    ran: str = ""
    error: str = ""
    all_of_it: bool = False

    @property
    def waiting(self) -> tuple[Entry, ...]:
        """What nobody has decided about."""
        decided = {decision.id for decision in self.decisions}
        return tuple(e for e in self.entries if e.waiting.id not in decided)

    @property
    def kept(self) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.take == "keep")

    @property
    def decided(self) -> tuple[Decision, ...]:
        """What the next run does, or tries."""
        return tuple(d for d in self.decisions if d.take != "keep")

    def only(self, reason: str, who: str) -> "Inbox":
        """Return the part of it that has a reason, or is about a person."""
        name = who.strip().lower()
        entries = tuple(
            entry
            for entry in self.entries
            if reason in ("", entry.reason)
            and (not name or name in entry.waiting.people.lower().splitlines())
        )
        ids = {entry.waiting.id for entry in entries}
        decisions = tuple(d for d in self.decisions if d.id in ids)
        whole = bool(reason or who)
        if not whole:
            return self
        return replace(self, entries=entries, decisions=decisions, all_of_it=True)


def entries_of(waiting: Iterable[Waiting]) -> tuple[Entry, ...]:
    """Return what waits as it is kept, by weight of its reason and then by code."""
    found = (Entry(one, json.loads(one.document)) for one in waiting)
    return tuple(sorted(found, key=_order))


def _order(entry: Entry) -> tuple[int, str, str, str]:
    one = entry.waiting
    return weight(entry.reason), entry.reason, one.key, one.id


# -- as JSON ----------------------------------------------------------------------


def inbox_document(box: Inbox, *, kept: bool = False) -> Document:
    """Return the inbox as JSON; what is kept of a consent is nobody's to read."""
    shown = {
        name: [_public(box, e.document) for e in box.waiting if e.status in statuses]
        for name, statuses in _LISTS.items()
    }
    return titled(
        "inbox",
        pair=box.pair,
        as_of=box.as_of or None,
        age_seconds=box.age if box.as_of else None,
        error=box.error or None,
        **shown,
        decided=[_decided(box, decision) for decision in box.decided],
        **({"kept": [_kept(box, d) for d in box.kept]} if kept else {}),
    )


_LISTS = {
    "changes": ("held", "blocked"),
    "held": ("held",),
    "acceptable": (ACCEPTABLE,),
}


def public(document: Mapping[str, Any]) -> Document:
    """Return the document of what waits without what only the state needs."""
    words: Mapping[str, Mapping[str, Any]] = document.get("options", {})
    options = {
        word: {name: value for name, value in said.items() if name != "decision"}
        for word, said in words.items()
    }
    told = {name: part for name, part in document.items() if name != BASIS}
    return {**told, **({"options": options} if options else {})}


def _public(box: Inbox, document: Mapping[str, Any]) -> Document:
    """Return it with commands that can be typed now: pairs may have come since."""
    shown = public(document)
    typed = [{**w, "command": paired(w["command"], _pair(box))} for w in shown["ways"]]
    named = {"commands": [way["command"] for way in typed]} if typed else {}
    return {**shown, "ways": typed, **named}


def _decided(box: Inbox, decision: Decision) -> Document:
    """Return what is decided, with the decision; or that alone."""
    about = _about(box, decision)
    return (
        _public(box, about) | {"decision": decision_document(decision)}
        if about
        else (decision_document(decision))
    )


def _kept(box: Inbox, decision: Decision) -> Document:
    """Return what was accepted, with the reason and message where they are known."""
    about = _about(box, decision)
    told = {name: about[name] for name in ("reason", "message") if name in about}
    return decision_document(decision) | told


def _about(box: Inbox, decision: Decision) -> Mapping[str, Any]:
    entry = next((e for e in box.entries if e.waiting.id == decision.id), None)
    return entry.document if entry else {}


# -- as text ----------------------------------------------------------------------


def inbox_text(box: Inbox, width: int = WIDTH, *, kept: bool = False) -> str:
    """Return what waits for a person, with what can be typed about each."""
    lines = _kept_lines(box) if kept else _lines(box)
    if not box.several:
        return laid_out(lines, width)
    room = max(NARROWEST, width - len(box.pair) - 2)
    return named(box.pair, laid_out(lines, room))


def _lines(box: Inbox) -> Iterator[Line]:
    held = sum(entry.status == "held" for entry in box.waiting)
    waits = f"{held} wait" if held > 1 else f"{held or 'nothing'} waits"
    if box.error:
        yield Prose(f"{box.pair}: COULD NOT BE READ NOW: {box.error}")
        waits = f"{held or 'nothing'} waited before"
    if not box.as_of:
        yield Prose(f"{box.pair}: what waits is not known: no run has seen both sides.")
        return
    yield Prose(f"{box.pair}: {waits} for a decision. {_seen(box)}".rstrip())
    for status in ("held", ACCEPTABLE, "blocked"):
        found = [entry for entry in box.waiting if entry.status == status]
        if found:
            yield ""
            yield from _section(box, status, found)
    yield from _decided_lines(box)
    if held >= MANY:
        yield ""
        yield from _sheet_lines(box)


def _seen(box: Inbox) -> str:
    """Say of when it is."""
    at = f"{box.as_of[:10]} {box.as_of[11:16]} UTC"
    return f"As of {at} ({age_text(box.age)})."


def age_text(seconds: int) -> str:
    """Say how long ago something was."""
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {noun}{'' if number == 1 else 's'} ago"
    return "just now"


def _section(box: Inbox, status: str, found: Sequence[Entry]) -> Iterator[Line]:
    yield f"{TITLES[status]} ({len(found)})"
    left = len(found) if box.all_of_it else MOST
    for reason, group in groupby(found, lambda entry: entry.reason):
        some = list(group)
        heading = f"{reason_text(reason)} ({len(some)})  [{reason}]"
        yield Prose(heading, "  ")
        if len(some) >= MANY and status != "blocked":
            yield Commands([_of_reason(box, reason, some)], "    ")
        for alike in _together(some[: max(left, 0)]):
            yield from _one_of(box, alike)
        if left < len(some):
            more = _command(box, "inbox", "--reason", reason)
            yield f"    ... and {len(some) - max(left, 0)} more: {more}"
        left -= len(some)


def _of_reason(box: Inbox, reason: str, some: Sequence[Entry]) -> tuple[str, str]:
    """Return the command for a whole group: a key each, or to accept all of it."""
    known = all(entry.status == ACCEPTABLE for entry in some)
    option, does = (
        ("--keep", "accept all of them") if known else ("--ask", "a key each")
    )
    return _command(box, "decide", "--reason", reason, option), does


def _together(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return them in parts: those that one answer about a person settles in one."""
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        asked = entry.document.get("question")
        parts.setdefault(asked["text"] if asked else entry.waiting.id, []).append(entry)
    return list(parts.values())


def _one_of(box: Inbox, alike: Sequence[Entry]) -> Iterator[Line]:
    """Yield one thing that waits, or one question for several of them."""
    if len(alike) == 1:
        yield from _entry(box, alike[0])
        return
    question = alike[0].document["question"]
    yield Prose(question["title"], "    ")
    yield Prose(question["text"], "      ")
    yield Prose(f"Codes: {', '.join(entry.code for entry in alike)}.", "      ")
    yield Commands(list(_ways(box, question)), BELOW)


def _entry(box: Inbox, entry: Entry) -> Iterator[Line]:
    document = entry.document
    does = "" if entry.status == ACCEPTABLE else f"{_action(document)}  "
    yield Head(cell(entry.code), f"{does}{entry.waiting.id}", "    ")
    beside = f"{document.get('code', '')}: "
    yield Prose(document["message"].removeprefix(beside), "      ")
    if lost := document.get("lost"):
        yield Prose(f"Lost: {', '.join(lost)}.", "      ")
    if document.get("raises_exposure"):
        yield Prose("Customers could get more off than now.", BELOW)
    yield Commands(list(_ways(box, document)), BELOW)


def _ways(box: Inbox, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what can be typed; a look may be older than the second pair."""
    for way in document.get("ways", ()):
        yield paired(way["command"], _pair(box)), way["does"]


def _action(document: Mapping[str, Any]) -> str:
    labels = {side.value: f" on {side.label}" for side in Side}
    if document["target"] not in labels:
        return "to decide"
    return f"{verb(document['action'])}{labels[document['target']]}"


def _decided_lines(box: Inbox) -> Iterator[Line]:
    """Say what is decided and not yet done; what a run left undone is told apart."""
    waits = [d for d in box.decided if box.ran and d.at < box.ran]
    fresh = [d for d in box.decided if d not in waits]
    for name, decisions in (("decided", fresh), ("pending", waits)):
        if decisions:
            yield ""
            yield f"{TITLES[name]} ({len(decisions)})"
            for decision in decisions:
                yield Prose(_who(decision), "    ")
                if name == "pending":
                    why = explain(decision.code, pair=_pair(box))
                    yield Commands([(why, "why it was not done")], BELOW)


def _kept_lines(box: Inbox) -> Iterator[Line]:
    """Say what was accepted as it is, by whom, when and why."""
    number = len(box.kept) or "nothing"
    yield f"{box.pair}: {number} accepted as it is."
    for decision in sorted(box.kept, key=lambda one: (one.key, one.id)):
        yield Prose(_who(decision), "    ")
        back = _command(box, "decide", decision.id, "--withdraw")
        yield Commands([(back, "ask about it again")], BELOW)


def _who(decision: Decision) -> str:
    note = f": {decision.note}" if decision.note else ""
    at = f"{decision.at[:10]} {decision.at[11:16]} UTC"
    what = ", ".join(decision.fields) or decision.action
    about = f" ({what})" if what else ""
    return f"{decision.code}{about}: {decision.take}, by {decision.who}, {at}{note}"


def _sheet_lines(box: Inbox) -> Iterator[Line]:
    yield "Many at once, in a spreadsheet:"
    out = f"{_command(box, 'inbox', '--format', 'csv')} > waiting.csv"
    back = _command(box, "decide", "--from", "waiting.csv")
    yield Commands([(out, "fill in the column decision"), (back, "read it")], BELOW)


def _command(box: Inbox, *words: str) -> str:
    return command(*words, pair=_pair(box))


def _pair(box: Inbox) -> str | None:
    return box.pair if box.several else None
