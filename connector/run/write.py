"""What every remote write is made of: how it is looked for, and what a run shares.

Every kind answers one question by reading: is the wanted state there (DONE), is the
state that the plan saw still there (UNDONE), a part of a write of several requests
(HALF), or something else (OTHER)? What a lost answer, a crash or a refusal left
behind is told by that question alone.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from connector.engine.acts import Want
from connector.engine.change import Change
from connector.engine.outcome import PARKED
from connector.engine.sales.redemptions import merged
from connector.engine.sales.standings import judge
from connector.engine.sales.totals import weight
from connector.errors import Rejected
from connector.providers.base import ChargesWriter, SalesWriter, Writer, Writers
from mappings.canonical import Coupon, Partner, PromoCode, Side, Values
from mappings.redemptions import Entry
from state.ledger import Ledger
from state.model import NOTHING_LEARNT, LedgerChange, Link, Same


class Verdict(Enum):
    """What reading says about a write."""

    DONE = "done"
    UNDONE = "undone"
    HALF = "half"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading showed, and what follows from it for the state.

    ``link`` is the moved base, ``buried`` says where a record is gone, ``made`` is
    the id of a created partner, ``copy`` the row that the request will destroy,
    ``entry`` what the ledger of redemptions learns, ``customer`` who is one person on
    both sides by now. ``parked`` says that nobody can explain it: it is not tried again
    by itself.
    """

    verdict: Verdict
    detail: str = ""
    link: Link | None = None
    buried: str = ""
    made: str = ""
    copy: str = ""
    entry: Entry | None = None
    customer: Same | None = None
    parked: bool = False


UNDONE = Reading(Verdict.UNDONE)
MOMENT = 5.0
"""Seconds for which a coupon need not be asked for again: many codes share one."""


def something_else(detail: str) -> Reading:
    """Return that something else is there."""
    return Reading(Verdict.OTHER, detail)


def unexplained(why: str) -> Reading:
    """Return that nobody can explain what is there: it is not tried again by itself."""
    return Reading(Verdict.OTHER, f"{PARKED}: {why}", parked=True)


@dataclass(frozen=True, slots=True)
class Redemptions:
    """The clients of what moves money, and the ledger of it.

    ``unlogged`` are the keys that a payment of this run has just seen to be missing in
    the log of their code: its redeem need not look for that again.
    """

    sales: SalesWriter
    charges: ChargesWriter
    ledger: Ledger
    since: str
    unlogged: set[str] = field(default_factory=set)

    def learnt(self, learnt: Entry | None) -> LedgerChange:
        """Return what a write that has brought this about changes in the ledger."""
        if learnt is None:
            return NOTHING_LEARNT
        id_ = (learnt.code, learnt.key)
        before = self.ledger.entries([id_]).get(id_)
        entry = merged(before[0] if before else None, learnt)
        now = (entry, judge(entry, self.since))
        more = [weight(*before, -1)] if before else []
        return LedgerChange((now,), (*more, weight(*now)))


def redemptions_of(writers: Writers, ledger: Ledger, since: str) -> Redemptions:
    """Return what pushes redemptions with the clients of both products."""
    return Redemptions(writers.sales(), writers.charges(), ledger, since)


@dataclass(frozen=True, slots=True)
class Written:
    """What this run has written itself, so that its next write is not stale.

    ``values`` by side and id; ``moved`` the ids that it took away, each with the one
    that came in its place ("" for none); ``partners`` those that it created, by the id
    of their change.
    """

    values: dict[tuple[Side, str], Values] = field(default_factory=dict)
    moved: dict[tuple[Side, str], str] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the writes of one run share: it is handed to each of them.

    ``link`` finds a stored link, ``listed`` are the partners that the run has read,
    ``coupons`` those of Partnero as the plan saw them. ``hangs`` is the coupon of each
    Partnero code as a single row named it, ``asked`` when each coupon was last read.
    """

    writers: Writers
    version: str
    link: Callable[[str], Link | None]
    redemptions: Redemptions
    listed: Mapping[Side, Mapping[str, Partner]] = field(default_factory=dict)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    written: Written = field(default_factory=Written)
    hangs: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[float, Coupon]] = field(default_factory=dict)

    def read(self, side: Side, id_: str) -> PromoCode | None:
        """Return a record as it is now; None where it is proven not to be there."""
        code = self.writers.of(side).get(id_)
        if code is not None and side is Side.PARTNERO and code.carried.coupon:
            self.hangs[code.written] = code.carried.coupon
        return code

    def hanging(self, change: Change) -> dict[str, str]:
        """Return the coupon that single rows have named for the code of a change."""
        seen, want = change.seen.get(Side.PARTNERO), change.want
        texts = {change.code, seen.id if seen else "", want.written if want else ""}
        return {text: self.hangs[text] for text in texts if text in self.hangs}

    def coupon(self, uuid: str) -> Coupon | None:
        """Return a coupon as it is now: one that was read a moment ago is."""
        at, known = self.asked.get(uuid, (0.0, None))
        if known is None or time.monotonic() - at > MOMENT:
            known = self.writers.coupons.coupon(uuid)
            if known is not None:
                self.asked[uuid] = (time.monotonic(), known)
        return known

    def person(self, side: Side, owner: str) -> Partner:
        """Return a partner by id, asked for where no listing has shown them."""
        known = self.listed.get(side, {}).get(owner)
        return known or self.writers.of(side).partner(owner) or Partner(owner, None)

    def resolved(self, change: Change) -> Change:
        """Return the change with the partner that this run has just created for it."""
        made = [
            self.written.partners[id_]
            for id_ in change.needs
            if id_ in self.written.partners
        ]
        if not made or change.want is None or change.want.partner is not None:
            return change
        return change.wanting(change.want.owned_by(made[0]))

    def matched(self, change: Change, made: str) -> Same | None:
        """Return what is stored of a created partner, where one was created."""
        owner = change.want.partner if change.want else None
        if owner is None or not made:
            return None
        ids = (owner, made) if change.side is Side.TOLT else (made, owner)
        return Same(self.version, *ids)


@dataclass(slots=True)
class Write(ABC):
    """One remote write that can be looked for; ``single`` if it is one request.

    ``copy`` is the row that an earlier attempt has kept, ``since`` the version of
    Tolt's API under which that attempt was made.
    """

    change: Change
    shared: Shared
    copy: str = ""
    since: str = ""
    new_id: str | None = None
    single: bool = True
    side: Side = field(init=False)
    wanted_values: Want | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.side, self.wanted_values = self.change.side, self.change.want

    @property
    def pays(self) -> bool:
        """Whether nothing tells a second one from it: never sent again by itself."""
        return False

    @abstractmethod
    def look(self) -> Reading:
        """Say by reading what became of it."""

    def stale(self, before: Reading) -> str:
        """Say what is no longer as the plan saw it beside the target; "" if nothing."""
        del before
        return ""

    @abstractmethod
    def send(self) -> None:
        """Send what is to be written."""

    def resume(self) -> None:  # noqa: B027 (a default: most have nothing to finish)
        """Finish what was left half done; nothing for a write that is one request."""

    def rescue(self) -> str:
        """Put back what would be missing otherwise; "" where nothing is."""
        return ""

    @property
    def version(self) -> str:
        """The version of Tolt's API that the ids of this write belong to."""
        return self.since or self.shared.version

    @property
    def writer(self) -> Writer:
        return self.shared.writers.of(self.side)

    @property
    def want(self) -> Want:
        if self.wanted_values is None:
            raise Rejected(f"{self.change.code} says no value to write", status=400)
        return self.wanted_values
