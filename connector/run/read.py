"""Both sides and the memory of them, with proof of what is absent.

Both sides and the bases are read at the same time. What a complete listing does not
show is asked for directly (prove.py). Of a side that a guard refuses nothing more is
asked.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from connector.config.pair import Pair
from connector.engine.change import Refusal
from connector.engine.consent import is_about_absence
from connector.engine.guards import Before, Evidence, Stage, refuse
from connector.engine.match import rematch
from connector.engine.partners import PartnerMap, match_partners
from connector.engine.snapshot import Snapshot
from connector.providers.base import Readers, Remembered
from connector.run.identify import compare_currency, key_mark
from connector.run.memory import Memory
from connector.run.prove import Snapshots, gone_partners, prove
from mappings.canonical import Side, fold, named
from state.model import Link


@dataclass(frozen=True, slots=True)
class SidesRead:
    """Both sides as they are, and the memory that belongs to them.

    ``bases`` are the links as the state has them, ``links`` as they are matched now;
    ``unreadable`` says by key whose memory cannot be read. ``evidence`` is what the
    guards have seen so far, ``refused`` what one of them has said.
    """

    sides: Snapshots
    partners: PartnerMap
    bases: Sequence[Link]
    links: Sequence[Link]
    unreadable: Mapping[str, str]
    evidence: Evidence
    refused: Refusal | None = None

    @property
    def relinked(self) -> list[Link]:
        """The links that have other ids than the state has."""
        if self.links is self.bases:
            return []
        pairs = zip(self.links, self.bases, strict=True)
        return [link for link, base in pairs if link is not base]


def read(pair: Pair, readers: Readers, memory: Memory) -> SidesRead:
    """Read both sides and the bases, ask the guards, and prove what is absent."""
    with ThreadPoolExecutor(1) as pool:
        remembered = pool.submit(memory.bases)
        sides = _both_sides(pair, readers, memory)
        bases, unreadable = remembered.result()
    reading = _matched(pair, memory, sides, bases, unreadable)
    if refused := refuse(Stage.READ, reading.evidence):
        return replace(reading, refused=refused)
    if gone := gone_partners(reading.partners, sides, readers):
        matched = _matched(pair, memory, sides, bases, unreadable, gone=gone)
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
        if pair.names:
            people = {id_: named(one) for id_, one in snapshot.partners.items()}
            snapshot = replace(snapshot, partners=people)
        was = memory.known.programme(side).key
        if was and was != key_mark(pair, side, memory.salt) and snapshot.complete:
            who = readers.of(side).identify()
            compare_currency(pair, side, who.currency)
            snapshot = replace(snapshot, identity=who.program or snapshot.identity)
        return snapshot

    with ThreadPoolExecutor(len(Side)) as pool:
        return dict(zip(Side, pool.map(one_side, Side), strict=True))


def _matched(
    pair: Pair,
    memory: Memory,
    sides: Snapshots,
    bases: Sequence[Link],
    unreadable: Mapping[str, str],
    *,
    gone: Collection[tuple[str, str]] = (),
) -> SidesRead:
    """Match the partners, and the links with them.

    ``gone`` are stored matches of partners that are proven to be over.
    """
    people = (sides[side].partners for side in Side)
    partners = match_partners(
        *people, stored=memory.partners, aliases=pair.aliases, gone=gone
    )
    codes = sides[Side.TOLT].codes
    links = rematch(bases, codes, partners, pair.version, memory.former)
    before = Before(links, _absence_decided(links, memory), memory.known)
    evidence = Evidence(limits=pair.policy.limits, sides=sides, before=before)
    return SidesRead(sides, partners, bases, links, unreadable, evidence)


def _absence_decided(links: Sequence[Link], memory: Memory) -> frozenset[str]:
    """Return the linked records about whose vanishing a person has decided.

    Who accepted a limit, or answered about a value, has said nothing about that.
    """
    decided = {d.key for d in memory.decisions.values() if is_about_absence(d)}
    if not decided:
        return frozenset()
    return frozenset(
        link.base.left.code for link in links if link.base.left.code in decided
    )
