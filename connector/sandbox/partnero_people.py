"""Partners and customers on the Partnero stand-in.

A partner has two names that are easily mixed up: `id`, which paths want, and the
referral `key`. Creating a partner always counts as a mail sent.
"""

import re
from typing import Any

from connector.sandbox.partnero import (
    PCall,
    created,
    invalid,
    map_of,
    not_found,
    one,
    page,
    required,
    text_of,
    timestamp,
)
from connector.sandbox.partnero_store import (
    PartneroCustomer,
    PartneroPartner,
    Programme,
)
from connector.sandbox.table import fold
from connector.sandbox.wire import Handler, Refused, Reply
from connector.sandbox.world import Mail

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


def email_of(source: dict[str, Any], name: str = "email") -> str | None:
    value = text_of(source, name)
    if value is not None and not EMAIL.match(value):
        raise invalid(name, f"The {name} must be a valid email address.")
    return value


def tags_of(source: dict[str, Any]) -> list[str] | None:
    tags = source.get("tags")
    if tags is None:
        return None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise invalid("tags", "The tags must be an array of strings.")
    return list(tags)


# --- partners ---------------------------------------------------------------------


def show_partner(call: PCall, partner: PartneroPartner) -> dict[str, Any]:
    return {
        "id": partner.uid,
        "email": partner.email,
        "name": partner.name,
        "surname": partner.surname,
        "approved": partner.approved,
        "status": partner.status,
        "custom_fields": [],
        "created_at": timestamp(partner.created_at),
        "updated_at": timestamp(partner.updated_at),
    }


def _show_full_partner(call: PCall, partner: PartneroPartner) -> dict[str, Any]:
    link = f"https://shop.example/?aff={partner.key}"
    return {
        **show_partner(call, partner),
        "tos": True,
        "tags": [{"value": tag} for tag in partner.tags],
        "referral_link": link,
        "referral_links": [link],
    }


def list_partners(call: PCall) -> Reply:
    return page(call, call.owner.partners, show_partner)


def get_partner(call: PCall) -> Reply:
    return one(_show_full_partner(call, _partner_by_id(call, call.path["id"])))


def _partner_by_id(call: PCall, uid: str) -> PartneroPartner:
    partner = call.owner.partners.rows.get(uid)
    if partner is None:
        raise not_found("Partner")
    return partner


def get_partner_by(call: PCall) -> Reply:
    """GET /partner with one of email, key or id."""
    if not call.switches.partnero_partner_by_email:
        raise not_found("The route")
    wanted = {name: call.query.get(name) for name in ("id", "key", "email")}
    partner = resolve_partner(call, wanted)
    if partner is None:
        raise not_found("Partner")
    return one(_show_full_partner(call, partner))


def resolve_partner(call: PCall, source: dict[str, Any]) -> PartneroPartner | None:
    """The partner that {id, key or email} names, all of them exact."""
    uid, key, email = source.get("id"), source.get("key"), source.get("email")
    if isinstance(uid, str):
        return call.owner.partners.rows.get(uid)
    if isinstance(key, str):
        rows = call.owner.partners.rows.values()
        return next((partner for partner in rows if partner.key == key), None)
    if isinstance(email, str):
        return call.owner.partners_by_email.get(fold(email))
    return None


SEARCHED = {"id": "uid", "key": "key", "email": "email", "name": "name"}


def search_partners(call: PCall) -> Reply:
    """Partial matches, which is why it must not serve for identity."""
    found = list(call.owner.partners)
    for name, attribute in SEARCHED.items():
        if part := call.query.get(name):
            found = [p for p in found if fold(part) in fold(getattr(p, attribute))]
    return page(call, found, show_partner)


def create_partner(call: PCall) -> Reply:
    source = call.fields
    email = email_of(source)
    if not email:
        raise required("email")
    if fold(email) in call.owner.partners_by_email:
        raise invalid("email", "The email has already been taken.")
    uid = text_of(source, "id", most=64) or f"prt_{call.world.new_uid()}"
    if uid in call.owner.partners.rows:
        raise invalid("id", "The id has already been taken.")
    key = text_of(source, "key", most=64) or uid.removeprefix("prt_")
    if resolve_partner(call, {"key": key}):
        raise invalid("key", "The key has already been taken.")
    partner = PartneroPartner(uid, call.now, call.now, email, key)
    _rename(partner, source)
    call.owner.add_partner(partner)
    call.world.mails.append(Mail("partnero", email, "partner created"))
    return created(call, _show_full_partner(call, partner))


def _rename(partner: PartneroPartner, source: dict[str, Any]) -> None:
    name, surname = text_of(source, "name"), text_of(source, "surname")
    tags = tags_of(source)
    partner.name = partner.name if name is None else name
    partner.surname = partner.surname if surname is None else surname
    partner.tags = partner.tags if tags is None else tags


def update_partner(call: PCall) -> Reply:
    """Fields wrapped in `update` (docs) or flat (the newest client)."""
    partner = _partner_by_id(call, call.path["id"])
    source = map_of(call.fields, "update") or call.fields
    email = email_of(source)
    if email and fold(email) != fold(partner.email):
        if fold(email) in call.owner.partners_by_email:
            raise invalid("email", "The email has already been taken.")
        del call.owner.partners_by_email[fold(partner.email)]
        call.owner.partners_by_email[fold(email)] = partner
    _rename(partner, source)
    partner.email = email or partner.email
    call.owner.partners.touch(partner, call.now)
    return one(_show_full_partner(call, partner))


def delete_partner(call: PCall) -> Reply:
    partner = _partner_by_id(call, call.path["id"])
    call.owner.partners.remove(partner)
    del call.owner.partners_by_email[fold(partner.email)]
    return Reply(200, {"status": 1})


# --- customers --------------------------------------------------------------------


def show_customer(call: PCall, customer: PartneroCustomer) -> dict[str, Any]:
    partner = customer.partner
    by_key = call.switches.partnero_customer_partner == "key"
    return {
        "key": customer.key,
        "partner": partner.key if by_key else partner.uid,
        "deleted": customer.archived_at is not None,
        "name": customer.name,
        "surname": customer.surname,
        "email": customer.email,
        "status": "active",
        "created_at": timestamp(customer.created_at),
        "updated_at": timestamp(customer.updated_at),
        "deleted_at": timestamp(customer.archived_at),
        "tags": [{"value": tag} for tag in customer.tags],
    }


def list_customers(call: PCall) -> Reply:
    query = {name.replace(".", "_"): text for name, text in call.query.items()}
    key, email = query.get("partner_key"), query.get("partner_email")
    if key is None and email is None:
        return page(call, call.owner.customers, show_customer)
    partner = resolve_partner(call, {"key": key, "email": email})
    rows = [row for row in call.owner.customers if row.partner is partner]
    return page(call, rows, show_customer)


def find_customer(call: PCall, text: str) -> PartneroCustomer | None:
    """By key, id or e-mail: all three work in a path."""
    if found := call.owner.customers_by_key.get(text):
        return found
    if found := call.owner.customers.rows.get(text):
        return found
    rows = call.owner.customers.rows.values()
    return next((c for c in rows if c.email and fold(c.email) == fold(text)), None)


def customer_in_path(call: PCall) -> PartneroCustomer:
    customer = find_customer(call, call.path["key"])
    if customer is None:
        raise not_found("Customer")
    return customer


def get_customer(call: PCall) -> Reply:
    return one(show_customer(call, customer_in_path(call)))


def search_customers(call: PCall) -> Reply:
    rows = list(call.owner.customers)
    if email := call.query.get("email"):
        rows = [c for c in rows if email.casefold() in (c.email or "").casefold()]
    if uid := call.query.get("id") or call.query.get("key"):
        rows = [c for c in rows if uid in (c.uid, c.key)]
    return page(call, rows, show_customer)


def create_customer(call: PCall) -> Reply:
    nested = map_of(call.fields, "customer")
    customer = build_customer(call, nested or call.fields, call.fields)
    call.owner.add_customer(customer)
    return created(call, show_customer(call, customer))


def build_customer(
    call: PCall, source: dict[str, Any], outer: dict[str, Any]
) -> PartneroCustomer:
    """A customer from a body; its partner may stand beside it."""
    email = email_of(source)
    key = text_of(source, "key") or (email if outer is not source else None)
    if not key:
        raise required("key")
    if key in call.owner.customers_by_key:
        raise invalid("key", "The key has already been taken.")
    named = map_of(source, "partner") or map_of(outer, "partner")
    if not named:
        raise required("partner")
    partner = resolve_partner(call, named)
    if partner is None:
        raise Refused(400, "partner", "The partner does not exist.")
    uid = f"cst_{call.world.new_uid()}"
    customer = PartneroCustomer(uid, call.now, call.now, key, partner, email)
    customer.name, customer.surname = (
        text_of(source, "name"),
        text_of(source, "surname"),
    )
    customer.tags = tags_of(source) or []
    return customer


def update_customer(call: PCall) -> Reply:
    customer = customer_in_path(call)
    source = map_of(call.fields, "update") or call.fields
    email, name, surname = (
        email_of(source),
        text_of(source, "name"),
        text_of(source, "surname"),
    )
    tags = tags_of(source)
    customer.email = email or customer.email
    customer.name = name or customer.name
    customer.surname = surname or customer.surname
    customer.tags = customer.tags if tags is None else tags
    call.owner.customers.touch(customer, call.now)
    return one(show_customer(call, customer))


def delete_customer(call: PCall) -> Reply:
    customer = customer_in_path(call)
    del call.owner.customers_by_key[customer.key]
    call.owner.customers.remove(customer)
    return Reply(200, {"status": 1})


ROUTES: list[tuple[str, str, Handler[Programme]]] = [
    ("GET", "/partners", list_partners),
    ("POST", "/partners", create_partner),
    ("GET", "/partner", get_partner_by),
    ("GET", "/partners:search", search_partners),
    ("GET", "/partners/{id}", get_partner),
    ("PUT", "/partners/{id}", update_partner),
    ("DELETE", "/partners/{id}", delete_partner),
    ("GET", "/customers", list_customers),
    ("POST", "/customers", create_customer),
    ("GET", "/customers:search", search_customers),
    ("GET", "/customers/{key}", get_customer),
    ("PUT", "/customers/{key}", update_customer),
    ("DELETE", "/customers/{key}", delete_customer),
]
