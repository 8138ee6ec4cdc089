"""Promotion codes and redemption on the Partnero stand-in.

The quirks are the point: a code has no id and no active flag, PUT ignores what it
does not know, redeem answers 200 when it did nothing, and a delete is for ever.
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
    show_date,
    show_map,
    text_of,
    timestamp,
    whole_of,
)
from connector.sandbox.partnero_store import Coupon, Programme, PromotionCode, Redeemed
from connector.sandbox.table import fold
from connector.sandbox.wire import Handler, Later, Refused, Reply

UPDATABLE = {
    "code",
    "limit_to_specific_partner",
    "coupon_specific_partners",
    "metadata",
    "redeem",
    "transaction_key",
}
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


# --- shapes -----------------------------------------------------------------------


def show_code(call: PCall, code: PromotionCode) -> dict[str, Any]:
    shown = {
        "code": code.code,
        "first_time_order": code.first_time_order,
        "limit_to_specific_partner": code.limit_to_partner,
        "coupon_specific_partners": _show_partners(call, code),
        "limit_to_specific_customer": code.limit_to_customer,
        "coupon_specific_customers": _show_customers(code),
        "minimum_order_status": code.minimum_order is not None,
        "minimum_order_value": code.minimum_order,
        "expiration_date_status": code.expires is not None,
        "expiration_date_value": show_date(call, code.expires),
        "redemption_times_status": code.redemption_limit is not None,
        "redemption_times_value": code.redemption_limit,
        "metadata": show_map(code.metadata),
        "additional_info": _show_log(call, code),
        "times_redeemed": code.times_redeemed,
    }
    return shown


def show_listed_code(call: PCall, code: PromotionCode) -> dict[str, Any]:
    shown = show_code(call, code)
    if call.switches.partnero_list_shape == "old":
        del shown["additional_info"], shown["times_redeemed"]
    return shown


def _show_partners(call: PCall, code: PromotionCode) -> Any:
    rows = [{"id": uid, "full_name": name} for uid, name in code.partners]
    if len(rows) == 1 and not call.switches.partnero_partners_as_array:
        return rows[0]
    return rows


def _show_customers(code: PromotionCode) -> Any:
    rows = [{"id": uid, "customer_full_name": name} for uid, name in code.customers]
    return rows[0] if len(rows) == 1 else rows


def _show_log(call: PCall, target: PromotionCode | Coupon) -> Any:
    log = target.redemptions[-call.switches.partnero_log_limit :]
    rows = [
        {
            "redeemed_at": timestamp(entry.redeemed_at),
            "transaction_key": entry.transaction_key,
        }
        for entry in log
    ]
    return {"redemptions": rows} if rows else []


def show_coupon(call: PCall, coupon: Coupon) -> dict[str, Any]:
    return {
        "name": coupon.name,
        "uuid_code": coupon.uuid_code,
        "active": coupon.active,
        "coupon_discount_type": coupon.discount_type,
        "coupon_discount_amount": coupon.discount_amount,
        "coupon_duration_type": coupon.duration_type,
        "coupon_duration_value": coupon.duration_value,
        "redemption_specific_date_status": coupon.specific_date is not None,
        "redemption_specific_date_value": show_date(call, coupon.specific_date),
        "redemption_times_status": coupon.redemption_limit is not None,
        "redemption_times_value": coupon.redemption_limit,
        "metadata": show_map(coupon.metadata),
        "additional_info": _show_log(call, coupon),
        "times_redeemed": coupon.times_redeemed,
        "created_at": timestamp(coupon.created_at),
        "updated_at": timestamp(coupon.updated_at),
        "deleted_at": timestamp(coupon.deleted_at),
    }


def _show_code_with_coupon(call: PCall, code: PromotionCode) -> dict[str, Any]:
    shown = show_code(call, code)
    if not call.switches.partnero_get_counter:
        del shown["times_redeemed"]
    full = show_coupon(call, code.coupon)
    names = ("name", "uuid_code", "active", "created_at", "updated_at")
    shown["coupon"] = {
        name: value
        for name, value in full.items()
        if name in names or name.startswith(("coupon_discount", "coupon_duration"))
    }
    return shown


# --- promotion codes --------------------------------------------------------------


def list_codes(call: PCall) -> Reply:
    return page(call, call.owner.codes, show_listed_code)


def get_code(call: PCall) -> Reply:
    return one(_show_code_with_coupon(call, find_code(call, call.path["code"])))


def find_code(call: PCall, text: str) -> PromotionCode:
    twins = call.owner.codes_by_text.get(fold(text), [])
    if call.switches.partnero_case == "sensitive":
        twins = [code for code in twins if code.code == text]
    if not twins:
        raise not_found("Promotion code")
    return next((code for code in twins if code.code == text), twins[0])


def create_code(call: PCall) -> Reply:
    wanted = call.switches.partnero_create_path
    plural = call.url.rstrip("/").endswith("promotion-codes")
    if wanted != "both" and plural != (wanted == "plural"):
        raise not_found("The route")
    uuid_code = text_of(call.fields, "coupon_uuid")
    if not uuid_code:
        raise required("coupon_uuid")
    coupon = call.owner.coupons_by_uuid.get(uuid_code)
    if coupon is None or coupon.deleted_at:
        raise invalid("coupon_uuid", "The selected coupon uuid is invalid.")
    code = build_code(call, coupon, call.fields)
    call.owner.add_code(code)
    message = "Promotion code created in the app successfully."
    return created(call, show_code(call, code), message=message)


def build_code(call: PCall, coupon: Coupon, source: dict[str, Any]) -> PromotionCode:
    """A code from a create body, refused as a whole when one field is wrong."""
    uid = call.world.new_uid()
    text = _code_text(call, source, uid)
    _check_unique(call, coupon, text)
    code = PromotionCode(uid, call.now, call.now, text, coupon)
    code.first_time_order = flag_of(source, "first_time_order")
    set_partner(call, code, source)
    set_options(code, source)
    code.metadata = dict(map_of(source, "metadata"))
    return code


def _code_text(call: PCall, source: dict[str, Any], uid: str) -> str:
    text = text_of(source, "code", most=100)
    if not text:
        return "".join(ALPHABET[(ord(c) * 7 + i) % 32] for i, c in enumerate(uid[-8:]))
    if not IDENTIFIER.match(text):
        raise invalid("code", "The code format is invalid.")
    return text.upper() if call.switches.partnero_case == "upper" else text


def _check_unique(call: PCall, coupon: Coupon, text: str) -> None:
    rule = call.switches.partnero_duplicate_code
    twins = call.owner.codes_by_text.get(fold(text), [])
    if call.switches.partnero_case == "sensitive":
        twins = [code for code in twins if code.code == text]
    if rule == "per_coupon":
        twins = [code for code in twins if code.coupon is coupon]
    if twins and rule != "silent":
        raise invalid("code", "The code has already been taken.")


def set_partner(call: PCall, code: PromotionCode, source: dict[str, Any]) -> None:
    if "limit_to_specific_partner" not in source:
        return
    if not flag_of(source, "limit_to_specific_partner"):
        code.limit_to_partner, code.partners = False, []
        return
    named = _single(source.get("coupon_specific_partners"), "coupon_specific_partners")
    uid = named.get("id")
    partner = call.owner.partners.rows.get(uid) if isinstance(uid, str) else None
    if partner is None and call.switches.partnero_unknown_partner == "reject":
        raise invalid("coupon_specific_partners.id", "The selected id is invalid.")
    name = str(named.get("full_name") or (partner.full_name if partner else ""))
    code.limit_to_partner, code.partners = True, [(str(uid), name)]


def _single(value: Any, name: str) -> dict[str, Any]:
    """An object, or an array that holds just one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict) or not value:
        raise required(name)
    return value


def set_options(code: PromotionCode, source: dict[str, Any]) -> None:
    """Customer, minimum order, expiry and limit, each behind its flag."""
    if flag_of(source, "limit_to_specific_customer"):
        name = "coupon_specific_customers"
        named = _single(source.get(name), name)
        full_name = str(named.get("customer_full_name", ""))
        code.customers = [(str(named.get("id", "")), full_name)]
        code.limit_to_customer = True
    if flag_of(source, "minimum_order_status"):
        code.minimum_order = number_of(
            needed(source, "minimum_order_value"), "minimum_order_value"
        )
    if flag_of(source, "expiration_date_status"):
        code.expires = date_of(
            needed(source, "expiration_date_value"), "expiration_date_value"
        )
    if flag_of(source, "redemption_times_status"):
        code.redemption_limit = whole_of(
            needed(source, "redemption_times_value"), "redemption_times_value"
        )


def needed(source: dict[str, Any], name: str) -> Any:
    if source.get(name) is None:
        raise required(name)
    return source[name]


def update_code(call: PCall) -> Reply | Later:
    text = text_of(call.fields, "code", most=100)
    if not text:
        raise required("code")
    return _update(call, find_code(call, text))


def update_code_by_path(call: PCall) -> Reply | Later:
    by_path(call)
    return _update(call, find_code(call, call.path["code"]))


def by_path(call: PCall) -> None:
    if not call.switches.partnero_path_addressing:
        raise Refused(405, "method", "The method is not supported for this route.")


def _update(call: PCall, code: PromotionCode) -> Reply | Later:
    source = call.fields
    unknown = sorted(set(source) - UPDATABLE)
    if unknown and call.switches.partnero_reject_unknown_fields:
        raise invalid(unknown[0], f"The {unknown[0]} field is prohibited.")
    if not flag_of(source, "redeem"):
        return _apply(call, code)
    key = text_of(source, "transaction_key")
    if not may_redeem(call, code, key):
        rest = call.switches.partnero_no_op_applies_rest
        return _apply(call, code) if rest else _updated(call, code)

    def count() -> Reply:
        redeem(call, code, key)
        reply = _apply(call, code)
        reply.lost = call.switches.partnero_redeem_lost_answer
        return reply

    # The check is done and the effect is not: where two requests can both pass.
    return Later(0.1, count) if call.switches.partnero_redeem_race else count()


def _apply(call: PCall, code: PromotionCode) -> Reply:
    source = call.fields
    metadata = map_of(source, "metadata")
    set_partner(call, code, source)
    if call.switches.partnero_put_applies_all:
        set_options(code, source)
    code.metadata.update(metadata)
    return _updated(call, code)


def _updated(call: PCall, code: PromotionCode) -> Reply:
    message = "Promotion code updated in the app successfully."
    return one(show_code(call, code), message=message)


def delete_code(call: PCall) -> Reply:
    source = {} if call.switches.partnero_drop_delete_body else call.fields
    text, coupon = text_of(source, "code"), map_of(source, "coupon")
    if not text:
        raise required("code")
    if not isinstance(coupon.get("uuid_code"), str):
        raise required("coupon.uuid_code")
    code = find_code(call, text)
    if code.coupon.uuid_code != coupon["uuid_code"]:
        raise not_found("Promotion code")
    return _delete(call, code)


def delete_code_by_path(call: PCall) -> Reply:
    by_path(call)
    return _delete(call, find_code(call, call.path["code"]))


def _delete(call: PCall, code: PromotionCode) -> Reply:
    call.owner.remove_code(code)
    message = "Promotion code deleted in the app successfully"
    return Reply(200, {"data": {"status": 1, "message": message}})


# --- redeem -----------------------------------------------------------------------


def may_redeem(call: PCall, target: PromotionCode | Coupon, key: str | None) -> bool:
    """False is the silent no-op: key logged before, or no such transaction."""
    if key is not None:
        if any(entry.transaction_key == key for entry in target.redemptions):
            return False
        rows = call.owner.transactions_by_key.get(key, [])
        archived = call.switches.partnero_archived_counts
        if not any(archived or not row.deleted_at for row in rows):
            return False
    rules = call.switches.partnero_redeem_rules
    if rules == "ignore" or not _refused_by_rule(call, target):
        return True
    if rules == "reject":
        raise invalid("redeem", "The promotion code cannot be redeemed.")
    return False


def _refused_by_rule(call: PCall, target: PromotionCode | Coupon) -> bool:
    coupon = target if isinstance(target, Coupon) else target.coupon
    ends = [coupon.specific_date]
    if isinstance(target, PromotionCode):
        ends.append(target.expires)
    limit = target.redemption_limit
    return (
        not coupon.active
        or any(end is not None and end < call.now.date() for end in ends)
        or (limit is not None and target.times_redeemed >= limit)
    )


def redeem(call: PCall, target: PromotionCode | Coupon, key: str | None) -> None:
    target.redemptions.append(Redeemed(call.now, key))
    target.times_redeemed += 1
    if isinstance(target, PromotionCode) and call.switches.partnero_redeem_bumps_coupon:
        target.coupon.times_redeemed += 1


ROUTES: list[tuple[str, str, Handler[Programme]]] = [
    ("GET", "/promotion-codes", list_codes),
    ("POST", "/promotion-codes", create_code),
    ("POST", "/promotion-code", create_code),
    ("PUT", "/promotion-codes", update_code),
    ("DELETE", "/promotion-codes", delete_code),
    ("GET", "/promotion-codes/{code}", get_code),
    ("PUT", "/promotion-codes/{code}", update_code_by_path),
    ("DELETE", "/promotion-codes/{code}", delete_code_by_path),
]
