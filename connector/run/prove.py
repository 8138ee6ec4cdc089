"""What is absent, asked for directly: nothing that a listing alone would say.

A linked record that a complete listing does not show counts as gone only when a direct
read says 404 while a control read of a known record works.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest
from itertools import islice

from connector.engine.match import unlisted
from connector.engine.partners import PartnerMap, perhaps_left
from connector.engine.snapshot import Snapshot
from connector.errors import SyncError, Unclear
from connector.providers.base import Reader, Readers
from mappings.canonical import Side
from state.model import Link

MOST_PROOFS = 200
"""Direct reads that a run spends on records that a listing does not show."""
CONTROLS = 3
"""Listed records of which one has to be found, or a 404 proves nothing."""

Snapshots = Mapping[Side, Snapshot]


def gone_partners(
    partners: PartnerMap, sides: Snapshots, readers: Readers
) -> set[tuple[str, str]]:
    """Ask for partners who seem to be back under a new id; returns who has left."""
    seem = (
        (side, ids, newcomer)
        for side, ids, newcomer in islice(perhaps_left(partners), MOST_PROOFS)
        if sides[side].complete
    )
    return {
        ids
        for side, ids, newcomer in seem
        if _is_erased(readers.of(side), ids[list(Side).index(side)], newcomer)
    }


def _is_erased(reader: Reader, id_: str, newcomer: str) -> bool:
    """Say whether a partner is gone, while another one is told under the same path."""
    try:
        return reader.partner(id_) is None and reader.partner(newcomer) is not None
    except SyncError:
        return False


def prove(
    sides: Snapshots, readers: Readers, links: Sequence[Link], version: str
) -> Snapshots:
    """Ask directly for linked records that a complete listing does not show.

    An id of another version of Tolt's API means nothing here: it is never asked for.
    """
    proven = dict(sides)
    for side in Side:
        snapshot = sides[side]
        if not snapshot.complete:
            continue
        missing = {
            link.ids.of(side)
            for link in unlisted(links, snapshot)
            if side is Side.PARTNERO or link.version == version
        } - snapshot.hidden
        if missing:
            asked_for = sorted(missing)[:MOST_PROOFS]
            proven[side] = _asked(snapshot, readers.of(side), asked_for)
    return proven


def _asked(snapshot: Snapshot, reader: Reader, missing: Iterable[str]) -> Snapshot:
    """Return the snapshot with what direct reads say of the missing ids."""
    codes = dict(snapshot.codes)
    gone: set[str] = set()
    moved: set[str] = set()
    try:
        for id_ in missing:
            try:
                code = reader.get(id_)
            except Unclear:
                continue  # unproven, it alone
            if code is None:
                gone.add(id_)
            else:
                codes.setdefault(code.id, code)
                moved |= {id_} - {code.id}  # now written otherwise
        if not _answers(reader, nsmallest(CONTROLS, snapshot.codes)):
            gone.clear()
    except SyncError as error:
        return replace(snapshot, missed=str(error), reason=error.reason)
    return replace(snapshot, codes=codes, gone=frozenset(gone | moved))


def _answers(reader: Reader, controls: Iterable[str]) -> bool:
    """Say whether a record that is listed is there; the first one that can be told."""
    for id_ in controls:
        try:
            return reader.get(id_) is not None
        except Unclear:
            continue
    return False
