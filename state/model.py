"""What the store gives and takes: plain frozen values, no database in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mappings.canonical import Both, Values

Take = Literal["partnero", "tolt", "keep", "delete", "proposed"]
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
OF_RECORD = "record:"
"""How the id of a decision of the older form begins."""
OPEN_STATES: tuple[IntentState, ...] = ("planned", "sending", "uncertain")


Ids = Both[str]
Halves = Both[Values]


class Link(NamedTuple):
    """One Partnero code and one Tolt code that are the same record, and its base.

    ``unset`` names the fields without a base; ``version`` is the API version that
    the Tolt ids belong to.
    """

    ids: Both[str]
    base: Both[Values]
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
    """A person's consent to one change, for exactly what they saw.

    ``id`` names the change that waited for it, or "record:KEY" in the older form,
    which knows a record and no more. ``action``, ``target``, ``fields`` and ``lost``
    say what it was consent to, ``seen`` is the mark of the values on both sides.
    ``version`` is Tolt's API version whose ids are in these marks; "" where none are.
    """

    id: str
    key: str
    code: str
    take: Take
    seen: str
    who: str
    at: str
    action: str = ""
    target: str = ""
    fields: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    note: str = ""
    version: str = ""

    @property
    def of_record(self) -> bool:
        """Whether it has the older form, which names no single change."""
        return self.id.startswith(OF_RECORD)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waited for a person in the last complete look (JSON)."""

    id: str
    key: str
    code: str
    run: str
    at: str
    document: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A code that a replace took away on one side and could not make anew.

    ``change`` is the replace as JSON, ``copied`` the row that was taken away.
    """

    key: str
    code: str
    target: str
    change: str
    copied: str
    detail: str
    at: str


class PartnerLink(NamedTuple):
    """Two partners that are one person, and how that is known.

    ``how`` is "alias", "email", "created", or "" where it was stored before anybody
    noted it.
    """

    partnero: str
    tolt: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """The durable note of one remote write, committed before the request leaves.

    ``change`` is the change as JSON, ``copy`` the full row that a write may destroy,
    ``at`` when it was begun (UTC, ISO 8601), ``version`` Tolt's API version that its
    ids belong to, ``looks`` in how many runs it was looked for and not found.
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
    version: str = ""
    looks: int = 0


@dataclass(frozen=True, slots=True)
class PairState:
    """What is known of a pair as a whole: who it is and how large it last was.

    ``rest`` counts by action what the guards have let through and no run has done yet:
    however often it is stopped, that much is not measured by the share once more.
    ``aside`` names by side the records that it lacks and about which a person has
    decided: they are missing in no listing to come.
    """

    fingerprints: Mapping[str, str]
    counts: Mapping[str, int]
    rest: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the history shows it; times are UTC in ISO 8601.

    ``passes`` is 0 for a run that did something, or was asked for by hand; else it
    counts the passes that did nothing, one after the other, ``since`` a time.
    """

    id: str
    pair: str
    command: str
    status: str
    started_at: str
    finished_at: str
    document: str
    passes: int = 0
    since: str = ""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs were forgotten, and how many settled intents of theirs."""

    runs: int
    intents: int
