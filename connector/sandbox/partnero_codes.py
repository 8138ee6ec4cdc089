"""Coupons, promotion codes and redemption on the Partnero stand-in.

The quirks are the point: a code has no id and no active flag, PUT ignores what it
does not know, redeem answers 200 when it did nothing, the delete of a code is for
ever, and a coupon's discount never changes (nothing here can update a coupon).
"""

from datetime import date
from typing import Any, Literal

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_store import (
    Coupon,
    Limited,
    PartneroTransaction,
    PromotionCode,
)
from connector.sandbox.table import kept
from connector.sandbox.wire import Later, Refused, Reply, Route

UNITS = ("hours", "days", "months", "years")
# Options of a row: `<name>_status` is a flag, and then `<name>_value` is needed.
CODE_OPTIONS = {
    "minimum_order": "minimum_order",
    "expiration_date": "expires",
    "redemption_times": "redemption_limit",
}
COUPON_OPTIONS = {
    "redemption_specific_date": "expires",
    "redemption_times": "redemption_limit",
}
METADATA = f.fields("metadata", f.Map)
PARTNER = {
    **f.fields("limit_to_specific_partner", f.Flag),
    **f.fields("coupon_specific_partners", f.Single),
}
RESTRICTED = {
    **f.fields("limit_to_specific_customer minimum_order_status", f.Flag),
    **f.fields("expiration_date_status redemption_times_status", f.Flag),
    **f.fields("coupon_specific_customers", f.Single),
    **f.fields("minimum_order_value", f.Amount),
    **f.fields("expiration_date_value", date),
    **f.fields("redemption_times_value", f.Whole),
}
NEW_CODE = {
    **f.fields("coupon_uuid!", f.Text),
    **f.fields("code!", f.ShortWord),
    **f.fields("first_time_order", f.Flag),
    **PARTNER,
    **RESTRICTED,
    **METADATA,
}
PUT_CODE = {
    **f.fields("code!", f.Name),
    **f.fields("redeem", f.Flag),
    **f.fields("transaction_key", f.Text),
    **PARTNER,
    **METADATA,
}
DELETE_CODE = f.fields("code!", f.Name) | f.fields("coupon!", f.Map)
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
    **METADATA,
}


# --- shapes -----------------------------------------------------------------------


def show_code(call: api.PCall, code: PromotionCode) -> dict[str, Any]:
    partners = [{"id": uid, "full_name": name} for uid, name in _named(call, code)]
    customers = [{"id": u, "customer_full_name": name} for u, name in code.customers]
    bare = len(partners) == 1 and not call.switches.partnero_partners_as_array
    log = code.redemptions[-call.switches.partnero_log_limit :]
    rows = [api.picked(entry, "redeemed_at transaction_key") for entry in log]
    return {
        **api.picked(code, "code first_time_order times_redeemed"),
        "limit_to_specific_partner": bool(code.partners),
        "coupon_specific_partners": partners[0] if bare else partners,
        "limit_to_specific_customer": bool(code.customers),
        "coupon_specific_customers": customers[0] if customers else [],
        **_show_options(code, CODE_OPTIONS),
        "metadata": code.metadata or [],
        "additional_info": {"redemptions": rows} if rows else [],
    }


def _named(call: api.PCall, code: PromotionCode) -> list[tuple[str, str]]:
    """The partners of a code, as far as they still have a name or an id."""
    known, rule = call.owner.partners.rows, call.switches.partnero_erased_partner
    named = [(uid, name if uid in known else "") for uid, name in code.partners]
    if call.switches.partnero_unknown_partner == "ignore":
        return code.partners
    return [one for one in named if rule == "id" or one[0] in known]


def _show_options(row: Limited, options: dict[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, attribute in options.items():
        value = getattr(row, attribute)
        shown |= {f"{name}_status": value is not None, f"{name}_value": value}
    return shown


def _show_listed_code(call: api.PCall, code: PromotionCode) -> dict[str, Any]:
    shown = show_code(call, code)
    if call.switches.partnero_list_shape == "old":
        del shown["additional_info"], shown["times_redeemed"]
    return shown


def _show_read_code(call: api.PCall, code: PromotionCode) -> dict[str, Any]:
    shown = show_code(call, code)
    if not call.switches.partnero_get_counter:
        del shown["times_redeemed"]
    return {**shown, "coupon": _show_discount(code.coupon)}


def _show_discount(coupon: Coupon) -> dict[str, Any]:
    discount = api.picked(
        coupon, "discount_type discount_amount duration_type duration_value"
    )
    return {
        **api.picked(coupon, "name uuid_code active created_at updated_at"),
        **{f"coupon_{name}": value for name, value in discount.items()},
    }


def show_coupon(call: api.PCall, coupon: Coupon) -> dict[str, Any]:
    return {
        **_show_discount(coupon),
        **_show_options(coupon, COUPON_OPTIONS),
        **api.picked(coupon, "times_redeemed deleted_at"),
        "metadata": coupon.metadata or [],
        "additional_info": [],
    }


def _show_listed_coupon(call: api.PCall, coupon: Coupon) -> dict[str, Any]:
    codes = coupon.codes.values() if call.switches.partnero_embed_codes else ()
    rows = [_show_listed_code(call, code) for code in codes]
    return {**show_coupon(call, coupon), "promotion_codes": {"data": rows}}


# --- promotion codes --------------------------------------------------------------


def _twins(call: api.PCall, text: str) -> list[PromotionCode]:
    twins = call.owner.codes.named(text)
    if call.switches.partnero_case == "sensitive":
        twins = [code for code in twins if code.code == text]
    return twins


def find_code(call: api.PCall, text: str) -> PromotionCode:
    return api.found("Promotion code", next(iter(_twins(call, text)), None))


def _code_in_path(call: api.PCall) -> PromotionCode:
    return find_code(call, call.path["name"])


def _create_code(call: api.PCall) -> Reply:
    wanted = call.switches.partnero_create_path
    path = "plural" if call.url.endswith("promotion-codes") else "singular"
    if wanted not in ("both", path):
        raise Refused(404, "not_found", "The route is not found.")
    values = api.read_form(call.fields, NEW_CODE)
    coupon = _coupon(call, values["coupon_uuid"])
    if coupon is None:
        raise api.invalid("coupon_uuid", "The selected coupon uuid is invalid.")
    uid, text = call.world.new_uid(), _free_text(call, coupon, values["code"])
    code = PromotionCode(uid, call.now, call.now, text, coupon)
    code.first_time_order = values.get("first_time_order", False)
    code.metadata = values.get("metadata", {})
    _set_partner(call, code, values)
    _set_restrictions(code, values)
    call.owner.add_code(code)
    return api.created(call, show_code(call, code), "Promotion code created")


def _free_text(call: api.PCall, coupon: Coupon, text: str) -> str:
    """The text as a new code has it, if no other has it."""
    if call.switches.partnero_case == "upper":
        text = text.upper()
    rule, twins = call.switches.partnero_duplicate_code, _twins(call, text)
    if rule == "per_coupon":
        twins = [twin for twin in twins if twin.coupon is coupon]
    if twins and rule != "silent":
        raise api.invalid("code", "The code has already been taken.")
    return text


def _needed(values: dict[str, Any], name: str) -> Any:
    if values.get(name) in (None, {}):
        raise api.required(name)
    return values[name]


def _set_partner(call: api.PCall, code: PromotionCode, values: dict[str, Any]) -> None:
    if "limit_to_specific_partner" not in values:
        return
    if not values["limit_to_specific_partner"]:
        code.partners = []
        return
    named = _needed(values, "coupon_specific_partners")
    uid = str(named.get("id"))
    partner = call.owner.partners.rows.get(uid)
    if partner is None and call.switches.partnero_unknown_partner == "reject":
        raise api.invalid("coupon_specific_partners.id", "The selected id is invalid.")
    known = partner.full_name if partner else ""
    code.partners = [(uid, str(named.get("full_name") or known))]


def _set_restrictions(code: PromotionCode, values: dict[str, Any]) -> None:
    if values.get("limit_to_specific_customer"):
        named = _needed(values, "coupon_specific_customers")
        uid, name = named.get("id", ""), named.get("customer_full_name", "")
        code.customers = [(str(uid), str(name))]
    _set_options(code, values, CODE_OPTIONS)


def _set_options(row: Limited, values: dict[str, Any], options: dict[str, str]) -> None:
    for name, attribute in options.items():
        if values.get(f"{name}_status"):
            setattr(row, attribute, _needed(values, f"{name}_value"))


def _by_path(call: api.PCall) -> None:
    """Put the selector of a path into the body, where it is usually sent."""
    if "name" in call.path:
        if not call.switches.partnero_path_addressing:
            raise Refused(405, "method", "The method is not supported for this route.")
        call.fields = {**call.fields, "code": call.path["name"]}


def _update_code(call: api.PCall) -> Reply | Later:
    _by_path(call)
    unknown = sorted(set(call.fields) - set(PUT_CODE))
    if unknown and call.switches.partnero_reject_unknown_fields:
        raise api.invalid(unknown[0], f"The {unknown[0]} field is prohibited.")
    every = call.switches.partnero_put_applies_all
    form = PUT_CODE | RESTRICTED if every else PUT_CODE
    values = api.read_form(call.fields, form)
    code, key = find_code(call, values["code"]), values.get("transaction_key")
    key = key and kept(key, call.switches.partnero_keys)
    if not values.get("redeem"):
        return _updated(call, code, values)
    if not may_redeem(call, code, key):
        rest = call.switches.partnero_no_op_applies_rest
        return _updated(call, code, values if rest else {})

    def count() -> Reply:
        redeem(call, code, key)
        reply = _updated(call, code, values)
        reply.lost = call.switches.partnero_redeem_lost_answer
        return reply

    # The check is done and the effect is not: where two requests can both pass.
    return Later(0.1, count) if call.switches.partnero_redeem_race else count()


def _updated(call: api.PCall, code: PromotionCode, values: dict[str, Any]) -> Reply:
    _set_partner(call, code, values)
    _set_restrictions(code, values)
    code.metadata.update(values.get("metadata", {}))
    return api.one(show_code(call, code), "Promotion code updated")


def _delete_code(call: api.PCall) -> Reply:
    _by_path(call)
    if "name" in call.path:
        code = _code_in_path(call)
    else:
        dropped = call.switches.partnero_drop_delete_body
        values = api.read_form({} if dropped else call.fields, DELETE_CODE)
        uuid_code = _needed(values["coupon"], "uuid_code")
        code = find_code(call, values["code"])
        api.found(
            "Promotion code", code if code.coupon.uuid_code == uuid_code else None
        )
    call.owner.remove_code(code)
    return api.deleted("Promotion code")


# --- redeem -----------------------------------------------------------------------


def may_redeem(call: api.PCall, code: PromotionCode, key: str | None) -> bool:
    """False is the silent no-op: key logged before, or no such transaction."""
    if key is not None:
        if any(entry.transaction_key == key for entry in code.redemptions):
            return False
        rows, archived = sales(call, key), call.switches.partnero_archived_counts
        if not any(archived or not row.deleted_at for row in rows):
            return False
    rules = call.switches.partnero_redeem_rules
    if rules == "ignore" or not _refused_by_rule(call, code):
        return True
    if rules == "reject":
        raise api.invalid("redeem", "The promotion code cannot be redeemed.")
    return False


def sales(call: api.PCall, key: str | None) -> list[PartneroTransaction]:
    """All transactions under one key, the newest last."""
    rows = call.owner.transactions.named(key) if key else []
    return [row for row in rows if row.key == key]


def _refused_by_rule(call: api.PCall, code: PromotionCode) -> bool:
    ends = [row.expires for row in (code.coupon, code) if row.expires]
    limit = code.redemption_limit
    return (
        not code.coupon.active
        or any(end < call.now.date() for end in ends)
        or (limit is not None and code.times_redeemed >= limit)
    )


def redeem(call: api.PCall, code: PromotionCode, key: str | None) -> None:
    code.redeem(call.now, key)
    code.coupon.times_redeemed += call.switches.partnero_redeem_bumps_coupon


# --- coupons ----------------------------------------------------------------------


def _coupon(call: api.PCall, uuid_code: str) -> Coupon | None:
    coupon = call.owner.coupons.exact(uuid_code)
    return None if coupon is None or coupon.deleted_at else coupon


def _coupon_in_path(call: api.PCall) -> Coupon:
    return api.found("Coupon", _coupon(call, call.path["name"]))


def _create_coupon(call: api.PCall) -> Reply:
    if call.switches.partnero_active_required and "active" not in call.fields:
        raise api.required("active")
    values = api.read_form(call.fields, NEW_COUPON)
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
        coupon.duration_value = _needed(values, "coupon_duration_value")
    _set_options(coupon, values, COUPON_OPTIONS)
    coupon.metadata = values.get("metadata", {})
    call.owner.coupons.add(coupon)
    on = call.switches.partnero_synchronized
    return api.created(
        call,
        show_coupon(call, coupon),
        "Coupon created",
        synchronization_enabled=on,
        synchronization_successful=on,
        synchronization_message="",
    )


def _delete_coupon(call: api.PCall) -> Reply:
    """Only marked as deleted; its codes stay, as far as documented."""
    coupon = _coupon_in_path(call)
    coupon.deleted_at = call.now
    if call.switches.partnero_coupon_delete_cascades:
        for code in list(coupon.codes.values()):
            call.owner.remove_code(code)
    return api.deleted("Coupon")


CODE_ROUTES = [
    *api.reads(
        "/promotion-codes",
        lambda call: call.owner.codes,
        _code_in_path,
        _show_read_code,
        _show_listed_code,
    ),
    Route("POST", "/promotion-codes", _create_code, NEW_CODE),
    Route("POST", "/promotion-code", _create_code, NEW_CODE),
    Route("PUT", "/promotion-codes", _update_code, PUT_CODE),
    Route("PUT", "/promotion-codes/{name}", _update_code, PUT_CODE),
    Route("DELETE", "/promotion-codes", _delete_code, DELETE_CODE),
    Route("DELETE", "/promotion-codes/{name}", _delete_code),
    *api.reads(
        "/coupons",
        lambda call: [coupon for coupon in call.owner.coupons if not coupon.deleted_at],
        _coupon_in_path,
        show_coupon,
        _show_listed_coupon,
    ),
    Route("POST", "/coupons", _create_coupon, NEW_COUPON),
    Route("DELETE", "/coupons/{name}", _delete_coupon),
]
