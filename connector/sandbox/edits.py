"""What somebody else does in a dashboard while nobody looks.

An edit is a map: `side`, `action`, and the action's options. It goes straight to the
data and may do what no API call can: rename a Partnero code, flip `active`, move a
code to another partner.
"""

import difflib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connector.sandbox.partnero_store import PartneroPartner, PromotionCode, Redeemed
from connector.sandbox.switches import Switches
from connector.sandbox.tolt_store import Code, ToltPartner
from connector.sandbox.tolt_writes import take_back
from connector.sandbox.wire import Call
from connector.sandbox.world import World


class UnknownEdit(ValueError):
    """There is no such edit, or it lacks an option."""


# --- Partnero ---------------------------------------------------------------------


def _references(world: World, email: str | None) -> list[tuple[str, str]]:
    """The partners of a code: one, or none."""
    if not email:
        return []
    row = world.partnero.partners.named(email)[0]
    return [(row.uid, row.full_name)]


def _left_create(
    world: World, switches: Switches, code: str, coupon: str, partner: str | None = None
) -> None:
    owner, now = world.partnero.coupons.named(coupon)[0], world.now()
    row = PromotionCode(world.new_uid(), now, now, code, owner)
    row.partners = _references(world, partner)
    world.partnero.add_code(row)


def _left_change(world: World, code: str, /, **values: Any) -> None:
    """Any stored field of a code: metadata, expires, redemption_limit, ..."""
    if isinstance(values.get("expires"), str):
        values["expires"] = date.fromisoformat(values["expires"])
    if values.get("minimum_order") is not None:
        values["minimum_order"] = Decimal(str(values["minimum_order"]))
    world.partnero.codes.change(world.partnero.code(code), **values)


def _left_discount(world: World, switches: Switches, coupon: str, amount: Any) -> None:
    coupons, amount = world.partnero.coupons, Decimal(str(amount))
    row = coupons.named(coupon)[0]
    coupons.change(row, updated_at=world.now(), discount_amount=amount)


def _left_redeem(
    world: World, switches: Switches, code: str, key: str | None = None
) -> None:
    row = world.partnero.code(code)
    row.redemptions.append(Redeemed(world.now(), key))
    row.times_redeemed += 1


def _left_partner(world: World, switches: Switches, email: str, **values: Any) -> None:
    uid, now = world.new_uid(), world.now()
    row = PartneroPartner(f"prt_{uid}", now, now, email, uid, **values)
    world.partnero.partners.add(row)


def _left_email(world: World, switches: Switches, email: str, to: str) -> None:
    partners = world.partnero.partners
    partners.change(partners.named(email)[0], email=to)


def _left_refund(world: World, switches: Switches, key: str) -> None:
    for row in world.partnero.transactions.named(key):
        world.partnero.transactions.remove(row)


# --- Tolt -------------------------------------------------------------------------


def _right_partner(world: World, email: str) -> ToltPartner:
    return world.tolt.partners.named(email)[0]


def _right_code(world: World, code: str, owner: str | None) -> Code:
    """The exact spelling wins; `owner` (an e-mail) tells twins apart."""
    rows = world.tolt.codes_named(code)
    if owner:
        rows = [row for row in rows if row.partner and row.partner.email == owner]
    return rows[0]


def _right_create(
    world: World,
    switches: Switches,
    code: str,
    partner: str,
    *,
    kind: str = "percentage",
    value: Any = 10,
) -> None:
    """Add a code; `value` is as stored: percent, or minor units."""
    owner, now = _right_partner(world, partner), world.now()
    row = Code(world.new_uid(), now, now, owner.program, code, owner)
    row.type, row.value, row.duration = kind, Decimal(str(value)), "forever"
    world.tolt.codes.add(row)


def _right_change(
    world: World,
    code: str,
    owner: str | None,
    /,
    *,
    quietly: bool = False,
    **values: Any,
) -> None:
    """Any stored field; `quietly` leaves updated_at as it was."""
    row = _right_code(world, code, owner)
    if "value" in values:
        values["value"] = Decimal(str(values["value"]))
    at = row.updated_at if quietly else world.now()
    world.tolt.codes.change(row, updated_at=at, **values)


def _right_flip(
    world: World, switches: Switches, code: str, owner: str | None = None
) -> None:
    active, quietly = (
        not _right_code(world, code, owner).active,
        not switches.tolt_active_bumps,
    )
    _right_change(world, code, owner, quietly=quietly, active=active)


def _right_partner_made(
    world: World, switches: Switches, email: str, **values: Any
) -> None:
    uid, now, program = world.new_uid(), world.now(), world.tolt.program
    world.tolt.partners.add(ToltPartner(uid, now, now, program, email, **values))


def _right_email(world: World, switches: Switches, email: str, to: str) -> None:
    row = _right_partner(world, email)
    world.tolt.partners.change(row, updated_at=world.now(), email=to)


def _right_refund(world: World, switches: Switches, charge_id: str) -> None:
    call = Call(world.tolt, world, switches, world.now())
    for row in world.tolt.transactions.named(charge_id):
        if row.status != "refunded":
            take_back(call, row)


def _right_pay_out(world: World, switches: Switches) -> None:
    """The dashboard marks every pending commission as paid."""
    for row in world.tolt.commissions:
        row.status = "paid" if row.status == "pending" else row.status


EDITS: dict[tuple[str, str], Callable[..., None]] = {
    ("partnero", "create_code"): _left_create,
    ("partnero", "delete_code"): lambda world, switches, code: (
        world.partnero.remove_code(world.partnero.code(code))
    ),
    ("partnero", "rename_code"): lambda world, switches, code, to: _left_change(
        world, code, code=to
    ),
    ("partnero", "set_code"): lambda world, switches, code, **values: _left_change(
        world, code, **values
    ),
    ("partnero", "move_partner"): lambda world, switches, code, partner: _left_change(
        world, code, partners=_references(world, partner)
    ),
    ("partnero", "set_discount"): _left_discount,
    ("partnero", "redeem"): _left_redeem,
    ("partnero", "create_partner"): _left_partner,
    ("partnero", "set_email"): _left_email,
    ("partnero", "refund"): _left_refund,
    ("tolt", "create_code"): _right_create,
    ("tolt", "delete_code"): lambda world, switches, code, owner=None: (
        world.tolt.codes.remove(_right_code(world, code, owner))
    ),
    ("tolt", "rename_code"): lambda world, switches, code, to, owner=None: (
        _right_change(world, code, owner, code=to)
    ),
    ("tolt", "set_code"): lambda world, switches, code, owner=None, **values: (
        _right_change(world, code, owner, **values)
    ),
    ("tolt", "flip_active"): _right_flip,
    ("tolt", "move_partner"): lambda world, switches, code, partner, owner=None: (
        _right_change(world, code, owner, partner=_right_partner(world, partner))
    ),
    ("tolt", "create_partner"): _right_partner_made,
    ("tolt", "set_email"): _right_email,
    ("tolt", "refund"): _right_refund,
    ("tolt", "pay_out"): _right_pay_out,
}


def apply(world: World, switches: Switches, edit: Mapping[str, Any]) -> None:
    """Carry out one edit under the world's lock."""
    options = dict(edit)
    side, action = options.pop("side", ""), options.pop("action", "")
    do = EDITS.get((side, action))
    if do is None:
        names = [" ".join(pair) for pair in EDITS]
        near = difflib.get_close_matches(f"{side} {action}", names, 1, 0.0)[0]
        raise UnknownEdit(f"no edit {side} {action}; the nearest is {near}")
    with world.lock:
        try:
            do(world, switches, **options)
        except (TypeError, KeyError, AttributeError, IndexError) as why:
            raise UnknownEdit(f"{side} {action} {options}: {why!r}") from why
