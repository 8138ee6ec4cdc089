"""What is said about an answer that is refused by itself."""

from connector.engine.causes import asks as why
from connector.engine.decisions import OPTIONS
from connector.reports import typed
from connector.reports.messages.reader import Reader, says, sentence
from connector.reports.safe import cell
from mappings.masking import masked

WORDS = "partnero, tolt, keep, delete, proposed, withdraw, or nothing"


@says
def _no_such_pair(cause: why.NoSuchPair) -> str:
    name = cell(cause.pair) or "without a name"
    return f"there is no pair {name} here; there are: {', '.join(cause.pairs)}"


@says
def _no_longer_so(cause: why.NoLongerSo) -> str:
    del cause
    return (
        "nothing waits under this id any more: its values have changed since then, it "
        "is done, or it is an id of somewhere else"
    )


@says
def _configured_since(cause: why.ConfiguredSince) -> str:
    del cause
    return (
        "the configuration has changed since both sides were seen, and what an answer "
        "does may be another thing now: the next run looks anew"
    )


@says
def _said_twice(cause: why.SaidTwice) -> str:
    where = "" if cause.line is None else f" (line {cause.line})"
    return f"it stands here twice{where}: it counts once"


@says
def _said_otherwise(cause: why.SaidOtherwise) -> str:
    words = ", ".join(map(cell, cause.words))
    return f"different words are said about it ({words}): none of them counts"


@says
def _no_word(cause: why.NoWord) -> str:
    return f"{cell(cause.word)!r} is no decision; say one of {WORDS}"


@says
def _other_code(cause: why.OtherCode) -> str:
    return (
        f"the id is of {cell(masked(cause.code))}, and the code beside it is "
        f"{cell(cause.written)}: a row was shifted, or a spreadsheet program has "
        "rewritten the code. An empty code is not compared"
    )


@sentence.register
def _decided_already(cause: why.DecidedAlready, reader: Reader) -> str:
    name = cause.code if typed.speakable(cause.code) else cause.id
    back = typed.decide(name, "--withdraw", pair=reader.pair or None)
    how = f"{OPTIONS[cause.take]}, by {cell(cause.who)}"
    return f"it is decided already ({how}). Take that back first: {back}"


@says
def _nothing_to_take_back(cause: why.NothingToTakeBack) -> str:
    del cause
    return "there is no decision to take back"


@says
def _not_worked_out(cause: why.NotWorkedOut) -> str:
    del cause
    return (
        "the last look does not say what this would do, because so much waits: decide "
        "it with a sheet, or by its id on the command line"
    )


@says
def _no_id(cause: why.NoId) -> str:
    del cause
    return "the row has no id"
