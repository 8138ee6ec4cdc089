"""Redemptions, as values: what both sides say of one, and what the ledger keeps.

A redemption is (code, key). On Partnero it is an entry of the code's log, and the
sale it names is a transaction; on Tolt it is a transaction that carries the code,
keyed by its ``charge_id`` or else by its own id. Money is exact minor units of a
named currency. How both products word it is in redemption_wire.py.
"""

from dataclasses import dataclass
from typing import NamedTuple

from mappings.canonical import Fixed, fold, mask
from mappings.wire import Row

Money = Fixed
"""An exact amount: minor units and their currency, whatever it is for."""


class Logged(NamedTuple):
    """One entry of Partnero's redemption log; ``key`` is "" where none was given."""

    key: str
    at: str


class Total(NamedTuple):
    """How many redemptions of a code stand in one way, and their money by side."""

    code: str
    standing: str
    currency: str
    number: int
    partnero: int
    tolt: int


class Log(NamedTuple):
    """A code's redemption log as its row shows it, oldest first, and its counter."""

    entries: list[Row]
    counter: int | None


@dataclass(frozen=True, slots=True)
class Sale:
    """A transaction on Partnero; its key need not be unique there."""

    key: str
    money: Money | None
    customer: str
    at: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """A transaction on Tolt; ``code`` is the id of a promotion code, or ""."""

    id: str
    charge_id: str
    money: Money | None
    customer: str
    code: str
    at: str
    refunded: bool = False

    @property
    def key(self) -> str:
        return self.charge_id or self.id


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer: ``id`` in that side's API, ``external`` the merchant's own number.

    ``code`` is the id of Tolt's code that brought them, None where it is not told.
    """

    id: str
    email: str
    name: str
    external: str
    partner: str
    code: str | None = ""

    def is_called(self, name: str) -> bool:
        """Say whether this is the buyer whom the other side calls so."""
        return bool(name) and fold(name) in map(fold, (self.email, self.external))

    @property
    def names(self) -> tuple[str, ...]:
        """What the other side may know the buyer by."""
        return tuple(dict.fromkeys(n for n in (self.external, self.email) if n))


@dataclass(frozen=True, slots=True)
class Entry:
    """One redemption in the ledger: what each side has shown of it so far.

    ``sales`` counts Partnero's transactions under the key, None where nobody has
    looked; ``charges`` are ids on Tolt, each with its API version, because an id of
    one version is another one in the other; ``pushed`` is the side we wrote it to.
    """

    code: str
    key: str
    logged: int = 0
    logged_at: str = ""
    sales: int | None = None
    sold: Money | None = None
    buyer: str = ""
    sold_at: str = ""
    charges: tuple[str, ...] = ()
    charged: Money | None = None
    customer: str = ""
    charged_at: str = ""
    refunded: bool = False
    pushed: str = ""

    @property
    def at(self) -> str:
        """When it happened, as far as anybody knows."""
        known = (self.sold_at or self.logged_at, self.charged_at)
        return min((one for one in known if one), default="")

    @property
    def on_tolt(self) -> int:
        """Count the transactions on Tolt, the two API versions not added up."""
        versions = [charge.partition(":")[0] for charge in self.charges]
        return max((versions.count(one) for one in versions), default=0)


class Push(NamedTuple):
    """One step of pushing a redemption, in the words of the side that is written to.

    ``buyer`` is the customer's id there, "" where they are only to be created; then
    ``external``, ``email`` and ``name`` say who. ``code`` is the id of the code,
    ``text`` what a customer types.
    """

    key: str
    minor: int
    currency: str
    at: str
    code: str
    text: str
    partner: str
    buyer: str
    external: str
    email: str
    name: str
    rewardable: bool

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def names(self) -> tuple[str, ...]:
        """What the customer may be found by, the surest first."""
        known = (self.buyer, self.external, self.email)
        return tuple(dict.fromkeys(name for name in known if name))


def shown(key: str) -> str:
    """Return a key for people: a provider's text, which may be an e-mail address."""
    return mask(key) if "@" in key else key
