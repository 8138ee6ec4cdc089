"""Why a code is as a plan says: one value for each sentence about it."""

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


class OnBothSides(Cause, frozen=True):
    code: str


class StillOneRecord(Cause, frozen=True):
    """It has another text or id than it was remembered by."""

    was: str
    now: Both[str]


class Incomparable(Cause, frozen=True):
    code: str
    why: str


class WouldChange(Cause, frozen=True):
    code: str
    side: Side
    fields: tuple[Shown, ...]


class NeedsNewCode(Cause, frozen=True):
    """The side cannot change it: it takes a new code in place of the old one."""

    code: str
    side: Side
    fields: tuple[Shown, ...]


class Differs(Cause, frozen=True):
    code: str
    fields: tuple[Shown, ...]


class PerhapsWrongUnit(Cause, frozen=True):
    pass


class PerhapsOnePerson(Cause, frozen=True):
    ids: Both[str | None]


class NotCarriedOver(Cause, frozen=True):
    code: str
    field: str
    source: Side
    direction: str


class SpelledInTwoWays(Cause, frozen=True):
    written: Both[str]


# -- on one side --------------------------------------------------------------------


class OnlyOn(Cause, frozen=True):
    code: str
    side: Side


class PerhapsRenamed(Cause, frozen=True):
    """It may be one of those that another version of Tolt's API has shown."""

    code: str
    unmatched: tuple[str, ...]


class WasDeleted(Cause, frozen=True):
    """``other_half``: what stands on ``side`` is the half that never went."""

    code: str
    where: str
    side: Side
    other_half: bool


class NothingWritten(Cause, frozen=True):
    direction: str


class DeadThere(Cause, frozen=True):
    death: Death


class WouldLose(Cause, frozen=True):
    side: Side
    lost: tuple[str, ...]


class Gone(Cause, frozen=True):
    code: str
    side: Side
    edited: bool


class DeleteToo(Cause, frozen=True):
    side: Side


class MissingAfterReplace(Cause, frozen=True):
    code: str
    side: Side
    detail: str


class ComesBackAsItWas(Cause, frozen=True):
    side: Side


class NotMadeAgain(Cause, frozen=True):
    why: str


class NotRemovable(Cause, frozen=True):
    code: str
    direction: str


class Removed(Cause, frozen=True):
    code: str
    side: Side


class BackOnBoth(Cause, frozen=True):
    code: str


class GoneOnBoth(Cause, frozen=True):
    code: str


class AbsenceNotProven(Cause, frozen=True):
    code: str
    side: Side
