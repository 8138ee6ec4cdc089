"""What the store gives and takes: plain frozen values, no database in here.

Times are texts, UTC in ISO 8601, whose order is time's (mappings/moments.py); "" is
none. A ``key`` is the folded text of a code, ``written`` or ``code`` the text as it
stands there. Ids are each side's own; those of Tolt belong to one version of its API.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from mappings.canonical import Both, Side, Values
from mappings.redemptions import Entry, Total
from state.counts import PlanCounts

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
COUNTED = ("sync", "run", "apply", "migrate")
"""The commands whose complete runs are successes."""
OF_RECORD = "record:"
"""How the id of a decision of the older form begins."""
LAST_SUMS = "sums"
"""The mark of the ledger under which the sums of the newest comparison are kept."""
OPEN_STATES: tuple[IntentState, ...] = ("planned", "sending", "uncertain")


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


def deleted_on(side: Side) -> str:
    """Return the ``where`` of what went from one side alone: a plan reads it back."""
    return f"deleted on {side.label}"


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
    """What waits for a person, as the last complete look has shown it (JSON).

    ``run`` and ``at`` are of the look that showed it first. ``people`` are the ids and
    the folded e-mails of whom it is about, one a line: nothing prints them. ``part`` is
    "held", "blocked", or "acceptable" of a finding; ``reason`` why it waits.
    """

    id: str
    key: str
    code: str
    run: str
    at: str
    document: str
    people: str = ""
    part: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The last look at both sides that was complete: when it was (UTC, ISO 8601).

    ``run`` is the run that planned by it; passes that found nothing new since then
    move ``as_of``. ``config`` is the mark of the configuration it was made with.
    """

    as_of: str
    run: str
    config: str = ""


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
class Failure:
    """That a change has failed, in how many runs in a row, and why it did last.

    ``parked`` once nobody can explain it: then it is not tried again by itself.
    """

    code: str
    detail: str
    parked: bool = False
    runs: int = 1


class Same(NamedTuple):
    """A partner, or a customer, of each side who are one person.

    ``version`` is Tolt's API version that the id there belongs to.
    """

    version: str
    partnero: str
    tolt: str


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """Redemptions as they are now, how each stands, and what that adds to the sums."""

    entries: tuple[tuple[Entry, str], ...] = ()
    totals: tuple[Total, ...] = ()


NOTHING_LEARNT = LedgerChange()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The verdict on one write, and all that follows from it: stored at once.

    ``intent`` is the note of it, with its new state and detail. ``link`` is the moved
    base, ``replaces`` the key of the one whose place it takes, ``stone`` a record that
    is gone. ``used`` are the consents that are used up, ``accepts`` what was accepted
    with it. ``partner`` was made by it, ``customer`` made or paid for. ``unfinished``
    is a code that is left missing, ``finished`` the key of one that is back. ``sales``
    is what the ledger learns, ``coupons`` on which coupon codes were seen to hang, at
    ``seen_at``; ``failed`` says that one more run has failed with this change.
    """

    intent: Intent
    link: Link | None = None
    replaces: str = ""
    stone: Tombstone | None = None
    used: tuple[str, ...] = ()
    accepts: tuple[Decision, ...] = ()
    partner: Same | None = None
    customer: Same | None = None
    unfinished: Unfinished | None = None
    finished: str = ""
    sales: LedgerChange = NOTHING_LEARNT
    coupons: Mapping[str, str] = field(default_factory=dict)
    seen_at: str = ""
    failed: Failure | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """Who answers behind a pair's key, as it was last told; "" is not known.

    ``key`` is a salted mark of the key that was used, ``kind`` what the programme is.
    """

    id: str = ""
    key: str = ""
    currency: str = ""
    kind: str = ""


UNKNOWN_PROGRAMME = Programme()


class ProgrammeMark(NamedTuple):
    """What a pair asks on a side: its programme and key by marks, and the reference.

    ``reference`` says where the configuration has the key: a mark that was made by
    another one is out of date.
    """

    side: str
    programme: str
    key: str
    reference: str


class SameProgramme(NamedTuple):
    """Another pair that asks the same programme, as it last said itself.

    ``is_tabled``: it is a pair of the fleet that runs, or may still be running.
    """

    pair: str
    side: str
    reference: str
    is_tabled: bool


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What is known of a pair as a whole: who it is and how large it last was.

    ``version`` is Tolt's API version of the last complete run. ``rest`` counts by
    action what the guards have let through and no run has done yet: however often it
    is stopped, that much is not measured by the share once more. ``aside`` names by
    side the records that it lacks and about which a person has decided: they are
    missing in no listing to come.
    """

    programmes: Mapping[Side, Programme] = field(default_factory=dict)
    version: str = ""
    counts: Mapping[Side, int] = field(default_factory=dict)
    rest: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[Side, Sequence[str]] = field(default_factory=dict)

    def programme(self, side: Side) -> Programme:
        return self.programmes.get(side, UNKNOWN_PROGRAMME)


@dataclass(frozen=True, slots=True)
class Window:
    """What the last full read of the background job saw, and from when on.

    ``since`` is by Tolt's clock, ``full_at`` when that read began by ours, ``run`` the
    newest pass that rests on it; ``inputs`` and ``partnero`` are marks of what makes a
    plan beside the two sides, and of all that Partnero showed.
    """

    since: str
    inputs: str
    partnero: str
    full_at: str
    run: str


@dataclass(frozen=True, slots=True)
class Digested:
    """What was told of what waits.

    ``due`` is when the next digest is, "" before the first; ``payees`` are the ids of
    the questions of who is paid.
    """

    due: str = ""
    payees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of the last complete look, as a page shows it."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class LastReading:
    """What the last complete look left for people to read; ``money`` as JSON."""

    findings: tuple[FindingLine, ...] = ()
    money: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave of a migration that was begun: its newest run, and the codes in it.

    ``id`` is the mark of what was asked for, ``at`` when it was begun (UTC, ISO 8601),
    ``partners`` how many were named, and ``keys`` are the folded texts of its codes.
    """

    id: str
    run: str
    at: str
    partners: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run as the history knows it; times are UTC in ISO 8601.

    ``counts`` is None for a run that had no plan, ``outcomes`` is how many changes it
    tried. ``error`` is why it was not complete, in one line, ``reason`` the same in one
    of few words. ``passes`` is 0 for a run that did something, or was asked for by
    hand; else it counts the passes that did nothing, one after the other, ``since`` a
    time.
    """

    id: str
    pair: str
    command: str
    status: str
    started_at: str
    finished_at: str
    counts: PlanCounts | None = None
    outcomes: int = 0
    passes: int = 0
    since: str = ""
    error: str = ""
    reason: str = ""

    @property
    def is_success(self) -> bool:
        """Whether it is a verified success: it has read both sides and done it all."""
        ended = self.status == "complete" and bool(self.finished_at)
        return ended and self.command in COUNTED and self.tried_everything

    @property
    def tried_everything(self) -> bool:
        """Whether it had a plan and tried all that was ready in it."""
        return self.counts is not None and self.counts.ready <= self.outcomes


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs were forgotten, and how many settled intents of theirs."""

    runs: int
    intents: int
