"""What may be asked of a product, whichever it is: the protocols of its parts.

What reads and what writes are two protocols each, so that a report can be given
something that cannot write: it is not a flag that is checked, the methods are not
there. What one product alone has is a part of its own: Partnero's coupons and marks,
its transactions with the logs that redeem them, Tolt's transactions, and what it says
has changed. ``memory`` in this folder implements them all without a network.

Ids are those of the side that is asked, money is exact minor units with a currency, a
time (``at``) is UTC in ISO 8601. What is asked raises Unavailable or Unclear where
nothing is known, Rejected where the product refuses, Unauthorised where it refuses the
key; what is sent also Uncertain, where it may have arrived. None and an empty list are
the product's own word that there is no such thing.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connector.engine.acts import Want
from connector.engine.snapshot import Snapshot
from mappings.canonical import Coupon, Discount, Partner, PromoCode, Side
from mappings.redemptions import Charge, Customer, Logged, Money, Sale
from mappings.rows import Unread
from mappings.wire import Json, Row

PAGE = 100
"""Rows of a page: the most that both products give."""
Progress = Callable[[Side, int], None]
"""Hears how many rows of a side have been read so far."""


def silent(_side: Side, _count: int) -> None:
    """Tell nobody how far a reading has come."""


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


# -- codes and partners: both products ------------------------------------------------


class Reader(Protocol):
    """A product that can be looked at."""

    @property
    def side(self) -> Side: ...

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repeated ones counted each time."""

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

    def prove_version(self) -> None:
        """Failed where what answers is of another version than is configured."""

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


# -- what one product alone has -------------------------------------------------------


class Coupons(Protocol):
    """Partnero's carriers of discounts."""

    def coupon(self, uuid: str) -> Coupon | None:
        """Return one coupon as it is now, or None."""

    def has_coupon(self, uuid: str, discount: Discount, duration: str) -> bool | None:
        """Say whether this coupon exists as wanted; None where there is none."""

    def create_coupon(self, discount: Discount, duration: str) -> None:
        """Send the creation of a coupon."""


class Marks(Protocol):
    """The metadata of Partnero's codes, where states leave their marks."""

    def marks(self, id_: str) -> tuple[str, Mapping[str, Json]] | None:
        """Return a code's own spelling with the marks on it; None where it is absent.

        Unavailable where its metadata is not shown: no mark is seen, none is ruled out.
        """

    def listed(self) -> list[PromoCode]:
        """Return the codes of the listing that can be read, without their coupons."""


class MarksWriter(Marks, Protocol):
    """Where a state can leave its own mark."""

    def guard(self, stop: threading.Event, fence: Callable[[], None]) -> None:
        """Wait no longer once ``stop`` is set; ask ``fence`` before every write."""

    def mark(self, id_: str, state: str, value: str) -> None:
        """Leave a state's mark in the metadata of a code, and touch nothing else."""


class Changes(Protocol):
    """What Tolt's v2 says has changed of late."""

    @property
    def requests(self) -> int: ...

    def changed(self, since: str | None) -> tuple[bool, datetime]:
        """Say whether any change is named, and what Tolt's clock shows.

        Unavailable where that cannot be told.
        """


# -- redemptions ----------------------------------------------------------------------


class Buyers(Protocol):
    """The customers of either product, and the rows of sales that tell nothing.

    ``unread`` are rows that could not be understood: nothing rests on them.
    """

    @property
    def unread(self) -> list[Unread]: ...

    def numbered(self, number: str) -> Customer | None:
        """Return the customer with exactly this number of the merchant's."""

    def emailed(self, email: str) -> list[Customer]:
        """Return all customers with exactly this e-mail; it need not be unique."""


class Sales(Buyers, Protocol):
    """Partnero's transactions and customers, and the logs that count a redemption."""

    @property
    def currency(self) -> str | None: ...

    def sales(self, keys: Collection[str]) -> dict[str, list[Sale]]:
        """Return all transactions under each key; [] where there is none.

        A key of which a transaction cannot be understood is left out.
        """

    def sales_of(self, key: str) -> list[Sale]:
        """Return the transactions with exactly this key."""

    def sales_by(self, buyer: str) -> list[Sale]:
        """Return the sales of one customer, logged or not."""

    def is_gone(self, key: str) -> bool:
        """Say whether the product itself says that there is no such transaction."""

    def payee(self, name: str, people: Collection[Partner], likely: str) -> str | None:
        """Return the id of the partner whom a customer names, by id or by key."""

    def code_and_log(self, code: str) -> tuple[PromoCode, list[Logged]] | None:
        """Return one code with its redemption log; None where there is no such code."""

    def log_of(self, code: str) -> list[Logged] | None:
        """Return the redemption log of one code; None where there is no such code."""


class SalesWriter(Sales, Protocol):
    """Transactions, customers and redeems that can be made."""

    def create_customer(self, key: str, email: str, name: str, partner: str) -> None:
        """Send a new customer of this partner; a key that is known is refused."""

    def create_sale(
        self, key: str, money: Money, buyer: str, at: str, *, rewardable: bool
    ) -> None:
        """Send a transaction. Nothing there stops a second one under the same key.

        ``rewardable``: the partner earns a commission by it.
        """

    def redeem(self, code: str, key: str) -> list[Logged]:
        """Send a redeem; returns the log as the answer shows it. 200 is no proof."""


class Charges(Buyers, Protocol):
    """Tolt's transactions and customers."""

    @property
    def version(self) -> str: ...

    def window(self, since: str) -> tuple[list[Charge], str]:
        """Return what changed since the mark, and the new mark.

        A mark is the time of the newest row that was seen, as Tolt writes it; "" is
        from the beginning.
        """

    def charges_of(self, key: str, customer: str) -> list[Charge]:
        """Return the transactions with exactly this charge id."""

    def charges_by(self, customer: str) -> list[Charge]:
        """Return the transactions of one customer, with a code or without."""

    def charge(self, id_: str) -> Charge | None:
        """Return one transaction, or None where Tolt says that it is not there."""

    def customer(self, id_: str) -> Customer | None:
        """Return one customer, or None where Tolt says that they are not there."""

    def customers(self, ids: Collection[str]) -> dict[str, Customer]:
        """Return customers by id; whoever is not there is left out."""

    def with_email(self, email: str) -> Customer | None:
        """Return the customer with exactly this e-mail."""

    def tells_codes(self) -> bool:
        """Say whether Tolt tells by which code a customer came, as far as it shows."""

    def inactive(self, partner: str) -> str:
        """Return why a partner gets nothing, where only a single read tells it."""


class ChargesWriter(Charges, Protocol):
    """Transactions and customers that can be made."""

    def create_customer(
        self, email: str, external: str, name: str, partner: str, code: str
    ) -> None:
        """Send a new customer with the code; one that does not match is ignored."""

    def set_code(self, id_: str, code: str) -> None:
        """Send the code that a customer without one has used."""

    def create_charge(self, key: str, money: Money, customer: str, at: str) -> None:
        """Send a transaction, which pays a commission."""


# -- a pair ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Readers:
    """What can be looked at of a pair, part by part.

    ``sales`` and ``charges`` begin a reading of redemptions: what one has asked for
    already it does not ask for again.
    """

    partnero: Reader
    tolt: Reader
    marks: Marks
    changes: Changes
    sales: Callable[[], Sales]
    charges: Callable[[], Charges]

    def of(self, side: Side) -> Reader:
        return self.partnero if side is Side.PARTNERO else self.tolt

    def __iter__(self) -> Iterator[Reader]:
        return iter((self.partnero, self.tolt))

    @property
    def requests(self) -> dict[str, int]:
        """How many requests each side was sent."""
        return {reader.side.value: reader.requests for reader in self}

    def close(self) -> None:
        for reader in self:
            reader.close()


@dataclass(frozen=True, slots=True)
class Writers(Readers):
    """What can be looked at and changed of a pair, part by part."""

    partnero: Writer
    tolt: Writer
    marks: MarksWriter
    sales: Callable[[], SalesWriter]
    charges: Callable[[], ChargesWriter]
    coupons: Coupons

    def of(self, side: Side) -> Writer:
        return self.partnero if side is Side.PARTNERO else self.tolt

    def guard(self, stop: threading.Event, fence: Callable[[], None]) -> None:
        """Wait no longer once ``stop`` is set; ask ``fence`` before every write."""
        self.partnero.guard(stop, fence)
        self.tolt.guard(stop, fence)
