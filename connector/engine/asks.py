"""Many answers at once, sorted: which of them can be taken at their word. Pure.

Each stands for itself: one that is wrong is refused by itself, and the others count.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, get_args

from connector.engine.causes.asks import (
    NoId,
    NoSuchPair,
    NoWord,
    SaidOtherwise,
    SaidTwice,
)
from connector.engine.causes.cause import Cause
from state.model import Take

TAKES: dict[str, Take] = {take: take for take in get_args(Take)}
WITHDRAW = "withdraw"


class Ask(NamedTuple):
    """What a person answers: a word about an id of a pair, and why.

    ``line`` is where it stands in a file, ``code`` what stands beside the id there.
    """

    pair: str
    id: str
    word: str
    note: str = ""
    line: int | None = None
    code: str = ""

    @property
    def take(self) -> Take | None:
        """The decision that the word is; None where it takes one back."""
        return TAKES.get(self.word)


class Sorted(NamedTuple):
    """The answers that count as far as they go, and why each other one does not."""

    good: Sequence[Ask]
    refused: Sequence[tuple[Ask, Cause]]


def sort_out(asks: Iterable[Ask], pairs: Collection[str]) -> Sorted:
    """Leave out what is blank, and refuse what is wrong, whatever waits."""
    given = [_plain(ask, pairs) for ask in asks if ask.word.strip()]
    about: dict[tuple[str, str], list[Ask]] = defaultdict(list)
    for ask in given:
        about[ask.pair, ask.id].append(ask)
    whys = [(ask, _why_not(ask, about[ask.pair, ask.id], pairs)) for ask in given]
    good = [ask for ask, why in whys if why is None]
    return Sorted(good, [(ask, why) for ask, why in whys if why is not None])


def _plain(ask: Ask, pairs: Collection[str]) -> Ask:
    """Return it without what does not matter; of one pair the name may be missing."""
    pair = ask.pair.strip()
    if not pair and len(pairs) == 1:
        (pair,) = pairs
    word = ask.word.strip().lower()
    return ask._replace(pair=pair, id=ask.id.strip(), word=word)


def _why_not(ask: Ask, same: Sequence[Ask], pairs: Collection[str]) -> Cause | None:
    if ask.pair not in pairs:
        return NoSuchPair(ask.pair, tuple(pairs))
    if ask.take is None and ask.word != WITHDRAW:
        return NoWord(ask.word)
    if not ask.id:
        return NoId()
    words = tuple(dict.fromkeys(other.word for other in same))
    if len(words) > 1:
        return SaidOtherwise(words)
    return None if ask is same[0] else SaidTwice(same[0].line)
