"""What refuses a whole run, before anything is written: every guard, in one order.

Each guard is one function over the same evidence and is asked once in a run, at its
stage; what is not known at that stage is empty and refuses nothing. A side that a
guard refuses is asked for nothing more. Limits: reaching one is allowed, passing it is
not (docs/semantics.md, section 6).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import NamedTuple

from connector.engine.acts import Create, Delete, Update, Write
from connector.engine.causes.refusals import (
    AllChanged,
    Counted,
    FewerListed,
    NothingListed,
    NothingToMark,
    OtherProgramme,
    OtherState,
    SentinelNotListed,
    SharedProgramme,
    StopTheOther,
    StrangersListed,
    TooMany,
    TooManyPushes,
    Written,
)
from connector.engine.change import Change, Refusal, Status
from connector.engine.match import unlisted
from connector.engine.policy import Limits
from connector.engine.snapshot import Snapshot
from mappings.canonical import Side, fold
from state.model import Link, PairFacts

COUNTED: Mapping[type[Write], Counted] = {
    Create: "create",
    Update: "update",
    Delete: "delete",
}
SMALL = 10
"""Below this many linked records a share says nothing (semantics, section 6)."""
SAMPLE = 3
"""So many codes are named of all that changed."""


OF_LIMITS = ("too_many_creates", "too_many_updates", "too_many_deletes")
"""Guards that doubt how much is to be done, and not what was read."""


class Stage(Enum):
    """When a guard is asked, in this order."""

    CONFIGURED = "before anything is read"
    READ = "before what a listing does not show is asked for"
    PLANNED = "before anything is written"


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier runs know of the pair, for the guards to compare with.

    ``decided`` are the linked records whose vanishing a person has decided about.
    """

    links: Sequence[Link] = ()
    decided: frozenset[str] = frozenset()
    facts: PairFacts = field(default_factory=PairFacts)


class Programmes(NamedTuple):
    """What names the programmes of a pair; "" is one that nobody can name.

    ``partnero`` is the key there: it belongs to exactly one programme.
    """

    pair: str
    partnero: str
    tolt: str

    def shared_with(self, other: "Programmes") -> Side | None:
        """Return the side on which two pairs are one programme, if there is one."""
        if self.tolt and self.tolt == other.tolt:
            return Side.TOLT
        same = self.partnero and self.partnero == other.partnero
        return Side.PARTNERO if same else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the guards look at.

    ``programmes`` are those of all pairs of the configuration, this one's first.
    """

    limits: Limits = field(default_factory=Limits)
    programmes: Sequence[Programmes] = ()
    configuration: str = ""
    sides: Mapping[Side, Snapshot] = field(default_factory=dict)
    before: Before = field(default_factory=Before)
    changes: Sequence[Change] = ()


Check = Callable[[Evidence], Refusal | None]


class Guard(NamedTuple):
    """One guard, and when it is asked."""

    stage: Stage
    check: Check


def refuse(stage: Stage, evidence: Evidence) -> Refusal | None:
    """Return what the first guard of a stage says that refuses."""
    checks = (guard.check(evidence) for guard in GUARDS if guard.stage is stage)
    return next((refusal for refusal in checks if refusal), None)


# -- whose programme it is ----------------------------------------------------------


def same_program(evidence: Evidence) -> Refusal | None:
    """Refuse when another pair of the configuration uses the same programme."""
    mine, *others = evidence.programmes or (Programmes("", "", ""),)
    for other in others:
        side = mine.shared_with(other)
        if side is not None:
            file = evidence.configuration
            cause = SharedProgramme(mine.pair, other.pair, side, file)
            return Refusal("same_program", side.value, (cause,))
    return None


def other_account(side: Snapshot, evidence: Evidence) -> Refusal | None:
    """Refuse when the key opens another programme than the one remembered."""
    was = evidence.before.facts.programme(side.side).id
    if not was or not side.identity or side.identity == was:
        return None
    cause = OtherProgramme(side.side, side.identity, was)
    return Refusal("other_account", side.side.value, (cause,))


# -- whether a listing can be trusted -----------------------------------------------


def empty_side(side: Snapshot, evidence: Evidence) -> Refusal | None:
    """Refuse a side that lists nothing and had records."""
    last = evidence.before.facts.counts.get(side.side, 0)
    if not side.complete or side.listed or last <= _decided_since(side, evidence):
        return None
    cause = NothingListed(side.side, last, _first(_gone(side, evidence.before)))
    return Refusal("empty_side", side.side.value, (cause,))


def short_listing(side: Snapshot, evidence: Evidence) -> Refusal | None:
    """Refuse a side that lists much less than it last did."""
    last = evidence.before.facts.counts.get(side.side, 0)
    missing = last - side.listed - _decided_since(side, evidence)
    share = evidence.limits.share
    if not side.complete or not last or missing <= last * share:
        return None
    gone = _first(_gone(side, evidence.before))
    cause = FewerListed(side.side, side.listed, last, missing, share, gone)
    return Refusal("short_listing", side.side.value, (cause,))


def strangers(side: Snapshot, evidence: Evidence) -> Refusal | None:
    """Refuse a listing in which others stand in the place of the linked codes.

    Linked codes are known by id or text: ids are others after a switch of the version.
    """
    before = evidence.before
    linked = len(before.links)
    if not side.complete or linked < SMALL:
        return None
    gone = _gone(side, before)
    if len(gone) < SMALL or len(gone) * 2 < linked:
        return None
    ids = {link.ids.of(side.side) for link in before.links}
    texts = {link.base.of(side.side).code for link in before.links}
    unknown = sum(
        id_ not in ids and code.values.code not in texts
        for id_, code in side.codes.items()
    )
    if unknown < len(gone):
        return None
    numbers = (len(gone), linked, len(side.codes), unknown)
    cause = StrangersListed(side.side, *numbers, _first(gone))
    return Refusal("strangers", side.side.value, (cause,))


def sentinel_missing(side: Snapshot, evidence: Evidence) -> Refusal | None:
    """Refuse a side that lacks the code that always has to be there."""
    named = evidence.limits.sentinel
    key = fold(named or "")
    if not named or not side.complete or key in side.hidden_texts:
        return None
    if any(code.values.code == key for code in side.codes.values()):
        return None
    cause = SentinelNotListed(side.side, named, len(side.codes))
    return Refusal("sentinel_missing", side.side.value, (cause,))


def vanished(
    side: Snapshot, links: Iterable[Link], decided: Collection[str]
) -> set[str]:
    """Return the decided records that a listing does not show."""
    return {
        link.base.left.code
        for link in links
        if link.base.left.code in decided
        and link.ids.of(side.side) not in side.codes
        and not side.hides(link.ids.of(side.side), link.base.of(side.side).code)
    }


def _decided_since(side: Snapshot, evidence: Evidence) -> int:
    """Count what is missing because a person decided so, since the last listing."""
    before = evidence.before
    if not before.decided:
        return 0
    decided = vanished(side, before.links, before.decided)
    return len(decided - set(before.facts.aside.get(side.side, ())))


def _gone(side: Snapshot, before: Before) -> list[str]:
    """Return the linked codes that a listing lacks, those that are decided aside."""
    unseen = unlisted(before.links, side)
    if not unseen:
        return []
    listed = {code.values.code for code in side.codes.values()}
    return [
        link.written
        for link in unseen
        if link.base.of(side.side).code not in listed
        and not side.hides(link.ids.of(side.side), link.base.of(side.side).code)
        and link.base.left.code not in before.decided
    ]


def _first(codes: Collection[str]) -> str:
    return min(codes, default="")


# -- how much one run may do --------------------------------------------------------


def too_many_creates(evidence: Evidence) -> Refusal | None:
    """Refuse more creates than the limit and, but for a migration, the share allow."""
    limits = evidence.limits
    share = None if limits.whole else _share_of_many(evidence)
    return _too_many(Create, limits.creates, share, evidence)


def too_many_updates(evidence: Evidence) -> Refusal | None:
    """Refuse more updates than the limit and, but for a migration, the share allow."""
    limits = evidence.limits
    share = None if limits.whole else _share_of_many(evidence)
    return _too_many(Update, limits.updates, share, evidence)


def too_many_deletes(evidence: Evidence) -> Refusal | None:
    """Refuse more deletes than the limit and, however few records, the share allow."""
    share = evidence.limits.share if evidence.before.links else None
    return _too_many(Delete, evidence.limits.deletes, share, evidence)


def _share_of_many(evidence: Evidence) -> Decimal | None:
    return evidence.limits.share if len(evidence.before.links) >= SMALL else None


def _too_many(
    kind: type[Write], limit: int, share: Decimal | None, evidence: Evidence
) -> Refusal | None:
    ready = [c for c in evidence.changes if c.status is Status.READY and not c.decided]
    counted = [change for change in ready if isinstance(change.act, kind)]
    count = len(counted)
    action = COUNTED[kind]
    linked = len(evidence.before.links)
    # The rest of a run that was stopped has been measured by what was there then.
    rest = evidence.before.facts.rest.get(action, 0) if kind is not Delete else 0
    most = max(linked * (share or 0), rest)
    if count <= limit and (share is None or count <= most):
        return None
    cause = TooMany(action, count, limit, share, linked, _moves_to(counted, evidence))
    return Refusal(f"too_many_{action}s", None, (cause,))


def _moves_to(counted: Sequence[Change], evidence: Evidence) -> Side | None:
    """Return the side that everything is made on while nothing is known of the pair."""
    sides = {change.side for change in counted if isinstance(change.act, Create)}
    return sides.pop() if len(sides) == 1 and not evidence.before.links else None


def everything_changed(side: Snapshot, evidence: Evidence) -> Refusal | None:
    """Refuse a side on which every linked code that is there is another one."""
    if any(_is_same(side, link) for link in evidence.before.links):
        return None
    there = (
        link.written
        for link in evidence.before.links
        if link.ids.of(side.side) in side.codes
    )
    changed = sorted(there)
    if len(changed) < SMALL:
        return None
    cause = AllChanged(side.side, len(changed), tuple(changed[:SAMPLE]))
    return Refusal("everything_changed", side.side.value, (cause,))


def _is_same(side: Snapshot, link: Link) -> bool:
    code = side.codes.get(link.ids.of(side.side))
    return code is not None and code.values == link.base.of(side.side)


def too_many_pushes(evidence: Evidence) -> Refusal | None:
    """Refuse a run that would push more redemptions than it may create codes.

    A limit of its own, and no share: how many codes there are says nothing about how
    often they are used.
    """
    limit = evidence.limits.creates
    pushed = {
        (change.key, change.push.key)
        for change in evidence.changes
        if change.push is not None
        and change.push.key
        and change.status is Status.READY
        and not change.decided
    }
    if len(pushed) <= limit:
        return None
    return Refusal("too_many_creates", None, (TooManyPushes(len(pushed), limit),))


# -- one state per programme --------------------------------------------------------


def other_state(other: OtherState, written: Written, pair: str) -> Refusal:
    """Refuse a run that would be a second one; ``pair`` is "" where there is one."""
    causes = (other, StopTheOther(written, pair))
    return Refusal("other_state", Side.PARTNERO.value, causes)


def nothing_to_mark(sentinel: str) -> Refusal:
    """Refuse where there is nothing that could carry a mark."""
    cause = NothingToMark(sentinel)
    return Refusal("sentinel_missing", Side.PARTNERO.value, (cause,))


# -- the order ----------------------------------------------------------------------

SideCheck = Callable[[Snapshot, Evidence], Refusal | None]


def _on(side: Side, check: SideCheck, evidence: Evidence) -> Refusal | None:
    snapshot = evidence.sides.get(side)
    return check(snapshot, evidence) if snapshot else None


def _each_side(stage: Stage, *checks: SideCheck) -> Iterable[Guard]:
    """Return guards that look at one side, and then at the other."""
    return [
        Guard(stage, partial(_on, side, check)) for side in Side for check in checks
    ]


GUARDS: tuple[Guard, ...] = (
    Guard(Stage.CONFIGURED, same_program),
    *_each_side(Stage.READ, other_account),
    *_each_side(Stage.READ, empty_side, short_listing, strangers),
    *_each_side(Stage.PLANNED, sentinel_missing),
    Guard(Stage.PLANNED, too_many_creates),
    Guard(Stage.PLANNED, too_many_updates),
    Guard(Stage.PLANNED, too_many_deletes),
    *_each_side(Stage.PLANNED, everything_changed),
    Guard(Stage.PLANNED, too_many_pushes),
)
"""Every guard that rests on a reading.

A mark of another state refuses as well (``other_state``): marks are read anew right
before a run begins to write.
"""
