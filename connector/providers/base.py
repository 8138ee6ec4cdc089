"""What the engine may ask of a product, whichever it is.

Two protocols, so that a report can be given something that cannot write: it is not
a flag that is checked, the methods are not there.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from connector.engine.change import Want
from connector.engine.snapshot import Snapshot
from mappings.canonical import Coupon, Discount, Partner, PromoCode, Side
from mappings.wire import Row

PAGE = 100
Progress = Callable[[Side, int], None]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier runs already know, so that it is not asked again.

    ``coupons`` is the coupon of each Partnero code by its text, ``partners`` the
    ids of this side's partners that are matched. Of the coupons that no listing names,
    ``recheck`` are asked for again, the first ones first. ``sentinel`` is the code,
    folded, whose marks are to be read along.
    """

    coupons: Mapping[str, str] = field(default_factory=dict)
    partners: frozenset[str] = frozenset()
    recheck: int = 0
    sentinel: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers behind a key: the programme, and its currency where it tells."""

    program: str
    currency: str | None = None


class Reader(Protocol):
    """A product that can be looked at."""

    @property
    def side(self) -> Side: ...

    @property
    def requests(self) -> int: ...

    def read(self, remembered: Remembered) -> Snapshot:
        """Read everything; never raises for a listing that is not complete."""

    def get(self, id_: str) -> PromoCode | None:
        """Return one record, or None where the product says that it is not there."""

    def find(self, code: str) -> list[PromoCode]:
        """Return the records with this text, letter case aside."""

    def partner(self, id_: str) -> Partner | None:
        """Return one partner, or None."""

    def identify(self) -> Identity:
        """Ask who is behind the key."""

    def close(self) -> None: ...


class Writer(Reader, Protocol):
    """A product that can be changed. Nothing here is repeated blindly."""

    def guard(self, stop: threading.Event, fence: Callable[[], None]) -> None:
        """Wait no longer once ``stop`` is set; ask ``fence`` before every write."""

    def copy(self, id_: str) -> Row | None:
        """Return the whole row as the product sends it, to be kept."""

    def create(self, want: Want, partner: Partner | None, kept: Row) -> str | None:
        """Send a create; returns the new id where the product tells one."""

    def update(self, id_: str, want: Want, partner: Partner | None) -> None:
        """Send the changed fields of one record."""

    def delete(self, code: PromoCode) -> None:
        """Send the deletion of one record, for good."""

    def create_partner(self, email: str, name: str) -> str | None:
        """Send the creation of a partner, who may get an e-mail; returns their id."""

    def find_partner(self, email: str) -> list[Partner]:
        """Return the partners with exactly this e-mail, letter case aside."""

    def create_coupon(self, discount: Discount, duration: str) -> None:
        """Send the creation of a coupon (Partnero alone has them)."""

    def coupon(self, uuid: str) -> Coupon | None:
        """Return one coupon as it is now, or None (Partnero alone has them)."""

    def has_coupon(self, uuid: str, discount: Discount, duration: str) -> bool | None:
        """Say whether this coupon exists as wanted; None where there is none."""
