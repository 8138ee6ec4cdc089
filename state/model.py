"""What the store gives and takes: plain frozen values, no database in here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mappings.canonical import (
    Discount,
    Fixed,
    Percentage,
    Side,
    Values,
    fixed_minor,
    percentage,
)
from mappings.wire import number

Take = Literal["partnero", "tolt", "keep", "delete"]
IntentState = Literal[
    "planned",
    "sending",
    "confirmed",
    "adopted",
    "uncertain",
    "failed",
    "stale",
    "quarantined",
]
OPEN_STATES: tuple[IntentState, ...] = ("planned", "sending", "uncertain")


class Ids(NamedTuple):
    """The id of one record on each side."""

    partnero: str
    tolt: str

    def of(self, side: Side) -> str:
        return self.partnero if side is Side.PARTNERO else self.tolt


class Halves(NamedTuple):
    """One record as each side itself reported it when both were last verified."""

    partnero: Values
    tolt: Values

    def of(self, side: Side) -> Values:
        return self.partnero if side is Side.PARTNERO else self.tolt


class Link(NamedTuple):
    """One Partnero code and one Tolt code that are the same record, and its base.

    ``unset`` names the fields without a base; ``version`` is the API version that
    the Tolt ids belong to.
    """

    ids: Ids
    base: Halves
    written: str
    version: str
    unset: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record that is gone: when (UTC, ISO 8601), where, with which last values."""

    key: str
    written: str
    where: str
    at: str
    last: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person wants for one record, for exactly the values they saw."""

    key: str
    take: Take
    seen: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Intent:
    """The durable note of one remote write, committed before the request leaves.

    ``change`` is the change as JSON, ``copy`` the full row that a write may destroy,
    ``at`` when it was begun (UTC, ISO 8601).
    """

    id: str
    run: str
    change_id: str
    key: str
    code: str
    action: str
    target: str
    state: IntentState
    change: str
    copy: str = ""
    detail: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class PairState:
    """What is known of a pair as a whole: who it is and how large it last was.

    ``filled`` is set once a run has gone through everything that it had to do: until
    then, however often it was stopped, the pair is in its first fill.
    """

    fingerprints: Mapping[str, str]
    counts: Mapping[str, int]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the history shows it; times are UTC in ISO 8601."""

    id: str
    pair: str
    command: str
    status: str
    started_at: str
    finished_at: str
    document: str


def discount_text(discount: Discount | None) -> str:
    """Return the stored form: "percentage:20", "fixed:2500:USD", or "" for none."""
    match discount:
        case Percentage(percent=percent):
            return f"percentage:{percent}"
        case Fixed(minor=minor, currency=currency):
            return f"fixed:{minor}:{currency}"
        case _:
            return ""


def parse_discount(stored: str) -> Discount | None:
    """Return the discount of its stored form; ValueError where it is none."""
    kind, _, rest = stored.partition(":")
    amount, _, currency = rest.partition(":")
    parsed = number(amount)
    if parsed is None:
        return None
    if kind == "percentage":
        return percentage(parsed)
    if kind == "fixed":
        return fixed_minor(parsed, currency)
    raise ValueError(f"{stored!r} is no stored discount")
