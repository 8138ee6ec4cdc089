"""decide: what a person wants with what waits.

A decision is consent to one change, for exactly what was seen. What it will do is
shown before it is stored; it is done by the next sync or apply, and ends when one of
the values changes.
"""

from collections.abc import Sequence
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
from connector.commands.names import (
    Named,
    decisions_of,
    is_meant,
    refuse_several,
    refuse_strange,
    waiting_for,
)
from connector.commands.plans import seen_whole
from connector.commands.whoami import whoami
from connector.config.pair import Pair
from connector.engine import decisions as deciding
from connector.engine.change import Change
from connector.engine.decisions import OPTIONS, Answer, Waits, Word
from connector.errors import Misconfigured
from connector.reports import typed
from connector.reports.documents import decisions_document
from connector.reports.messages.say import Reader, message, reader_of, said
from connector.reports.safe import cell
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.streams import aside
from mappings.canonical import fold
from mappings.masking import masked
from mappings.moments import iso
from state.model import Decision, Take, Waiting
from state.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person typed: the word (None takes back), about what, by whom and why."""

    names: Sequence[str]
    take: Take | None
    yes: bool = False
    note: str = ""
    by: str = ""


@dataclass(slots=True)
class Answers:
    """What is taken of one pair; what is refused by id and code, and why."""

    taken: list[Answer] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)


def decide(context: Context, wish: Wish) -> int:
    """Decide about codes or changes, all of them from one reading of both sides."""
    aside()
    context.wants("text", "json")
    if wish.take is None:
        return _withdraw(context, wish.names)
    pairs = list(context.pairs())
    prepared_of = {pair.name: seen_whole(pair) for pair in pairs}
    waiting = {
        pair: waiting_for(prepared, wish.names, wish.take)
        for pair, prepared in prepared_of.items()
    }
    refuse_strange(pairs, context.pair, wish.names, wish.take, waiting)
    codes = []
    for pair in pairs:
        if named := waiting[pair.name]:
            answers = _answers(pair, prepared_of[pair.name], named, wish, wish.take)
            reader = reader_of(prepared_of[pair.name].plan)
            codes.append(_decided(context, pair, answers, wish, reader))
    return worst(codes)


def _answers(
    pair: Pair, prepared: Prepared, named: Named, wish: Wish, take: Take
) -> Answers:
    """Work out what the wish brings about in one pair."""
    if prepared.facts is None:
        raise Misconfigured(f"{pair.name} could not be read: nothing was stored")
    answers, reader = Answers(), reader_of(prepared.plan)
    waiting = _as_seen(pair, named, answers, reader)
    word = Word(take, wish.by or whoami(), iso(now()), wish.note)
    for answer in deciding.decide(waiting, word, prepared.facts, pair.policy):
        if answer.why:
            decision, why = answer.decision, message(answer.why, reader)
            answers.refused.append((decision.id, decision.code, why))
        else:
            answers.taken.append(answer)
    return answers


def _as_seen(pair: Pair, named: Named, answers: Answers, reader: Reader) -> list[Waits]:
    """Leave out what is not as it was when it was last shown to anybody.

    Shown were the values of the last complete run that held it; where none did, they
    are those that this command reads and prints. An id names exactly what was seen.
    """
    store = remembered(pair.location, pair.name)
    last = list(store.waiting().values()) if store else []
    waiting: list[Waits] = []
    for name, group in named.items():
        before = {shown.id for shown in last if _is_of(shown, name)}
        for waits in group:
            by_id = name == waits.id
            moved = isinstance(waits, Change) and not waits.push
            if before and moved and not by_id and waits.id not in before:
                why = _changed(waits, reader)
                answers.refused.append((waits.id, waits.code or "", why))
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


def _decided(
    context: Context, pair: Pair, answers: Answers, wish: Wish, reader: Reader
) -> int:
    """Show, ask and store the decisions of one pair."""
    _show(answers.taken, wish, reader)
    if answers.taken and not _sure(answers.taken, yes=wish.yes):
        result("Nothing was decided.")
        return FAILED
    if answers.taken:
        _store(pair).decide([answer.decision for answer in answers.taken])
    _say(context, pair, answers, wish)
    if not answers.refused:
        return DONE
    return PARTIAL if answers.taken else USAGE


def _show(taken: Sequence[Answer], wish: Wish, reader: Reader) -> None:
    """Say what will happen and what is lost, before anything is stored."""
    effects = {change.id: change for answer in taken for change in answer.effects}
    needs = {change.id: change for answer in taken for change in answer.needs}
    for change in needs.values():
        note(cell(said(change, reader)))
    for change in effects.values():
        note(cell(typed.effect(change)))
    for answer in taken:
        pushed = isinstance(answer.waits, Change) and answer.waits.push
        if wish.take == "keep" or pushed:
            text = said(answer.waits, reader.reading_beside(answer.decision.code))
            word = "accepted as it is: " if wish.take == "keep" else ""
            note(f"{cell(answer.decision.code)}: {word}{cell(text)}")


def _sure(taken: Sequence[Answer], *, yes: bool) -> bool:
    """Ask twice before a record is removed for good; no terminal needs --yes."""
    destroyed = [answer for answer in taken if answer.destroys]
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


def _say(context: Context, pair: Pair, answers: Answers, wish: Wish) -> None:
    """Print what was stored, and what was not and why."""
    taken = [answer.decision for answer in answers.taken]
    lines = [
        f"Decided for {cell(decision.code)}: {OPTIONS[decision.take]}, "
        f"by {decision.who}, for the values as they are now."
        for decision in taken
    ]
    for _id, code, why in answers.refused:
        note(f"{cell(code)}: not decided: {cell(why)}")
    if lines or context.format == "json":
        document = decisions_document(pair.name, taken, answers.refused)
        context.show(document, "\n".join(lines))
    if taken and wish.take != "keep":
        note("It is done by the next sync or apply; take it back with --withdraw.")


def _withdraw(context: Context, names: Sequence[str]) -> int:
    """Take decisions back, by code or by id; no side is read."""
    pairs = list(context.pairs())
    meant = {pair.name: decisions_of(pair, names) for pair in pairs}
    for name in names:
        ids = {
            pair: [each.id for each in decisions if is_meant(each, [name])]
            for pair, decisions in meant.items()
        }
        if not any(ids.values()):
            raise Misconfigured(
                f"{cell(name)}: there is no decision to take back. Nothing was changed"
            )
        in_pairs = {pair: known for pair, known in ids.items() if known}
        refuse_several(name, "--withdraw", in_pairs, "changed")
    for pair in pairs:
        if decisions := meant[pair.name]:
            _taken_back(context, pair, decisions)
    return DONE


def _taken_back(context: Context, pair: Pair, decisions: Sequence[Decision]) -> None:
    ids = [decision.id for decision in decisions]
    _store(pair).withdraw(ids)
    document = decisions_document(pair.name, [], []) | {"withdrawn": ids}
    codes = sorted({cell(decision.code) for decision in decisions})
    lines = [f"The decision about {code} is taken back." for code in codes]
    context.show(document, "\n".join(lines))


def _store(pair: Pair) -> Store:
    return open_state(pair.location, pair.name)
