"""What is to be known of a reading as a whole: values; their words are messages."""

from dataclasses import dataclass
from typing import Literal

from connector.engine.causes.cause import Cause
from connector.engine.partners import Alias
from mappings.canonical import Partner, Side
from mappings.rows import Unread


@dataclass(frozen=True, slots=True)
class NotReadWhole(Cause):
    """A side that could not be read completely; ``missed`` as it was told."""

    side: Side
    codes: int
    missed: str


@dataclass(frozen=True, slots=True)
class CurrencyUntold(Cause):
    """The configured currency, which no product has confirmed.

    ``asked``: Tolt was asked, and does not tell its programme's.
    """

    currency: str
    asked: bool


@dataclass(frozen=True, slots=True)
class UnknownFields(Cause):
    """Fields that the documentation of a product does not name."""

    side: Side
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldsNotSent(Cause):
    """Fields that decide about codes and stand in no row."""

    side: Side
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiEnds(Cause):
    """A version of an API that ends; ``when`` as the product says it."""

    side: Side
    when: str


@dataclass(frozen=True, slots=True)
class SlowerAllowed(Cause):
    """Fewer requests a second are allowed than the configuration asks for."""

    allowed: str
    pair: str


@dataclass(frozen=True, slots=True)
class RowUnread(Cause):
    """A row that could not be understood."""

    side: Side
    row: Unread


@dataclass(frozen=True, slots=True)
class MoreRowsUnread(Cause):
    """Those that are only counted."""

    side: Side
    rows: int


@dataclass(frozen=True, slots=True)
class CodeNearlyUsed(Cause):
    """A code whose limit is nearly reached."""

    side: Side
    code: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class CouponNearlyUsed(Cause):
    """A coupon whose limit is nearly reached, by all of its codes together."""

    side: Side
    coupon: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class VersionIsNew(Cause):
    """The first run under a version of Tolt's API; ``relinked`` codes were known."""

    version: str
    relinked: int


@dataclass(frozen=True, slots=True)
class CodesUnproven(Cause):
    """Codes of another version that this one does not show."""

    codes: int
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AliasUnknown(Cause):
    """A line of the alias file whose name nobody has on a side."""

    file: str | None
    alias: Alias
    side: Side


@dataclass(frozen=True, slots=True)
class AliasesContradict(Cause):
    """Lines of the alias file that claim somebody twice."""

    file: str | None
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True)
class MatchEnded(Cause):
    """Two partners who counted as one person; ``line`` is what says otherwise."""

    left: Partner
    right: Partner
    why: Literal["replaced", "removed", "left", "alike"]
    file: str | None
    line: Alias | None


@dataclass(frozen=True, slots=True)
class NowMatches(Cause):
    """Whom one of them is now, on this other side."""

    partner: Partner
    other: Partner
    side: Side


@dataclass(frozen=True, slots=True)
class LinksStay(Cause):
    """What was linked of their codes is not moved by itself."""
