"""What may not be done, what a person said of it, and what is looser or dead."""

from typing import Literal, NamedTuple

from connector.engine.causes.cause import Cause
from mappings.canonical import Partner, Side
from mappings.limits import Death

# -- what may be done, and what a person said ---------------------------------------


class SentinelStays(Cause, frozen=True):
    pass


class NeverDone(Cause, frozen=True):
    """``decided`` names whose decision waits because of that."""

    decided: str = ""


class FailedOften(Cause, frozen=True):
    why: str


class MemoryUnreadable(Cause, frozen=True):
    why: str


class DecisionFitsNothing(Cause, frozen=True):
    code: str
    take: str
    who: str


class DecisionOfOtherVersion(Cause, frozen=True):
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


class NotOneRecord(Cause, frozen=True):
    code: str
    claimants: tuple[Claimant, ...]


class InStep(Cause, frozen=True):
    code: str


KINDS = ("redemption_limit", "minimum_order", "expires", "first_order", "customer")
"""The kinds of limits, in the order in which they are told."""

# -- what one side alone enforces ---------------------------------------------------


class DeadHereLiveThere(Cause, frozen=True):
    code: str
    side: Side
    death: Death


class NotEnforced(Cause, frozen=True):
    code: str
    limits: tuple[str, ...]


class KindNotEnforced(Cause, frozen=True):
    count: int
    kind: str

    @property
    def order(self) -> str:
        return f"{self.count} {KINDS.index(self.kind)}"


class DeadNotCarried(Cause, frozen=True):
    count: int
    side: Side


# -- why a decision is refused ------------------------------------------------------

Refused = Literal[
    "only keep", "never", "collision", "blocked", "nothing proposed", "same or push"
]


class NotDecided(Cause, frozen=True):
    why: Refused


class AbsenceNotTaken(Cause, frozen=True):
    code: str
    side: Side
