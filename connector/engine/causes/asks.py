"""Why one answer of several is refused: by itself, the others count."""

from connector.engine.causes.cause import Cause
from state.model import Take


class NoSuchPair(Cause, frozen=True):
    """The answer is about a pair that is not meant here."""

    pair: str
    pairs: tuple[str, ...]


class NoId(Cause, frozen=True):
    """The answer does not say what it is about."""


class NoLongerSo(Cause, frozen=True):
    """Nothing waits under this id: its values are others by now, or it never did."""


class ConfiguredSince(Cause, frozen=True):
    """What waits was seen under another configuration: an answer may mean another."""


class SaidTwice(Cause, frozen=True):
    """The same word was said about it before; ``line`` is where."""

    line: int | None


class SaidOtherwise(Cause, frozen=True):
    """Two words were said about one thing: neither counts."""

    words: tuple[str, ...]


class NoWord(Cause, frozen=True):
    """It is none of the words."""

    word: str


class OtherCode(Cause, frozen=True):
    """The id is of another code than the one that stands beside it."""

    written: str
    code: str


class DecidedAlready(Cause, frozen=True):
    """Somebody has decided about it."""

    id: str
    code: str
    take: Take
    who: str


class NothingToTakeBack(Cause, frozen=True):
    """There is no decision about it."""


class NotWorkedOut(Cause, frozen=True):
    """The last look does not say what a word would do."""
