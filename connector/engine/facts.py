"""Everything that a plan of codes is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.engine.partners import PartnerMap
from connector.engine.snapshot import Snapshot
from mappings.canonical import Side
from mappings.capability import Capability
from state.model import Decision, Link, Tombstone, Unfinished


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read, and what is remembered.

    ``can`` is what each side can express, ``unreadable`` says by key whose memory
    cannot be read, ``quarantined`` by id which change has failed too often,
    ``unfinished`` by key what a replace left missing. ``today`` is the date (UTC,
    ISO), ``currency`` that of the programmes, ``foreign`` what was decided by ids of
    the other version of Tolt's API and could not be carried over.
    """

    partnero: Snapshot
    tolt: Snapshot
    partners: PartnerMap
    can: Mapping[Side, Capability]
    version: str
    links: Sequence[Link] = ()
    tombstones: Mapping[str, Tombstone] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    quarantined: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    today: str = ""
    currency: str | None = None
    foreign: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def unmatched(self) -> list[str]:
        """Name the records that only another version of Tolt's API has shown."""
        strange = [link for link in self.links if link.version != self.version]
        return sorted(link.written for link in strange)

    @property
    def complete(self) -> bool:
        """Whether both sides were read to their end."""
        return self.partnero.complete and self.tolt.complete

    def of(self, side: Side) -> Snapshot:
        return self.partnero if side is Side.PARTNERO else self.tolt

    def owners(self, side: Side, text: str) -> list[str]:
        """Return the ids of the records that have a folded text on a side."""
        codes = self.of(side).codes.values()
        return [code.id for code in codes if code.values.code == text]
