"""The shared vocabulary: sides, discounts, promotion codes, partners.

Both products are decoded into these values and every comparison is made between
them with ``==``. Money is an integer of minor units with its currency, percentages
are normalised decimals, the text of a code is folded for matching and kept as
written for sending. There is no float and no JSON in here.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Generic, Literal, NamedTuple, TypeVar

HUNDREDTHS = frozenset("AUD BRL CAD CHF CZK EUR GBP INR NZD PLN SEK USD".split())
"""Frequent currencies of two decimals: the list of all of them takes 0.1 s to load."""


LONGEST_NUMBER = 100
"""Digits of a number that is written out: 1e999999999 would fill the memory."""


class Side(StrEnum):
    """One of the two programmes that are kept in step."""

    PARTNERO = "partnero"
    TOLT = "tolt"

    @property
    def other(self) -> "Side":
        return Side.TOLT if self is Side.PARTNERO else Side.PARTNERO

    @property
    def label(self) -> str:
        return self.value.capitalize()


T = TypeVar("T")
U = TypeVar("U")


class Both(NamedTuple, Generic[T]):
    """The same thing of both sides. The left one is Partnero, the right one Tolt."""

    left: T
    right: T

    def of(self, side: Side) -> T:
        return self.left if side is Side.PARTNERO else self.right

    def map(self, change: Callable[[T], U]) -> "Both[U]":
        return Both(change(self.left), change(self.right))

    @staticmethod
    def per_side(make: Callable[[Side], U]) -> "Both[U]":
        return Both(make(Side.PARTNERO), make(Side.TOLT))


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share of the price, 0 to 100, as an exact normalised decimal."""

    percent: Decimal

    def __str__(self) -> str:
        return f"{plain(self.percent)}%"


@dataclass(frozen=True, slots=True)
class Fixed:
    """An amount off: minor units of a currency (2500 USD is 25.00 dollars)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{plain_major(self.minor, self.currency)} {self.currency}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A discount that cannot be compared, and why: never equal, never written."""

    why: str
    raw: str
    kind: Literal["value", "currency"] = "value"
    """Whether it is the currency that is not known, which a configuration can mend."""

    def __str__(self) -> str:
        return f"{self.raw} ({self.why})"


Discount = Percentage | Fixed | Unreadable


class Values(NamedTuple):
    """The fields that both sides can hold and that are merged.

    ``code`` is folded text; ``partner`` is the owner's id in that side's own API.
    A tuple, because a run compares it once or twice for every code there is.
    """

    code: str
    discount: Discount | None
    partner: str | None


NO_VALUES = Values("", None, None)
"""What a coupon or a partner is made of: they have some of these alone."""
FIELDS: tuple[str, ...] = Values._fields


class Carried(NamedTuple):
    """What one side alone can hold: shown, named when lost, never pushed across.

    ``redemption_limit`` and ``redeemed`` are the code's own, ``coupon_limit`` and
    ``coupon_redeemed`` those of all codes of its coupon together; ``expires`` is the
    earlier of both dates, the last day of validity (2026-01-31). A coupon's own
    restrictions have no ``coupon_...``. ``duration`` is that of the coupon, in
    Partnero's words ("once", "months:12"), ``minimum_order`` an amount in major units,
    ``customer`` whom alone it serves. Limits and counters count redemptions; a counter
    is None where it is not told.
    """

    coupon: str | None = None
    duration: str | None = None
    first_order_only: bool = False
    minimum_order: str | None = None
    expires: str | None = None
    redemption_limit: int | None = None
    customer: str | None = None
    switched_off: bool = False
    reaches: str | None = None
    redeemed: int | None = None
    coupon_limit: int | None = None
    coupon_redeemed: int | None = None
    limited: bool = False
    """Whether anything above can make the code dead, or binds whom it serves."""


NOTHING_CARRIED = Carried()


class PromoCode(NamedTuple):
    """One side's copy of a promotion code, under its id there."""

    id: str
    written: str
    values: Values
    carried: Carried = NOTHING_CARRIED


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner of one side. ``email`` is None where the API did not tell it.

    ``inactive`` is the status of one who gets no new code and no sale ("suspended",
    "archived", ...), ``key`` the referral key by which Partnero may name them.
    ``told`` is the name where reports may show it: "" unless somebody wants that.
    """

    id: str
    email: str | None
    name: str = ""
    inactive: str = ""
    key: str = ""
    told: str = ""


LONGEST_NAME = 60
_NAME_ENDS = str.maketrans('"<>()', "'    ")
"""A name is told in quotes: it cannot end them, nor look like the e-mail beside it."""


def named(partner: Partner) -> Partner:
    """Return a partner whose name may be shown."""
    name = " ".join(partner.name.translate(_NAME_ENDS).split())
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return replace(partner, told=short)


INACTIVE = frozenset(("suspended", "rejected", "archived", "deleted", "inactive"))


def inactive_status(status: object) -> str:
    """Return a status under which nobody gets a code or a sale, else nothing.

    One that is not told, or that nobody documented, counts as active.
    """
    if status == "active" or not isinstance(status, str):
        return ""
    word = status.strip().lower()
    return word if word in INACTIVE else ""


@dataclass(frozen=True, slots=True)
class Coupon:
    """Partnero's carrier of a discount; ``duration`` is "once", "months:12", ..."""

    uuid: str
    discount: Discount | None
    duration: str
    restrictions: Carried
    codes: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Says whether a new code may hang here without inheriting a restriction."""
        limits = self.restrictions
        return not (
            limits.expires
            or limits.redemption_limit is not None
            or limits.switched_off
            or limits.reaches
        )


def fold(text: str) -> str:
    """Return the text under which codes are matched: NFKC, casefold, trim.

    Repeated until stable, because casefolding can undo the normal form.
    """
    if text.isascii():
        return text.strip().lower()
    while True:
        folded = unicodedata.normalize("NFKC", text).casefold().strip()
        if folded == text:
            return folded
        text = folded


_BLANKS = " \t\r\n\f\v"
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def fold_email(text: str) -> str:
    """Return the text under which e-mails are matched: trim and ASCII case alone.

    What else Unicode calls alike are two mailboxes, and two people who are paid.
    """
    text = text.strip(_BLANKS)
    return text.lower() if text.isascii() else text.translate(_LOWER)


def is_address(text: str) -> bool:
    """Say whether this can be a mailbox: a placeholder that several share is none."""
    return _ADDRESS.fullmatch(text.strip(_BLANKS)) is not None


def mask(email: str | None) -> str:
    """Return ``s***@example.com`` for ``sam@example.com``."""
    if not email:
        return "unknown e-mail"
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if domain else "***"


@lru_cache(maxsize=4096)  # one object per value: equal ones compare by identity
def percentage(amount: Decimal) -> Discount:
    """Return the percentage, or why it is none."""
    if not amount.is_finite() or not 0 <= amount <= 100:
        return Unreadable("a percentage lies between 0 and 100", shown(amount))
    return Percentage(normal(amount))


def fixed_major(amount: Decimal, currency: str | None) -> Discount:
    """Return the fixed amount that is given in major units (25.00)."""
    if currency is None:
        return Unreadable("no currency is configured", shown(amount), "currency")
    if not amount.is_finite() or amount < 0:
        return Unreadable("an amount is a number from 0 up", shown(amount))
    if not is_money(currency):
        why = f"{currency:.20} is no currency with decimals"
        return Unreadable(why, shown(amount), "currency")
    minor = _shifted(amount, exponent(currency))
    if minor != minor.to_integral_value():
        return Unreadable(f"more decimals than {currency} has", shown(amount))
    return _fixed(int(minor), currency)


def fixed_minor(amount: Decimal, currency: str | None) -> Discount:
    """Return the fixed amount that is given in minor units (2500)."""
    if currency is None:
        return Unreadable("no currency is configured", shown(amount), "currency")
    if not amount.is_finite() or amount < 0 or amount != amount.to_integral_value():
        return Unreadable("minor units are a whole number from 0 up", shown(amount))
    if not is_money(currency):
        why = f"{currency:.20} is no currency with decimals"
        return Unreadable(why, shown(amount), "currency")
    return _fixed(int(amount), currency)


@lru_cache(maxsize=4096)  # as above
def _fixed(minor: int, currency: str) -> Fixed:
    return Fixed(minor, currency)


def normal(number: Decimal) -> Decimal:
    """Return the number in its one form: equal numbers print the same bytes."""
    return Decimal(plain(number))


def plain(number: Decimal) -> str:
    """Return the shortest plain notation: no exponent, no trailing zeros."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def shown(number: Decimal) -> str:
    """Return any number for people, equal ones alike: they share a cached value."""
    usable = number.is_finite() and abs(number.adjusted()) < LONGEST_NUMBER
    return plain(number) if usable else str(number)


def _shifted(number: Decimal, places: int) -> Decimal:
    """Return number * 10**places, exactly: scaleb rounds to the context's digits."""
    sign, digits, power = number.as_tuple()
    return Decimal((sign, digits, int(power) + places))


def plain_major(minor: int, currency: str) -> str:
    """Return minor units as major units with the currency's decimals (25.00)."""
    places = exponent(currency)
    return format(_shifted(Decimal(minor), -places), f".{places}f")


def is_money(currency: str) -> bool:
    """Say whether amounts in this currency can be compared: not in BTC, nor in gold."""
    try:
        exponent(currency)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Return the decimals of an ISO 4217 currency; ValueError where it has none."""
    if currency in HUNDREDTHS:
        return 2
    from iso4217 import Currency

    places = Currency(currency).exponent
    if places is None:
        message = f"{currency} has no minor unit, so amounts in it cannot be compared"
        raise ValueError(message)
    return int(places)
