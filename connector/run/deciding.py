"""Taking many answers at once, by the last complete look: no side is read.

The browser decides by this alone, and the next run finds what is stale. Whoever has
read both sides sorts the answers in the same way (``sort_out``), and asks ``fits``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.engine.asks import WITHDRAW, Ask, sort_out
from connector.engine.causes.asks import (
    ConfiguredSince,
    DecidedAlready,
    NoLongerSo,
    NothingToTakeBack,
    OtherCode,
)
from connector.engine.causes.cause import Cause
from connector.engine.options import consent, options_of
from connector.reports.messages.say import Reader, message
from connector.reports.safe import cell
from mappings.canonical import fold
from mappings.masking import masked
from state.model import Decision, Waiting
from state.store import Store

NO_MARKS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Refused:
    """One answer that does not count, and why, in a sentence."""

    ask: Ask
    why: str


@dataclass(slots=True)
class Heard:
    """What became of answers. Nothing at all is stored while ``asks_again`` has any.

    Those are the things that would be deleted or replaced: a person is asked twice.
    """

    taken: list[tuple[str, Decision]] = field(default_factory=list)
    withdrawn: list[tuple[str, Decision]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    asks_again: list[tuple[str, Waiting]] = field(default_factory=list)


def accept(
    stores: Mapping[str, Store],
    asks: Iterable[Ask],
    *,
    who: str,
    at: str,
    sure: bool = False,
    marks: Mapping[str, str] = NO_MARKS,
) -> Heard:
    """Take each answer, or say why it is refused; ``sure``: also what destroys.

    ``stores`` are those of the pairs that may be decided about, by their names;
    ``marks`` are those of their configurations now: what was seen under another one
    is asked about again by the next run.
    """
    good, refused = sort_out(asks, stores)
    several = len(stores) > 1
    heard = Heard()
    for ask, why in refused:
        heard.refused.append(refusal(ask, why, several=several))
    for pair, store in stores.items():
        mine = [ask for ask in good if ask.pair == pair]
        if _is_configured_since(store, marks.get(pair)):
            old = [ask for ask in mine if ask.take is not None]
            mine = [ask for ask in mine if ask.take is None]
            for ask in old:
                why = ConfiguredSince()
                heard.refused.append(refusal(ask, why, several=several))
        _judge(store, mine, (who, at), heard, several=several)
    if heard.asks_again and not sure:
        return Heard(refused=heard.refused, asks_again=heard.asks_again)
    heard.asks_again = []
    for pair, store in stores.items():
        _keep(pair, store, heard, several=several)
    return heard


def _is_configured_since(store: Store, mark: str | None) -> bool:
    """Say whether the look was made with other settings than those of now.

    One that bears no mark tells nothing of them.
    """
    look = store.looked()
    return mark is not None and look is not None and look.config not in ("", mark)


def refusal(ask: Ask, why: Cause, *, several: bool) -> Refused:
    """Return why an answer is refused, for one who has several pairs or one."""
    return Refused(ask, message((why,), Reader(ask.pair if several else "")))


def _judge(
    store: Store,
    asks: Sequence[Ask],
    person: tuple[str, str],
    heard: Heard,
    *,
    several: bool,
) -> None:
    """Hold the answers about one pair against what waits in it."""
    if not asks:
        return
    waiting, decisions = store.waiting(), store.decisions()
    for ask in asks:
        verdict = _verdict(ask, waiting.get(ask.id), decisions.get(ask.id), person)
        if isinstance(verdict, Cause):
            heard.refused.append(refusal(ask, verdict, several=several))
        elif ask.word == WITHDRAW:
            heard.withdrawn.append((ask.pair, verdict))
        else:
            heard.taken.append((ask.pair, verdict))
            shown = None if ask.id in decisions else waiting[ask.id]
            if shown and options_of(shown)[ask.word]["destroys"]:
                heard.asks_again.append((ask.pair, shown))


def _verdict(
    ask: Ask, shown: Waiting | None, known: Decision | None, person: tuple[str, str]
) -> Decision | Cause:
    """Return the decision that an answer makes, or takes back, or why it does not."""
    code = shown.code if shown else known.code if known else ""
    if (shown or known) and not fits(ask.code, code):
        return OtherCode(ask.code, code)
    if ask.take is None:
        return known or NothingToTakeBack()
    if known is not None and known.take == ask.take:
        return known  # the same word once more
    if known is not None:
        return DecidedAlready(known.id, known.code, known.take, known.who)
    if shown is None:
        return NoLongerSo()
    return consent(shown, ask.take, *person, ask.note)


def fits(written: str, code: str) -> bool:
    """Say whether what stands beside an id is its code, or nothing.

    A sheet shows a code masked and neutralised; that is undone, or done, to both.
    """
    texts = {_bare(code), _bare(masked(code))}
    return not written.strip() or _bare(written) in texts


def _bare(text: str) -> str:
    return fold(cell(text).replace("'", ""))


def _keep(pair: str, store: Store, heard: Heard, *, several: bool) -> None:
    """Store what was decided about one pair; who was quicker keeps their word."""
    back = [decision.id for name, decision in heard.withdrawn if name == pair]
    if back:
        store.withdraw(back)
    mine = [decision for name, decision in heard.taken if name == pair]
    for first in store.decide(mine):
        late = next(one for one in mine if one.id == first.id)
        heard.taken.remove((pair, late))
        if first.take == late.take:
            heard.taken.append((pair, first))  # the same word, and theirs came before
            continue
        why = DecidedAlready(first.id, first.code, first.take, first.who)
        ask = Ask(pair, late.id, late.take, late.note, code=late.code)
        heard.refused.append(refusal(ask, why, several=several))
