"""Whose programmes these are: the pairs of one file, and who answers to each key."""

import hashlib
from dataclasses import replace

from connector.config.pair import Pair
from connector.engine.change import Refusal
from connector.engine.currencies import Agreement, agreement
from connector.engine.guards import Evidence, Stage, refuse
from connector.errors import Misconfigured
from connector.providers.base import Identity, Readers
from mappings.canonical import Side
from state.model import PairFacts, Programme
from state.store import Store

UNKNOWN = "unknown"
"""The programme of a product that does not say who it is."""


def same_programme(pair: Pair) -> Refusal | None:
    """Refuse when another pair of the configuration uses the same programme."""
    file = str(pair.location.path)
    evidence = Evidence(programmes=pair.programmes, configuration=file)
    return refuse(Stage.CONFIGURED, evidence)


def key_mark(pair: Pair, side: Side, salt: str) -> str:
    """Return a salted mark of a key, to notice when it is another one."""
    content = f"{salt}:{pair.apis.of(side).key}".encode()
    return hashlib.sha256(content).hexdigest()[:24]


def identify(pair: Pair, store: Store, readers: Readers) -> None:
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
