"""For whom a sentence is written, and where each cause finds its words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TypeVar, get_type_hints

from connector.engine.causes.cause import Cause
from connector.reports import typed


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads; where there are several pairs, ``pair`` is theirs.

    ``beside`` is the code that stands in front already: it is not said once more.
    """

    pair: str = ""
    beside: str | None = None

    def about(self, code: str) -> str:
        """Return how a sentence about one code begins."""
        return "" if code == self.beside else f"{code}: "

    def reading_beside(self, code: str) -> "Reader":
        return replace(self, beside=code)

    def command(self, *words: str) -> str:
        """Return a command that this reader can type as it is printed."""
        return typed.command(*words, pair=self.pair or None)


ANYBODY = Reader()
"""One who has but one pair: no command names it."""


@singledispatch
def sentence(cause: Cause, reader: Reader) -> str:
    """Return the words of one cause."""
    message = f"{type(cause).__name__} has no words for {reader}"
    raise NotImplementedError(message)


C = TypeVar("C", bound=Cause)


def says(words: Callable[[C], str]) -> Callable[[C], str]:
    """Register words of a cause that are the same for every reader."""
    kind: type[Cause] = get_type_hints(words)["cause"]
    sentence.register(kind)(lambda cause, _reader: words(cause))
    return words
