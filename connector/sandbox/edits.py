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

from starlette.datastructures import QueryParams

from connector.sandbox import tolt as tolt_rules
from connector.sandbox.partnero_store import PartneroPartner, PromotionCode, Redeemed
from connector.sandbox.switches import Switches
from connector.sandbox.table import fold
from connector.sandbox.tolt_store import Code, ToltPartner
from connector.sandbox.wire import Call
from connector.sandbox.world import World


class UnknownEdit(ValueError):
    """There is no such edit, or it lacks an option."""


# --- Partnero ---------------------------------------------------------------------


def _left_partner(world: World, email: str | None) -> PartneroPartner | None:
    return world.partnero.partners_by_email[fold(email)] if email else None


def _bind(code: PromotionCode, partner: PartneroPartner | None) -> None:
    code.limit_to_partner = partner is not None
    code.partners = [(partner.uid, partner.full_name)] if partner else []


def left_create(
    world: World, switches: Switches, code: str, coupon: str, partner: str | None = None
) -> None:
    owner, now = world.partnero.coupons_by_uuid[coupon], world.now()
    row = PromotionCode(world.new_uid(), now, now, code, owner)
    _bind(row, _left_partner(world, partner))
    world.partnero.add_code(row)


def left_delete(world: World, switches: Switches, code: str) -> None:
    world.partnero.remove_code(world.partnero.code(code))


def left_rename(world: World, switches: Switches, code: str, to: str) -> None:
    row = world.partnero.code(code)
    world.partnero.remove_code(row)
    row.code = to
    world.partnero.add_code(row)


def left_set(world: World, switches: Switches, code: str, **values: Any) -> None:
    """Any stored field of a code: metadata, expires, redemption_limit, ..."""
    row = world.partnero.code(code)
    if isinstance(values.get("expires"), str):
        values["expires"] = date.fromisoformat(values["expires"])
    if values.get("minimum_order") is not None:
        values["minimum_order"] = Decimal(str(values["minimum_order"]))
    for name, value in values.items():
        setattr(row, name, value)


def left_move(world: World, switches: Switches, code: str, partner: str | None) -> None:
    _bind(world.partnero.code(code), _left_partner(world, partner))


def left_discount(world: World, switches: Switches, coupon: str, amount: Any) -> None:
    row = world.partnero.coupons_by_uuid[coupon]
    row.discount_amount = Decimal(str(amount))
    world.partnero.coupons.touch(row, world.now())


def left_redeem(
    world: World, switches: Switches, code: str, key: str | None = None
) -> None:
    row = world.partnero.code(code)
    row.redemptions.append(Redeemed(world.now(), key))
    row.times_redeemed += 1


def left_partner(
    world: World, switches: Switches, email: str, name: str = "", surname: str = ""
) -> None:
    uid, now = world.new_uid(), world.now()
    row = PartneroPartner(f"prt_{uid}", now, now, email, uid, name, surname)
    world.partnero.add_partner(row)


def left_email(world: World, switches: Switches, email: str, to: str) -> None:
    row = world.partnero.partners_by_email.pop(fold(email))
    row.email = to
    world.partnero.partners_by_email[fold(to)] = row


def left_refund(world: World, switches: Switches, key: str) -> None:
    for row in list(world.partnero.transactions_by_key[key]):
        world.partnero.remove_transaction(row)


# --- Tolt -------------------------------------------------------------------------


def _right_partner(world: World, email: str) -> ToltPartner:
    rows = world.tolt.partners.rows.values()
    return next(row for row in rows if fold(row.email) == fold(email))


def _right(world: World, code: str, owner: str | None) -> Code:
    """The exact spelling wins; `owner` (an e-mail) tells twins apart."""
    rows = world.tolt.codes_named(code)
    if owner:
        rows = [row for row in rows if row.partner and row.partner.email == owner]
    return next((row for row in rows if row.code == code), rows[0])


def right_create(
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
    world.tolt.add_code(row)


def right_delete(
    world: World, switches: Switches, code: str, owner: str | None = None
) -> None:
    world.tolt.remove_code(_right(world, code, owner))


def right_rename(
    world: World, switches: Switches, code: str, to: str, owner: str | None = None
) -> None:
    row = _right(world, code, owner)
    world.tolt.rename_code(row, to)
    world.tolt.codes.touch(row, world.now())


def right_set(
    world: World,
    switches: Switches,
    code: str,
    owner: str | None = None,
    *,
    quietly: bool = False,
    **values: Any,
) -> None:
    """Any stored field; `quietly` leaves updated_at as it was."""
    row = _right(world, code, owner)
    for name, value in values.items():
        setattr(row, name, Decimal(str(value)) if name == "value" else value)
    if not quietly:
        world.tolt.codes.touch(row, world.now())


def right_flip(
    world: World, switches: Switches, code: str, owner: str | None = None
) -> None:
    row = _right(world, code, owner)
    row.active = not row.active
    if switches.tolt_active_bumps:
        world.tolt.codes.touch(row, world.now())


def right_move(
    world: World, switches: Switches, code: str, partner: str, owner: str | None = None
) -> None:
    row = _right(world, code, owner)
    row.partner = _right_partner(world, partner)
    world.tolt.codes.touch(row, world.now())


def right_partner(world: World, switches: Switches, email: str, **values: Any) -> None:
    organization, now = world.tolt, world.now()
    row = ToltPartner(world.new_uid(), now, now, organization.program, email)
    for name, value in values.items():
        setattr(row, name, value)
    organization.partners.add(row)


def right_email(world: World, switches: Switches, email: str, to: str) -> None:
    row = _right_partner(world, email)
    row.email = to
    world.tolt.partners.touch(row, world.now())


def right_refund(world: World, switches: Switches, charge_id: str) -> None:
    call = _call(world, switches)
    for row in list(world.tolt.transactions):
        if row.charge_id == charge_id and row.status != "refunded":
            tolt_rules.refund(call, row)


def right_pay_out(world: World, switches: Switches) -> None:
    """The dashboard marks every pending commission as paid."""
    for row in world.tolt.commissions.rows.values():
        row.status = "paid" if row.status == "pending" else row.status


def _call(world: World, switches: Switches) -> tolt_rules.TCall:
    query = QueryParams()
    now = world.now()
    return Call("tolt_v2", world.tolt, world, switches, "", "", {}, query, {}, now)


Edit = Callable[..., None]
EDITS: dict[tuple[str, str], Edit] = {
    ("partnero", "create_code"): left_create,
    ("partnero", "delete_code"): left_delete,
    ("partnero", "rename_code"): left_rename,
    ("partnero", "set_code"): left_set,
    ("partnero", "move_partner"): left_move,
    ("partnero", "set_discount"): left_discount,
    ("partnero", "redeem"): left_redeem,
    ("partnero", "create_partner"): left_partner,
    ("partnero", "set_email"): left_email,
    ("partnero", "refund"): left_refund,
    ("tolt", "create_code"): right_create,
    ("tolt", "delete_code"): right_delete,
    ("tolt", "rename_code"): right_rename,
    ("tolt", "set_code"): right_set,
    ("tolt", "flip_active"): right_flip,
    ("tolt", "move_partner"): right_move,
    ("tolt", "create_partner"): right_partner,
    ("tolt", "set_email"): right_email,
    ("tolt", "refund"): right_refund,
    ("tolt", "pay_out"): right_pay_out,
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
        except (TypeError, KeyError, StopIteration, AttributeError, IndexError) as why:
            raise UnknownEdit(f"{side} {action} {options}: {why!r}") from why
