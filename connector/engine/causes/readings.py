"""What is to be known of a reading as a whole: values; their words are messages."""

from typing import Literal

from connector.engine.causes.cause import Cause
from connector.engine.partners import Alias
from mappings.canonical import Partner, Side
from mappings.rows import Unread


class NotReadWhole(Cause, frozen=True):
    """A side that could not be read completely; ``missed`` as it was told."""

    side: Side
    codes: int
    missed: str


class CurrencyUntold(Cause, frozen=True):
    """The configured currency, which no product has confirmed.

    ``asked``: Tolt was asked, and does not tell its programme's.
    """

    currency: str
    asked: bool


class UnknownFields(Cause, frozen=True):
    """Fields that the documentation of a product does not name."""

    side: Side
    fields: tuple[str, ...]


class FieldsNotSent(Cause, frozen=True):
    """Fields that decide about codes and stand in no row."""

    side: Side
    fields: tuple[str, ...]


class ApiEnds(Cause, frozen=True):
    """A version of an API that ends; ``when`` as the product says it."""

    side: Side
    when: str


class SlowerAllowed(Cause, frozen=True):
    """Fewer requests a second are allowed than the configuration asks for."""

    allowed: str
    pair: str


class RowUnread(Cause, frozen=True):
    """A row that could not be understood."""

    side: Side
    row: Unread


class MoreRowsUnread(Cause, frozen=True):
    """Those that are only counted."""

    side: Side
    rows: int


class CodeNearlyUsed(Cause, frozen=True):
    """A code whose limit is nearly reached."""

    side: Side
    code: str
    used: int
    limit: int


class CouponNearlyUsed(Cause, frozen=True):
    """A coupon whose limit is nearly reached, by all of its codes together."""

    side: Side
    coupon: str
    used: int
    limit: int


class VersionIsNew(Cause, frozen=True):
    """The first run under a version of Tolt's API; ``relinked`` codes were known."""

    version: str
    relinked: int


class CodesUnproven(Cause, frozen=True):
    """Codes of another version that this one does not show."""

    codes: int
    versions: tuple[str, ...]


class AliasUnknown(Cause, frozen=True):
    """A line of the alias file whose name nobody has on a side."""

    file: str | None
    alias: Alias
    side: Side


class AliasesContradict(Cause, frozen=True):
    """Lines of the alias file that claim somebody twice."""

    file: str | None
    aliases: tuple[Alias, ...]


class MatchEnded(Cause, frozen=True):
    """Two partners who counted as one person; ``line`` is what says otherwise."""

    left: Partner
    right: Partner
    why: Literal["replaced", "removed", "left", "alike"]
    file: str | None
    line: Alias | None


class NowMatches(Cause, frozen=True):
    """Whom one of them is now, on this other side."""

    partner: Partner
    other: Partner
    side: Side


class LinksStay(Cause, frozen=True):
    """What was linked of their codes is not moved by itself."""
