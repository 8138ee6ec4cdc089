"""Why one answer of several is refused: by itself, the others count."""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause
from state.model import Take


@dataclass(frozen=True, slots=True)
class NoSuchPair(Cause):
    """The answer is about a pair that is not meant here."""

    pair: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoId(Cause):
    """The answer does not say what it is about."""


@dataclass(frozen=True, slots=True)
class NoLongerSo(Cause):
    """Nothing waits under this id: its values are others by now, or it never did."""


@dataclass(frozen=True, slots=True)
class ConfiguredSince(Cause):
    """What waits was seen under another configuration: an answer may mean another."""


@dataclass(frozen=True, slots=True)
class SaidTwice(Cause):
    """The same word was said about it before; ``line`` is where."""

    line: int | None


@dataclass(frozen=True, slots=True)
class SaidOtherwise(Cause):
    """Two words were said about one thing: neither counts."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoWord(Cause):
    """It is none of the words."""

    word: str


@dataclass(frozen=True, slots=True)
class OtherCode(Cause):
    """The id is of another code than the one that stands beside it."""

    written: str
    code: str


@dataclass(frozen=True, slots=True)
class DecidedAlready(Cause):
    """Somebody has decided about it."""

    id: str
    code: str
    take: Take
    who: str


@dataclass(frozen=True, slots=True)
class NothingToTakeBack(Cause):
    """There is no decision about it."""


@dataclass(frozen=True, slots=True)
class NotWorkedOut(Cause):
    """The last look does not say what a word would do."""
