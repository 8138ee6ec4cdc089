"""Partners and customers of the Partnero stand-in.

A partner has two names that are easily mixed up: `id`, which paths want, and the
referral `key`, which is shown in their link alone, and that only where a partner is
read singly. Which of the two a customer's `partner` is, the documentation leaves open.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_store import (
    PartneroCustomer,
    PartneroPartner,
    PartneroTransaction,
)
from connector.sandbox.table import fold, kept
from connector.sandbox.wire import Refused, Reply, Route
from connector.sandbox.world import Mail

NAMES = f.fields("name surname", f.Text)
TAGS = f.fields("tags", f.Words)
PARTNER = {
    **f.fields("email", f.Email),
    **f.fields("key", f.Word),
    **f.fields("password", f.Password),
    **NAMES,
    **TAGS,
}
NEW_PARTNER = {
    **PARTNER,
    **f.fields("email!", f.Email),
    **f.fields("id", f.Word),
    **f.fields("referring_partner", f.Map),
}
WRAPPED = f.fields("update", f.Map)
CUSTOMER = f.fields("email", f.Email) | NAMES | TAGS
NEW_CUSTOMER = {
    **f.fields("key!", f.Name),
    **f.fields("partner!", f.Map),
    **CUSTOMER,
}
PUT_CUSTOMER = f.fields("key", f.Name) | CUSTOMER
SELECTOR = f.fields("key!", f.Name)
STRONG = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])")
NOBODY_YET = {
    "referrals": {
        **dict.fromkeys(("clicks", "signups", "sales_count", "paid_accounts"), 0),
        "revenue": [],
    },
    "commissions": {"paid": [], "pending": [], "not_paid": []},
    "custom_field_values": [],
    "referrals_count": 0,
    "tos": True,
}


# --- partners ---------------------------------------------------------------------


def _show_listed_partner(call: api.PCall, partner: PartneroPartner) -> dict[str, Any]:
    shown = api.picked(
        partner, "email name surname approved status created_at updated_at"
    )
    key = {"key": partner.key} if call.switches.partnero_partner_key else {}
    return {"id": partner.uid, **key, **shown, "custom_fields": []}


def show_partner(call: api.PCall, partner: PartneroPartner) -> dict[str, Any]:
    """The whole of a partner; nothing is counted up here, so the counts are zero."""
    link = f"https://shop.example/?aff={partner.key}"
    return {
        **_show_listed_partner(call, partner),
        **NOBODY_YET,
        "tags": _show_tags(partner),
        "referral_link": link,
        "referral_links": [link],
    }


def _show_tags(row: PartneroPartner | PartneroCustomer) -> list[dict[str, str]]:
    return [{"value": tag} for tag in row.tags]


def _partner(call: api.PCall) -> PartneroPartner:
    return api.existing("Partner", call.owner.partners.rows.get(call.path["name"]))


def _find_partner(call: api.PCall) -> Reply:
    """GET /partner with one of email, key or id."""
    on, query = call.switches.partnero_partner_by_email, dict(call.query)
    partner = named_partner(call, query) if on else None
    return api.single(show_partner(call, api.existing("Partner", partner)))


def named_partner(call: api.PCall, named: dict[str, Any]) -> PartneroPartner | None:
    """The partner that {id, key or email} names, all of them exact."""
    partners = call.owner.partners
    uid, key, email = named.get("id"), named.get("key"), named.get("email")
    if isinstance(uid, str):
        return partners.rows.get(uid)
    if isinstance(key, str):
        return next((row for row in partners.rows.values() if row.key == key), None)
    twins = partners.named(email) if isinstance(email, str) else []
    return twins[0] if twins else None


def name_of(partner: PartneroPartner | None, reading: str) -> str | None:
    """How a customer or a sale names its partner."""
    if partner is None:
        return None
    return partner.key if reading == "key" else partner.uid


def _search_partners(call: api.PCall) -> Reply:
    """A part of the key or of the id is enough; asked for nothing, nothing."""
    key, uid = call.query.get("key", ""), call.query.get("id", "")
    rows = [
        row
        for row in call.owner.partners
        if (key and key in row.key) or (uid and uid in row.uid)
    ]
    return api.page(call, rows, _show_listed_partner)


def _free_names(
    call: api.PCall, values: dict[str, Any], but: PartneroPartner | None
) -> None:
    """Refuse an e-mail, key or id that another partner has, and a weak password."""
    for name in ("email", "key", "id"):
        asked = {name: values[name]} if values.get(name) else {}
        if named_partner(call, asked) not in (None, but):
            raise api.invalid(name, f"The {name} has already been taken.")
    if not STRONG.match(values.get("password", "Aa1")):
        raise api.invalid("password", "The password needs both cases and a digit.")


def _create_partner(call: api.PCall) -> Reply:
    """Creating a partner always counts as a mail sent."""
    values = api.read_form(call.fields, NEW_PARTNER)
    _free_names(call, values, None)
    referring = values.get("referring_partner")
    if referring and named_partner(call, referring) is None:
        raise api.invalid("referring_partner", "The referring partner is invalid.")
    uid, email = call.world.new_uid(), values["email"]
    known = {
        name: values[name] for name in ("name", "surname", "tags") if name in values
    }
    made = PartneroPartner(
        values.get("id") or f"prt_{uid}",
        call.now,
        call.now,
        email,
        values.get("key") or uid,
        **known,
    )
    call.world.mails.append(Mail("partnero", email))
    return api.created(call, show_partner(call, call.owner.partners.add(made)))


def _update_partner(call: api.PCall) -> Reply:
    """By path; or by the e-mail or key in the body, and then always wrapped.

    Fields come wrapped in `update` (docs) or flat (the newest client).
    """
    wrapped = api.read_form(call.fields, WRAPPED).get("update")
    if "name" in call.path:
        partner = _partner(call)
    else:
        partner = api.existing("Partner", named_partner(call, call.fields))
        wrapped = wrapped or {}
    values = api.read_form(call.fields if wrapped is None else wrapped, PARTNER)
    _free_names(call, values, partner)
    values.pop("password", None)
    call.owner.partners.change(partner, updated_at=call.now, **values)
    return api.single(show_partner(call, partner))


def _set_status(status: str) -> Callable[[api.PCall], Reply]:
    def handle(call: api.PCall) -> Reply:
        partner = _partner(call)
        if (partner.status == "archived") is (status == "archived"):
            raise Refused(400, "action", "Action failed.")
        call.owner.partners.change(partner, updated_at=call.now, status=status)
        return Reply(200, {"status": 1})

    return handle


def _delete_partner(call: api.PCall) -> Reply:
    call.owner.partners.remove(_partner(call))
    return Reply(200, {"status": 1})


# --- customers --------------------------------------------------------------------


def show_customer(call: api.PCall, customer: PartneroCustomer) -> dict[str, Any]:
    archived = customer.deleted_at is not None
    return {
        **api.picked(customer, "key name surname email created_at updated_at"),
        **credited(call, customer.partner, call.switches.partnero_customer_partner),
        "deleted": archived,
        "deleted_at": customer.deleted_at,
        "status": "archived" if archived else "active",
        "tags": _show_tags(customer),
    }


def credited(
    call: api.PCall, partner: PartneroPartner | None, reading: str
) -> dict[str, Any]:
    """Whose a row is; only an affiliate programme has partners to name."""
    if call.switches.partnero_program_type != "affiliate":
        return {}
    return {"partner": name_of(partner, reading)}


def find_customer(call: api.PCall, text: str) -> PartneroCustomer | None:
    """By key, id or e-mail: all three work in a path."""
    customers = call.owner.customers
    if row := customers.exact(text) or customers.rows.get(text):
        return row
    rows = customers.rows.values()
    return next((c for c in rows if c.email and fold(c.email) == fold(text)), None)


def customer_in_path(call: api.PCall) -> PartneroCustomer:
    return api.existing("Customer", find_customer(call, call.path["name"]))


def _customers(call: api.PCall) -> api.Rows:
    """All of them, or those of one partner."""
    table, tests = call.owner.customers, partner_filters(call)
    if not tests:
        return table
    return [row for row in table if all(test(row) for test in tests)]


def partner_filters(call: api.PCall) -> list[Callable[[Any], bool]]:
    """Whose rows are asked for; PHP reads a dot in a name as an underscore."""
    tests: list[Callable[[Any], bool]] = []
    for name in ("key", "email"):
        for asked in (f"partner.{name}", f"partner_{name}"):
            if asked in call.query:
                partner = named_partner(call, {name: call.query[asked]})
                tests.append(partial(_belongs_to, partner))
    return tests


def _belongs_to(
    partner: PartneroPartner | None, row: PartneroCustomer | PartneroTransaction
) -> bool:
    return partner is not None and row.partner is partner


def _search_customers(call: api.PCall) -> Reply:
    """A part of the e-mail or of the id is enough; asked for nothing, nothing."""
    email, uid = fold(call.query.get("email", "")), call.query.get("id", "")
    rows = [
        row
        for row in call.owner.customers
        if (email and email in fold(row.email or "")) or (uid and uid in row.uid)
    ]
    return api.page(call, rows, show_customer)


def _create_customer(call: api.PCall) -> Reply:
    """The fields come flat, or (an older form) inside `customer`."""
    inner = call.fields.get("customer")
    source = {**inner, **call.fields} if isinstance(inner, dict) else call.fields
    return api.created(call, show_customer(call, make_customer(call, source)))


def make_customer(call: api.PCall, source: dict[str, Any]) -> PartneroCustomer:
    values = api.read_form(source, NEW_CUSTOMER)
    key, named = values.pop("key"), values.pop("partner")
    key = kept(key, call.switches.partnero_keys)
    if not named:
        raise api.required("partner")
    if call.owner.customers.exact(key):
        raise api.invalid("key", "The key has already been taken.")
    partner = named_partner(call, named)
    if partner is None:
        raise Refused(400, "partner", "The partner does not exist.")
    uid = f"cst_{call.world.new_uid()}"
    made = PartneroCustomer(uid, call.now, call.now, key, partner, **values)
    return call.owner.customers.add(made)


def _update_customer(call: api.PCall) -> Reply:
    """By path, or by the key in the body, and then always wrapped in `update`."""
    wrapped = api.read_form(call.fields, WRAPPED).get("update")
    if "name" in call.path:
        customer = customer_in_path(call)
    else:
        key = api.read_form(call.fields, SELECTOR)["key"]
        customer = api.existing("Customer", find_customer(call, key))
        wrapped = wrapped or {}
    values = api.read_form(call.fields if wrapped is None else wrapped, PUT_CUSTOMER)
    if "key" in values:
        values["key"] = kept(values["key"], call.switches.partnero_keys)
        if call.owner.customers.exact(values["key"]) not in (None, customer):
            raise api.invalid("key", "The key has already been taken.")
    call.owner.customers.change(customer, updated_at=call.now, **values)
    return api.single(show_customer(call, customer))


def _archive_customer(call: api.PCall) -> Reply:
    customer, back = customer_in_path(call), call.url.endswith("/revoke-archive")
    if (customer.deleted_at is None) is back:
        raise Refused(400, "action", "Action failed.")
    customer.deleted_at = None if back else call.now
    return Reply(200, {"status": 1})


def _delete_customer(call: api.PCall) -> Reply:
    call.owner.customers.remove(customer_in_path(call))
    return Reply(200, {"status": 1})


PARTNERS, CUSTOMERS, ONE = "/partners", "/customers", "{name}"
PEOPLE_ROUTES = [
    Route("GET", f"{PARTNERS}:search", _search_partners),
    *api.reads(
        PARTNERS,
        lambda call: call.owner.partners,
        _partner,
        show_partner,
        _show_listed_partner,
        sortable=True,
    ),
    Route("POST", PARTNERS, _create_partner, NEW_PARTNER),
    Route("PUT", PARTNERS, _update_partner, WRAPPED),
    Route("PUT", f"{PARTNERS}/{ONE}", _update_partner, PARTNER),
    Route("DELETE", f"{PARTNERS}/{ONE}", _delete_partner),
    Route("POST", f"{PARTNERS}/{ONE}/archive", _set_status("archived")),
    Route("POST", f"{PARTNERS}/{ONE}/revoke-archive", _set_status("active")),
    Route("GET", "/partner", _find_partner),
    Route("GET", f"{CUSTOMERS}:search", _search_customers),
    *api.reads(CUSTOMERS, _customers, customer_in_path, show_customer, sortable=True),
    Route("POST", CUSTOMERS, _create_customer, NEW_CUSTOMER),
    Route("PUT", CUSTOMERS, _update_customer, SELECTOR | WRAPPED),
    Route("PUT", f"{CUSTOMERS}/{ONE}", _update_customer, PUT_CUSTOMER),
    Route("POST", f"{CUSTOMERS}/{ONE}/archive", _archive_customer),
    Route("POST", f"{CUSTOMERS}/{ONE}/revoke-archive", _archive_customer),
    Route("DELETE", f"{CUSTOMERS}/{ONE}", _delete_customer),
]
