"""What a new code needs and may not have: its text, its partner, its coupon."""

from dataclasses import dataclass
from typing import Literal

from connector.engine.causes.cause import Cause
from mappings.canonical import Discount, Partner, Side

# -- what a new code needs ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inexpressible(Cause):
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class NotTakenAway(Cause):
    why: str


@dataclass(frozen=True, slots=True)
class OwnerUnread(Cause):
    """Its partner may be in a row that could not be understood."""

    side: Side
    row: str


@dataclass(frozen=True, slots=True)
class OwnerInactive(Cause):
    partner: Partner
    side: Side


@dataclass(frozen=True, slots=True)
class OwnerGone(Cause):
    id: str
    side: Side


@dataclass(frozen=True, slots=True)
class NoOwner(Cause):
    side: Side


@dataclass(frozen=True, slots=True)
class OwnerAmbiguous(Cause):
    partner: Partner


@dataclass(frozen=True, slots=True)
class OwnerMissing(Cause):
    """``alike`` is somebody there whose e-mail looks nearly the same."""

    partner: Partner
    side: Side
    alike: Partner | None


@dataclass(frozen=True, slots=True)
class PartnerWouldBeMade(Cause):
    partner: Partner
    side: Side


@dataclass(frozen=True, slots=True)
class CouponWouldBeMade(Cause):
    discount: Discount
    duration: str
    uuid: str


@dataclass(frozen=True, slots=True)
class HangsOn(Cause):
    """Under which coupon a new code comes, and how that was found."""

    uuid: str
    how: Literal["equal", "new", "configured"]
    reaches: str | None = None


@dataclass(frozen=True, slots=True)
class CouponUnread(Cause):
    uuid: str
    configured: bool


@dataclass(frozen=True, slots=True)
class CouponNotPlain(Cause):
    uuid: str
    discount: Discount
    duration: str


@dataclass(frozen=True, slots=True)
class CouponNotThere(Cause):
    uuid: str


@dataclass(frozen=True, slots=True)
class CouponGivesOther(Cause):
    uuid: str
    gives: Discount | None
    wanted: Discount


@dataclass(frozen=True, slots=True)
class TextTaken(Cause):
    """``in_circle``: by a code that is renamed in turn."""

    in_circle: bool
