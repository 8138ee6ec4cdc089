"""inbox and decide: what waits for a person, and what the person wants.

A decision is consent to one change, for exactly what was seen. What it will do is
shown before it is stored; it is done by the next sync or apply, and ends when one of
the values changes.
"""

import getpass
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.commands.context import (
    DONE,
    FAILED,
    PARTIAL,
    USAGE,
    Context,
    asked,
    confirmed,
    needs_terminal,
    note,
    now,
    remembered,
    result,
    worst,
)
from connector.commands.memory import open_state
from connector.commands.plans import seen_whole
from connector.config.pair import Pair
from connector.engine import deciding
from connector.engine.change import Change, Status
from connector.engine.consent import PUSHED
from connector.engine.deciding import OPTIONS, Answer, Waits, Word
from connector.errors import Misconfigured
from connector.reports import typed
from connector.reports.documents import (
    decisions_document,
    item_document,
    titled,
)
from connector.reports.messages.say import Reader, message, reader_of, said
from connector.reports.safe import cell
from connector.reports.sections import pending_decisions
from connector.reports.text import inbox_text
from connector.run.look import (
    Sighting,
)
from connector.terminal.streams import aside
from mappings.canonical import fold
from mappings.masking import masked
from mappings.moments import iso
from state.model import Decision, Take, Waiting
from state.store import Store


def inbox(context: Context) -> int:
    context.wants("text", "json")
    for pair in context.pairs():
        plan = seen_whole(pair).plan
        held = [change for change in plan.changes if change.status is Status.HELD]
        decided = [change for change in plan.changes if change.decided]
        waiting = [item_document(plan, change) for change in held]
        document = titled(
            "inbox",
            pair=plan.pair,
            as_of=plan.created_at,
            age_seconds=0,
            changes=waiting,
            held=waiting,
            decided=[item_document(plan, change) for change in decided],
            pending=[
                item_document(plan, finding) for finding in pending_decisions(plan)
            ],
            acceptable=[item_document(plan, finding) for finding in plan.acceptable],
        )
        context.show(document, inbox_text(plan))
    return DONE


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person typed: the word, about which codes or ids, by whom and why."""

    names: Sequence[str]
    take: Take | None
    yes: bool = False
    note: str = ""
    by: str = ""


@dataclass(slots=True)
class Told:
    """What became of each name: what is taken, and what is refused and why."""

    taken: list[Answer] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    def refuse(self, id_: str, code: str, why: str) -> None:
        self.refused.append((id_, code, why))


def decide(context: Context, wish: Wish) -> int:
    """Decide about codes or changes, all of them from one reading of both sides."""
    aside()
    context.wants("text", "json")
    if wish.take is None:
        return _withdraw(context, wish)
    pairs = list(context.pairs())
    sightings = {pair.name: seen_whole(pair) for pair in pairs}
    wanted = {pair.name: _named(sightings[pair.name], wish) for pair in pairs}
    _refuse_strange(context, pairs, wish, wanted)
    codes = [
        _decided(context, pair, sightings[pair.name], wanted[pair.name], wish)
        for pair in pairs
        if wanted[pair.name]
    ]
    return worst(codes)


def _named(sighting: Sighting, wish: Wish) -> dict[str, list[Waits]]:
    """Return what each name stands for in one pair; nothing for those of others."""
    found = {name: deciding.find(name, sighting.plan) for name in wish.names}
    if wish.take == "delete" and sighting.facts is not None:
        pending = sighting.facts.decisions.values()
        for name in wish.names:
            gone = deciding.removal(name, sighting.facts)
            answered = any(
                _is_meant(one, [name]) for one in pending if one.take != "keep"
            )
            if not found[name] and gone is not None and not answered:
                found[name] = [gone]
    return {name: waits for name, waits in found.items() if waits}


def _refuse_strange(
    context: Context,
    pairs: Sequence[Pair],
    wish: Wish,
    wanted: dict[str, dict[str, list[Waits]]],
) -> None:
    """Refuse all of it where a name is unknown, or belongs to several pairs."""
    for name in wish.names:
        waiting = {
            pair: [waits.id for waits in named[name]]
            for pair, named in wanted.items()
            if name in named
        }
        if len(waiting) > 1:
            option = OPTIONS[wish.take or "keep"]
            raise Misconfigured(_in_several(name, option, waiting, "stored"))
        if not waiting and (decided := _decided_already(pairs, name)):
            pair, decision = decided
            named = pair if len(pairs) > 1 else context.pair
            id_ = name if typed.speakable(name) else decision.id
            raise Misconfigured(
                f"{cell(name)} is decided already ({OPTIONS[decision.take]}, by "
                f"{decision.who}). Nothing was stored. Take that back first: "
                f"{typed.decide(id_, '--withdraw', pair=named)}"
            )
        if not waiting:
            raise Misconfigured(
                f"{cell(name)}: nothing of that code or id waits for a decision in "
                f"{', '.join(wanted)}. Nothing was stored. What waits: "
                f"{typed.command('inbox', pair=context.pair)}"
            )


def _in_several(
    name: str, option: str, pairs: Mapping[str, Sequence[str]], done: str
) -> str:
    """Say which command is meant, by ids where the name is not to be shown."""
    commands = "; ".join(
        typed.decide_all([name] if typed.speakable(name) else ids, option, pair=pair)
        for pair, ids in pairs.items()
    )
    told = f"{cell(name)} waits in several pairs. Nothing was {done}. "
    return f"{told}Type one of: {commands}"


def _decided_already(pairs: Sequence[Pair], name: str) -> tuple[str, Decision] | None:
    """Return the pair and the decision about a name of which nothing waits."""
    for pair in pairs:
        store = remembered(pair.location, pair.name)
        for decision in store.decisions().values() if store else ():
            if _is_meant(decision, [name]):
                return pair.name, decision
    return None


def _decided(
    context: Context,
    pair: Pair,
    sighting: Sighting,
    named: dict[str, list[Waits]],
    wish: Wish,
) -> int:
    """Work out, show, ask and store the decisions of one pair."""
    told = Told()
    reader = reader_of(sighting.plan)
    waiting = _as_seen(pair, named, told, reader)
    if sighting.facts is None or wish.take is None:
        raise Misconfigured(f"{pair.name} could not be read: nothing was stored")
    word = Word(wish.take, wish.by or _who(), iso(now()), wish.note)
    answers = deciding.decide(waiting, word, sighting.facts, pair.policy)
    for answer in answers:
        if answer.why:
            told.refuse(
                answer.decision.id, answer.decision.code, message(answer.why, reader)
            )
        else:
            told.taken.append(answer)
    _show(told, wish, reader)
    if told.taken and not _sure(told.taken, yes=wish.yes):
        result("Nothing was decided.")
        return FAILED
    if told.taken:
        store = _store(pair)
        store.decide([answer.decision for answer in told.taken])
    _say(context, pair, told, wish)
    if not told.refused:
        return DONE
    return PARTIAL if told.taken else USAGE


def _as_seen(
    pair: Pair, named: dict[str, list[Waits]], told: Told, reader: Reader
) -> list[Waits]:
    """Leave out what is not as it was when it was last shown to anybody.

    Shown were the values of the last complete run that held it; where none did, they
    are those that this command reads and prints. An id names exactly what was seen.
    """
    store = remembered(pair.location, pair.name)
    last = list(store.waiting().values()) if store else []
    waiting: list[Waits] = []
    for name, group in named.items():
        before = {one.id for one in last if _is_of(one, name)}
        for waits in group:
            by_id = name == waits.id
            moved = isinstance(waits, Change) and waits.action not in PUSHED
            if before and moved and not by_id and waits.id not in before:
                told.refuse(waits.id, _code(waits), _changed(waits, reader))
            else:
                waiting.append(waits)
    return waiting


def _is_of(waiting: Waiting, name: str) -> bool:
    return waiting.key == fold(name) or fold(waiting.code) == fold(name)


def _changed(waits: Waits, reader: Reader) -> str:
    return (
        "it is not as it was when the last run showed it: now "
        f"{said(waits, reader)} If that is what you mean, name it by its id: {waits.id}"
    )


def _code(waits: Waits) -> str:
    return waits.code or ""


def _show(told: Told, wish: Wish, reader: Reader) -> None:
    """Say what will happen and what is lost, before anything is stored."""
    effects = {change.id: change for one in told.taken for change in one.effects}
    needs = {change.id: change for one in told.taken for change in one.needs}
    for change in needs.values():
        note(cell(said(change, reader)))
    for change in effects.values():
        note(cell(typed.effect(change)))
    for answer in told.taken:
        pushed = isinstance(answer.waits, Change) and answer.waits.action in PUSHED
        if wish.take == "keep" or pushed:
            text = said(answer.waits, reader).removeprefix(f"{answer.decision.code}: ")
            word = "accepted as it is: " if wish.take == "keep" else ""
            note(f"{cell(answer.decision.code)}: {word}{cell(text)}")


def _sure(answers: Sequence[Answer], *, yes: bool) -> bool:
    """Ask twice before a record is removed for good; no terminal needs --yes."""
    destroyed = [answer for answer in answers if answer.destroys]
    if not destroyed:
        return True
    needs_terminal(
        "A deletion or a replace asks a second time; nothing was stored",
        "say --yes",
        yes=yes,
    )
    if yes:
        return True
    codes = sorted({answer.decision.code for answer in destroyed})
    if not confirmed("What is lost cannot be brought back. Go on?"):
        return False
    typed_in = asked(f"Type {codes[0]} to confirm: ") if len(codes) == 1 else ""
    return len(codes) > 1 or typed_in in (codes[0], masked(codes[0]))


def _say(context: Context, pair: Pair, told: Told, wish: Wish) -> None:
    lines = [
        f"Decided for {cell(answer.decision.code)}: {OPTIONS[answer.decision.take]}, "
        f"by {answer.decision.who}, for the values as they are now."
        for answer in told.taken
    ]
    for _id, code, why in told.refused:
        note(f"{cell(code)}: not decided: {cell(why)}")
    document = decisions_document(
        pair.name, [answer.decision for answer in told.taken], told.refused
    )
    if lines or context.format == "json":
        context.show(document, "\n".join(lines))
    if told.taken and wish.take != "keep":
        note("It is done by the next sync or apply; take it back with --withdraw.")


def _withdraw(context: Context, wish: Wish) -> int:
    """Take decisions back, by code or by id; no side is read."""
    pairs = list(context.pairs())
    by_pair: dict[str, list[Decision]] = {}
    for pair in pairs:
        store = remembered(pair.location, pair.name)
        known = store.decisions().values() if store else ()
        by_pair[pair.name] = [one for one in known if _is_meant(one, wish.names)]
    for name in wish.names:
        if not any(_is_meant(one, [name]) for d in by_pair.values() for one in d):
            raise Misconfigured(
                f"{cell(name)}: there is no decision to take back. Nothing was changed"
            )
        meant = {
            pair: [one.id for one in known if _is_meant(one, [name])]
            for pair, known in by_pair.items()
        }
        meant = {pair: ids for pair, ids in meant.items() if ids}
        if len(meant) > 1:
            raise Misconfigured(_in_several(name, "--withdraw", meant, "changed"))
    for pair in pairs:
        decisions = by_pair[pair.name]
        if decisions:
            _store(pair).withdraw([one.id for one in decisions])
            document = decisions_document(pair.name, [], [])
            document["withdrawn"] = [one.id for one in decisions]
            codes = sorted({cell(one.code) for one in decisions})
            told = "\n".join(f"The decision about {c} is taken back." for c in codes)
            context.show(document, told)
    return DONE


def _is_meant(decision: Decision, names: Iterable[str]) -> bool:
    known = (decision.key, fold(decision.code))
    return any(name == decision.id or fold(name) in known for name in names)


def _who() -> str:
    """Return user@host, the host without its domain."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return f"{user}@{socket.gethostname().partition('.')[0]}"


def _store(pair: Pair) -> Store:
    return open_state(pair.location, pair.name)
