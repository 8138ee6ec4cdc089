"""The writes of a promotion code that are one request each."""

from collections.abc import Iterable

from connector.engine.change import Seen
from connector.engine.proposals.kept import kept_row, stored_row
from connector.engine.proposals.missing import MISSING_AFTER_REPLACE
from connector.engine.undo import UNDO
from connector.errors import Rejected
from connector.run.preconditions import difference, other_coupon, other_half
from connector.run.write import UNDONE, Reading, Verdict, Write, something_else
from mappings.canonical import FIELDS, Both, Partner, PromoCode, Side, Values, fold
from mappings.fields import shown_person, taken
from state.model import Link, deleted_on


class CodeWrite(Write):
    """What the writes of promotion codes have in common."""

    @property
    def partner(self) -> Partner | None:
        owner = self.want.partner
        return self.shared.person(self.side, owner) if owner else None

    @property
    def seen(self) -> Seen:
        seen = self.change.seen.get(self.side)
        if seen is None:
            raise Rejected(f"{self.change.code} was not seen there", status=404)
        return seen

    @property
    def undone(self) -> bool:
        """Whether this takes back what an earlier run has done."""
        return self.change.reason == UNDO

    @property
    def id_there(self) -> str:
        """The id that the record has on the target by now."""
        return self.shared.written.moved.get((self.side, self.seen.id)) or self.seen.id

    def here(self) -> PromoCode | None:
        """Return the record on the target as it is now."""
        return self.shared.read(self.side, self.id_there)

    def expected(self) -> Values:
        """Return what the target should still hold before this write."""
        return self.shared.written.values.get(
            (self.side, self.id_there), self.seen.values
        )

    def wanted(self) -> Values:
        return self.want.values._replace(code=fold(self.want.written))

    def noted(self, code: PromoCode) -> PromoCode:
        """Remember what this run wrote, so that its next write is not stale."""
        self.shared.written.values[self.side, code.id] = code.values
        return code

    def rebased(self, link: Link) -> Link:
        """Return a link whose base moves in the written fields alone.

        Of the others nobody has verified that both sides agree.
        """
        old, fields = self.shared.link(self.change.key), self.want.fields
        before = old.unset if old else frozenset(FIELDS) - {"code"}
        unset = before | fields if self.undone else before - fields
        if old is None or old.version != link.version:
            return link._replace(unset=unset)
        base = Both.per_side(
            lambda side: taken(link.base.of(side), old.base.of(side), fields)
        )
        return link._replace(base=base, unset=unset)

    def text_taken(self) -> str:
        """Say that the new text of a rename belongs to another code by now, or ""."""
        if "code" not in self.want.fields:
            return ""
        for code in self.writer.find(self.want.written):
            ours = code.id in (self.id_there, self.new_id)
            if not ours and code.values != self.wanted():
                return f"{code.written} is another code on {self.side.label} by now"
        return ""

    def differs(self, code: PromoCode) -> str:
        """Say what the target does not hold any more, and what it holds now."""
        why = difference(self.expected(), code.values)
        return f"{self.change.code} on {self.side.label}: {why}"

    def stale(self, before: Reading) -> str:
        del before
        return self.foreign()

    def foreign(self, fields: Iterable[str] = FIELDS) -> str:
        """Say how the other half differs from what the plan saw there, or ""."""
        return other_half(self.change, self.shared, self.version, fields)


def link_of(side: Side, code: PromoCode, source: Seen, version: str) -> Link:
    """Return the link of a record that now stands on both sides."""
    seen = Seen(code.id, code.values)
    left, right = (seen, source) if side is Side.PARTNERO else (source, seen)
    return Link(
        ids=Both(left.id, right.id),
        base=Both(left.values, right.values),
        written=left.id,
        version=version,
    )


class CreateCode(CodeWrite):
    """A code that the target does not have yet."""

    def look(self) -> Reading:
        codes = self._there()
        if not codes:
            return UNDONE
        other = next((code for code in codes if code.values != self.wanted()), None)
        if other is not None:
            why = difference(self.wanted(), other.values)
            return something_else(f"{other.written} is there: {why}")
        return Reading(Verdict.DONE, link=self._link(self.noted(codes[0])))

    def send(self) -> None:
        kept = kept_row(self.want.kept)
        self.new_id = self.writer.create(self.want, self.partner, kept)

    def _there(self) -> list[PromoCode]:
        if self.new_id is not None:
            made = self.writer.get(self.new_id)
            if made is not None:
                return [made]
        return self.writer.find(self.want.written)

    def stale(self, before: Reading) -> str:
        sends = before.verdict is Verdict.UNDONE
        why = self.foreign()
        if why or not sends:
            return why
        return other_coupon(self.change, self.shared) or self._turned_away()

    def _turned_away(self) -> str:
        """Say why the partner gets no code, where no listing tells it: Tolt's v1."""
        owner = self.want.partner
        if self.side is not Side.TOLT or self.shared.version != "v1" or not owner:
            return ""
        now = self.writer.partner(owner)
        if now is None or not now.inactive:
            return ""
        return f"its partner {shown_person(now)} is {now.inactive} on Tolt"

    def _link(self, code: PromoCode) -> Link | None:
        source = self.change.seen.get(self.side.other)
        if source is None or self.undone:  # what was deleted once waits for a person
            return None
        link = link_of(self.side, code, source, self.version)
        if self.change.reason != MISSING_AFTER_REPLACE:
            return link
        return self.rebased(link)  # what comes back may be as it was


class UpdateCode(CodeWrite):
    """A code of which the target can change some fields."""

    def look(self) -> Reading:
        code = self.here()
        if code is None:
            return something_else(f"{self.change.code} is gone there")
        if all(self._is_there(field, code) for field in self.want.fields):
            return Reading(Verdict.DONE, link=self._moved(self.noted(code)))
        if code.values == self.expected():
            return UNDONE
        return something_else(self.differs(code))

    def send(self) -> None:
        self.writer.update(self.id_there, self.want, self.partner)

    def stale(self, before: Reading) -> str:
        done = before.verdict is Verdict.DONE
        return self.foreign() or ("" if done else self.text_taken())

    def _is_there(self, field: str, code: PromoCode) -> bool:
        """Say whether a field is as wanted; of a text its spelling counts as well."""
        if getattr(code.values, field) != getattr(self.wanted(), field):
            return False
        if field != "code" or code.written.strip() == self.want.written.strip():
            return True
        # A product that spells texts its own way has nevertheless renamed it.
        return self.seen.values.code != code.values.code

    def _moved(self, code: PromoCode) -> Link | None:
        """Return the link with the base of the written fields moved, or taken away."""
        link = self.shared.link(self.change.key)
        source = self.change.seen.get(self.side.other)
        if link is not None and self.undone:
            return link._replace(unset=link.unset | self.want.fields)
        if link is None or source is None or link.version != self.version:
            return None  # the next plan compares both sides anew
        fields = self.want.fields
        now = link_of(self.side, code, source, self.version).base
        base = Both.per_side(
            lambda side: taken(now.of(side), link.base.of(side), fields)
        )
        return link._replace(base=base, unset=link.unset - fields)


class DeleteCode(CodeWrite):
    """A code that a person, or a standing consent, wants gone."""

    def look(self) -> Reading:
        code = self.here()
        if code is None:
            self.shared.written.moved[self.side, self.seen.id] = ""
            return Reading(Verdict.DONE, buried=deleted_on(self.side))
        if code.values != self.expected():
            return something_else(self.differs(code))
        copy = stored_row(self.writer.copy(code.id))
        return Reading(Verdict.UNDONE, copy=copy)

    def stale(self, before: Reading) -> str:
        """Look at the other half, but for one that is to go as well and needs none."""
        wherever = self.change.seen.get(self.side.other) is not None
        if wherever and before.verdict is Verdict.DONE:
            return ""
        return self.foreign()

    def send(self) -> None:
        code = self.here()
        if code is not None:
            self.writer.delete(code)
