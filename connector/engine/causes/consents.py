"""What may not be done, what a person said of it, and what is looser or dead."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from connector.engine.causes.cause import Cause
from mappings.canonical import Partner, Side
from mappings.limits import Death

# -- what may be done, and what a person said ---------------------------------------


@dataclass(frozen=True, slots=True)
class SentinelStays(Cause):
    pass


@dataclass(frozen=True, slots=True)
class NeverDone(Cause):
    """``decided`` names whose decision waits because of that."""

    decided: str = ""


@dataclass(frozen=True, slots=True)
class FailedOften(Cause):
    why: str


@dataclass(frozen=True, slots=True)
class MemoryUnreadable(Cause):
    why: str


@dataclass(frozen=True, slots=True)
class DecisionFitsNothing(Cause):
    code: str
    take: str
    who: str


@dataclass(frozen=True, slots=True)
class DecisionOfOtherVersion(Cause):
    code: str
    take: str
    who: str
    version: str
    now: str


class Claimant(NamedTuple):
    """One of the records that claim one text; ``owner`` is None for nobody."""

    side: Side
    written: str
    owner: Partner | None


@dataclass(frozen=True, slots=True)
class NotOneRecord(Cause):
    code: str
    claimants: tuple[Claimant, ...]


@dataclass(frozen=True, slots=True)
class InStep(Cause):
    code: str


KINDS = ("redemption_limit", "minimum_order", "expires", "first_order", "customer")
"""The kinds of limits, in the order in which they are told."""

# -- what one side alone enforces ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeadHereLiveThere(Cause):
    code: str
    side: Side
    death: Death


@dataclass(frozen=True, slots=True)
class NotEnforced(Cause):
    code: str
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindNotEnforced(Cause):
    count: int
    kind: str

    @property
    def order(self) -> str:
        return f"{self.count} {KINDS.index(self.kind)}"


@dataclass(frozen=True, slots=True)
class DeadNotCarried(Cause):
    count: int
    side: Side


# -- why a decision is refused ------------------------------------------------------

Refused = Literal[
    "only keep", "never", "collision", "blocked", "nothing proposed", "same or push"
]


@dataclass(frozen=True, slots=True)
class NotDecided(Cause):
    why: Refused


@dataclass(frozen=True, slots=True)
class AbsenceNotTaken(Cause):
    code: str
    side: Side
