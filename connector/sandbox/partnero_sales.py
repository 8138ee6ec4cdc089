"""Partners, customers and transactions of the Partnero stand-in.

A partner has two names that are easily mixed up: `id`, which paths want, and the
referral `key`. A transaction key is not unique, a transaction cannot be changed, and
deleting it is the documented way to refund. Rewards are one percentage of the
programme, so that a test can count what was paid; nothing is ever paid out.
"""

from decimal import Decimal
from typing import Any

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_codes import find_code, may_redeem, redeem, sales
from connector.sandbox.partnero_store import (
    PartneroCustomer,
    PartneroPartner,
    PartneroTransaction,
    Programme,
)
from connector.sandbox.table import fold
from connector.sandbox.wire import Handler, Refused, Reply, Route
from connector.sandbox.world import Mail

FIELDS: f.Form = {
    "email": f.EMAIL,
    "tags": f.STRINGS,
    **f.alike("id key", f.text(1, 64)),
    **f.alike("name surname action", f.text()),
    **f.alike("update partner customer options", f.MAP),
    **f.alike("amount reward", f.AMOUNT),
    **f.alike("product_id product_type discount_code", f.ANY),
    **f.alike("rewarded rewardable", f.LOOSE_FLAG),
    "amount_units": f.text(0, 8),
    "created_at": f.UNIX_TIME,
    "transactions": f.LIST,
}
PERSON = f.form(FIELDS, "email name surname tags")
UPDATE = f.form(FIELDS, "email name surname tags update")
NEW_PARTNER = f.form(FIELDS, "email! name surname tags id key")
NEW_CUSTOMER = f.form(
    FIELDS, "email name surname tags key partner customer", key=f.text(1)
)
SALE = f.form(
    FIELDS,
    "key amount reward amount_units action product_id product_type rewarded "
    "rewardable created_at discount_code",
    key=f.text(),
)
NEW_SALE = SALE | f.form(FIELDS, "customer options transactions")
DELETE_SALE = f.form(FIELDS, "key!", key=f.text(1))
BY_PARTNER = ("partner_key", "partner_email")


# --- partners ---------------------------------------------------------------------


def show_partner(call: api.PCall, partner: PartneroPartner) -> dict[str, Any]:
    shown = api.picked(
        partner, "email name surname approved status created_at updated_at"
    )
    return {"id": partner.uid, **shown, "custom_fields": []}


def _show_full_partner(call: api.PCall, partner: PartneroPartner) -> dict[str, Any]:
    link = f"https://shop.example/?aff={partner.key}"
    return {
        **show_partner(call, partner),
        "tos": True,
        "tags": [{"value": tag} for tag in partner.tags],
        "referral_link": link,
        "referral_links": [link],
    }


def _partner_in_path(call: api.PCall) -> PartneroPartner:
    return api.found("Partner", call.owner.partners.rows.get(call.path["id"]))


def get_partner_by(call: api.PCall) -> Reply:
    """GET /partner with one of email, key or id."""
    on, query = call.switches.partnero_partner_by_email, dict(call.query)
    partner = resolve_partner(call, query) if on else None
    return api.one(_show_full_partner(call, api.found("Partner", partner)))


def resolve_partner(call: api.PCall, named: dict[str, Any]) -> PartneroPartner | None:
    """The partner that {id, key or email} names, all of them exact."""
    partners = call.owner.partners
    uid, key, email = named.get("id"), named.get("key"), named.get("email")
    if isinstance(uid, str):
        return partners.rows.get(uid)
    if isinstance(key, str):
        return next((row for row in partners.rows.values() if row.key == key), None)
    twins = partners.named(email) if isinstance(email, str) else []
    return twins[0] if twins else None


def search_partners(call: api.PCall) -> Reply:
    """Partial matches, which is why it must not serve for identity."""
    rows = list(call.owner.partners)
    for name in ("id", "key", "email", "name"):
        if part := fold(call.query.get(name, "")):
            field = "uid" if name == "id" else name
            rows = [row for row in rows if part in fold(getattr(row, field))]
    return api.page(call, rows, show_partner)


def create_partner(call: api.PCall) -> Reply:
    """Creating a partner always counts as a mail sent."""
    values, partners = api.read_form(call.fields, NEW_PARTNER), call.owner.partners
    email = values.pop("email")
    uid = values.pop("id", None) or f"prt_{call.world.new_uid()}"
    key = values.pop("key", None) or uid.removeprefix("prt_")
    for name, wish in (("email", email), ("id", uid), ("key", key)):
        if resolve_partner(call, {name: wish}):
            raise api.invalid(name, f"The {name} has already been taken.")
    made = PartneroPartner(uid, call.now, call.now, email, key, **values)
    call.world.mails.append(Mail("partnero", email, "partner created"))
    return api.created(call, _show_full_partner(call, partners.add(made)))


def _updated(call: api.PCall) -> dict[str, Any]:
    """Fields wrapped in `update` (docs) or flat (the newest client)."""
    wrapped = api.read_form(call.fields, UPDATE).get("update")
    return {**api.read_form(wrapped or call.fields, PERSON), "updated_at": call.now}


def update_partner(call: api.PCall) -> Reply:
    partner, values = _partner_in_path(call), _updated(call)
    if resolve_partner(call, values) not in (None, partner):
        raise api.invalid("email", "The email has already been taken.")
    call.owner.partners.change(partner, **values)
    return api.one(_show_full_partner(call, partner))


# --- customers --------------------------------------------------------------------


def show_customer(call: api.PCall, customer: PartneroCustomer) -> dict[str, Any]:
    by_key, partner = call.switches.partnero_customer_partner == "key", customer.partner
    return {
        **api.picked(customer, "key name surname email created_at updated_at"),
        "partner": partner.key if by_key else partner.uid,
        "deleted": False,
        "deleted_at": None,
        "status": "active",
        "tags": [{"value": tag} for tag in customer.tags],
    }


def _filters(call: api.PCall) -> dict[str, str]:
    """PHP turns a dot in the name of a parameter into an underscore."""
    return {name.replace(".", "_"): text for name, text in call.query.items()}


def list_customers(call: api.PCall) -> Reply:
    query = _filters(call)
    if not any(name in query for name in BY_PARTNER):
        return api.page(call, call.owner.customers, show_customer)
    named = {name.removeprefix("partner_"): query.get(name) for name in BY_PARTNER}
    partner = resolve_partner(call, named)
    rows = [row for row in call.owner.customers if row.partner is partner]
    return api.page(call, rows, show_customer)


def find_customer(call: api.PCall, text: str) -> PartneroCustomer | None:
    """By key, id or e-mail: all three work in a path."""
    customers = call.owner.customers
    if row := customers.exact(text) or customers.rows.get(text):
        return row
    rows = customers.rows.values()
    return next((c for c in rows if c.email and fold(c.email) == fold(text)), None)


def _customer_in_path(call: api.PCall) -> PartneroCustomer:
    return api.found("Customer", find_customer(call, call.path["key"]))


def search_customers(call: api.PCall) -> Reply:
    rows = list(call.owner.customers)
    if email := fold(call.query.get("email", "")):
        rows = [row for row in rows if email in fold(row.email or "")]
    if uid := call.query.get("id") or call.query.get("key"):
        rows = [row for row in rows if uid in (row.uid, row.key)]
    return api.page(call, rows, show_customer)


def create_customer(call: api.PCall) -> Reply:
    values = api.read_form(call.fields, NEW_CUSTOMER)
    customer = _build_customer(call, values.get("customer") or call.fields, values)
    call.owner.customers.add(customer)
    return api.created(call, show_customer(call, customer))


def _build_customer(
    call: api.PCall, source: dict[str, Any], outer: dict[str, Any]
) -> PartneroCustomer:
    """A customer from a body; its partner may stand beside it."""
    values = api.read_form(source, NEW_CUSTOMER)
    values.pop("customer", None)
    nested = source is not call.fields
    key = values.pop("key", None) or (values.get("email") if nested else None)
    if not key:
        raise api.required("key")
    if call.owner.customers.exact(key):
        raise api.invalid("key", "The key has already been taken.")
    named = values.pop("partner", None) or outer.get("partner")
    if not isinstance(named, dict) or not named:
        raise api.required("partner")
    partner = resolve_partner(call, named)
    if partner is None:
        raise Refused(400, "partner", "The partner does not exist.")
    uid = f"cst_{call.world.new_uid()}"
    return PartneroCustomer(uid, call.now, call.now, key, partner, **values)


def update_customer(call: api.PCall) -> Reply:
    customer, values = _customer_in_path(call), _updated(call)
    call.owner.customers.change(customer, **values)
    return api.one(show_customer(call, customer))


# --- transactions -----------------------------------------------------------------


def show_transaction(call: api.PCall, row: PartneroTransaction) -> dict[str, Any]:
    shared = {
        **api.picked(row, "key action amount_units created_at deleted_at"),
        "customer": row.customer.key if row.customer else None,
        "partner": row.customer.partner.uid if row.customer else None,
        "is_currency": True,
        "credit": True,
    }
    product = api.picked(row, "product_id product_type") if row.product_id else {}
    reward = {**shared, "status": "ok", "product_type_data": product}
    rewards = [{**reward, "amount": amount} for amount in row.rewards]
    return {**shared, "amount": row.amount, "rewards": rewards}


def _belongs(row: PartneroTransaction, name: str, text: str) -> bool:
    """Whether a filter such as partner_email keeps a row."""
    whose, _, field = name.partition("_")
    if row.customer is None:
        return False
    owner = row.customer if whose == "customer" else row.customer.partner
    return fold(getattr(owner, field)) == text


def list_transactions(call: api.PCall) -> Reply:
    query = _filters(call)
    wanted = {n: fold(query[n]) for n in (*BY_PARTNER, "customer_key") if n in query}
    if not wanted and "key" not in query:
        return api.page(call, call.owner.transactions, show_transaction)
    rows = sales(call, query["key"]) if "key" in query else call.owner.transactions
    kept = [r for r in rows if all(_belongs(r, n, text) for n, text in wanted.items())]
    return api.page(call, kept, show_transaction)


def customer_transactions(call: api.PCall) -> Reply:
    customer = _customer_in_path(call)
    rows = [row for row in call.owner.transactions if row.customer is customer]
    return api.page(call, rows, show_transaction)


def _sale_in_path(call: api.PCall) -> PartneroTransaction:
    """The newest of a key."""
    return api.found("Transaction", next(reversed(sales(call, call.path["key"])), None))


def create_transaction(call: api.PCall) -> Reply:
    values = api.read_form(call.fields, NEW_SALE)
    several = values.get("transactions")
    parts = several if several is not None else [call.fields]
    if not parts or not all(isinstance(part, dict) for part in parts):
        raise api.required("transactions")
    customer, fresh = _customer_of_sale(call, values)
    strict = call.switches.partnero_integer_created_at
    form = SALE | {"created_at": f.UNIX_SECONDS} if strict else SALE
    sold = [api.read_form(part, form) for part in parts]
    rows = [_build_sale(call, customer, part) for part in sold]
    if fresh and customer:
        call.owner.customers.add(customer)
    for row, part in zip(rows, sold, strict=True):
        call.owner.transactions.add(row)
        _use_discount_code(call, row, part.get("discount_code"))
    shown = [show_transaction(call, row) for row in rows]
    return api.created(call, shown if several else shown[0])


def _customer_of_sale(
    call: api.PCall, values: dict[str, Any]
) -> tuple[PartneroCustomer | None, bool]:
    """The customer of a sale, and whether it was made just now."""
    named = values.get("customer", {})
    texts = [named.get(name) for name in ("key", "id", "email")]
    text = next((text for text in texts if isinstance(text, str) and text), None)
    if text is None:
        raise api.required("customer.key")
    if known := find_customer(call, text):
        return known, False
    if values.get("options", {}).get("create_customer") in (True, 1):
        return _build_customer(call, named, call.fields), True
    if call.switches.partnero_unknown_customer == "accept":
        return None, False
    raise api.invalid("customer.key", "The selected customer does not exist.")


def _build_sale(
    call: api.PCall, customer: PartneroCustomer | None, values: dict[str, Any]
) -> PartneroTransaction:
    key, switches = values.get("key"), call.switches
    if switches.partnero_unique_transactions and sales(call, key):
        raise api.invalid("key", "The key has already been taken.")
    amount, reward = values.get("amount"), values.get("reward")
    if amount is None and reward is None:
        raise api.required("amount")
    amount = amount or Decimal(0)
    if switches.partnero_two_decimals and amount != round(amount, 2):
        raise api.invalid("amount", "The amount must have at most two decimals.")
    uid, at = f"trx_{call.world.new_uid()}", values.get("created_at", call.now)
    units = values.get("amount_units") or call.owner.currency
    row = PartneroTransaction(uid, at, call.now, key, amount, customer, units)
    row.action = values.get("action") or "sale"
    row.product_id, row.product_type = map(values.get, ("product_id", "product_type"))
    row.rewarded = values.get("rewarded", False)
    if customer and values.get("rewardable", True):
        # Unrounded, as in the documented samples.
        share = amount * call.owner.commission_percent / 100
        row.rewards = [share if reward is None else reward]
    return row


def _use_discount_code(call: api.PCall, row: PartneroTransaction, text: Any) -> None:
    if not call.switches.partnero_discount_code_redeems or not isinstance(text, str):
        return
    if call.owner.codes.named(text):
        code = find_code(call, text)
        if may_redeem(call, code, row.key):
            redeem(call, code, row.key)


def delete_transaction(call: api.PCall) -> Reply:
    """All rows under the key: nothing tells them apart."""
    key = call.path.get("key") or api.read_form(call.fields, DELETE_SALE).get("key")
    rows = sales(call, key)
    api.found("Transaction", rows[0] if rows else None)
    for row in rows:
        call.owner.transactions.remove(row)
    return api.done()


def archiving(*, back: bool) -> Handler[Programme]:
    """Archive, or take it back; each works once."""

    def handle(call: api.PCall) -> Reply:
        row = _sale_in_path(call)
        if (row.deleted_at is not None) is not back:
            raise Refused(400, "action", "Action failed: already so.")
        row.deleted_at = None if back else call.now
        return api.done()

    return handle


CUSTOMERS_QUERY = f"{api.PAGES} partner_email"
SALES_QUERY = f"{api.PAGES} key partner_email"
get_partner = api.getting(_partner_in_path, _show_full_partner)
get_customer = api.getting(_customer_in_path, show_customer)
get_transaction = api.getting(_sale_in_path, show_transaction)
list_partners = api.listing("partners", show_partner)
delete_partner = api.removing("partners", _partner_in_path)
delete_customer = api.removing("customers", _customer_in_path)
ROUTES = [
    Route("GET", "/partners", list_partners, "partner*", query=f"{api.PAGES} sort"),
    Route("POST", "/partners", create_partner, "partner", NEW_PARTNER),
    Route("GET", "/partner", get_partner_by, "partner", query="email key id"),
    Route("GET", "/partners:search", search_partners, "partner*", query="key id"),
    Route("GET", "/partners/{id}", get_partner, "partner"),
    Route("PUT", "/partners/{id}", update_partner, "partner", UPDATE),
    Route("DELETE", "/partners/{id}", delete_partner),
    Route("GET", "/customers", list_customers, "customer*", query=CUSTOMERS_QUERY),
    Route("POST", "/customers", create_customer, "customer", NEW_CUSTOMER),
    Route("GET", "/customers:search", search_customers, "customer*", query="email"),
    Route("GET", "/customers/{key}", get_customer, "customer"),
    Route("PUT", "/customers/{key}", update_customer, "customer", UPDATE),
    Route("DELETE", "/customers/{key}", delete_customer),
    Route("GET", "/customers/{key}/transactions", customer_transactions, "sale*"),
    Route("GET", "/transactions", list_transactions, "sale*", query=SALES_QUERY),
    Route("POST", "/transactions", create_transaction, "sale", NEW_SALE),
    Route("DELETE", "/transactions", delete_transaction, "", DELETE_SALE),
    Route("GET", "/transactions/{key}", get_transaction, "sale"),
    Route("DELETE", "/transactions/{key}", delete_transaction),
    Route("POST", "/transactions/{key}/archive", archiving(back=False)),
    Route("POST", "/transactions/{key}/revoke-archive", archiving(back=True)),
]
