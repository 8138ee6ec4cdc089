"""What somebody else does in a dashboard while nobody looks.

An edit is a map: `side`, `action` (a method below), and the action's options. It goes
straight to the data and may do what no API call can: change a coupon, flip `active`,
move a Tolt code to another partner. What a billing integration brings by itself is
an edit too. A sale keeps the partner whose sale it was, whatever moves later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connector.sandbox.partnero_store import (
    Coupon,
    PartneroPartner,
    PromotionCode,
)
from connector.sandbox.seed import Builder
from connector.sandbox.switches import Switches
from connector.sandbox.tolt_store import Code, ToltCustomer, ToltPartner
from connector.sandbox.world import World


class UnknownEdit(ValueError):
    """There is no such edit, or it lacks an option."""


def moments(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are stored: an edit that is JSON holds times as text."""
    read = {"expires": date.fromisoformat, "at": datetime.fromisoformat}
    return {
        name: read[name](value) if name in read and isinstance(value, str) else value
        for name, value in values.items()
    }


def _builder(world: World) -> Builder:
    """A builder that stamps all with the world's present."""
    return Builder(world, start=world.now(), step=timedelta())


@dataclass(frozen=True, slots=True)
class PartneroDashboard:
    """Each method is an edit; partners are named by e-mail."""

    world: World
    switches: Switches

    def _named(self, email: str | None) -> list[tuple[str, str]]:
        """The partners of a code: one, or none."""
        if not email:
            return []
        row = self.world.partnero.partners.named(email)[0]
        return [(row.uid, row.full_name)]

    def create_code(self, code: str, coupon: str, partner: str | None = None) -> None:
        side, now = self.world.partnero, self.world.now()
        owner = side.coupons.named(coupon)[0]
        row = PromotionCode(self.world.new_uid(), now, now, code, owner)
        row.partners = self._named(partner)
        side.add_code(row)

    def delete_code(self, code: str) -> None:
        self.world.partnero.remove_code(self.world.partnero.code(code))

    def set_code(self, code: str, **values: Any) -> None:
        """Any stored field: metadata, expires, redemption_limit, ..."""
        row = self.world.partnero.code(code)
        self.world.partnero.codes.change(row, **moments(values))

    def move_partner(self, code: str, partner: str | None) -> None:
        self.set_code(code, partners=self._named(partner))

    def move_coupon(self, code: str, coupon: str) -> None:
        """Delete it and make it again under another coupon, for the same partner."""
        old, now = self.world.partnero.code(code), self.world.now()
        owner = self.world.partnero.coupons.named(coupon)[0]
        self.world.partnero.remove_code(old)
        row = PromotionCode(self.world.new_uid(), now, now, old.code, owner)
        row.partners = old.partners
        self.world.partnero.add_code(row)

    def create_coupon(self, uuid_code: str, amount: Any, **values: Any) -> None:
        uid, now, paid = self.world.new_uid(), self.world.now(), Decimal(str(amount))
        row = Coupon(uid, now, now, uuid_code, uuid_code, "percent", paid)
        side = self.world.partnero
        side.coupons.change(side.coupons.add(row), **moments(values))

    def set_coupon(self, coupon: str, **values: Any) -> None:
        """Its terms: expires, redemption_limit, duration_type, active, ..."""
        row = self.world.partnero.coupons.named(coupon)[0]
        more = {"updated_at": self.world.now(), **moments(values)}
        self.world.partnero.coupons.change(row, **more)

    def set_discount(self, coupon: str, amount: Any) -> None:
        row = self.world.partnero.coupons.named(coupon)[0]
        row.discount_amount = Decimal(str(amount))
        self.world.partnero.coupons.touch(row, self.world.now())

    def redeem(self, code: str, key: str | None = None) -> None:
        self.world.partnero.code(code).redeem(self.world.now(), key)

    def create_partner(self, email: str, **values: Any) -> None:
        uid, now = self.world.new_uid(), self.world.now()
        row = PartneroPartner(f"prt_{uid}", now, now, email, uid, **values)
        self.world.partnero.partners.add(row)

    def set_partner(self, email: str, **values: Any) -> None:
        """Its e-mail among others; status is a word, approved a flag."""
        row = self.world.partnero.partners.named(email)[0]
        self.world.partnero.partners.change(row, **values)

    def suspend_partner(self, email: str) -> None:
        self.set_partner(email, status="suspended")

    def archive_partner(self, email: str) -> None:
        self.set_partner(email, status="archived")

    def reject_partner(self, email: str) -> None:
        self.set_partner(email, status="rejected", approved=False)

    def erase_partner(self, email: str) -> None:
        """Gone for good; codes stay restricted to somebody without a name."""
        partners = self.world.partnero.partners
        partners.remove(partners.named(email)[0])

    def invite_again(self, email: str) -> None:
        """Erase a partner who then registers anew: the same e-mail, a new id."""
        old = self.world.partnero.partners.named(email)[0]
        self.erase_partner(email)
        self.create_partner(old.email, name=old.name, surname=old.surname)

    def move_customer(self, key: str, partner: str) -> None:
        side = self.world.partnero
        owner = side.partners.named(partner)[0]
        side.customers.change(side.customers.named(key)[0], partner=owner)

    def set_customer(self, key: str, **values: Any) -> None:
        side = self.world.partnero
        side.customers.change(side.customers.named(key)[0], **values)

    def sale(self, code: str, amount: str, key: str | None = None, **more: Any) -> None:
        """A sale that is logged on its code, as by the merchant's own API calls."""
        row, build = self.world.partnero.code(code), _builder(self.world)
        build.sale_left(row, key, amount, **moments(more))

    def sale_counted(self, code: str, amount: str, key: str = "", **more: Any) -> None:
        """A sale of Partnero's own billing integration: counted, paid, not logged."""
        row, build = self.world.partnero.code(code), _builder(self.world)
        build.sale_counted(row, amount, key, **moments(more))

    def amend_sale(self, key: str, amount: str) -> None:
        side = self.world.partnero
        for row in side.transactions.named(key):
            row.amount, share = Decimal(amount), side.commission_percent / 100
            row.rewards = [row.amount * share] if row.rewards else []

    def archive_sale(self, key: str) -> None:
        for row in self.world.partnero.transactions.named(key):
            row.deleted_at = self.world.now()

    def delete_sale(self, key: str) -> None:
        for row in self.world.partnero.transactions.named(key):
            self.world.partnero.transactions.remove(row)

    def refund(self, key: str) -> None:
        """Deleting the sale is the documented way."""
        self.delete_sale(key)


@dataclass(frozen=True, slots=True)
class ToltDashboard:
    """Each method is an edit; partners are named by e-mail."""

    world: World
    switches: Switches

    def create_code(self, code: str, partner: str, value: Any = 10) -> None:
        side, now = self.world.tolt, self.world.now()
        owner = side.partners.named(partner)[0]
        row = Code(self.world.new_uid(), now, now, owner.program, code, owner)
        row.type, row.value = "percentage", Decimal(str(value))
        side.codes.add(row)

    def delete_code(self, code: str) -> None:
        self.world.tolt.codes.remove(self.world.tolt.codes_named(code)[0])

    def set_code(self, code: str, *, quietly: bool = False, **values: Any) -> None:
        """Any stored field; `quietly` leaves updated_at as it was."""
        row = self.world.tolt.codes_named(code)[0]
        if "value" in values:
            values["value"] = Decimal(str(values["value"]))
        at = row.updated_at if quietly else self.world.now()
        self.world.tolt.codes.change(row, updated_at=at, **values)

    def rename_code(self, code: str, to: str) -> None:
        row = self.world.tolt.codes_named(code)[0]
        self.world.tolt.codes.change(row, updated_at=self.world.now(), code=to)

    def blank_code(self, code: str) -> None:
        """The row stays, and has no text any more."""
        row = self.world.tolt.codes_named(code)[0]
        self.world.tolt.codes.change(row, updated_at=self.world.now(), code=None)

    def flip_active(self, code: str) -> None:
        active = not self.world.tolt.codes_named(code)[0].active
        quietly = not self.switches.tolt_active_bumps
        self.set_code(code, quietly=quietly, active=active)

    def move_partner(self, code: str, partner: str) -> None:
        self.set_code(code, partner=self.world.tolt.partners.named(partner)[0])

    def create_partner(self, email: str, **values: Any) -> None:
        side, uid, now = self.world.tolt, self.world.new_uid(), self.world.now()
        side.partners.add(ToltPartner(uid, now, now, side.program, email, **values))

    def set_partner(self, email: str, **values: Any) -> None:
        row = self.world.tolt.partners.named(email)[0]
        now = self.world.now()
        self.world.tolt.partners.change(row, updated_at=now, **values)

    def suspend_partner(self, email: str) -> None:
        self.set_partner(email, status="suspended")

    def reject_partner(self, email: str) -> None:
        self.set_partner(email, status="rejected")

    def erase_partner(self, email: str) -> None:
        """Gone for good; codes and customers go on naming the id."""
        partners = self.world.tolt.partners
        partners.remove(partners.named(email)[0])

    def invite_again(self, email: str) -> None:
        """Erase a partner who then registers anew: the same e-mail, a new id."""
        old = self.world.tolt.partners.named(email)[0]
        names = {"first_name": old.first_name, "last_name": old.last_name}
        self.erase_partner(email)
        self.create_partner(old.email, **names)

    def _customer(self, name: str) -> ToltCustomer:
        """By e-mail, or by the merchant's number."""
        table = self.world.tolt.customers
        return (table.named(name) or [c for c in table if c.customer_id == name])[0]

    def set_customer(self, customer: str, **values: Any) -> None:
        self.world.tolt.customers.change(self._customer(customer), **values)

    def move_customer(self, customer: str, partner: str) -> None:
        owner = self.world.tolt.partners.named(partner)[0]
        self.set_customer(customer, partner=owner, updated_at=self.world.now())

    def sale(
        self, code: str, amount: int, charge_id: str | None = None, **more: Any
    ) -> None:
        """A sale as a billing integration brings it, with its commission."""
        row, build = self.world.tolt.codes_named(code)[0], _builder(self.world)
        build.sale_right(row, charge_id, amount, **moments(more))

    def amend_sale(self, charge_id: str, amount: int) -> None:
        side, now = self.world.tolt, self.world.now()
        for row in side.transactions.named(charge_id):
            side.transactions.change(row, updated_at=now, amount=amount)

    def delete_sale(self, charge_id: str) -> None:
        side = self.world.tolt
        for row in side.transactions.named(charge_id):
            for entry in [one for one in side.commissions if one.transaction is row]:
                side.commissions.remove(entry)
            side.transactions.remove(row)

    def refund(self, charge_id: str) -> None:
        for row in self.world.tolt.transactions.named(charge_id):
            self.world.tolt.refund(row, self.world.now())


DASHBOARDS = {"partnero": PartneroDashboard, "tolt": ToltDashboard}


def apply(world: World, switches: Switches, edit: Mapping[str, Any]) -> None:
    """Carry out one edit under the world's lock."""
    options = dict(edit)
    side, action = options.pop("side", ""), options.pop("action", "")
    with world.lock:
        try:
            getattr(DASHBOARDS[side](world, switches), action)(**options)
        except (TypeError, KeyError, AttributeError, IndexError) as why:
            raise UnknownEdit(f"{side} {action} {options}: {why!r}") from why
