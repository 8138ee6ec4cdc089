"""Why a write of a run can be taken back or not: values; their words are messages."""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause
from mappings.canonical import Partner, Side


@dataclass(frozen=True, slots=True)
class Lasts(Cause):
    """A write of a kind that nobody takes back."""

    code: str
    action: str
    target: str


@dataclass(frozen=True, slots=True)
class OfAnotherVersion(Cause):
    """A write by the ids of another version of Tolt's API; "" where it is unknown."""

    code: str
    action: str
    target: str
    was: str
    version: str


@dataclass(frozen=True, slots=True)
class NoteUnreadable(Cause):
    """A write of which nobody can tell any more what it was."""

    code: str
    action: str
    target: str


@dataclass(frozen=True, slots=True)
class TakesBack(Cause):
    """The inverse of one write."""

    code: str
    action: str
    side: Side


@dataclass(frozen=True, slots=True)
class ChangedSince(Cause):
    """Somebody has changed since what the run wrote, and how."""

    how: Cause


@dataclass(frozen=True, slots=True)
class ThereAgain(Cause):
    """What the run deleted was made anew, as ``written``."""

    written: str


@dataclass(frozen=True, slots=True)
class GoneSince(Cause):
    """What the run wrote is not there any more."""


@dataclass(frozen=True, slots=True)
class ValueChanged(Cause):
    """A field has another value than the run left, as texts."""

    field: str
    now: str
    left: str


@dataclass(frozen=True, slots=True)
class DirectionForbids(Cause):
    """The direction of the pair writes nothing there."""

    direction: str


@dataclass(frozen=True, slots=True)
class PolicyForbids(Cause):
    """The policy says never to do this."""


@dataclass(frozen=True, slots=True)
class PartnerGone(Cause):
    """The partner who would get the code is not there any more."""

    partner: str


@dataclass(frozen=True, slots=True)
class PartnerGetsNone(Cause):
    """The partner who would get the code is not active on this side."""

    partner: Partner
    status: str
    side: Side
