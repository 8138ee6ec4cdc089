"""What a comparison of redemptions shows, and what was not compared: values.

Their words stand in ``reports.messages.sales``.
"""

from typing import Literal

from connector.engine.causes.cause import Cause
from mappings.canonical import Side
from mappings.redemptions import Money

# -- what a comparison found --------------------------------------------------------


class LoggedWithoutKey(Cause, frozen=True):
    """Log entries that name no transaction."""

    code: str
    logged: int


class ThereTwice(Cause, frozen=True):
    """One key, more than one sale; ``sales`` is None where nobody has looked."""

    code: str
    key: str
    logged: int
    sales: int | None
    on_tolt: int


class MoneyDiffers(Cause, frozen=True):
    """One sale with two amounts; None is an amount that is not exact."""

    code: str
    key: str
    sold: Money | None
    charged: Money | None


class SaleUnread(Cause, frozen=True):
    """A sale on both sides whose amount on Partnero nobody has read."""

    code: str
    key: str
    charged: Money | None


class TakenBackOnce(Cause, frozen=True):
    """A sale on both sides, taken back on one of them."""

    code: str
    key: str
    side: Side


class InDoubt(Cause, frozen=True):
    """A payment of unknown outcome, or a sale that a switch of versions hides."""

    code: str
    key: str
    doubt: Literal["open", "parked", "unmatched"]


class CodeOnOneSide(Cause, frozen=True):
    """A code that a side lacks, so that its sales cannot be there."""

    side: Side


class CreditedDifferently(Cause, frozen=True):
    """A code whose sales are credited to one on Partnero, and to another on Tolt."""

    partnero: str
    tolt: str


class KeptAsItIs(Cause, frozen=True):
    """A sale that a person has accepted as it is, and that is never pushed."""

    by: str
    at: str
    note: str


class SalesMissing(Cause, frozen=True):
    """Sales of one code that a side lacks: how many, their money, the first keys."""

    side: Side
    number: int
    money: tuple[Money, ...]
    keys: tuple[str, ...]


class MoreOfTheKind(Cause, frozen=True):
    """What is counted after so many were named."""

    kind: str
    number: int


class CountersAhead(Cause, frozen=True):
    """Codes whose counter is higher than their log is long."""

    codes: int


class LogShrank(Cause, frozen=True):
    """A log that lost what it held before."""

    code: str


class UsesNearlyUp(Cause, frozen=True):
    """A code with fewer uses left than the side that counts them believes."""

    code: str
    used: int
    limit: int
    counted: int


class SalesMatchedAnew(Cause, frozen=True):
    """The first reading of sales under another version of Tolt's API."""

    version: str


class CodesUntold(Cause, frozen=True):
    """Transactions of which this version does not tell the code."""

    version: str
    transactions: int


class LogsNotListed(Cause, frozen=True):
    """Codes that are listed without their redemptions."""


class SalesUnread(Cause, frozen=True):
    """Redemptions that could not be read completely; ``error`` as it was told."""

    error: str


# -- what was not compared ----------------------------------------------------------


class SidesUnread(Cause, frozen=True):
    """Sides that were not read completely."""

    sides: tuple[Side, ...]


class WithoutLogs(Cause, frozen=True):
    """Codes are listed without their redemptions."""


class CutShort(Cause, frozen=True):
    """A reading that ended before it was complete; ``error`` as it was said."""

    error: str


class RefusedBefore(Cause, frozen=True):
    """The run was refused before redemptions were read."""


class NotRead(Cause, frozen=True):
    """Nobody has read any."""


class BeforeTheDate(Cause, frozen=True):
    """Those before the date from which they count."""

    date: str


class WithoutCodes(Cause, frozen=True):
    """Transactions whose code this version of Tolt's API does not tell."""

    version: str
    transactions: int
