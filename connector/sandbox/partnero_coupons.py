"""Coupons on the Partnero stand-in: the discount that codes hang on.

A coupon's discount never changes after it was made, and a deleted coupon is only
marked as deleted; both as documented.
"""

from typing import Any

from connector.sandbox.partnero import (
    IDENTIFIER,
    PCall,
    created,
    date_of,
    flag_of,
    invalid,
    map_of,
    not_found,
    number_of,
    one,
    page,
    required,
    text_of,
    whole_of,
)
from connector.sandbox.partnero_codes import (
    build_code,
    by_path,
    may_redeem,
    needed,
    redeem,
    show_coupon,
    show_listed_code,
)
from connector.sandbox.partnero_store import Coupon, Programme
from connector.sandbox.table import fold
from connector.sandbox.wire import Handler, Reply

DURATIONS = ("once", "hours", "days", "months", "years", "lifetime")


def _show_listed_coupon(call: PCall, coupon: Coupon) -> dict[str, Any]:
    embed = call.switches.partnero_embed_codes
    codes = coupon.codes.values() if embed else ()
    rows = [show_listed_code(call, code) for code in codes]
    return {**show_coupon(call, coupon), "promotion_codes": {"data": rows}}


def _synchronization(call: PCall, coupon: Coupon) -> dict[str, Any]:
    on = coupon.synchronized or call.switches.partnero_synchronized
    return {
        "synchronization_enabled": on,
        "synchronization_successful": on,
        "synchronization_message": "",
    }


def list_coupons(call: PCall) -> Reply:
    live = call.owner.coupons
    if any(coupon.deleted_at for coupon in live.rows.values()):
        return page(call, [c for c in live if not c.deleted_at], _show_listed_coupon)
    return page(call, live, _show_listed_coupon)


def _find_coupon(call: PCall, uuid_code: str | None) -> Coupon:
    coupon = call.owner.coupons_by_uuid.get(uuid_code or "")
    if coupon is None or coupon.deleted_at:
        raise not_found("Coupon")
    return coupon


def get_coupon(call: PCall) -> Reply:
    return one(show_coupon(call, _find_coupon(call, call.path["uuid_code"])))


def create_coupon(call: PCall) -> Reply:
    source = call.fields
    if call.switches.partnero_active_required and "active" not in source:
        raise required("active")
    if map_of(source, "sync"):
        raise invalid("sync.provider", "The provider is not connected.")
    coupon = _build_coupon(call, source)
    elements = source.get("promotion_codes") or []
    if not isinstance(elements, list | dict):
        raise invalid("promotion_codes", "The promotion codes must be an array.")
    listed = elements if isinstance(elements, list) else list(elements.values())
    codes = [build_code(call, coupon, one) for one in listed if isinstance(one, dict)]
    if len({fold(code.code) for code in codes}) < len(codes):
        raise invalid("promotion_codes", "The codes must be distinct.")
    call.owner.add_coupon(coupon)
    for code in codes:
        call.owner.add_code(code)
    message = "Coupon created in the app successfully."
    shown = show_coupon(call, coupon)
    return created(call, shown, message=message, **_synchronization(call, coupon))


def _build_coupon(call: PCall, source: dict[str, Any]) -> Coupon:
    uid = call.world.new_uid()
    uuid_code = text_of(source, "uuid_code") or uid.upper()
    if not IDENTIFIER.match(uuid_code):
        raise invalid("uuid_code", "The uuid code format is invalid.")
    if uuid_code in call.owner.coupons_by_uuid:
        raise invalid("uuid_code", "The uuid code has already been taken.")
    kind = _choice(source, "coupon_discount_type", ("percent", "static"))
    amount = number_of(
        needed(source, "coupon_discount_amount"),
        "coupon_discount_amount",
        most=100 if kind == "percent" else 10**12,
    )
    coupon = Coupon(uid, call.now, call.now, uuid_code, "", kind, amount)
    coupon.name = text_of(source, "name") or uuid_code
    coupon.active = flag_of({"active": True, **source}, "active")
    coupon.duration_type = _choice(source, "coupon_duration_type", DURATIONS)
    if coupon.duration_type not in ("once", "lifetime"):
        value = needed(source, "coupon_duration_value")
        coupon.duration_value = whole_of(value, "coupon_duration_value")
    _set_coupon_limits(coupon, source)
    coupon.metadata = dict(map_of(source, "metadata"))
    return coupon


def _choice(source: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = needed(source, name)
    if value not in allowed:
        raise invalid(name, f"The selected {name.replace('_', ' ')} is invalid.")
    return str(value)


def _set_coupon_limits(coupon: Coupon, source: dict[str, Any]) -> None:
    if flag_of(source, "redemption_specific_date_status"):
        name = "redemption_specific_date_value"
        coupon.specific_date = date_of(needed(source, name), name)
    if flag_of(source, "redemption_times_status"):
        name = "redemption_times_value"
        coupon.redemption_limit = whole_of(needed(source, name), name)


def update_coupon(call: PCall) -> Reply:
    uuid_code = text_of(call.fields, "uuid_code")
    if not uuid_code:
        raise required("uuid_code")
    return _update_coupon(call, _find_coupon(call, uuid_code))


def update_coupon_by_path(call: PCall) -> Reply:
    by_path(call)
    return _update_coupon(call, _find_coupon(call, call.path["uuid_code"]))


def _update_coupon(call: PCall, coupon: Coupon) -> Reply:
    source = call.fields
    name, metadata = text_of(source, "name"), map_of(source, "metadata")
    apply = True
    if flag_of(source, "redeem"):
        key = text_of(source, "transaction_key")
        if may := may_redeem(call, coupon, key):
            redeem(call, coupon, key)
        apply = may or call.switches.partnero_no_op_applies_rest
    if apply:
        coupon.name = name or coupon.name
        coupon.metadata.update(metadata)
        call.owner.coupons.touch(coupon, call.now)
    message = "Coupon updated in the app successfully."
    shown = show_coupon(call, coupon)
    return one(shown, message=message, **_synchronization(call, coupon))


def delete_coupon(call: PCall) -> Reply:
    coupon = _find_coupon(call, call.path["uuid_code"])
    coupon.deleted_at = call.now
    if call.switches.partnero_coupon_delete_cascades:
        for code in list(coupon.codes.values()):
            call.owner.remove_code(code)
    message = "Coupon deleted in the app successfully"
    return Reply(200, {"data": {"status": 1, "message": message}})


ROUTES: list[tuple[str, str, Handler[Programme]]] = [
    ("GET", "/coupons", list_coupons),
    ("POST", "/coupons", create_coupon),
    ("PUT", "/coupons", update_coupon),
    ("GET", "/coupons/{uuid_code}", get_coupon),
    ("PUT", "/coupons/{uuid_code}", update_coupon_by_path),
    ("DELETE", "/coupons/{uuid_code}", delete_coupon),
]
