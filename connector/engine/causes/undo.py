"""Why a write of a run can be taken back or not: values; their words are messages."""

from connector.engine.causes.cause import Cause
from mappings.canonical import Partner, Side


class Lasts(Cause, frozen=True):
    """A write of a kind that nobody takes back."""

    code: str
    action: str
    target: str


class OfAnotherVersion(Cause, frozen=True):
    """A write by the ids of another version of Tolt's API; "" where it is unknown."""

    code: str
    action: str
    target: str
    was: str
    version: str


class NoteUnreadable(Cause, frozen=True):
    """A write of which nobody can tell any more what it was."""

    code: str
    action: str
    target: str


class TakesBack(Cause, frozen=True):
    """The inverse of one write."""

    code: str
    action: str
    side: Side


class ChangedSince(Cause, frozen=True):
    """Somebody has changed since what the run wrote, and how."""

    how: Cause


class ThereAgain(Cause, frozen=True):
    """What the run deleted was made anew, as ``written``."""

    written: str


class GoneSince(Cause, frozen=True):
    """What the run wrote is not there any more."""


class ValueChanged(Cause, frozen=True):
    """A field has another value than the run left, as texts."""

    field: str
    now: str
    left: str


class DirectionForbids(Cause, frozen=True):
    """The direction of the pair writes nothing there."""

    direction: str


class PolicyForbids(Cause, frozen=True):
    """The policy says never to do this."""


class PartnerGone(Cause, frozen=True):
    """The partner who would get the code is not there any more."""

    partner: str


class PartnerGetsNone(Cause, frozen=True):
    """The partner who would get the code is not active on this side."""

    partner: Partner
    status: str
    side: Side
