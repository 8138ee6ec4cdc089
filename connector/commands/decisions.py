"""decide: what a person wants with what waits.

A decision is consent to one change, for exactly what was seen. What it will do is
shown before it is stored; it is done by the next sync or apply, and ends when one of
the values changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.commands.agreeing import (
    Answers,
    Given,
    No,
    agree,
    is_sale,
    said_by,
    worked_out,
)
from connector.commands.context import Context, remembered
from connector.commands.names import (
    Named,
    decisions_of,
    is_meant,
    refuse_several,
    refuse_strange,
    waiting_for,
    waiting_for_reason,
)
from connector.commands.reading import all_seen
from connector.config.pair import Pair
from connector.engine.change import Change
from connector.errors import Misconfigured
from connector.reports.inbox import entries_of
from connector.reports.messages.say import Reader, reader_of, said
from connector.reports.safe import cell
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.streams import aside
from mappings.canonical import fold
from state.model import Decision, Take, Waiting


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person typed: the word (None takes back), about what, by whom and why.

    About what: ``names`` of codes and ids, or else all that waits for a ``reason``.
    """

    names: Sequence[str]
    take: Take | None
    yes: bool = False
    note: str = ""
    by: str = ""
    reason: str = ""


def decide(context: Context, wish: Wish) -> int:
    """Decide about codes or changes, all of them from one reading of both sides."""
    aside()
    context.wants("text", "json")
    if wish.take is None:
        return _withdraw(context, wish)
    pairs = list(context.pairs())
    prepared_of = all_seen(pairs)
    waiting = _waiting(context, pairs, prepared_of, wish, wish.take)
    every = [
        _answers(pair, prepared_of[pair.name], waiting[pair.name], wish, wish.take)
        for pair in pairs
        if waiting[pair.name]
    ]
    return agree(context, every, yes=wish.yes)


def _waiting(
    context: Context,
    pairs: Sequence[Pair],
    prepared_of: Mapping[str, Prepared],
    wish: Wish,
    take: Take,
) -> dict[str, Named]:
    """Return what is meant in each pair; Misconfigured where nothing is."""
    if wish.reason:
        return waiting_for_reason(prepared_of, wish.reason, context.pair)
    waiting = {
        pair: waiting_for(prepared, wish.names, take)
        for pair, prepared in prepared_of.items()
    }
    refuse_strange(pairs, context.pair, wish.names, take, waiting)
    return waiting


def _answers(
    pair: Pair, prepared: Prepared, named: Named, wish: Wish, take: Take
) -> Answers:
    """Work out what the wish brings about in one pair."""
    word, reader = said_by(take, wish.by, wish.note), reader_of(prepared.plan)
    refused: list[No] = []
    given: list[Given] = []
    before = _shown_last(pair)
    for name, group in named.items():
        for waits in group:
            if isinstance(waits, Change) and _has_moved(waits, name, before):
                why = _changed(waits, reader)
                refused.append(No(None, waits.id, waits.code, why))
            else:
                given.append(Given(waits, word))
    answers = worked_out(pair, prepared, given)
    answers.refused = [*refused, *answers.refused]
    return answers


def _shown_last(pair: Pair) -> Mapping[str, set[str]]:
    """Return the ids of the changes that the last complete look has shown, by record.

    Where it has shown none of a record, what counts is what this command prints.
    """
    store = remembered(pair.location, pair.name)
    shown: dict[str, set[str]] = {}
    for waiting in store.waiting().values() if store else ():
        if waiting.id.startswith("c_"):
            shown.setdefault(waiting.key, set()).add(waiting.id)
    return shown


def _has_moved(change: Change, name: str, before: Mapping[str, set[str]]) -> bool:
    """Say whether a change is not as it was when it was last shown to anybody.

    An id names exactly what was seen; a sale is only ever meant by its id.
    """
    shown = before.get(change.key) or before.get(fold(change.code), set())
    known = bool(shown) and change.id not in shown
    return known and name != change.id and not is_sale(change)


def _changed(waits: Change, reader: Reader) -> str:
    return (
        "it is not as it was when the last run showed it: now "
        f"{said(waits, reader)} If that is what you mean, name it by its id: {waits.id}"
    )


# -- taking back ----------------------------------------------------------------------


def _withdraw(context: Context, wish: Wish) -> int:
    """Take decisions back, by code, by id or by reason; no side is read."""
    pairs = list(context.pairs())
    if wish.reason:
        meant = {pair.name: _of_reason(pair, wish.reason) for pair in pairs}
    else:
        meant = {pair.name: decisions_of(pair, wish.names) for pair in pairs}
        for name in wish.names:
            _refuse_unknown(name, meant)
    if not any(meant.values()):
        raise Misconfigured(
            f"{cell(wish.reason)}: nothing that waited for it is decided. Nothing was "
            "changed"
        )
    every = [
        Answers(pair, Reader(pair.named), withdrawn=meant[pair.name])
        for pair in pairs
        if meant[pair.name]
    ]
    return agree(context, every, yes=True)


def _of_reason(pair: Pair, reason: str) -> list[Decision]:
    """Return the decisions about what the last complete look held for a reason."""
    store = remembered(pair.location, pair.name)
    if store is None:
        return []
    waiting: Iterable[Waiting] = store.waiting().values()
    ids = {e.waiting.id for e in entries_of(waiting) if e.reason == reason}
    return [one for one in store.decisions().values() if one.id in ids]


def _refuse_unknown(name: str, meant: Mapping[str, Sequence[Decision]]) -> None:
    """Refuse a name about which nothing is decided, or something in several pairs."""
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
