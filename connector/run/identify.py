"""Whose programmes these are: the pairs of one file, and who answers to each key."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.config.pair import Pair
from connector.engine.change import Refusal
from connector.engine.currencies import Agreement, agreement
from connector.engine.guards import Evidence, Programmes, Stage, refuse
from connector.errors import Misconfigured
from connector.providers.base import Identity, Readers
from mappings.canonical import Side
from state.model import PairFacts, Programme, ProgrammeMark, SameProgramme

if TYPE_CHECKING:
    from state.programmes import Programmes as KeptProgrammes
    from state.store import Store

UNKNOWN = "unknown"
"""The programme of a product that does not say who it is."""


def programme_kept(pair: Pair, store: "Store") -> Refusal | None:
    """Say in the state what this pair asks, then refuse what another pair asks, too.

    In this order: of two pairs that begin at the same time, one sees the other.
    """
    salt = store.meta().get("salt", "")
    store.programmes.keep(marks_of(pair, salt))
    return same_programme(pair, store.programmes, salt)


def same_programme(
    pair: Pair, kept: "KeptProgrammes | None", salt: str
) -> Refusal | None:
    """Refuse when another pair of the configuration uses the same programme.

    That the configuration says itself, or else the marks that the passes of the other
    pairs have ``kept``: no key of theirs is read.
    """
    others = kept.sharing(marks_of(pair, salt)) if kept and salt else ()
    mine, *known = pair.programmes
    met = [_shared(mine, other) for other in others if _counts(pair, other)]
    file = str(pair.location.path)
    evidence = Evidence(programmes=(mine, *known, *met), configuration=file)
    return refuse(Stage.CONFIGURED, evidence)


def _counts(pair: Pair, other: SameProgramme) -> bool:
    """Say whether a mark still counts: that pair is there, and asks as it did then.

    One of the fleet is there, also for a file that shares no more than the state.
    """
    reference = pair.neighbours.reference(other.pair, other.side)
    if reference is None:
        return other.is_tabled
    return reference == other.reference


def _shared(mine: Programmes, other: SameProgramme) -> Programmes:
    """Return another pair, by the programme that it shares with this one."""
    if other.side == Side.TOLT.value:
        return Programmes(other.pair, "", mine.tolt)
    return Programmes(other.pair, mine.partnero, "")


def marks_of(pair: Pair, salt: str) -> list[ProgrammeMark]:
    """Return what is kept of a pair's programmes: marks, and where the keys lie."""
    mine = pair.programmes[0]
    asked = {Side.PARTNERO: mine.partnero, Side.TOLT: mine.tolt}
    return [
        ProgrammeMark(
            side.value,
            salted(salt, asked[side]) if asked[side] else "",
            key_mark(pair, side, salt),
            pair.neighbours.references[side.value],
        )
        for side in Side
    ]


def key_mark(pair: Pair, side: Side, salt: str) -> str:
    """Return a salted mark of a key, to notice when it is another one."""
    return salted(salt, pair.apis.of(side).key)


def salted(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:24]


def identify(pair: Pair, store: "Store", readers: Readers) -> None:
    """On a first run, and with a new key, ask who is behind each key.

    Misconfigured where a programme is in another currency than the configured one.
    """
    known, salt = store.facts.pair(), store.meta()["salt"]
    programmes = {side: known.programme(side) for side in Side}
    refuse_other_currency(pair, known)
    for side, programme in programmes.items():
        mark = key_mark(pair, side, salt)
        if not _is_identified(side, programme, mark):
            who = readers.of(side).identify()
            compare_currency(pair, side, who.currency)
            programmes[side] = _identified(side, programme, who, mark)
    if programmes != known.programmes:
        store.facts.save_pair(replace(known, programmes=programmes))


def _is_identified(side: Side, programme: Programme, mark: str) -> bool:
    asked = side is Side.TOLT or bool(programme.kind)
    return asked and programme.key == mark and bool(programme.id)


def _identified(side: Side, known: Programme, who: Identity, mark: str) -> Programme:
    """Return what is known of a programme now; another one is left to the guard."""
    programme, id_ = known, who.program or UNKNOWN
    if known.id in ("", id_):
        programme = replace(known, id=id_, key=mark, currency=who.currency or "")
    if side is Side.PARTNERO:  # of another kind it would have failed
        programme = replace(programme, kind="affiliate, as far as it is told")
    return programme


def refuse_other_currency(pair: Pair, known: PairFacts) -> None:
    """Refuse a configured currency that is not what a product has told before."""
    for side in Side:
        compare_currency(pair, side, known.programme(side).currency)


def compare_currency(pair: Pair, side: Side, stated: str | None) -> None:
    """Refuse a configured currency that is not the programme's."""
    if stated and agreement(pair.currency, stated) is Agreement.OTHER:
        raise Misconfigured(
            f"{pair.where('currency')} is {pair.currency}, but "
            f"{side.label}'s programme is in {stated.upper()}. Nothing was written. "
            "Correct the currency."
        )
