"""What somebody else does in a dashboard while nobody looks.

An edit is a map: `side`, `action` (a method below), and the action's options. It goes
straight to the data and may do what no API call can: change a coupon, flip `active`,
move a Tolt code to another partner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connector.sandbox.partnero_store import PartneroPartner, PromotionCode
from connector.sandbox.switches import Switches
from connector.sandbox.tolt_store import Code, ToltPartner
from connector.sandbox.world import World


class UnknownEdit(ValueError):
    """There is no such edit, or it lacks an option."""


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
        if isinstance(values.get("expires"), str):
            values["expires"] = date.fromisoformat(values["expires"])
        self.world.partnero.codes.change(self.world.partnero.code(code), **values)

    def move_partner(self, code: str, partner: str) -> None:
        self.set_code(code, partners=self._named(partner))

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

    def refund(self, key: str) -> None:
        for row in self.world.partnero.transactions.named(key):
            self.world.partnero.transactions.remove(row)


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

    def flip_active(self, code: str) -> None:
        active = not self.world.tolt.codes_named(code)[0].active
        quietly = not self.switches.tolt_active_bumps
        self.set_code(code, quietly=quietly, active=active)

    def move_partner(self, code: str, partner: str) -> None:
        self.set_code(code, partner=self.world.tolt.partners.named(partner)[0])

    def create_partner(self, email: str, **values: Any) -> None:
        side, uid, now = self.world.tolt, self.world.new_uid(), self.world.now()
        side.partners.add(ToltPartner(uid, now, now, side.program, email, **values))

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
