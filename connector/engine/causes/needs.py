"""What a new code needs and may not have: its text, its partner, its coupon."""

from typing import Literal

from connector.engine.causes.cause import Cause
from mappings.canonical import Discount, Partner, Side

# -- what a new code needs ----------------------------------------------------------


class Inexpressible(Cause, frozen=True):
    side: Side
    why: str


class NotTakenAway(Cause, frozen=True):
    why: str


class OwnerUnread(Cause, frozen=True):
    """Its partner may be in a row that could not be understood."""

    side: Side
    row: str


class OwnerInactive(Cause, frozen=True):
    partner: Partner
    side: Side


class OwnerGone(Cause, frozen=True):
    id: str
    side: Side


class NoOwner(Cause, frozen=True):
    side: Side


class OwnerAmbiguous(Cause, frozen=True):
    partner: Partner


class OwnerMissing(Cause, frozen=True):
    """``alike`` is somebody there whose e-mail looks nearly the same."""

    partner: Partner
    side: Side
    alike: Partner | None


class PartnerWouldBeMade(Cause, frozen=True):
    partner: Partner
    side: Side


class CouponWouldBeMade(Cause, frozen=True):
    discount: Discount
    duration: str
    uuid: str


class HangsOn(Cause, frozen=True):
    """Under which coupon a new code comes, and how that was found."""

    uuid: str
    how: Literal["equal", "new", "configured"]
    reaches: str | None = None


class CouponUnread(Cause, frozen=True):
    uuid: str
    configured: bool


class CouponNotPlain(Cause, frozen=True):
    uuid: str
    discount: Discount
    duration: str


class CouponNotThere(Cause, frozen=True):
    uuid: str


class CouponGivesOther(Cause, frozen=True):
    uuid: str
    gives: Discount | None
    wanted: Discount


class TextTaken(Cause, frozen=True):
    """``in_circle``: by a code that is renamed in turn."""

    in_circle: bool
