"""A new code in place of an old one, where the target cannot change a field."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.bench import Bench, CodeWrite, Look, Verdict, Write, difference, link_of
from connector.engine.change import Change
from connector.errors import Rejected
from connector.push import PUSHES
from connector.writes import (
    CreateCode,
    CreateCoupon,
    CreatePartner,
    DeleteCode,
    UpdateCode,
    coupon_of,
    kept_row,
    stored_row,
)
from mappings.canonical import FIELDS, PromoCode, Side, fold
from state.model import Link


@dataclass(slots=True)
class ReplaceCode(CodeWrite):
    """Two requests, in the order that leaves the code absent for no moment.

    The new one is made first wherever both can stand at the same time; only where
    the text is the identity and stays the same there is a moment without the code,
    and then the full copy is stored before the old one goes.
    """

    single: bool = False
    creating: bool = False

    def look(self) -> Look:
        new, old = self._new(), self._old()
        if new is not None and old is None:
            return Look(Verdict.DONE, link=self._link(self.noted(new)))
        if old is None:
            return self._absent()
        if old.values != self.expected():
            return Look(Verdict.OTHER, difference(self.expected(), old.values))
        self.copy = self.copy or stored_row(self.writer.copy(old.id))
        return Look(Verdict.UNDONE if new is None else Verdict.HALF, copy=self.copy)

    def _absent(self) -> Look:
        """Tell our own gap, to be closed at once, from what somebody else deleted."""
        if not self.copy:
            return Look(Verdict.OTHER, f"{self.change.code} is gone there")
        # A new one whose answer was lost may only be slow to show.
        return Look(Verdict.UNDONE if self.creating else Verdict.HALF, copy=self.copy)

    def send(self) -> None:
        if self._stand_together():
            self._make()
            self._retire()
        else:
            self._retire()
            self._make()

    def _make(self) -> None:
        if self._new() is None:
            self.creating = True
            self.writer.create(self.want, self.partner, kept_row(self.copy))

    def _retire(self) -> None:
        """Delete the old one, if it still is the one that a person agreed to lose."""
        old = self._old()
        if old is None:
            return
        if old.values != self.expected():
            told = f"{self.change.code} was edited meanwhile; it was not deleted"
            raise Rejected(told, status=412)
        self.writer.delete(old)

    def resume(self) -> None:
        """Go on from the middle: the old one is gone, or both are there."""
        if (self._new() is None) == (self._old() is None):
            self.send()

    def rescue(self) -> str:
        """Make the old code anew where the refused new one left nothing at all."""
        if self._stand_together() or self._new() or self._old():
            return ""
        values = self.seen.values
        old = self.want._replace(
            written=self.seen.id,
            discount=values.discount,
            coupon=coupon_of(kept_row(self.copy)),
        )
        owner = self.bench.person(self.side, values.partner) if values.partner else None
        self.writer.create(old, owner, kept_row(self.copy))
        return "; the old code was put back (its counter and log are lost)"

    def _stand_together(self) -> bool:
        """Say whether old and new can be there at the same time."""
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

    def _unset(self) -> frozenset[str]:
        link = self.bench.link(self.change.key)
        before = link.unset if link else frozenset(FIELDS) - {"code"}
        return before - self.want.fields

    def _link(self, new: PromoCode) -> Link:
        source = self.change.seen[self.side.other]
        if source is None:
            raise Rejected(f"{self.change.code} has no other half", status=400)
        link = link_of(self.side, new, source, self.bench.version)
        return link._replace(unset=self._unset())


KINDS: Mapping[str, type[Write]] = {
    "create": CreateCode,
    "update": UpdateCode,
    "delete": DeleteCode,
    "replace": ReplaceCode,
    "coupon": CreateCoupon,
    "partner": CreatePartner,
}


def write_for(change: Change, bench: Bench, copy: str = "") -> Write:
    if change.push is not None:
        return PUSHES[change.action, change.side](change, bench)
    return KINDS[change.action](change, bench, copy)
