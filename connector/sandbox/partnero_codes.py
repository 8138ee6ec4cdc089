"""Promotion codes and their redemption on the Partnero stand-in.

The quirks are the point: a code has no id and no active flag, PUT ignores what it
does not know, redeem answers 200 when it did nothing, and the delete of a code is for
ever.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_store import (
    Coupon,
    Limited,
    PartneroTransaction,
    PromotionCode,
)
from connector.sandbox.table import kept
from connector.sandbox.wire import Later, Reply, Route, no_route

# Options of a row: `<name>_status` is a flag, and then `<name>_value` is needed.
CODE_OPTIONS = {
    "minimum_order": "minimum_order",
    "expiration_date": "expires",
    "redemption_times": "redemption_limit",
}
METADATA = f.fields("metadata", f.Map)
PARTNER = {
    **f.fields("limit_to_specific_partner", f.Flag),
    **f.fields("coupon_specific_partners", f.Single),
}
RESTRICTED = {
    **f.fields("limit_to_specific_customer minimum_order_status", f.Flag),
    **f.fields("limit_to_specific_subscriber", f.Flag),
    **f.fields("expiration_date_status redemption_times_status", f.Flag),
    **f.fields("coupon_specific_customers coupon_specific_subscribers", f.Single),
    **f.fields("expiration_date_value", date),
    **f.fields("minimum_order_value redemption_times_value", f.Whole),
}
BARE_CODE = {
    **f.fields("code", f.FreeWord),
    **f.fields("first_time_order", f.Flag),
    **PARTNER,
    **RESTRICTED,
    **METADATA,
}
NEW_CODE = f.fields("coupon_uuid!", f.Text) | BARE_CODE
PUT_CODE = {
    **f.fields("code!", f.Name),
    **f.fields("redeem", f.Flag),
    **f.fields("transaction_key", f.Text),
    **PARTNER,
    **METADATA,
}
DELETE_CODE = f.fields("code!", f.Name) | f.fields("coupon!", f.Map)


# --- shapes -----------------------------------------------------------------------


def show_code(call: api.PCall, code: PromotionCode) -> dict[str, Any]:
    partners = [{"id": uid, "full_name": name} for uid, name in _named(call, code)]
    customers = [{"id": u, "customer_full_name": name} for u, name in code.customers]
    bare = len(partners) == 1 and not call.switches.partnero_partners_as_array
    return {
        **api.picked(code, "code first_time_order times_redeemed"),
        "limit_to_specific_partner": bool(code.partners),
        "coupon_specific_partners": partners[0] if bare else partners,
        "limit_to_specific_customer": bool(code.customers),
        "coupon_specific_customers": customers[0] if customers else [],
        **show_options(code, CODE_OPTIONS),
        "metadata": code.metadata or [],
        "additional_info": show_log(call, code),
    }


def show_log(call: api.PCall, row: Limited) -> Any:
    """The redemptions of a code or coupon, or the newest of them."""
    log = row.redemptions[-call.switches.partnero_log_limit :]
    rows = [api.picked(entry, "redeemed_at transaction_key") for entry in log]
    return {"redemptions": rows} if rows else []


def _named(call: api.PCall, code: PromotionCode) -> list[tuple[str, str]]:
    """The partners of a code, as far as they still have a name or an id."""
    known, rule = call.owner.partners.rows, call.switches.partnero_erased_partner
    named = [(uid, name if uid in known else "") for uid, name in code.partners]
    if call.switches.partnero_unknown_partner == "ignore":
        return code.partners
    return [partner for partner in named if rule == "id" or partner[0] in known]


def show_options(row: Limited, options: dict[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, attribute in options.items():
        value = getattr(row, attribute)
        shown |= {f"{name}_status": value is not None, f"{name}_value": value}
    return shown


def show_listed_code(call: api.PCall, code: PromotionCode) -> dict[str, Any]:
    shown, shape = show_code(call, code), call.switches.partnero_list_shape
    if shape == "no_log":
        shown["additional_info"] = []
    elif shape == "old":
        del shown["additional_info"], shown["times_redeemed"]
    return shown


def _read_code(call: api.PCall) -> dict[str, Any]:
    code = _code_in_path(call)
    shown = show_code(call, code)
    if not call.switches.partnero_get_counter:
        del shown["times_redeemed"]
    return {**shown, "coupon": show_discount(code.coupon)}


def show_discount(coupon: Coupon) -> dict[str, Any]:
    discount = api.picked(
        coupon, "discount_type discount_amount duration_type duration_value"
    )
    return {
        **api.picked(coupon, "name uuid_code active created_at updated_at"),
        **{f"coupon_{name}": value for name, value in discount.items()},
    }


# --- promotion codes --------------------------------------------------------------


def _twins(call: api.PCall, text: str) -> list[PromotionCode]:
    twins = call.owner.codes.named(text)
    if call.switches.partnero_case == "sensitive":
        twins = [code for code in twins if code.code == text]
    return twins


def find_code(call: api.PCall, text: str) -> PromotionCode:
    return api.existing("Promotion code", next(iter(_twins(call, text)), None))


def _code_in_path(call: api.PCall) -> PromotionCode:
    return find_code(call, call.path["name"])


def _list_codes(call: api.PCall) -> Reply:
    """A page; while more follow, somebody may change what the next one begins with."""
    reply = api.page(call, call.owner.codes, show_listed_code)
    if reply.body["links"]["next"]:
        _shift(call, reply.body["data"][0]["code"])
    return reply


def _shift(call: api.PCall, shown: str) -> None:
    how = call.switches.partnero_pages_shift
    if how == "delete":
        call.owner.remove_code(find_code(call, shown))
    elif how == "insert":
        uid, coupon = call.world.new_uid(), find_code(call, shown).coupon
        text = f"SHIFTED-{uid}".upper()
        call.owner.add_code(PromotionCode(uid, call.now, call.now, text, coupon))


def _create_code(call: api.PCall) -> Reply:
    wanted = call.switches.partnero_create_path
    path = "plural" if call.url.endswith("promotion-codes") else "singular"
    if wanted not in ("both", path):
        # The plural path is there for other methods.
        raise no_route(405 if path == "plural" else 404)
    values = api.read_form(call.fields, NEW_CODE)
    coupon = live_coupon(call, values["coupon_uuid"])
    if coupon is None:
        raise api.invalid("coupon_uuid", "The selected coupon uuid is invalid.")
    code = call.owner.add_code(new_code(call, coupon, values))
    return api.created(call, show_code(call, code), "Promotion code created")


def live_coupon(call: api.PCall, uuid_code: str) -> Coupon | None:
    coupon = call.owner.coupons.exact(uuid_code)
    return None if coupon is None or coupon.deleted_at else coupon


def new_code(call: api.PCall, coupon: Coupon, values: dict[str, Any]) -> PromotionCode:
    """A code that may be added; one without a text gets one."""
    uid = call.world.new_uid()
    text = _free_text(call, coupon, values.get("code") or uid.upper())
    code = PromotionCode(uid, call.now, call.now, text, coupon)
    code.first_time_order = values.get("first_time_order", False)
    code.metadata = values.get("metadata", {})
    _set_partner(call, code, values)
    _set_restrictions(code, values)
    return code


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


def needed(values: dict[str, Any], name: str) -> Any:
    if values.get(name) in (None, {}):
        raise api.required(name)
    return values[name]


def _set_partner(call: api.PCall, code: PromotionCode, values: dict[str, Any]) -> None:
    if "limit_to_specific_partner" not in values:
        return
    if not values["limit_to_specific_partner"]:
        code.partners = []
        return
    named = needed(values, "coupon_specific_partners")
    uid = str(named.get("id"))
    partner = call.owner.partners.rows.get(uid)
    if partner is None and call.switches.partnero_unknown_partner == "reject":
        raise api.invalid("coupon_specific_partners.id", "The selected id is invalid.")
    known = partner.full_name if partner else ""
    code.partners = [(uid, str(named.get("full_name") or known))]


def _set_restrictions(code: PromotionCode, values: dict[str, Any]) -> None:
    if values.get("limit_to_specific_customer"):
        named = needed(values, "coupon_specific_customers")
        uid, name = named.get("id", ""), named.get("customer_full_name", "")
        code.customers = [(str(uid), str(name))]
    if values.get("limit_to_specific_subscriber"):
        needed(values, "coupon_specific_subscribers")  # which no answer shows
    if "minimum_order_value" in values:
        values = {
            **values,
            "minimum_order_value": Decimal(values["minimum_order_value"]),
        }
    set_options(code, values, CODE_OPTIONS)


def set_options(row: Limited, values: dict[str, Any], options: dict[str, str]) -> None:
    for name, attribute in options.items():
        if values.get(f"{name}_status"):
            setattr(row, attribute, needed(values, f"{name}_value"))


def by_path(call: api.PCall, selector: str) -> None:
    """Put the selector of a path into the body, where it is usually sent."""
    if "name" in call.path:
        if not call.switches.partnero_path_addressing:
            raise no_route(405)
        call.fields = {**call.fields, selector: call.path["name"]}


def _update_code(call: api.PCall) -> Reply | Later:
    by_path(call, "code")
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
    return api.single(show_code(call, code), "Promotion code updated")


def _delete_code(call: api.PCall) -> Reply:
    by_path(call, "code")
    if "name" in call.path:
        code = _code_in_path(call)
    else:
        dropped = call.switches.partnero_drop_delete_body
        values = api.read_form({} if dropped else call.fields, DELETE_CODE)
        uuid_code = needed(values["coupon"], "uuid_code")
        code = find_code(call, values["code"])
        api.existing(
            "Promotion code", code if code.coupon.uuid_code == uuid_code else None
        )
    call.owner.remove_code(code)
    return api.deleted("Promotion code")


# --- redeem -----------------------------------------------------------------------


def can_log(call: api.PCall, row: Limited, key: str | None) -> bool:
    """False is the silent no-op: key logged before, or no such transaction."""
    if key is None:
        return True
    if any(entry.transaction_key == key for entry in row.redemptions):
        return False
    rows, archived = sales(call, key), call.switches.partnero_archived_counts
    return any(archived or not row.deleted_at for row in rows)


def may_redeem(call: api.PCall, code: PromotionCode, key: str | None) -> bool:
    """Whether a redeem counts; a rule may refuse it, silently or aloud."""
    if not can_log(call, code, key):
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
    coupon, limit = code.coupon, code.redemption_limit
    used = sum(code.times_redeemed for code in coupon.codes.values())
    most = coupon.redemption_limit
    return (
        not coupon.active
        or any(end < call.now.date() for end in ends)
        or (limit is not None and code.times_redeemed >= limit)
        or (most is not None and max(used, coupon.times_redeemed) >= most)
    )


def redeem(call: api.PCall, code: PromotionCode, key: str | None) -> None:
    code.redeem(call.now, key)
    code.coupon.times_redeemed += call.switches.partnero_redeem_bumps_coupon


CODES = "/promotion-codes"
CODE_ROUTES = [
    Route("GET", CODES, _list_codes),
    Route("GET", f"{CODES}/{{name}}", lambda call: api.single(_read_code(call))),
    Route("POST", CODES, _create_code, NEW_CODE),
    Route("POST", "/promotion-code", _create_code, NEW_CODE),
    Route("PUT", CODES, _update_code, PUT_CODE),
    Route("PUT", f"{CODES}/{{name}}", _update_code, PUT_CODE),
    Route("DELETE", CODES, _delete_code, DELETE_CODE),
    Route("DELETE", f"{CODES}/{{name}}", _delete_code),
]
