"""The kinds of remote write that are one request each."""

from connector.engine import words
from connector.engine.kept import kept_row, stored_row
from connector.errors import Rejected
from connector.run.write import (
    UNDONE,
    CodeWrite,
    Look,
    Verdict,
    Write,
    difference,
    link_of,
)
from mappings.canonical import Both, Partner, PromoCode, Side, mask
from state.model import Link


class CreateCode(CodeWrite):
    """A code that the target does not have yet."""

    def look(self) -> Look:
        found = self._found()
        if not found:
            return UNDONE
        other = next((code for code in found if code.values != self.wanted()), None)
        if other is not None:
            told = difference(self.wanted(), other.values)
            return Look(Verdict.OTHER, f"{other.written} is there: {told}")
        return Look(Verdict.DONE, link=self._link(self.noted(found[0])))

    def send(self) -> None:
        kept = kept_row(self.want.kept)
        self.new_id = self.writer.create(self.want, self.partner, kept)

    def _found(self) -> list[PromoCode]:
        if self.new_id is not None:
            made = self.writer.get(self.new_id)
            if made is not None:
                return [made]
        return self.writer.find(self.want.written)

    def stale(self, before: Look) -> str:
        sends = before.verdict is Verdict.UNDONE
        return self.foreign() or (
            self.other_coupon() or self._turned_away() if sends else ""
        )

    def _turned_away(self) -> str:
        """Say why the partner gets no code, where no listing tells it: Tolt's v1."""
        owner = self.want.partner
        if self.side is not Side.TOLT or self.bench.version != "v1" or not owner:
            return ""
        now = self.writer.partner(owner)
        if now is None or not now.inactive:
            return ""
        return f"its partner {words.person(now)} is {now.inactive} on Tolt"

    def _link(self, got: PromoCode) -> Link | None:
        source = self.change.seen.get(self.side.other)
        if source is None or self.undone:  # what was deleted once waits for a person
            return None
        link = link_of(self.side, got, source, self.version)
        if self.change.reason != "missing_after_replace":
            return link
        return self.rebased(link)  # what comes back may be as it was


class UpdateCode(CodeWrite):
    """A code of which the target can change some fields."""

    def look(self) -> Look:
        got = self.here()
        if got is None:
            return Look(Verdict.OTHER, f"{self.change.code} is gone there")
        if all(self._is_there(field, got) for field in self.want.fields):
            return Look(Verdict.DONE, link=self._moved(self.noted(got)))
        if got.values == self.expected():
            return UNDONE
        return Look(Verdict.OTHER, self.differs(got))

    def send(self) -> None:
        self.writer.update(self.id_there, self.want, self.partner)

    def stale(self, before: Look) -> str:
        done = before.verdict is Verdict.DONE
        return self.foreign() or ("" if done else self.text_taken())

    def _is_there(self, field: str, got: PromoCode) -> bool:
        """Say whether a field is as wanted; of a text its spelling counts as well."""
        if getattr(got.values, field) != getattr(self.wanted(), field):
            return False
        if field != "code" or got.written.strip() == self.want.written.strip():
            return True
        # A product that spells texts its own way has nevertheless renamed it.
        return self.seen.values.code != got.values.code

    def _moved(self, got: PromoCode) -> Link | None:
        """Return the link with the base of the written fields moved, or taken away."""
        link = self.bench.link(self.change.key)
        source = self.change.seen.get(self.side.other)
        if link is not None and self.undone:
            return link._replace(unset=link.unset | self.want.fields)
        if link is None or source is None or link.version != self.version:
            return None  # the next plan compares both sides anew
        ours = {f: getattr(got.values, f) for f in self.want.fields}
        theirs = {f: getattr(source.values, f) for f in self.want.fields}
        left, right = (ours, theirs) if self.side is Side.PARTNERO else (theirs, ours)
        base = Both(link.base.left._replace(**left), link.base.right._replace(**right))
        return link._replace(base=base, unset=link.unset - self.want.fields)


class DeleteCode(CodeWrite):
    """A code that a person, or a standing consent, wants gone."""

    def look(self) -> Look:
        got = self.here()
        if got is None:
            self.bench.moved[self.side, self.seen.id] = ""
            return Look(Verdict.DONE, buried=f"deleted on {self.side.label}")
        if got.values != self.expected():
            return Look(Verdict.OTHER, self.differs(got))
        copy = stored_row(self.writer.copy(got.id))
        return Look(Verdict.UNDONE, copy=copy)

    def stale(self, before: Look) -> str:
        """Look at the other half, but for one that is to go as well and needs none."""
        wherever = self.change.seen.get(self.side.other) is not None
        if wherever and before.verdict is Verdict.DONE:
            return ""
        return self.foreign()

    def send(self) -> None:
        got = self.here()
        if got is not None:
            self.writer.delete(got)


class CreateCoupon(Write):
    """The coupon under which new codes will hang."""

    def look(self) -> Look:
        want, there = self.want, None
        if want.discount is not None:
            duration = want.duration or ""
            there = self.writer.has_coupon(want.written, want.discount, duration)
        if there is None:
            return UNDONE
        told = "" if there else f"coupon {want.written} exists with other values"
        return Look(Verdict.DONE if there else Verdict.OTHER, told)

    def send(self) -> None:
        if self.want.discount is None:
            raise Rejected("no discount is wanted", status=400)
        self.writer.create_coupon(self.want.discount, self.want.duration or "")


class CreatePartner(Write):
    """A partner who is missing on the target, where the config asks for creating."""

    def look(self) -> Look:
        made = self.writer.partner(self.new_id) if self.new_id else None
        email = self._person().email
        if email is None:
            return Look(Verdict.OTHER, "their e-mail is not told")
        found = [made] if made else self.writer.find_partner(email)
        if not found:
            return UNDONE
        if len(found) > 1:
            told = f"{mask(found[0].email)} is there {len(found)} times"
            return Look(Verdict.OTHER, told)
        return Look(Verdict.DONE, made=found[0].id)

    def send(self) -> None:
        person = self._person()
        self.new_id = self.writer.create_partner(person.email or "", person.name)

    def _person(self) -> Partner:
        return self.bench.person(self.side.other, self.want.partner or "")
