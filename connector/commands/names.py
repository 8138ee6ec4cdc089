"""What the names that a person typed mean: a code or an id, in one of the pairs."""

from collections.abc import Iterable, Mapping, Sequence

from connector.commands.context import remembered
from connector.config.pair import Pair
from connector.engine import decisions as deciding
from connector.engine.change import Change, Status
from connector.engine.decisions import OPTIONS, Waits
from connector.engine.options import open_questions
from connector.errors import Misconfigured
from connector.reports import typed
from connector.reports.safe import cell
from connector.reports.sections import reason_of
from connector.run.prepare import (
    Prepared,
)
from mappings.canonical import fold
from state.model import Decision, Take

Named = Mapping[str, Sequence[Waits]]
"""What waits in one pair, by the name that was typed for it."""


def is_meant(decision: Decision, names: Iterable[str]) -> bool:
    known = (decision.key, fold(decision.code))
    return any(name == decision.id or fold(name) in known for name in names)


def decisions_of(pair: Pair, names: Iterable[str]) -> list[Decision]:
    """Return the stored decisions of a pair that these names mean."""
    store = remembered(pair.location, pair.name)
    names = list(names)
    known = store.decisions().values() if store else ()
    return [decision for decision in known if is_meant(decision, names)]


def waiting_for(prepared: Prepared, names: Iterable[str], take: Take) -> Named:
    """Return what each name stands for in one pair; nothing for those of others."""
    waiting = {name: deciding.find(name, prepared.plan) for name in names}
    if take == "delete":
        for name in [name for name, waits in waiting.items() if not waits]:
            waiting[name] = _removal(prepared, name)
    return {name: waits for name, waits in waiting.items() if waits}


def waiting_for_reason(
    prepared_of: Mapping[str, Prepared], reason: str, asked_pair: str | None
) -> dict[str, Named]:
    """Return what is held for a reason in each pair; Misconfigured where nothing is.

    What is blocked waits for something else than a word: it is meant by its id.
    """
    waiting: dict[str, Named] = {}
    other: set[str] = set()
    for pair, prepared in prepared_of.items():
        held = [w for w in open_questions(prepared.plan) if not is_blocked(w)]
        other |= {reason_of(waits) for waits in held}
        meant = [waits for waits in held if reason_of(waits) == reason]
        waiting[pair] = {reason: meant} if meant else {}
    if not any(waiting.values()):
        words = ", ".join(sorted(other)) or "nothing"
        raise Misconfigured(
            f"nothing waits for {cell(reason)!r} in {', '.join(prepared_of)}. "
            f"Nothing was stored. There waits: {words}. See: "
            f"{typed.command('inbox', pair=asked_pair)}"
        )
    return waiting


def is_blocked(waits: Waits) -> bool:
    return isinstance(waits, Change) and waits.status is Status.BLOCKED


def _removal(prepared: Prepared, name: str) -> list[Waits]:
    """Return what can be deleted although nothing waits, unless that is decided."""
    if prepared.facts is None:
        return []
    known = prepared.facts.decisions.values()
    if any(is_meant(decision, [name]) for decision in known if decision.take != "keep"):
        return []
    removal = deciding.removal(name, prepared.facts)
    return [] if removal is None else [removal]


def refuse_strange(
    pairs: Sequence[Pair],
    asked_pair: str | None,
    names: Iterable[str],
    take: Take,
    waiting: Mapping[str, Named],
) -> None:
    """Refuse all of it where a name is unknown, or belongs to several pairs.

    ``asked_pair`` is the only one that was asked for, if one was.
    """
    for name in names:
        ids = {
            pair: [waits.id for waits in named[name]]
            for pair, named in waiting.items()
            if name in named
        }
        refuse_several(name, OPTIONS[take], ids, "stored")
        if not ids:
            _refuse_decided(pairs, asked_pair, name)
            raise Misconfigured(
                f"{cell(name)}: nothing of that code or id waits for a decision in "
                f"{', '.join(waiting)}. Nothing was stored. What waits: "
                f"{typed.command('inbox', pair=asked_pair)}"
            )


def refuse_several(
    name: str, option: str, pairs: Mapping[str, Sequence[str]], done: str
) -> None:
    """Refuse a name of several pairs, and say which commands are meant.

    ``pairs`` has the ids in each: they are typed where the name cannot be.
    """
    if len(pairs) < 2:
        return
    commands = "; ".join(
        typed.decide_all([name] if typed.speakable(name) else ids, option, pair=pair)
        for pair, ids in pairs.items()
    )
    raise Misconfigured(
        f"{cell(name)} waits in several pairs. Nothing was {done}. Type one of: "
        f"{commands}"
    )


def _refuse_decided(pairs: Sequence[Pair], asked_pair: str | None, name: str) -> None:
    """Refuse a name about which a decision is stored already."""
    for pair in pairs:
        for decision in decisions_of(pair, [name]):
            named = pair.name if len(pairs) > 1 else asked_pair
            id_ = name if typed.speakable(name) else decision.id
            raise Misconfigured(
                f"{cell(name)} is decided already ({OPTIONS[decision.take]}, by "
                f"{decision.who}). Nothing was stored. Take that back first: "
                f"{typed.decide(id_, '--withdraw', pair=named)}"
            )
