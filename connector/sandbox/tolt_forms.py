"""What the bodies of Tolt's endpoints hold, and the words for what does not fit.

The words are those of Zod, with which the product checks: every bad field is named.
"""

from decimal import Decimal
from typing import Any, Literal

from connector.sandbox import fields as f
from connector.sandbox.tolt import TCall, invalid, problem
from connector.sandbox.tolt_rows import find

OWNER = f.fields("partner_id!", f.Text, refers="partners")
CODE = f.fields("code!", f.Name) | OWNER
KIND = Literal["fixed", "percentage"]
STATUS = Literal["lead", "trialing", "active", "canceled"]
V2_STATUS = Literal["lead", "trialing", "active", "canceled", "suspended"]
PARTNER = {
    **f.fields("email!", f.Email),
    **f.fields("program_id!", f.Text, refers="programs"),
    **f.fields("group_id", f.Text, refers="groups"),
    **f.fields("company_name", f.Text),
    **f.fields("country_code", f.Country),
    **f.fields("notify_partner", f.Flag),
}
BUYER = {
    **f.fields("email", f.Name),
    **f.fields("name subscription_id click_id", f.Text),
    **f.fields("promotion_code customer_id", f.Name),
    **f.fields("lead_at active_at", f.Moment),
}
OPTIONS = f.fields("type", KIND) | f.fields("value", f.Plain)
TIMED = f.fields("created_at", f.Moment)
SHARED: dict[str, f.Form] = {
    "POST transactions": {
        **f.fields("amount!", f.Count),
        **f.fields("customer_id!", f.Text, refers="customers"),
        **f.fields("charge_id source click_id product_id product_name", f.Text),
        **f.fields("billing_type", Literal["one_time", "subscription"]),
        **f.fields("interval", Literal["month", "year"]),
        **TIMED,
    },
}
V1 = SHARED | {
    "POST codes": CODE | f.fields("type!", KIND) | f.fields("value!", f.Number),
    "PUT codes": f.fields("type", KIND) | f.fields("value", f.Number),
    "POST partners": {
        **PARTNER,
        **f.fields("first_name! last_name!", f.Text),
        **f.fields("payout_method", f.Text),
        **f.fields("payout_details", f.Map),
    },
    "POST customers": {
        **OWNER,
        **BUYER,
        **f.fields("email!", f.Name),
        **f.fields("status", STATUS),
        **TIMED,
    },
    "PUT customers": BUYER | f.fields("status", STATUS),
}
V2 = SHARED | {
    "POST codes": CODE | OPTIONS,
    "PUT codes": OPTIONS | f.fields("code", f.Name),
    "POST partners": {
        **PARTNER,
        **f.fields("first_name last_name display_name", f.Text),
        **f.fields("website_url", f.Url),
        **f.fields("status", Literal["active", "pending"]),
        **f.fields("link", f.Map),
        **TIMED,
    },
    "POST customers": {
        **f.fields("partner_id", f.Text, refers="partners"),
        **f.fields("link_id", f.Text),
        **BUYER,
        **f.fields("status", V2_STATUS),
        **TIMED,
    },
    "PUT customers": BUYER | f.fields("status", V2_STATUS),
}
SMALL, BIG = "Too small: expected", "Too big: expected"
# v2 wants at least one of each.
EITHER = (("email", "customer_id"), ("partner_id", "link_id"))


def read_form(call: TCall, name: str) -> dict[str, Any]:
    """The given fields, null among them; an id becomes the row that it points to."""
    form = (V1 if call.old else V2)[name]
    values, bad = f.check(call.fields, form, zod)
    if call.switches.tolt_reject_unknown_fields:
        unknown = sorted(set(call.fields) - set(form))
        bad += [(name, "Unrecognized key") for name in unknown]
    if name == "POST customers" and not call.old:
        given = {key for key, value in call.fields.items() if value is not None}
        bad += [(a, f"{a} or {b} is required") for a, b in EITHER if not given & {a, b}]
    if bad:
        raise invalid(bad)
    for field_name, field in form.items():
        if field.refers and values.get(field_name) is not None:
            row = find(call, field.refers, values.pop(field_name))
            if row is None:
                raise problem("invalid_reference", field_name, "does not exist")
            values[field_name.removesuffix("_id")] = row
    return values


def zod(name: str, field: f.Field, value: Any, error: f.Problem | None) -> str:
    """What is wrong with a field, as Zod words it."""
    schema = field.kind.json_schema()
    wanted = {"integer": "number"}.get(schema.get("type", ""), schema.get("type"))
    wanted = wanted or ("string" if "enum" in schema else "number")
    got = "undefined" if error is None else _kind_of(value)
    if error is None or (got != wanted and "enum" not in schema):
        return f"Invalid input: expected {wanted}, received {got}"
    if "enum" in schema:
        options = "|".join(f'"{value}"' for value in schema["enum"])
        return f"Invalid option: expected one of {options}"
    return _too(error) or (
        "Invalid email address" if name == "email" else f"Invalid input: {error['msg']}"
    )


def _too(error: f.Problem) -> str:
    """A text or number out of its bounds; "" for what is wrong otherwise."""
    context = error.get("ctx", {})
    words = {
        "string_too_short": f"{SMALL} string to have >={{min_length}} characters",
        "string_too_long": f"{BIG} string to have <={{max_length}} characters",
        "greater_than_equal": f"{SMALL} number to be >={{ge}}",
        "less_than_equal": f"{BIG} number to be <={{le}}",
    }
    return words.get(error["type"], "").format_map(context)


def _kind_of(value: Any) -> str:
    """The name that JavaScript has for the type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    kinds = {str: "string", list: "array", dict: "object", type(None): "null"}
    return kinds.get(type(value), "object")
