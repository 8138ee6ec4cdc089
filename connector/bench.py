"""What every remote write is made of: how it is looked for, and what a run shares.

Every kind answers one question by reading: is the wanted state there (DONE), is the
state that the plan saw still there (UNDONE), a part of a write of several requests
(HALF), or something else (OTHER)? What a lost answer, a crash or a refusal left
behind is told by that question alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from connector.engine.change import Change, Seen, Want
from connector.engine.diff import differences
from connector.engine.ledger import judge, merged
from connector.engine.takings import weight
from connector.errors import Rejected
from connector.providers.base import Writer
from connector.providers.money_writing import PartneroMoneyWriter, ToltMoneyWriter
from connector.providers.partnero import PartneroReader
from connector.providers.tolt import ToltReader
from mappings.canonical import Partner, PromoCode, Side, Values, fold
from mappings.redemptions import Entry
from state.ledger import Also, Ledger
from state.model import Halves, Ids, Link


class Verdict(Enum):
    """What reading says about a write."""

    DONE = "done"
    UNDONE = "undone"
    HALF = "half"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Look:
    """What reading showed, and what follows from it for the state.

    ``link`` is the moved base, ``buried`` says where a record is gone, ``made`` is
    the id of a created partner, ``copy`` the row that the request will destroy,
    ``entry`` what the ledger of redemptions learns.
    """

    verdict: Verdict
    detail: str = ""
    link: Link | None = None
    buried: str = ""
    made: str = ""
    copy: str = ""
    entry: Entry | None = None


UNDONE = Look(Verdict.UNDONE)


@dataclass(frozen=True, slots=True)
class Money:
    """The clients of what moves money, and the ledger of it."""

    partnero: PartneroMoneyWriter
    tolt: ToltMoneyWriter
    ledger: Ledger
    since: str

    def recording(self, learnt: Entry) -> Also:
        """Return what adds to the ledger what a write has brought about.

        It is done in the transaction that closes the write's intent: a crash leaves
        either both or neither.
        """
        id_ = (learnt.code, learnt.key)
        before = self.ledger.entries([id_]).get(id_)
        entry = merged(before[0] if before else None, learnt)
        now = (entry, judge(entry, self.since))
        more = [weight(*before, -1)] if before else []
        sums = [*more, weight(*now)]
        return self.ledger.saving([now], sums)


def money_of(writers: Mapping[Side, Writer], ledger: Ledger, since: str) -> Money:
    """Return what pushes redemptions with the clients of both products."""
    left, right = writers[Side.PARTNERO], writers[Side.TOLT]
    if not isinstance(left, PartneroReader) or not isinstance(right, ToltReader):
        raise TypeError("redemptions are pushed between Partnero and Tolt alone")
    return Money(PartneroMoneyWriter(left), ToltMoneyWriter(right), ledger, since)


@dataclass(slots=True)
class Bench:
    """What the writes of one run share.

    ``link`` finds a stored link, ``listed`` are the partners that the run has read,
    ``made`` those that it created itself, by the id of their change, ``ours`` the
    values that it wrote, by side and id.
    """

    writers: Mapping[Side, Writer]
    version: str
    link: Callable[[str], Link | None]
    money: Money
    listed: Mapping[Side, Mapping[str, Partner]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    ours: dict[tuple[Side, str], Values] = field(default_factory=dict)

    def person(self, side: Side, owner: str) -> Partner:
        """Return a partner by id, asked for where no listing has shown them."""
        known = self.listed.get(side, {}).get(owner)
        return known or self.writers[side].partner(owner) or Partner(owner, None)

    def resolved(self, change: Change) -> Change:
        """Return the change with the partner that this run has just created for it."""
        made = [self.made[one] for one in change.needs if one in self.made]
        if not made or change.want is None or change.want.partner is not None:
            return change
        return change._replace(want=change.want._replace(partner=made[0]))

    def matched(self, change: Change, made: str) -> tuple[str, str, str] | None:
        """Return what is stored of a created partner: both ids, and the version."""
        owner = change.want.partner if change.want else None
        if owner is None:
            return None
        ids = (owner, made) if change.side is Side.TOLT else (made, owner)
        return (*ids, self.version)


@dataclass(slots=True)
class Write(ABC):
    """One remote write that can be looked for; ``single`` if it is one request.

    ``copy`` is the row that an earlier attempt has kept, ``since`` the version of
    Tolt's API under which that attempt was made.
    """

    change: Change
    bench: Bench
    copy: str = ""
    since: str = ""
    new_id: str | None = None
    single: bool = True

    @property
    def pays(self) -> bool:
        """Whether nothing tells a second one from it: never sent again by itself."""
        return False

    @abstractmethod
    def look(self) -> Look:
        """Say by reading what became of it."""

    @abstractmethod
    def send(self) -> None:
        """Send what is to be written."""

    def resume(self) -> None:  # noqa: B027 (a default: most have nothing to finish)
        """Finish what was left half done; nothing for a write that is one request."""

    def rescue(self) -> str:
        """After a refusal: put back what would be missing; says what was done."""
        return ""

    @property
    def side(self) -> Side:
        return self.change.side

    @property
    def writer(self) -> Writer:
        return self.bench.writers[self.side]

    @property
    def want(self) -> Want:
        if self.change.want is None:
            raise Rejected(f"{self.change.code} says no value to write", status=400)
        return self.change.want


class CodeWrite(Write):
    """What the writes of promotion codes have in common."""

    @property
    def partner(self) -> Partner | None:
        owner = self.want.partner
        return self.bench.person(self.side, owner) if owner else None

    @property
    def seen(self) -> Seen:
        found = self.change.seen.get(self.side)
        if found is None:
            raise Rejected(f"{self.change.code} was not seen there", status=404)
        return found

    def expected(self) -> Values:
        """Return what the target should still hold before this write."""
        return self.bench.ours.get((self.side, self.seen.id), self.seen.values)

    def wanted(self) -> Values:
        return Values(fold(self.want.written), self.want.discount, self.want.partner)

    def noted(self, got: PromoCode) -> PromoCode:
        """Remember what this run wrote, so that its next write is not stale."""
        self.bench.ours[self.side, got.id] = got.values
        return got


def link_of(side: Side, got: PromoCode, source: Seen, version: str) -> Link:
    """Return the link of a record that now stands on both sides."""
    seen = Seen(got.id, got.values)
    left, right = (seen, source) if side is Side.PARTNERO else (source, seen)
    return Link(
        ids=Ids(left.id, right.id),
        base=Halves(left.values, right.values),
        written=left.id,
        version=version,
    )


def difference(expected: Values, got: Values) -> str:
    """Say what differs, without ids of people in the way."""
    before, after = (
        {name: str(value) for name, value in values._asdict().items()}
        for values in (expected, got)
    )
    return "; ".join(differences(before, after))
