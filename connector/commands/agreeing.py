"""What every way of deciding ends in: shown, agreed to, stored, and said.

Nothing is stored of the whole command until all of it was shown, in whatever pairs, and
a person has said yes where something is lost for good.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

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
)
from connector.commands.memory import open_state
from connector.commands.whoami import whoami
from connector.config.pair import Pair
from connector.engine import decisions as deciding
from connector.engine.causes.asks import DecidedAlready
from connector.engine.change import Change
from connector.engine.decisions import OPTIONS, Answer, Waits, Word
from connector.errors import Misconfigured
from connector.reports.documents import decisions_document
from connector.reports.messages.say import Reader, message, reader_of
from connector.reports.safe import cell
from connector.reports.waiting import effects, sights
from connector.run.prepare import (
    Prepared,
)
from mappings.canonical import Side
from mappings.masking import masked
from mappings.moments import iso
from state.model import Decision, Take
from state.store import Store


class No(NamedTuple):
    """One answer that is refused, and why; ``line`` is where it stands in a sheet."""

    line: int | None
    id: str
    code: str
    why: str


@dataclass(slots=True)
class Answers:
    """What becomes of one pair: decisions that are taken, or taken back, or refused.

    ``standing`` are those that were there already, with the same word; ``lines`` says
    by id where an answer stands in a sheet.
    """

    pair: Pair
    reader: Reader
    taken: list[Answer] = field(default_factory=list)
    standing: list[Decision] = field(default_factory=list)
    withdrawn: list[Decision] = field(default_factory=list)
    refused: list[No] = field(default_factory=list)
    lines: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """How a line about it begins, where there are several pairs."""
        return f"{self.pair.named}: " if self.pair.named else ""


class Given(NamedTuple):
    """A word about something that waits; ``line`` is where it stands in a sheet."""

    waits: Waits
    word: Word
    line: int | None = None


def said_by(take: Take, by: str, why: str) -> Word:
    """Return a word with who says it now."""
    return Word(take, by or whoami(), iso(now()), why)


def worked_out(pair: Pair, prepared: Prepared, given: Sequence[Given]) -> Answers:
    """Return what words bring about in one pair, said all at the same time."""
    if prepared.facts is None:
        raise Misconfigured(f"{pair.name} could not be read: nothing was stored")
    lines = {each.waits.id: each.line for each in given}
    answers = Answers(pair, reader_of(prepared.plan), lines=lines)
    words = ((each.waits, each.word) for each in given)
    for answer in deciding.answers(words, prepared.facts, pair.policy):
        if answer.why:
            decision, why = answer.decision, message(answer.why, answers.reader)
            line = lines[decision.id]
            answers.refused.append(No(line, decision.id, decision.code, why))
        else:
            answers.taken.append(answer)
    return answers


def agree(context: Context, every: Sequence[Answers], *, yes: bool) -> int:
    """Show, ask, store and say; the exit code is one for the whole command."""
    for answers in every:
        _show(answers)
    if not _sure([answer for each in every for answer in each.taken], yes=yes):
        for answers in every:
            nothing = decisions_document(answers.pair.name, [], answers.refused)
            context.show(nothing, f"{answers.named}Nothing was decided.")
        return FAILED
    for answers in every:
        store(answers)
        say(context, answers)
    done = any(each.taken or each.standing or each.withdrawn for each in every)
    refused = any(each.refused for each in every)
    if not refused:
        return DONE
    return PARTIAL if done else USAGE


# -- shown and asked ------------------------------------------------------------------


def _show(answers: Answers) -> None:
    """Say what each side shows, what will happen and what is lost, each once."""
    told: set[str] = set()
    for answer in answers.taken:
        for line in (_before(answer), *effects(answer, answers.reader)):
            if line and line not in told:
                note(answers.named + line)
                told.add(line)


def _before(answer: Answer) -> str:
    """Say how both sides are before it is done."""
    values = sights(answer.waits)
    shown = [f"{values[s.value]} on {s.label}" for s in Side if values[s.value]]
    code = cell(answer.decision.code)
    return f"{code} now: {', '.join(shown)}." if shown else ""


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
    if not confirmed(_question(codes)):
        return False
    typed_in = asked(f"Type {codes[0]} to confirm: ") if len(codes) == 1 else ""
    return len(codes) > 1 or typed_in in (codes[0], masked(codes[0]))


def _question(codes: Sequence[str]) -> str:
    number = f"{len(codes)} codes are" if len(codes) > 1 else f"{cell(codes[0])} is"
    return f"{number} deleted or replaced: what is lost cannot be brought back. Go on?"


# -- stored and said ------------------------------------------------------------------


def store(answers: Answers) -> None:
    """Keep what was decided; who was quicker keeps their word."""
    if not (answers.taken or answers.withdrawn):
        return
    state = opened(answers.pair)
    state.withdraw(decision.id for decision in answers.withdrawn)
    beaten = {d.id: d for d in state.decide([a.decision for a in answers.taken])}
    for answer in [a for a in answers.taken if a.decision.id in beaten]:
        answers.taken.remove(answer)
        first = beaten[answer.decision.id]
        if first.take == answer.decision.take:
            answers.standing.append(first)
        else:
            line = answers.lines.get(first.id)
            answers.refused.append(refused_by(first, answers.reader, line))


def refused_by(first: Decision, reader: Reader, line: int | None = None) -> No:
    """Return why nothing more is decided about what is decided already."""
    cause = DecidedAlready(first.id, first.code, first.take, first.who)
    return No(line, first.id, first.code, message((cause,), reader))


def opened(pair: Pair) -> Store:
    return open_state(pair.location, pair.name)


def say(context: Context, answers: Answers) -> None:
    """Print what was stored, and what was not and why."""
    taken = [answer.decision for answer in answers.taken]
    lines = [*map(_line, taken), *_taken_back(answers.withdrawn)]
    lines += [_stands(decision) for decision in answers.standing]
    for no in answers.refused:
        at = "" if no.line is None else f"line {no.line}: "
        about = f"{answers.named}{at}{cell(no.code or no.id)}"
        note(f"{about}: not decided: {cell(no.why)}")
    if lines or context.format == "json":
        every = [*taken, *answers.standing]
        document = decisions_document(answers.pair.name, every, answers.refused)
        if answers.withdrawn:
            document |= {"withdrawn": [d.id for d in answers.withdrawn]}
        context.show(document, "\n".join(answers.named + line for line in lines))
    if any(decision.take != "keep" for decision in taken):
        note("It is done by the next sync or apply; take it back with --withdraw.")


def _line(decision: Decision) -> str:
    return (
        f"Decided for {cell(decision.code)}: {OPTIONS[decision.take]}, "
        f"by {cell(decision.who)}, for the values as they are now."
    )


def _stands(decision: Decision) -> str:
    return (
        f"{cell(decision.code)} was decided like that already: "
        f"{OPTIONS[decision.take]}, by {cell(decision.who)}."
    )


def _taken_back(withdrawn: Iterable[Decision]) -> list[str]:
    codes = sorted({cell(decision.code) for decision in withdrawn})
    return [f"The decision about {code} is taken back." for code in codes]


def is_sale(waits: Waits) -> bool:
    return isinstance(waits, Change) and waits.push is not None
