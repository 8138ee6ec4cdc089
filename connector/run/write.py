"""What every remote write is made of: how it is looked for, and what a run shares.

Every kind answers one question by reading: is the wanted state there (DONE), is the
state that the plan saw still there (UNDONE), a part of a write of several requests
(HALF), or something else (OTHER)? What a lost answer, a crash or a refusal left
behind is told by that question alone.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from connector.engine.carrier import changed_terms
from connector.engine.change import Change, Seen, Want
from connector.engine.diff import differences
from connector.engine.ledger import judge, merged
from connector.engine.takings import weight
from connector.errors import Rejected
from connector.providers.base import Writer
from connector.providers.money_writing import PartneroMoneyWriter, ToltMoneyWriter
from connector.providers.partnero import PartneroReader
from connector.providers.tolt import ToltReader
from mappings import partnero as partnero_mapping
from mappings import tolt as tolt_mapping
from mappings.canonical import (
    FIELDS,
    Both,
    Carried,
    Coupon,
    Partner,
    PromoCode,
    Side,
    Values,
    fold,
    mask,
)
from mappings.redemptions import Entry
from state.ledger import Also, Ledger
from state.model import Link


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
LOSSES = {Side.PARTNERO: partnero_mapping.losses, Side.TOLT: tolt_mapping.losses}
MOMENT = 5.0
"""Seconds for which a coupon need not be asked for again: many codes share one."""


@dataclass(frozen=True, slots=True)
class Money:
    """The clients of what moves money, and the ledger of it.

    ``unlogged`` are the keys that a payment of this run has just seen to be missing in
    the log of their code: its redeem need not look for that again.
    """

    partnero: PartneroMoneyWriter
    tolt: ToltMoneyWriter
    ledger: Ledger
    since: str
    unlogged: set[str] = field(default_factory=set)

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
    ``coupons`` those of Partnero as the plan saw them, ``made`` the partners that it
    created itself, by the id of their change. ``ours`` are the values that it wrote,
    by side and id, ``moved`` the ids that it took away, each with the one that came in
    its place ("" for none). ``hangs`` is the coupon of each Partnero code as a single
    row named it, ``asked`` when each coupon was last read.
    """

    writers: Mapping[Side, Writer]
    version: str
    link: Callable[[str], Link | None]
    money: Money
    listed: Mapping[Side, Mapping[str, Partner]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    ours: dict[tuple[Side, str], Values] = field(default_factory=dict)
    moved: dict[tuple[Side, str], str] = field(default_factory=dict)
    hangs: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[float, Coupon]] = field(default_factory=dict)

    def read(self, side: Side, id_: str) -> PromoCode | None:
        """Return a record as it is now; None where it is proven not to be there."""
        got = self.writers[side].get(id_)
        if got is not None and side is Side.PARTNERO and got.carried.coupon:
            self.hangs[got.written] = got.carried.coupon
        return got

    def coupon(self, uuid: str) -> Coupon | None:
        """Return a coupon as it is now: one that was read a moment ago is."""
        at, known = self.asked.get(uuid, (0.0, None))
        if known is None or time.monotonic() - at > MOMENT:
            known = self.writers[Side.PARTNERO].coupon(uuid)
            if known is not None:
                self.asked[uuid] = (time.monotonic(), known)
        return known

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

    def stale(self, before: Look) -> str:
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
    def side(self) -> Side:
        return self.change.side

    @property
    def version(self) -> str:
        """The version of Tolt's API that the ids of this write belong to."""
        return self.since or self.bench.version

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

    @property
    def undone(self) -> bool:
        """Whether this takes back what an earlier run has done."""
        return self.change.reason == "undo"

    @property
    def id_there(self) -> str:
        """The id that the record has on the target by now."""
        return self.bench.moved.get((self.side, self.seen.id)) or self.seen.id

    def here(self) -> PromoCode | None:
        """Return the record on the target as it is now."""
        return self.bench.read(self.side, self.id_there)

    def expected(self) -> Values:
        """Return what the target should still hold before this write."""
        return self.bench.ours.get((self.side, self.id_there), self.seen.values)

    def wanted(self) -> Values:
        return Values(fold(self.want.written), self.want.discount, self.want.partner)

    def noted(self, got: PromoCode) -> PromoCode:
        """Remember what this run wrote, so that its next write is not stale."""
        self.bench.ours[self.side, got.id] = got.values
        return got

    def rebased(self, link: Link) -> Link:
        """Return a link whose base moves in the written fields alone.

        Of the others nobody has verified that both sides agree.
        """
        old, fields = self.bench.link(self.change.key), self.want.fields
        before = old.unset if old else frozenset(FIELDS) - {"code"}
        unset = before | fields if self.undone else before - fields
        if old is None or old.version != link.version:
            return link._replace(unset=unset)
        kept = [
            was._replace(**{name: getattr(now, name) for name in fields})
            for was, now in zip(old.base, link.base, strict=True)
        ]
        return link._replace(base=Both(*kept), unset=unset)

    def text_taken(self) -> str:
        """Say that the new text of a rename belongs to another code by now, or ""."""
        if "code" not in self.want.fields:
            return ""
        for code in self.writer.find(self.want.written):
            ours = code.id in (self.id_there, self.new_id)
            if not ours and code.values != self.wanted():
                return f"{code.written} is another code on {self.side.label} by now"
        return ""

    def differs(self, got: PromoCode) -> str:
        """Say what the target does not hold any more, and what it holds now."""
        told = difference(self.expected(), got.values)
        return f"{self.change.code} on {self.side.label}: {told}"

    def stale(self, before: Look) -> str:
        del before
        return self.foreign()

    def foreign(self, fields: Iterable[str] = FIELDS) -> str:
        """Say how the other half differs from what the plan saw there, or "".

        What this run itself wrote, or took away, is not foreign.
        """
        side, code = self.side.other, self.change.code
        seen = self.change.seen.get(side)
        if seen is None:
            return self._back(side)
        if side is Side.TOLT and self.version != self.bench.version:
            return f"{code} on {side.label} is known by an id of {self.version} alone"
        id_ = self.bench.moved.get((side, seen.id), seen.id)
        if not id_:
            return ""
        got = self.bench.read(side, id_)
        if got is None:
            return f"{code} is gone on {side.label}"
        ours = self.bench.ours.get((side, id_))
        told = difference(ours or seen.values, got.values, fields)
        if not told and not ours and seen.written not in ("", got.written):
            told = f"code: {seen.written} -> {got.written}"
        if not told and self.change.action == "create":
            told = self._limits(seen, got)
        return f"{code} on {side.label}: {told}" if told else ""

    def _back(self, side: Side) -> str:
        """Say so when the other half, gone at plan time, is back: by id or by text."""
        link, known = self.bench.link(self.change.key), ""
        there: list[PromoCode] = []
        if link and (side is Side.PARTNERO or link.version == self.bench.version):
            known = link.ids.of(side)
            got = self.bench.read(side, known)
            there += [got] if got else []
        texts = [self.change.code, link.written if link else self.change.code]
        if side is Side.PARTNERO:  # it may tell upper and lower case apart
            texts += [texts[0].upper(), texts[0].lower()]
            texts = [text for text in texts if text != known]
        for text in texts[:1] if side is Side.TOLT else dict.fromkeys(texts):
            there += [] if there else self.bench.writers[side].find(text)
        there = [code for code in there if (side, code.id) not in self.bench.ours]
        if not there:
            return ""
        return f"{self.change.code} is back on {side.label} as {there[0].written}"

    def _limits(self, seen: Seen, got: PromoCode) -> str:
        """Say which restrictions came or went: what is lost was agreed to by name."""
        side = self.side.other
        if side is Side.TOLT and self.bench.version == "v1":
            return ""  # its lists do not say `active`: what a plan saw was no answer
        known = set(seen.limits) if self.undone else {*seen.limits, *self.change.lost}
        now = set(LOSSES[side](got))
        came, went = sorted(now - known), sorted(set(seen.limits) - now)
        if self.undone and not seen.limits:
            return ""
        told = [f"now: {one}" for one in came] + [f"no longer: {one}" for one in went]
        return "; ".join(told)

    def other_coupon(self) -> str:
        """Say how the coupon that the code would hang on has changed, or ""."""
        uuid, want = self.want.coupon, self.want
        if self.side is not Side.PARTNERO or uuid is None:
            return ""
        now = self.bench.coupon(uuid)
        if now is None:
            return f"coupon {uuid} is gone on Partnero"
        was = self.bench.coupons.get(uuid)
        if was is None:  # made by this run, or by whoever made what is undone
            plain = Carried() if want.duration else now.restrictions
            was = Coupon(uuid, want.discount, want.duration or now.duration, plain)
        told = changed_terms(was, now)
        return f"coupon {uuid} on Partnero: {told}" if told else ""


def link_of(side: Side, got: PromoCode, source: Seen, version: str) -> Link:
    """Return the link of a record that now stands on both sides."""
    seen = Seen(got.id, got.values)
    left, right = (seen, source) if side is Side.PARTNERO else (source, seen)
    return Link(
        ids=Both(left.id, right.id),
        base=Both(left.values, right.values),
        written=left.id,
        version=version,
    )


def difference(expected: Values, got: Values, fields: Iterable[str] = FIELDS) -> str:
    """Say what differs, with what it is now; an id that is an e-mail is masked."""
    names = [one for one in fields if getattr(expected, one) != getattr(got, one)]
    before, after = (
        {name: _shown(getattr(values, name)) for name in names}
        for values in (expected, got)
    )
    if names and before == after:  # two addresses that are masked alike
        return f"{', '.join(names)}: another one"
    return "; ".join(differences(before, after))


def _shown(value: object) -> str:
    text = str(value)
    return mask(text) if "@" in text else text
