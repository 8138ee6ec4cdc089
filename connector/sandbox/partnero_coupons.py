"""Coupons on the Partnero stand-in.

A coupon holds the discount, which never changes: an update reaches its name, its
metadata and its own redemptions. Syncing one to a billing provider needs the provider
to be connected, else the whole request is refused.
"""

from datetime import date
from typing import Any, Literal

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_codes import (
    BARE_CODE,
    METADATA,
    by_path,
    can_log,
    live_coupon,
    needed,
    new_code,
    set_options,
    show_discount,
    show_listed_code,
    show_log,
    show_options,
)
from connector.sandbox.partnero_store import Coupon
from connector.sandbox.table import kept
from connector.sandbox.wire import Reply, Route

UNITS = ("hours", "days", "months", "years")
COUPON_OPTIONS = {
    "redemption_specific_date": "expires",
    "redemption_times": "redemption_limit",
}
NEW_COUPON = {
    **f.fields("uuid_code", f.Word),
    **f.fields("name", f.Text),
    **f.fields("active", f.Flag),
    **f.fields("redemption_specific_date_status redemption_times_status", f.Flag),
    **f.fields("coupon_discount_type!", Literal["percent", "static"]),
    **f.fields("coupon_discount_amount!", f.Amount),
    **f.fields("coupon_duration_type!", Literal["once", "lifetime", *UNITS]),
    **f.fields("coupon_duration_value redemption_times_value", f.Whole),
    **f.fields("redemption_specific_date_value", date),
    **f.fields("promotion_codes", f.Maps),
    **f.fields("sync", f.Map),
    **METADATA,
}
PUT_COUPON = {
    **f.fields("uuid_code!", f.Name),
    **f.fields("name", f.Name),
    **f.fields("redeem", f.Flag),
    **f.fields("transaction_key", f.Text),
    **f.fields("sync", f.Map),
    **METADATA,
}


def show_coupon(call: api.PCall, coupon: Coupon) -> dict[str, Any]:
    return {
        **show_discount(coupon),
        **show_options(coupon, COUPON_OPTIONS),
        **api.picked(coupon, "times_redeemed deleted_at"),
        "metadata": coupon.metadata or [],
        "additional_info": show_log(call, coupon),
    }


def _show_listed_coupon(call: api.PCall, coupon: Coupon) -> dict[str, Any]:
    codes = coupon.codes.values() if call.switches.partnero_embed_codes else ()
    rows = [show_listed_code(call, code) for code in codes]
    return {**show_coupon(call, coupon), "promotion_codes": {"data": rows}}


def _told(call: api.PCall, coupon: Coupon) -> dict[str, Any]:
    """What every write of a coupon says of its syncing."""
    on = call.switches.partnero_synchronized or bool(coupon.synchronized)
    return {
        "synchronization_enabled": on,
        "synchronization_successful": on,
        "synchronization_message": "",
    }


def _in_path(call: api.PCall) -> Coupon:
    return api.existing("Coupon", live_coupon(call, call.path["name"]))


def _provider(call: api.PCall, values: dict[str, Any], was: str = "") -> str:
    """The provider that a coupon shall be synced to, which must be connected."""
    if "sync" not in values:
        return was
    wanted = str(needed(values["sync"], "provider"))
    if not wanted or wanted != call.switches.partnero_connected:
        raise api.invalid("sync.provider", "The provider is not connected.")
    if was:
        raise api.invalid("sync.provider", "The coupon has a provider already.")
    return wanted


def _create_coupon(call: api.PCall) -> Reply:
    if call.switches.partnero_active_required and "active" not in call.fields:
        raise api.required("active")
    values = api.read_form(call.fields, NEW_COUPON)
    coupon = _new_coupon(call, values)
    coupon.synchronized = _provider(call, values)
    codes = [
        new_code(call, coupon, api.read_form(form, BARE_CODE))
        for form in values.get("promotion_codes", ())
    ]
    call.owner.coupons.add(coupon)
    for code in codes:
        call.owner.add_code(code)
    shown, added = show_coupon(call, coupon), _told(call, coupon)
    return api.created(call, shown, "Coupon created", **added)


def _new_coupon(call: api.PCall, values: dict[str, Any]) -> Coupon:
    uid = call.world.new_uid()
    uuid_code = values.get("uuid_code") or uid.upper()
    if call.owner.coupons.exact(uuid_code):
        raise api.invalid("uuid_code", "The uuid code has already been taken.")
    kind, amount = values["coupon_discount_type"], values["coupon_discount_amount"]
    if kind == "percent" and amount > 100:
        raise api.invalid("coupon_discount_amount", "The amount must be at most 100.")
    name = values.get("name") or uuid_code
    coupon = Coupon(uid, call.now, call.now, uuid_code, name, kind, amount)
    coupon.active = values.get("active", True)
    coupon.duration_type = values["coupon_duration_type"]
    if coupon.duration_type in UNITS:
        coupon.duration_value = needed(values, "coupon_duration_value")
    set_options(coupon, values, COUPON_OPTIONS)
    coupon.metadata = values.get("metadata", {})
    return coupon


def _update_coupon(call: api.PCall) -> Reply:
    """Name, metadata, provider, or a redemption of the coupon itself."""
    by_path(call, "uuid_code")
    values = api.read_form(call.fields, PUT_COUPON)
    coupon = api.existing("Coupon", live_coupon(call, values["uuid_code"]))
    provider = _provider(call, values, coupon.synchronized)
    key = values.get("transaction_key")
    key = key and kept(key, call.switches.partnero_keys)
    if values.get("redeem") and can_log(call, coupon, key):
        coupon.redeem(call.now, key)
    new = {"name": values.get("name", coupon.name), "synchronized": provider}
    coupon.metadata.update(values.get("metadata", {}))
    call.owner.coupons.change(coupon, updated_at=call.now, **new)
    shown, added = show_coupon(call, coupon), _told(call, coupon)
    return api.single(shown, "Coupon updated", **added)


def _delete_coupon(call: api.PCall) -> Reply:
    """Only marked as deleted; its codes stay, as far as documented."""
    coupon = _in_path(call)
    coupon.deleted_at = call.now
    if call.switches.partnero_coupon_delete_cascades:
        for code in list(coupon.codes.values()):
            call.owner.remove_code(code)
    return api.deleted("Coupon")


COUPONS = "/coupons"
COUPON_ROUTES = [
    *api.reads(
        COUPONS,
        lambda call: [coupon for coupon in call.owner.coupons if not coupon.deleted_at],
        _in_path,
        show_coupon,
        _show_listed_coupon,
    ),
    Route("POST", COUPONS, _create_coupon, NEW_COUPON),
    Route("PUT", COUPONS, _update_coupon, PUT_COUPON),
    Route("PUT", f"{COUPONS}/{{name}}", _update_coupon, PUT_COUPON),
    Route("DELETE", f"{COUPONS}/{{name}}", _delete_coupon),
]
