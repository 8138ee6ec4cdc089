"""The kinds of remote write: how each is looked for, sent and taken up again.

Every kind answers one question by reading: is the wanted state there (DONE), is the
state that the plan saw still there (UNDONE), or something else (OTHER)? What a lost
answer, a crash or a refusal left behind is told by that question alone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import Protocol

from connector.engine.change import Change, Seen, Want
from connector.engine.diff import differences
from connector.errors import Rejected, SyncError
from connector.providers.base import Writer
from mappings.canonical import FIELDS, Partner, PromoCode, Side, Values, fold, mask
from mappings.wire import Json, Row
from state.model import Halves, Ids, Link


class Verdict(Enum):
    """What reading says about a write."""

    DONE = "done"
    UNDONE = "undone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Look:
    """What reading showed, and what follows from it for the state.

    ``link`` is the moved base, ``buried`` says where a record is gone, ``made`` is
    the id of a created partner, ``copy`` the row that the request will destroy.
    """

    verdict: Verdict
    detail: str = ""
    link: Link | None = None
    buried: str = ""
    made: str = ""
    copy: str = ""


UNDONE = Look(Verdict.UNDONE)


class Write(Protocol):
    """One remote write that can be looked for."""

    def look(self) -> Look: ...
    def send(self) -> None: ...
    def resume(self) -> None:
        """Finish what was left half done; nothing for a write that is one request."""

    def rescue(self) -> str:
        """After a refusal: put back what would be missing; says what was done."""


@dataclass(slots=True)
class Bench:
    """What the writes of one run share.

    ``made`` are partners created in this run by the id of their change, ``ours`` the
    values that this run itself has written, by side and id.
    """

    writers: Mapping[Side, Writer]
    version: str
    link: Callable[[str], Link | None]
    person: Callable[[Side, str], Partner]
    made: dict[str, str] = field(default_factory=dict)
    ours: dict[tuple[Side, str], Values] = field(default_factory=dict)


@dataclass(slots=True)
class _CodeWrite:
    """What the writes of promotion codes have in common."""

    change: Change
    bench: Bench
    copy: str = ""
    new_id: str | None = None

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

    @property
    def partner_id(self) -> str | None:
        made = [
            self.bench.made[one] for one in self.change.needs if one in self.bench.made
        ]
        return made[0] if made and self.want.partner is None else self.want.partner

    @property
    def partner(self) -> Partner | None:
        owner = self.partner_id
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
        return Values(fold(self.want.written), self.want.discount, self.partner_id)

    def resume(self) -> None:
        return None

    def rescue(self) -> str:
        return ""

    def noted(self, got: PromoCode) -> PromoCode:
        """Remember what this run wrote, so that its next write is not stale."""
        self.bench.ours[self.side, got.id] = got.values
        return got


class CreateCode(_CodeWrite):
    """A code that the target does not have yet."""

    def look(self) -> Look:
        found = self._found()
        if not found:
            return UNDONE
        other = next((code for code in found if code.values != self.wanted()), None)
        if other is not None:
            told = _told(self.wanted(), other.values)
            return Look(Verdict.OTHER, f"{other.written} is there: {told}")
        return Look(Verdict.DONE, link=self._link(self.noted(found[0])))

    def send(self) -> None:
        self.new_id = self.writer.create(self.want, self.partner, {})

    def _found(self) -> list[PromoCode]:
        if self.new_id is not None:
            made = self.writer.get(self.new_id)
            if made is not None:
                return [made]
        return self.writer.find(self.want.written)

    def _link(self, got: PromoCode) -> Link:
        source = self.change.seen.get(self.side.other)
        assert source is not None  # noqa: S101 (a create is made of the other side's)
        return link_of(self.side, got, source, self.bench.version)


class UpdateCode(_CodeWrite):
    """A code of which the target can change some fields."""

    def look(self) -> Look:
        got = self.writer.get(self.seen.id)
        if got is None:
            return Look(Verdict.OTHER, f"{self.change.code} is gone there")
        fields = sorted(self.want.fields)
        if all(getattr(got.values, f) == getattr(self.wanted(), f) for f in fields):
            return Look(Verdict.DONE, link=self._moved(self.noted(got)))
        if got.values == self.expected():
            return UNDONE
        return Look(Verdict.OTHER, _told(self.expected(), got.values))

    def send(self) -> None:
        self.writer.update(self.seen.id, self.want, self.partner)

    def _moved(self, got: PromoCode) -> Link | None:
        """Return the link with the base of the written fields moved."""
        link, source = (
            self.bench.link(self.change.key),
            self.change.seen[self.side.other],
        )
        if link is None or source is None:
            return None
        ours = {f: getattr(got.values, f) for f in self.want.fields}
        theirs = {f: getattr(source.values, f) for f in self.want.fields}
        left, right = (ours, theirs) if self.side is Side.PARTNERO else (theirs, ours)
        base = Halves(
            link.base.partnero._replace(**left), link.base.tolt._replace(**right)
        )
        return replace(link, base=base, unset=link.unset - self.want.fields)


class DeleteCode(_CodeWrite):
    """A code that a person, or a standing consent, wants gone."""

    def look(self) -> Look:
        got = self.writer.get(self.seen.id)
        if got is None:
            return Look(Verdict.DONE, buried=f"deleted on {self.side.label}")
        if got.values != self.expected():
            return Look(Verdict.OTHER, _told(self.expected(), got.values))
        if why := self._not_absent():
            return Look(Verdict.OTHER, why)
        row = self.writer.copy(self.seen.id)
        return Look(Verdict.UNDONE, copy="" if row is None else _json(row))

    def _not_absent(self) -> str:
        """Say so when the other half, gone at plan time, is back."""
        other = self.side.other
        link = self.bench.link(self.change.key)
        if link is None or self.change.seen.get(other) is not None:
            return ""
        back = self.bench.writers[other].get(link.ids.of(other))
        return f"{self.change.code} is back on {other.label}" if back else ""

    def send(self) -> None:
        got = self.writer.get(self.seen.id)
        if got is not None:
            self.writer.delete(got)


class ReplaceCode(_CodeWrite):
    """A new code in place of an old one, where the target cannot change a field.

    The new one is made first wherever both can stand at the same time; only where
    the text is the identity and stays the same there is a moment without the code,
    and then the full copy is stored before the old one goes.
    """

    def look(self) -> Look:
        new, old = self._new(), self._old()
        if new is not None and old is None:
            source = self.change.seen[self.side.other]
            assert source is not None  # noqa: S101 (a replace has both sides)
            link = link_of(self.side, self.noted(new), source, self.bench.version)
            link = replace(link, unset=self._unset())
            return Look(Verdict.DONE, link=link)
        if old is not None and new is None and old.values != self.expected():
            return Look(Verdict.OTHER, _told(self.expected(), old.values))
        if not self.copy and old is not None:
            row = self.writer.copy(old.id)
            self.copy = "" if row is None else _json(row)
        return Look(Verdict.UNDONE, copy=self.copy)

    def send(self) -> None:
        if self._together():
            if self._new() is None:
                self._create(self.want)
            old = self._old()
            if old is not None:
                self.writer.delete(old)
            return
        old = self._old()
        if old is not None:
            self.writer.delete(old)
        if self._new() is None:
            self._create(self.want)

    def resume(self) -> None:
        new, old = self._new(), self._old()
        if (new is None) == (old is None):
            self.send()

    def rescue(self) -> str:
        """Make the old code anew where the refused new one left nothing at all."""
        if self._together() or self._new() or self._old():
            return ""
        values = self.seen.values
        old = replace(
            self.want,
            written=self.seen.id,
            discount=values.discount,
            coupon=self._was(),
        )
        owner = self.bench.person(self.side, values.partner) if values.partner else None
        try:
            self.writer.create(old, owner, self._kept())
        except SyncError as error:
            return f"; the old code could not be put back: {error}"
        return "; the old code was put back (its counter and log are lost)"

    def _together(self) -> bool:
        """Say whether old and new can stand side by side on the target."""
        if self.side is Side.TOLT:
            return True
        return fold(self.want.written) != fold(self.seen.id)

    def _new(self) -> PromoCode | None:
        found = self.writer.find(self.want.written)
        return next((code for code in found if code.values == self.wanted()), None)

    def _old(self) -> PromoCode | None:
        got = self.writer.get(self.seen.id)
        same = got is not None and got.values == self.wanted()
        return None if same else got

    def _create(self, want: Want) -> None:
        self.writer.create(want, self.partner, self._kept())

    def _kept(self) -> Row:
        kept: Row = json.loads(self.copy, parse_float=Decimal) if self.copy else {}
        return kept

    def _was(self) -> str | None:
        coupon = self._kept().get("coupon")
        return coupon.get("uuid_code") if isinstance(coupon, dict) else None

    def _unset(self) -> frozenset[str]:
        link = self.bench.link(self.change.key)
        before = link.unset if link else frozenset(FIELDS) - {"code"}
        return before - self.want.fields


@dataclass(slots=True)
class CreateCoupon:
    """The coupon under which new codes will hang."""

    change: Change
    bench: Bench

    def look(self) -> Look:
        want = self.change.want
        if want is None or want.discount is None:
            return Look(Verdict.OTHER, "no discount is wanted")
        writer = self.bench.writers[self.change.side]
        there = writer.has_coupon(want.written, want.discount, want.duration or "")
        if there is None:
            return UNDONE
        told = "" if there else f"coupon {want.written} exists with other values"
        return Look(Verdict.DONE if there else Verdict.OTHER, told)

    def send(self) -> None:
        want = self.change.want
        if want is not None and want.discount is not None:
            writer = self.bench.writers[self.change.side]
            writer.create_coupon(want.discount, want.duration or "")

    def resume(self) -> None:
        return None

    def rescue(self) -> str:
        return ""


@dataclass(slots=True)
class CreatePartner:
    """A partner who is missing on the target, where the config asks for creating."""

    change: Change
    bench: Bench
    new_id: str | None = None

    def look(self) -> Look:
        writer = self.bench.writers[self.change.side]
        made = writer.partner(self.new_id) if self.new_id else None
        found = [made] if made else writer.find_partner(self._person().email or "")
        if not found:
            return UNDONE
        if len(found) > 1:
            told = f"{mask(found[0].email)} is there {len(found)} times"
            return Look(Verdict.OTHER, told)
        return Look(Verdict.DONE, made=found[0].id)

    def send(self) -> None:
        person = self._person()
        writer = self.bench.writers[self.change.side]
        self.new_id = writer.create_partner(person.email or "", person.name)

    def resume(self) -> None:
        return None

    def rescue(self) -> str:
        return ""

    def _person(self) -> Partner:
        owner = self.change.want.partner if self.change.want else None
        return self.bench.person(self.change.side.other, owner or "")


def write_for(change: Change, bench: Bench, copy: str = "") -> Write:
    """Return the kind of write that a change is."""
    match change.action:
        case "create":
            return CreateCode(change, bench)
        case "update":
            return UpdateCode(change, bench)
        case "delete":
            return DeleteCode(change, bench, copy)
        case "replace":
            return ReplaceCode(change, bench, copy)
        case "coupon":
            return CreateCoupon(change, bench)
        case _:
            return CreatePartner(change, bench)


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


def _told(expected: Values, got: Values) -> str:
    """Say what differs, without ids of people in the way."""
    return "; ".join(differences(expected._asdict(), got._asdict()))


def _json(row: Row) -> str:
    def exact(value: Json) -> Json:
        return float(value) if isinstance(value, Decimal) else str(value)

    return json.dumps(row, default=exact, sort_keys=True)
