"""The writes of what codes need first: a coupon to hang on, a partner to be paid."""

from connector.errors import Rejected
from connector.run.write import UNDONE, Reading, Verdict, Write, something_else
from mappings.canonical import Partner, mask


class CreateCoupon(Write):
    """The coupon under which new codes will hang."""

    def look(self) -> Reading:
        want, there = self.want, None
        if want.discount is not None:
            duration = want.duration or ""
            there = self.shared.writers.coupons.has_coupon(
                want.written, want.discount, duration
            )
        if there is None:
            return UNDONE
        if there:
            return Reading(Verdict.DONE)
        return something_else(f"coupon {want.written} exists with other values")

    def send(self) -> None:
        if self.want.discount is None:
            raise Rejected("no discount is wanted", status=400)
        self.shared.writers.coupons.create_coupon(
            self.want.discount, self.want.duration or ""
        )


class CreatePartner(Write):
    """A partner who is missing on the target, where the config asks for creating."""

    def look(self) -> Reading:
        made = self.writer.partner(self.new_id) if self.new_id else None
        email = self._person().email
        if email is None:
            return something_else("their e-mail is not told")
        people = [made] if made else self.writer.find_partner(email)
        if not people:
            return UNDONE
        if len(people) > 1:
            who = mask(people[0].email)
            return something_else(f"{who} is there {len(people)} times")
        return Reading(Verdict.DONE, made=people[0].id)

    def send(self) -> None:
        person = self._person()
        self.new_id = self.writer.create_partner(person.email or "", person.name)

    def _person(self) -> Partner:
        return self.shared.person(self.side.other, self.want.partner or "")
