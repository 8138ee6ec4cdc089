"""Why a whole run is refused: one value for each guard. Words: reports.messages.guards.

Those that look at a listing name a code that it lacks, the first one: so that a person
can begin to decide.
"""

from decimal import Decimal
from enum import Enum
from typing import Literal

from connector.engine.causes.cause import Cause
from connector.engine.marks import Mark
from mappings.canonical import Side

Counted = Literal["create", "update", "delete"]
"""What is done to codes in numbers that have a limit."""


class SharedProgramme(Cause, frozen=True):
    """Two pairs that hold one programme."""

    pair: str
    other: str
    side: Side
    configuration: str


class OtherProgramme(Cause, frozen=True):
    """A key that opens another programme than the one remembered."""

    side: Side
    answers: str
    known: str


class NothingListed(Cause, frozen=True):
    """A side that lists nothing and had records; ``gone`` is "" where none is known."""

    side: Side
    last: int
    gone: str


class FewerListed(Cause, frozen=True):
    """A side that lists fewer codes than the share allows."""

    side: Side
    listed: int
    last: int
    missing: int
    share: Decimal
    gone: str


class StrangersListed(Cause, frozen=True):
    """A listing in which others stand in the place of the linked codes."""

    side: Side
    missing: int
    linked: int
    listed: int
    unknown: int
    gone: str


class SentinelNotListed(Cause, frozen=True):
    """The code that always has to be there, and is not."""

    side: Side
    sentinel: str
    listed: int


class NothingToMark(Cause, frozen=True):
    """No sentinel that could carry the marks of states."""

    sentinel: str


class TooMany(Cause, frozen=True):
    """More changes of one kind than a run may do; ``share`` is None on a first run.

    ``moves_to`` is the side that has none of the codes yet: a migration, it seems.
    """

    action: Counted
    changes: int
    limit: int
    share: Decimal | None
    linked: int
    moves_to: Side | None = None


class AllChanged(Cause, frozen=True):
    """Every linked code is another one, ``sample`` names the first of them."""

    side: Side
    codes: int
    sample: tuple[str, ...]


class TooManyPushes(Cause, frozen=True):
    """More redemptions than a run may push."""

    redemptions: int
    limit: int


class Written(Enum):
    """What a run has written by the time that it is refused."""

    NOTHING = "nothing"
    OWN_MARK = "this state's own mark"
    SOME = "what came before"


class OtherState(Cause, frozen=True):
    """Another state keeps the programme.

    ``ahead``: its mark is in the future by this machine's clock.
    """

    mark: Mark
    sentinel: str
    ahead: bool


class StopTheOther(Cause, frozen=True):
    """What to do where a run is refused for it; ``pair`` is named where several are."""

    written: Written
    pair: str


class RunsAreRefused(Cause, frozen=True):
    """What a reading command says of it."""

    pair: str


class NobodyNotices(Cause, frozen=True):
    """Payments without a sentinel: a second machine would not be seen."""

    pair: str


class SentinelIsSpared(Cause, frozen=True):
    """The sentinel is never replaced or deleted by this program."""
