"""Tolt's bodies: which fields each endpoint of each version reads, and refusals.

All bad fields are named at once. An id in a body is resolved to the row it names.
"""

from typing import Any

from connector.sandbox import fields as f
from connector.sandbox.tolt_shapes import TCall, find
from connector.sandbox.wire import Refused

NAMES = "first_name last_name company_name country_code website_url "
SALE = "charge_id source product_id product_name click_id billing_type interval "
TIMES = "created_at lead_at active_at "
FIELDS: f.Form = {
    **f.alike(NAMES + SALE + "display_name payout_method", f.text()),
    **f.alike("name subscription_id link_id status", f.text()),
    **f.alike("code promotion_code", f.text(1)),
    **f.alike("link payout_details", f.ANY),
    **f.alike(TIMES, f.MOMENT),
    "email": f.EMAIL,
    "amount": f.CENTS,
    "value": f.DECIMAL,
    "notify_partner": f.FLAG,
    "type": f.choice("fixed", "percentage"),
    "billing_type": f.choice("one_time", "subscription"),
    "interval": f.choice("month", "year"),
    "partner_id": f.refer("partners"),
    "program_id": f.refer("programs"),
    "group_id": f.refer("groups"),
    "customer_id": f.refer("customers"),
}
JOINING = f.choice("active", "pending")
DECIDED = f.choice("active", "pending", "suspended", "rejected")
OLD_BUYING = f.choice("lead", "trialing", "active", "canceled")
BUYING = f.choice("lead", "trialing", "active", "canceled", "suspended")
CENTS = f.number(10**9)
OWN = f.text(1)
NEW_PARTNER = NAMES + "email! program_id! group_id notify_partner created_at link "
BUYER = "customer_id name subscription_id click_id promotion_code status " + TIMES
V1: dict[str, f.Form] = {
    "POST codes": f.form(FIELDS, "code! partner_id! type! value!", value=CENTS),
    "PUT codes": f.form(FIELDS, "type value", value=CENTS),
    "POST partners": f.form(
        FIELDS, NEW_PARTNER + "first_name! last_name! payout_method payout_details"
    ),
    "PUT partners": f.form(
        FIELDS,
        NAMES + "email status group_id payout_method payout_details",
        status=DECIDED,
    ),
    "POST customers": f.form(
        FIELDS, BUYER + "email! partner_id!", status=OLD_BUYING, customer_id=OWN
    ),
    "PUT customers": f.form(
        FIELDS, BUYER + "email", status=OLD_BUYING, customer_id=OWN
    ),
    "POST transactions": f.form(FIELDS, SALE + "amount! customer_id! created_at"),
    "PUT transactions": f.form(FIELDS, SALE + "amount created_at"),
}
V2: dict[str, f.Form] = {
    "POST codes": f.form(FIELDS, "code! partner_id! type value"),
    "PUT codes": f.form(FIELDS, "code type value"),
    "POST partners": f.form(
        FIELDS, NEW_PARTNER + "display_name status", status=JOINING
    ),
    "PUT partners": f.form(FIELDS, NAMES + "group_id"),
    "POST customers": f.form(
        FIELDS, BUYER + "email link_id partner_id!", status=BUYING, customer_id=OWN
    ),
    "PUT customers": f.form(
        FIELDS, BUYER + "email link_id", status=BUYING, customer_id=OWN
    ),
    "POST transactions": V1["POST transactions"],
    "PUT transactions": f.form(FIELDS, SALE + "amount created_at status"),
}
FORMS = (V2, V1)


def problem(code: str, name: str, text: str) -> Refused:
    status = 409 if code == "already_exists" else 400
    return Refused(status, code, f"{name}: {text}", [(name, text)])


def invalid(bad: list[tuple[str, str]]) -> Refused:
    """Every bad field is named at once."""
    text = "; ".join(f"{name}: {why}" for name, why in bad)
    return Refused(400, "validation_error", text, bad)


def read_form(
    call: TCall, name: str, either: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The given fields, null among them; an id becomes the row that it points to."""
    form = FORMS[call.old][name]
    values, bad = f.check(call.fields, form)
    bad = [(name, f"Invalid input: expected {what}") for name, what in bad]
    if call.switches.tolt_reject_unknown_fields:
        unknown = sorted(set(call.fields) - set(form))
        bad += [(name, "Unrecognized key") for name in unknown]
    if either and not any(values.get(name) for name in either):
        bad.append((either[0], f"{' or '.join(either)} is required"))
    if bad:
        raise invalid(bad)
    for field_name, field in form.items():
        if field.refers and field_name in values:
            text = values.pop(field_name)
            row = find(call, field.refers, text)
            if row is None and text is not None:
                raise problem("invalid_reference", field_name, "does not exist")
            values[field_name.removesuffix("_id")] = row
    return values


def given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def changes(call: TCall, values: dict[str, Any], kept: str) -> dict[str, Any]:
    """What an update sets: null clears a field in v2, but for those that are kept."""
    if call.old:
        return given(values)
    kept_names = kept.split()
    return {n: v for n, v in values.items() if v is not None or n not in kept_names}
