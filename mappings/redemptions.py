"""Redemptions, as values: what both sides say of one, and what the ledger keeps.

A redemption is (code, key). On Partnero it is an entry of the code's log, and the
sale it names is a transaction; on Tolt it is a transaction that carries the code,
keyed by its ``charge_id`` or else by its own id. Money is exact minor units of a
named currency, and so is a bare number of it (2500 is 25.00 USD, or 2500 JPY). A time
(``at``) is UTC in ISO 8601, "" where it is not told. How both products word it, and
where their documentation says so, is in redemption_wire.py.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mappings.canonical import Fixed, Side, fold, fold_email, mask
from mappings.wire import Row

Money = Fixed
"""An exact amount: minor units and their currency, whatever it is for."""
MARK = "partnero-tolt"
"""What a sale that we pushed carries: Partnero's ``action``, Tolt's ``source``."""
OUR_MARKS = frozenset({MARK, "partnero"})
"""As ``source`` on Tolt: earlier versions of this program wrote "partnero"."""
LONGEST_KEY = 255
_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
UNSEEN = frozenset(map(chr, (*_SELECTORS, 0x34F, 0x115F, 0x1160, 0x3164, 0xFFA0)))
"""Letters and marks that show nothing, and that Unicode counts among the others."""


class KeyFlaw(StrEnum):
    """Why a key cannot be sent as it is."""

    BLANK_AT_AN_END = "a blank at an end"
    INVISIBLE = "an invisible character"
    BLANKS = "blanks"
    UNICODE_FORM = "a Unicode form"
    TOO_LONG = "too long"


class Logged(NamedTuple):
    """One entry of Partnero's redemption log; ``key`` is "" where none was given."""

    key: str
    at: str


class Total(NamedTuple):
    """How many redemptions of a code stand in one way, and their money by side.

    ``partnero`` and ``tolt`` are minor units of ``currency``.
    """

    code: str
    standing: str
    currency: str
    number: int
    partnero: int
    tolt: int


class Sum(NamedTuple):
    """Redemptions of one partner and code that stand in one way, in one currency.

    ``partner`` and ``code`` are as they may be shown; ``minor`` is in minor units of
    ``currency``, which is "" where nobody knows it.
    """

    partner: str
    code: str
    currency: str
    standing: str
    number: int
    minor: int


class Log(NamedTuple):
    """A code's redemption log as its row shows it, oldest first, and its counter."""

    entries: list[Row]
    counter: int | None


@dataclass(frozen=True, slots=True)
class Sale:
    """A transaction on Partnero; its key need not be unique there.

    ``partner`` is None where it is not told, "" where the sale is nobody's; and
    ``archived`` is None where that is not told; ``sums`` are all amounts that may be
    the sale's (net, gross).
    """

    key: str
    money: Money | None
    customer: str
    at: str
    archived: bool | None = False
    partner: str | None = None
    action: str = ""
    gross: Money | None = None

    @property
    def ours(self) -> bool:
        return self.action == MARK

    @property
    def sums(self) -> frozenset[Money]:
        return frozenset(money for money in (self.money, self.gross) if money)

    @property
    def reference(self) -> str:
        """What names this sale on its side; a key there need not be unique."""
        return f"{self.key}@{self.at}"


@dataclass(frozen=True, slots=True)
class Charge:
    """A transaction on Tolt; ``code`` is the id of a promotion code, or "".

    Whether it was ``refunded`` is None where that is not told.
    """

    id: str
    charge_id: str
    money: Money | None
    customer: str
    code: str
    at: str
    refunded: bool | None = False
    partner: str | None = None
    source: str = ""
    others: tuple[Money, ...] = ()

    @property
    def key(self) -> str:
        return self.charge_id or self.id

    @property
    def archived(self) -> bool | None:
        return self.refunded

    @property
    def ours(self) -> bool:
        return self.source in OUR_MARKS and bool(self.charge_id)

    @property
    def sums(self) -> frozenset[Money]:
        return frozenset(money for money in (self.money, *self.others) if money)

    @property
    def reference(self) -> str:
        """What names this sale on its side."""
        return self.id


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer: ``id`` in that side's API, ``external`` the merchant's own number.

    ``code`` is the id of Tolt's code that brought them; it and ``partner`` are None
    where they are not told, "" where there is none.
    """

    id: str
    email: str
    name: str
    external: str
    partner: str | None
    code: str | None = ""

    def has_email(self, email: str) -> bool:
        """Say whether this is exactly their mailbox; blanks and ASCII case aside."""
        return bool(email) and fold_email(email) == fold_email(self.email)

    def has_number(self, number: str) -> bool:
        """Say whether they go by exactly this number of the merchant's."""
        return bool(number) and number in (self.id, self.external)

    def differs_from(self, other: "Customer") -> bool:
        """Say whether both tell an e-mail, and not the same one: two people."""
        return bool(other.email and self.email) and not self.has_email(other.email)

    @property
    def known_by(self) -> str:
        """The number under which we make them known on the other side."""
        return self.external or self.email or self.id

    @property
    def numbers(self) -> tuple[str, ...]:
        """The merchant's number, and the id under which we would make them known."""
        return tuple(dict.fromkeys(n for n in (self.external, self.id) if n))


@dataclass(frozen=True, slots=True)
class Entry:
    """One redemption in the ledger: what each side has shown of it so far.

    ``sales`` counts Partnero's transactions under the key, None where nobody has
    looked; ``charges`` are ids on Tolt, each with its API version, because an id of
    one version is another one in the other, ``refunds`` those that were taken back;
    ``pushed`` is the side we wrote it to.

    ``evidence`` is the side on which it was once found without us, maybe as a
    lookalike; ``alike`` are the sales there that looked like it, each by its reference
    and its key. ``linked`` names the one that a person said is the same.
    ``doubt`` is a payment whose outcome is unknown: "open:SIDE" while it is looked
    for, "parked:SIDE" once a person decides; or "unmatched" after a switch of Tolt's
    version. ``checked`` is when both sides were last asked.
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
    pushed: str = ""
    refunds: tuple[str, ...] = ()
    evidence: str = ""
    alike: tuple[tuple[str, str], ...] = ()
    linked: str = ""
    doubt: str = ""
    checked: str = ""

    @property
    def refunded(self) -> bool:
        """Whether whatever Tolt has shown of it was taken back.

        By a version of its API, that is: the charges of another one are not asked for.
        """
        versions = [
            {id_.partition(":")[0] for id_ in ids}
            for ids in (self.refunds, self.charges)
        ]
        taken, left = versions
        return bool(taken - left)

    @property
    def folded(self) -> str:
        return folded_key(self.key)

    def of_version(self, version: str) -> list[str]:
        """Return the ids on Tolt that this version of its API understands."""
        named = (id_.partition(":") for id_ in (*self.charges, *self.refunds))
        return [id_ for which, _, id_ in named if which == version]

    def is_only_of(self, version: str) -> bool:
        """Say whether no other version of Tolt's API has told anything of it."""
        named = (*self.charges, *self.refunds)
        return all(id_.partition(":")[0] == version for id_ in named)

    def seen_on(self, side: Side) -> bool:
        """Say whether this side has ever shown it."""
        if side is Side.TOLT:
            return bool(self.charges or self.refunds)
        return bool(self.logged or self.sales)

    @property
    def at(self) -> str:
        """When it happened, as far as anybody knows."""
        known = (self.sold_at or self.logged_at, self.charged_at)
        return min((at for at in known if at), default="")

    @property
    def on_tolt(self) -> int:
        """Count the transactions on Tolt, the two API versions not added up."""
        versions = [charge.partition(":")[0] for charge in self.charges]
        return max(map(versions.count, versions), default=0)


class Push(NamedTuple):
    """One step of pushing a redemption, in the words of the side that is written to.

    ``buyer`` is the customer's id there, "" where they are only to be created; then
    ``external``, ``email`` and ``name`` say who. ``code`` is the id of the code,
    ``text`` what a customer types. ``origin`` names the sale where it happened,
    ``origin_code``, ``origin_partner`` and ``origin_buyer`` its code, the partner whom
    that credits and the customer, in the ids of that side; ``known`` are the sales of
    the buyer that were there already and do not stand in the way. ``rewardable``: a
    commission is paid for it. ``minor`` is in minor units of ``currency``.
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
    origin: str = ""
    origin_code: str = ""
    origin_partner: str = ""
    origin_buyer: str = ""
    known: tuple[str, ...] = ()

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def names(self) -> tuple[str, ...]:
        """What the customer may be found by, the surest first."""
        known = (self.buyer, self.email, self.external)
        return tuple(dict.fromkeys(name for name in known if name))


def shown(key: str) -> str:
    """Return a key for people: a provider's text, which may be an e-mail address."""
    return mask(key) if "@" in key else key


def folded_key(key: str) -> str:
    """Return the key under which two are nearly the same.

    Case, blanks and what nobody can see aside.
    """
    return "".join(
        letter for letter in fold(key) if not (letter.isspace() or _is_unseen(letter))
    )


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs") or letter in UNSEEN


def flaw_of(key: str) -> KeyFlaw | None:
    """Say why a server might keep another key than the one it is sent."""
    if key != key.strip():
        return KeyFlaw.BLANK_AT_AN_END
    if any(map(_is_unseen, key)):
        return KeyFlaw.INVISIBLE
    if any(letter.isspace() and letter != " " for letter in key) or "  " in key:
        return KeyFlaw.BLANKS
    if not unicodedata.is_normalized("NFC", key):
        return KeyFlaw.UNICODE_FORM
    return KeyFlaw.TOO_LONG if len(key) > LONGEST_KEY else None
