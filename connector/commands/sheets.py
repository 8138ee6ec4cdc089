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
from connector.commands.plans import seen_whole
from connector.config.pair import Pair
from connector.engine import decisions as deciding
from connector.engine.asks import WITHDRAW, Ask, sort_out
from connector.engine.causes.asks import NoLongerSo, NothingToTakeBack, OtherCode
from connector.engine.causes.cause import Cause
from connector.errors import Misconfigured
from connector.reports.decision_sheet import Unfit, read_sheet
from connector.reports.messages.say import Reader, message
from connector.run.deciding import fits
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
    every = [
        _answers(pair, [ask for ask in good if ask.pair == name], len(pairs) > 1, by)
        for name, pair in pairs.items()
    ]
    nos = [_no(ask, cause, Reader(ask.pair)) for ask, cause in refused]
    by_pair = {answers.pair.name: answers for answers in every}
    for (ask, _), no in zip(refused, nos, strict=True):
        by_pair.get(ask.pair, every[0]).refused.append(no)
    return agree(context, _told(every), yes=yes)


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


def _answers(pair: Pair, asks: Sequence[Ask], several: bool, by: str) -> Answers:  # noqa: FBT001
    """Work out what the sheet says about one pair, from one reading of both sides."""
    reader = Reader(pair.name if several else "")
    decided = _decided(pair)
    back = [ask for ask in asks if ask.word == WITHDRAW]
    ahead = [ask for ask in asks if ask.word != WITHDRAW]
    answers = Answers(pair, reader)
    if ahead:
        answers = _worked_out(pair, ahead, decided, reader, by)
    for ask in back:
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
    asks: Sequence[Ask],
    decided: Mapping[str, Decision],
    reader: Reader,
    by: str,
) -> Answers:
    prepared = seen_whole(pair)
    open_ = {waits.id: waits for waits in deciding.open_items(prepared.plan)}
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
    answers = worked_out(pair, prepared, given)
    answers.refused, answers.standing = [*refused, *answers.refused], standing
    return answers


def _decided(pair: Pair) -> Mapping[str, Decision]:
    store = remembered(pair.location, pair.name)
    return store.decisions() if store else {}


def _no(ask: Ask, why: Cause, reader: Reader) -> No:
    return No(ask.line, ask.id, ask.code, message((why,), reader))
