"""decide --from: the sheet of the inbox, filled in, with all its answers at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from connector.commands.agreeing import (
    Answers,
    Given,
    No,
    agree,
    refused_by,
    said_by,
    worked_out,
)
from connector.commands.context import Context, note, remembered
from connector.commands.reading import seen_each
from connector.config.pair import Pair
from connector.engine import decisions as deciding
from connector.engine.asks import WITHDRAW, Ask, sort_out
from connector.engine.causes.asks import NoLongerSo, NothingToTakeBack, OtherCode
from connector.engine.causes.cause import Cause, Quoted
from connector.errors import Misconfigured, Problem
from connector.reports.decision_sheet import Unfit, read_sheet
from connector.reports.messages.say import Reader, message, reader_of
from connector.run.deciding import fits
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.streams import aside
from state.model import Decision


def decide_from(
    context: Context, file: Path, *, yes: bool, why: str = "", by: str = ""
) -> int:
    """Take the answers of a sheet; a row that is wrong is refused by itself."""
    aside()
    context.wants("text", "json")
    asks = [ask._replace(note=ask.note or why) for ask in _read(file)]
    pairs = {pair.name: pair for pair in context.pairs()}
    good, refused = sort_out(asks, pairs)
    if not (good or refused):
        note(f"{file}: no row has a decision. Nothing was stored.")
    every = _every(pairs, good, by)
    first = next(iter(every.values()))
    for ask, cause in refused:
        answers = every.get(ask.pair, first)
        answers.refused.append(_no(ask, cause, Reader(answers.pair.named)))
    return agree(context, _told(list(every.values())), yes=yes)


def _every(
    pairs: Mapping[str, Pair], asks: Sequence[Ask], by: str
) -> dict[str, Answers]:
    """Work out what is said about each pair; only what is decided about is read."""
    of = {name: [ask for ask in asks if ask.pair == name] for name in pairs}
    read = [pairs[name] for name in pairs if any(a.take for a in of[name])]
    seen = seen_each(read)
    problems = [each for each in seen.values() if isinstance(each, Problem)]
    if problems and len(problems) == len(seen) and all(ask.take for ask in asks):
        raise problems[0]  # nothing of it could be decided
    return {
        name: _answers(pair, of[name], seen.get(name), by)
        for name, pair in pairs.items()
    }


def _read(file: Path) -> Sequence[Ask]:
    try:
        return read_sheet(file.read_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured(f"{file} cannot be read: {reason}") from None
    except Unfit as error:
        raise Misconfigured(
            f"{file} is no sheet of decisions: {error}. Nothing was stored"
        ) from None


def _told(every: Sequence[Answers]) -> Sequence[Answers]:
    """Leave out the pairs about which the sheet says nothing, but not all of them."""
    told = [each for each in every if _says(each)]
    for answers in told:
        answers.refused.sort(key=lambda no: no.line or 0)
    return told or every[:1]


def _says(answers: Answers) -> bool:
    taken = answers.taken or answers.standing or answers.withdrawn
    return bool(taken or answers.refused)


def _answers(
    pair: Pair,
    asks: Sequence[Ask],
    seen: Prepared | Problem | None,
    by: str,
) -> Answers:
    """Work out what the sheet says about one pair, which was read if it had to be."""
    reader = Reader(pair.named)
    decided = _decided(pair)
    ahead = [ask for ask in asks if ask.word != WITHDRAW]
    answers = Answers(pair, reader)
    if isinstance(seen, Problem):
        unread = Quoted(str(seen))
        answers.refused = [_no(ask, unread, reader) for ask in ahead]
    elif seen is not None:
        answers = _worked_out(pair, seen, ahead, decided, by)
    for ask in asks:
        if ask.word != WITHDRAW:
            continue
        known = decided.get(ask.id)
        if known is None:
            answers.refused.append(_no(ask, NothingToTakeBack(), reader))
        elif not fits(ask.code, known.code):
            answers.refused.append(_no(ask, OtherCode(ask.code, known.code), reader))
        else:
            answers.withdrawn.append(known)
    return answers


def _worked_out(
    pair: Pair,
    seen: Prepared,
    asks: Sequence[Ask],
    decided: Mapping[str, Decision],
    by: str,
) -> Answers:
    """Hold the answers about one pair against what waits in it now."""
    open_ = {waits.id: waits for waits in deciding.open_items(seen.plan)}
    reader = reader_of(seen.plan)
    given: list[Given] = []
    refused: list[No] = []
    standing: list[Decision] = []
    for ask in asks:
        waits, known = open_.get(ask.id), decided.get(ask.id)
        if known is not None and known.take == ask.take:
            standing.append(known)
        elif known is not None:
            refused.append(refused_by(known, reader, ask.line))
        elif waits is None or ask.take is None:
            refused.append(_no(ask, NoLongerSo(), reader))
        elif not fits(ask.code, waits.code or ""):
            refused.append(_no(ask, OtherCode(ask.code, waits.code or ""), reader))
        else:
            given.append(Given(waits, said_by(ask.take, by, ask.note), ask.line))
    answers = worked_out(pair, seen, given)
    answers.refused, answers.standing = [*refused, *answers.refused], standing
    return answers


def _decided(pair: Pair) -> Mapping[str, Decision]:
    store = remembered(pair.location, pair.name)
    return store.decisions() if store else {}


def _no(ask: Ask, why: Cause, reader: Reader) -> No:
    return No(ask.line, ask.id, ask.code, message((why,), reader))
