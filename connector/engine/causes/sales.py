"""What a comparison of redemptions shows, and what was not compared: values.

Their words stand in ``reports.messages.sales``.
"""

from dataclasses import dataclass
from typing import Literal

from connector.engine.causes.cause import Cause
from mappings.canonical import Side
from mappings.redemptions import Money

# -- what a comparison found --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LoggedWithoutKey(Cause):
    """Log entries that name no transaction."""

    code: str
    logged: int


@dataclass(frozen=True, slots=True)
class ThereTwice(Cause):
    """One key, more than one sale; ``sales`` is None where nobody has looked."""

    code: str
    key: str
    logged: int
    sales: int | None
    on_tolt: int


@dataclass(frozen=True, slots=True)
class MoneyDiffers(Cause):
    """One sale with two amounts; None is an amount that is not exact."""

    code: str
    key: str
    sold: Money | None
    charged: Money | None


@dataclass(frozen=True, slots=True)
class SaleUnread(Cause):
    """A sale on both sides whose amount on Partnero nobody has read."""

    code: str
    key: str
    charged: Money | None


@dataclass(frozen=True, slots=True)
class TakenBackOnce(Cause):
    """A sale on both sides, taken back on one of them."""

    code: str
    key: str
    side: Side


@dataclass(frozen=True, slots=True)
class InDoubt(Cause):
    """A payment of unknown outcome, or a sale that a switch of versions hides."""

    code: str
    key: str
    doubt: Literal["open", "parked", "unmatched"]


@dataclass(frozen=True, slots=True)
class CodeOnOneSide(Cause):
    """A code that a side lacks, so that its sales cannot be there."""

    side: Side


@dataclass(frozen=True, slots=True)
class CreditedDifferently(Cause):
    """A code whose sales are credited to one on Partnero, and to another on Tolt."""

    partnero: str
    tolt: str


@dataclass(frozen=True, slots=True)
class KeptAsItIs(Cause):
    """A sale that a person has accepted as it is, and that is never pushed."""

    by: str
    at: str
    note: str


@dataclass(frozen=True, slots=True)
class SalesMissing(Cause):
    """Sales of one code that a side lacks: how many, their money, the first keys."""

    side: Side
    number: int
    money: tuple[Money, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoreOfTheKind(Cause):
    """What is counted after so many were named."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class CountersAhead(Cause):
    """Codes whose counter is higher than their log is long."""

    codes: int


@dataclass(frozen=True, slots=True)
class LogShrank(Cause):
    """A log that lost what it held before."""

    code: str


@dataclass(frozen=True, slots=True)
class UsesNearlyUp(Cause):
    """A code with fewer uses left than the side that counts them believes."""

    code: str
    used: int
    limit: int
    counted: int


@dataclass(frozen=True, slots=True)
class SalesMatchedAnew(Cause):
    """The first reading of sales under another version of Tolt's API."""

    version: str


@dataclass(frozen=True, slots=True)
class CodesUntold(Cause):
    """Transactions of which this version does not tell the code."""

    version: str
    transactions: int


@dataclass(frozen=True, slots=True)
class LogsNotListed(Cause):
    """Codes that are listed without their redemptions."""


@dataclass(frozen=True, slots=True)
class SalesUnread(Cause):
    """Redemptions that could not be read completely; ``error`` as it was told."""

    error: str


# -- what was not compared ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SidesUnread(Cause):
    """Sides that were not read completely."""

    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class WithoutLogs(Cause):
    """Codes are listed without their redemptions."""


@dataclass(frozen=True, slots=True)
class CutShort(Cause):
    """A reading that ended before it was complete; ``error`` as it was said."""

    error: str


@dataclass(frozen=True, slots=True)
class RefusedBefore(Cause):
    """The run was refused before redemptions were read."""


@dataclass(frozen=True, slots=True)
class NotRead(Cause):
    """Nobody has read any."""


@dataclass(frozen=True, slots=True)
class BeforeTheDate(Cause):
    """Those before the date from which they count."""

    date: str


@dataclass(frozen=True, slots=True)
class WithoutCodes(Cause):
    """Transactions whose code this version of Tolt's API does not tell."""

    version: str
    transactions: int
