"""Both sides and the memory of them, with proof of what is absent.

Both sides and the bases are read at the same time. A linked record that a complete
listing does not show is asked for directly; it counts as gone only when that says 404
while a control read of a known record works. Of a side that a guard refuses nothing
more is asked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice

from connector.config.pair import Pair
from connector.engine.change import Refusal
from connector.engine.consent import is_about_absence
from connector.engine.guards import Before, Evidence, Stage, refuse
from connector.engine.match import rematch
from connector.engine.partners import PartnerMap, match_partners, perhaps_left
from connector.engine.snapshot import Snapshot
from connector.errors import SyncError, Unclear
from connector.providers.base import Reader, Readers, Remembered
from connector.run.identify import key_mark
from connector.run.memory import Memory
from mappings.canonical import Side, fold
from state.model import Link

MOST_PROOFS = 200
"""Direct reads that a run spends on records that a listing does not show."""
CONTROLS = 3
"""Listed records of which one has to be found, or a 404 proves nothing."""

Snapshots = Mapping[Side, Snapshot]


@dataclass(frozen=True, slots=True)
class SidesRead:
    """Both sides as they are, and the memory that belongs to them.

    ``bases`` are the links as the state has them, ``links`` as they are matched now;
    ``parked`` says by key whose memory cannot be read. ``evidence`` is what the guards
    have seen so far, ``refused`` what one of them has said.
    """

    sides: Snapshots
    partners: PartnerMap
    bases: Sequence[Link]
    links: Sequence[Link]
    parked: Mapping[str, str]
    evidence: Evidence
    refused: Refusal | None = None

    @property
    def relinked(self) -> list[Link]:
        """The links that have other ids than the state has."""
        pairs = zip(self.links, self.bases, strict=True)
        return [link for link, base in pairs if link is not base]


def read(pair: Pair, readers: Readers, memory: Memory) -> SidesRead:
    """Read both sides and the bases, ask the guards, and prove what is absent."""
    with ThreadPoolExecutor(1) as pool:
        remembered = pool.submit(memory.bases)
        sides = _both_sides(pair, readers, memory)
        bases, parked = remembered.result()
    reading = _matched(pair, memory, sides, bases, parked)
    if refused := refuse(Stage.READ, reading.evidence):
        return replace(reading, refused=refused)
    if left := _gone_partners(reading.partners, sides, readers):
        matched = _matched(pair, memory, sides, bases, parked, left=left)
        reading = replace(matched, evidence=reading.evidence)
    return replace(reading, sides=prove(sides, readers, reading.links, pair.version))


def _both_sides(pair: Pair, readers: Readers, memory: Memory) -> dict[Side, Snapshot]:
    """Read both sides at the same time, and ask who answers if the key is new."""

    def one_side(side: Side) -> Snapshot:
        place = list(Side).index(side)
        remembered = Remembered(
            coupons=memory.coupons,
            partners=frozenset(link[place] for link in memory.partners),
            recheck=memory.recheck,
            sentinel=fold(pair.policy.limits.sentinel or ""),
        )
        snapshot = readers.of(side).read(remembered)
        was = memory.known.programme(side).key
        if was and was != key_mark(pair, side, memory.salt) and snapshot.complete:
            program = readers.of(side).identify().program
            snapshot = replace(snapshot, identity=program or snapshot.identity)
        return snapshot

    with ThreadPoolExecutor(len(Side)) as pool:
        return dict(zip(Side, pool.map(one_side, Side), strict=True))


def _matched(
    pair: Pair,
    memory: Memory,
    sides: Snapshots,
    bases: Sequence[Link],
    parked: Mapping[str, str],
    *,
    left: Collection[tuple[str, str]] = (),
) -> SidesRead:
    """Match the partners, and the links with them.

    ``left`` are stored matches of partners that are proven to be over.
    """
    people = (sides[side].partners for side in Side)
    partners = match_partners(
        *people, stored=memory.partners, aliases=pair.aliases, left=left
    )
    codes = sides[Side.TOLT].codes
    links = rematch(bases, codes, partners, pair.version, memory.former)
    before = Before(links, _decided(links, memory), memory.known)
    evidence = Evidence(limits=pair.policy.limits, sides=sides, before=before)
    return SidesRead(sides, partners, bases, links, parked, evidence)


def _decided(links: Sequence[Link], memory: Memory) -> frozenset[str]:
    """Return the linked records about whose vanishing a person has decided.

    Who accepted a limit, or answered about a value, has said nothing about that.
    """
    decided = {d.key for d in memory.decisions.values() if is_about_absence(d)}
    if not decided:
        return frozenset()
    return frozenset(
        link.base.left.code for link in links if link.base.left.code in decided
    )


# -- what is absent -----------------------------------------------------------------


def _gone_partners(
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
    for place, side in enumerate(Side):  # as Both has them: links are many
        snapshot = sides[side]
        if not snapshot.complete:
            continue
        shown = snapshot.codes.keys() | snapshot.hidden
        unseen = [link for link in links if link[0][place] not in shown]
        missing = {
            link[0][place]
            for link in unseen
            if side is Side.PARTNERO or link.version == version
        }
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
        return replace(snapshot, missed=str(error))
    return replace(snapshot, codes=codes, gone=frozenset(gone | moved))


def _answers(reader: Reader, controls: Iterable[str]) -> bool:
    """Say whether a record that is listed is there; the first one that can be told."""
    for id_ in controls:
        try:
            return reader.get(id_) is not None
        except Unclear:
            continue
    return False
