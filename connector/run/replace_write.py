"""A new code in place of an old one, where the target cannot change a field."""

from dataclasses import dataclass

from connector.engine.acts import Want
from connector.engine.proposals.kept import coupon_of, kept_row, stored_row
from connector.engine.proposals.lost import lost_terms
from connector.engine.proposals.replaceable import why_not_replaceable
from connector.errors import Rejected, Uncertain
from connector.run.code_writes import CodeWrite, link_of
from connector.run.preconditions import other_coupon
from connector.run.write import Reading, Verdict, something_else
from mappings.canonical import FIELDS, PromoCode, Side, fold
from mappings.capability import CAPABILITIES
from mappings.partnero import (
    SEVERAL,
    UNNAMED,
)
from mappings.partnero_bodies import (
    encode_create,
)
from mappings.wire import Malformed
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
    taken: bool = False
    old: PromoCode | None = None

    def look(self) -> Reading:
        new, old = self._new(), self._old()
        if new is not None and old is None:
            self.shared.written.moved[self.side, self.seen.id] = new.id
            return Reading(Verdict.DONE, link=self._link(self.noted(new)))
        if old is None:
            return self._absent()
        if old.values != self.expected():
            return something_else(self.differs(old))
        self.old = old
        self.copy = self.copy or stored_row(self.writer.copy(old.id))
        return Reading(Verdict.UNDONE if new is None else Verdict.HALF, copy=self.copy)

    def _absent(self) -> Reading:
        """Tell our own gap, to be closed at once, from what somebody else deleted."""
        if not self.copy:
            return something_else(f"{self.change.code} is gone there")
        # A new one whose answer was lost may only be slow to show.
        return Reading(
            Verdict.UNDONE if self.creating else Verdict.HALF, copy=self.copy
        )

    def stale(self, before: Reading) -> str:
        """Look at the other half, and prove that nothing is taken away in vain."""
        if why := self.foreign(self.want.fields if self.taken else FIELDS):
            return why
        if before.verdict is Verdict.DONE or self.taken:
            return ""
        if why := other_coupon(self.change, self.shared):
            return why
        why = self.text_taken() if self._stand_together() else self._why_not()
        why = why or self._lost_besides()
        return f"{self.change.code} was not replaced: {why}" if why else ""

    def _lost_besides(self) -> str:
        """Say what else would be lost than was named: a listing may be mistaken.

        It is the coupon that the row itself names whose terms go.
        """
        old, want = self.old, self.want
        if self.side is not Side.PARTNERO or old is None or self.undone:
            return ""
        hangs = old.carried.coupon
        new = self.shared.coupon(want.coupon) if want.coupon else None
        if hangs == want.coupon or new is None:
            return ""
        terms = lost_terms(self.shared.coupon(hangs) if hangs else None, new)
        besides = [term for term in terms if term not in self.change.lost]
        return f"it would also lose {', '.join(besides)}" if besides else ""

    def _why_not(self) -> str:
        """Say why the new one could not be made, or the old one not be put back."""
        old, want = self.old, self.want
        if old is None:
            return "it is gone there"
        try:
            for new in (want, self._former(old)):
                encode_create(new.written, new.coupon or "", None, kept_row(self.copy))
        except Malformed as error:
            return f"its restrictions cannot be carried over: {error}"
        owners = {want.partner, old.values.partner} - {None, UNNAMED}
        partners = {
            owner: self.writer.partner(owner)
            for owner in sorted(filter(None, owners))
            if SEVERAL not in owner
        }
        named = sorted(filter(None, {want.coupon, old.carried.coupon}))
        coupons = {uuid: self.shared.coupon(uuid) for uuid in named}
        can = CAPABILITIES["partnero"]
        return why_not_replaceable(old, want, partners, coupons, can)

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
            why = f"{self.change.code} was edited meanwhile; it was not deleted"
            raise Rejected(why, status=412)
        self.writer.delete(old)
        self.taken = True

    def resume(self) -> None:
        """Go on from the middle: the old one is gone, or both are there."""
        new, old = self._new(), self._old()
        if (new is None) != (old is None):
            return
        self.taken = old is None
        if why := self.foreign(self.want.fields):
            raise Rejected(f"it was not gone on with: {why}", status=412)
        self.send()

    def rescue(self) -> str:
        """Make the old code anew where the refused new one left nothing at all."""
        if self._stand_together():
            return self._both_there()
        if not self.copy or self._new() or self._old():
            return ""
        old, owner = self._former(self.old), self.seen.values.partner
        person = self.shared.person(self.side, owner) if owner else None
        try:
            self.writer.create(old, person, kept_row(self.copy))
        except Uncertain:
            if self._old() is None:
                raise
        return "; the old code was put back (its counter and log are lost)"

    def _both_there(self) -> str:
        """Say that the new one came and the old one did not go: two would count."""
        new, old = self._new(), self._old()
        if new is None or old is None:
            return ""
        where, code = self.side.label, self.change.code
        both = f"the new code ({new.id}) and the old one ({old.id}) of {code}"
        return f"; {where} has {both} now: remove one of them there"

    def _former(self, old: PromoCode | None) -> Want:
        """Return what the old code was, to be made again."""
        text = old.written if old else self.seen.id
        return self.want._replace(
            values=self.seen.values._replace(code=text),
            coupon=coupon_of(kept_row(self.copy)),
        )

    def _stand_together(self) -> bool:
        """Say whether old and new can be there at the same time."""
        if self.side is Side.TOLT:
            return True
        return fold(self.want.written) != fold(self.seen.id)

    def _new(self) -> PromoCode | None:
        codes = self.writer.find(self.want.written)
        return next((code for code in codes if code.values == self.wanted()), None)

    def _old(self) -> PromoCode | None:
        code = self.here()
        same = code is not None and code.values == self.wanted()
        return None if same else code

    def _link(self, new: PromoCode) -> Link | None:
        source = self.change.seen.get(self.side.other)
        if source is None:
            return None
        return self.rebased(link_of(self.side, new, source, self.version))
