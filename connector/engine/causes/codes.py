"""Why a code is as a plan says: one value for each sentence about it."""

from dataclasses import dataclass
from typing import NamedTuple

from connector.engine.causes.cause import Cause
from mappings.canonical import Both, Side
from mappings.limits import Death


class Shown(NamedTuple):
    """One field as it is shown on both sides, and what would be written."""

    name: str
    left: str | None
    right: str | None
    new: str | None

    def of(self, side: Side) -> str | None:
        return self.left if side is Side.PARTNERO else self.right


# -- on both sides ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnBothSides(Cause):
    code: str


@dataclass(frozen=True, slots=True)
class StillOneRecord(Cause):
    """It has another text or id than it was remembered by."""

    was: str
    now: Both[str]


@dataclass(frozen=True, slots=True)
class Incomparable(Cause):
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class WouldChange(Cause):
    code: str
    side: Side
    fields: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class NeedsNewCode(Cause):
    """The side cannot change it: it takes a new code in place of the old one."""

    code: str
    side: Side
    fields: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Differs(Cause):
    code: str
    fields: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class PerhapsWrongUnit(Cause):
    pass


@dataclass(frozen=True, slots=True)
class PerhapsOnePerson(Cause):
    ids: Both[str | None]


@dataclass(frozen=True, slots=True)
class NotCarriedOver(Cause):
    code: str
    field: str
    source: Side
    direction: str


@dataclass(frozen=True, slots=True)
class SpelledInTwoWays(Cause):
    written: Both[str]


# -- on one side --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnlyOn(Cause):
    code: str
    side: Side


@dataclass(frozen=True, slots=True)
class PerhapsRenamed(Cause):
    """It may be one of those that another version of Tolt's API has shown."""

    code: str
    unmatched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WasDeleted(Cause):
    """``other_half``: what stands on ``side`` is the half that never went."""

    code: str
    where: str
    side: Side
    other_half: bool


@dataclass(frozen=True, slots=True)
class NothingWritten(Cause):
    direction: str


@dataclass(frozen=True, slots=True)
class DeadThere(Cause):
    death: Death


@dataclass(frozen=True, slots=True)
class WouldLose(Cause):
    side: Side
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gone(Cause):
    code: str
    side: Side
    edited: bool


@dataclass(frozen=True, slots=True)
class DeleteToo(Cause):
    side: Side


@dataclass(frozen=True, slots=True)
class MissingAfterReplace(Cause):
    code: str
    side: Side
    detail: str


@dataclass(frozen=True, slots=True)
class ComesBackAsItWas(Cause):
    side: Side


@dataclass(frozen=True, slots=True)
class NotMadeAgain(Cause):
    why: str


@dataclass(frozen=True, slots=True)
class NotRemovable(Cause):
    code: str
    direction: str


@dataclass(frozen=True, slots=True)
class Removed(Cause):
    code: str
    side: Side


@dataclass(frozen=True, slots=True)
class BackOnBoth(Cause):
    code: str


@dataclass(frozen=True, slots=True)
class GoneOnBoth(Cause):
    code: str


@dataclass(frozen=True, slots=True)
class AbsenceNotProven(Cause):
    code: str
    side: Side
