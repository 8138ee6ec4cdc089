"""Partners, customers and transactions of the Partnero stand-in.

A partner has two names that are easily mixed up: `id`, which paths want, and the
referral `key`. A transaction key is not unique, a transaction cannot be changed, and
deleting it is the documented way to refund. Rewards are one percentage of the
programme, so that a test can count what was paid; nothing is ever paid out.
"""

from typing import Any

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_codes import find_code, may_redeem, redeem, sales
from connector.sandbox.partnero_store import (
    PartneroCustomer,
    PartneroPartner,
    PartneroTransaction,
)
from connector.sandbox.table import fold
from connector.sandbox.wire import Refused, Reply, Route
from connector.sandbox.world import Mail

NAMES = f.fields("name surname", f.Text)
NEW_PARTNER = f.fields("email!", f.Email) | NAMES
PUT_PARTNER = f.fields("email", f.Email) | NAMES
WRAPPED = f.fields("update", f.Map)
NEW_CUSTOMER = {
    **f.fields("key!", f.Name),
    **f.fields("partner!", f.Map),
    **f.fields("email", f.Email),
    **NAMES,
}
NEW_SALE = {
    **f.fields("customer!", f.Map),
    **f.fields("amount!", f.Amount),
    **f.fields("key amount_units action discount_code", f.Text),
    **f.fields("rewardable", f.Flag),
    **f.fields("created_at", f.AnyTime),
}
DELETE_SALE = f.fields("key!", f.Name)


# --- partners ---------------------------------------------------------------------


def show_partner(call: api.PCall, partner: PartneroPartner) -> dict[str, Any]:
    shown = api.picked(
        partner, "email name surname approved status created_at updated_at"
    )
    link = f"https://shop.example/?aff={partner.key}"
    return {"id": partner.uid, **shown, "custom_fields": [], "referral_link": link}


def _partner(call: api.PCall) -> PartneroPartner:
    return api.found("Partner", call.owner.partners.rows.get(call.path["name"]))


def _find_partner(call: api.PCall) -> Reply:
    """GET /partner with one of email, key or id."""
    on, query = call.switches.partnero_partner_by_email, dict(call.query)
    partner = _named_partner(call, query) if on else None
    return api.one(show_partner(call, api.found("Partner", partner)))


def _named_partner(call: api.PCall, named: dict[str, Any]) -> PartneroPartner | None:
    """The partner that {id, key or email} names, all of them exact."""
    partners = call.owner.partners
    uid, key, email = named.get("id"), named.get("key"), named.get("email")
    if isinstance(uid, str):
        return partners.rows.get(uid)
    if isinstance(key, str):
        return next((row for row in partners.rows.values() if row.key == key), None)
    twins = partners.named(email) if isinstance(email, str) else []
    return twins[0] if twins else None


def _create_partner(call: api.PCall) -> Reply:
    """Creating a partner always counts as a mail sent."""
    values, partners = api.read_form(call.fields, NEW_PARTNER), call.owner.partners
    email, key = values.pop("email"), call.world.new_uid()
    if partners.named(email):
        raise api.invalid("email", "The email has already been taken.")
    made = PartneroPartner(f"prt_{key}", call.now, call.now, email, key, **values)
    call.world.mails.append(Mail("partnero", email))
    return api.created(call, show_partner(call, partners.add(made)))


def _update_partner(call: api.PCall) -> Reply:
    """Fields come wrapped in `update` (docs) or flat (the newest client)."""
    partner, wrapped = _partner(call), api.read_form(call.fields, WRAPPED)
    values = api.read_form(wrapped.get("update") or call.fields, PUT_PARTNER)
    if _named_partner(call, values) not in (None, partner):
        raise api.invalid("email", "The email has already been taken.")
    call.owner.partners.change(partner, updated_at=call.now, **values)
    return api.one(show_partner(call, partner))


# --- customers --------------------------------------------------------------------


def show_customer(call: api.PCall, customer: PartneroCustomer) -> dict[str, Any]:
    by_key, partner = call.switches.partnero_customer_partner == "key", customer.partner
    return {
        **api.picked(customer, "key name surname email created_at updated_at"),
        "partner": partner.key if by_key else partner.uid,
        "deleted": False,
        "deleted_at": None,
        "status": "active",
        "tags": [],
    }


def _find_customer(call: api.PCall, text: str) -> PartneroCustomer | None:
    """By key, id or e-mail: all three work in a path."""
    customers = call.owner.customers
    if row := customers.exact(text) or customers.rows.get(text):
        return row
    rows = customers.rows.values()
    return next((c for c in rows if c.email and fold(c.email) == fold(text)), None)


def _customer(call: api.PCall) -> PartneroCustomer:
    return api.found("Customer", _find_customer(call, call.path["name"]))


def _create_customer(call: api.PCall) -> Reply:
    values = api.read_form(call.fields, NEW_CUSTOMER)
    key, named = values.pop("key"), values.pop("partner")
    if not named:
        raise api.required("partner")
    if call.owner.customers.exact(key):
        raise api.invalid("key", "The key has already been taken.")
    partner = _named_partner(call, named)
    if partner is None:
        raise Refused(400, "partner", "The partner does not exist.")
    uid = f"cst_{call.world.new_uid()}"
    made = PartneroCustomer(uid, call.now, call.now, key, partner, **values)
    return api.created(call, show_customer(call, call.owner.customers.add(made)))


def _delete_customer(call: api.PCall) -> Reply:
    call.owner.customers.remove(_customer(call))
    return Reply(200, {"status": 1})


# --- transactions -----------------------------------------------------------------


def show_transaction(call: api.PCall, row: PartneroTransaction) -> dict[str, Any]:
    shared = {
        **api.picked(row, "key action amount_units created_at deleted_at"),
        "customer": row.customer.key if row.customer else None,
        "partner": row.customer.partner.uid if row.customer else None,
        "is_currency": True,
        "credit": True,
    }
    reward = {**shared, "status": "ok", "product_type_data": {}}
    rewards = [{**reward, "amount": amount} for amount in row.rewards]
    return {**shared, "amount": row.amount, "rewards": rewards}


def _transactions(call: api.PCall) -> api.Rows:
    key, buyer = call.query.get("key"), call.query.get("customer.key")
    if buyer is not None:
        return _sales_of(call, call.owner.customers.exact(buyer))
    return call.owner.transactions if key is None else sales(call, key)


def _sales_of(call: api.PCall, customer: PartneroCustomer | None) -> api.Rows:
    rows = call.owner.transactions
    return [row for row in rows if customer and row.customer is customer]


def _customers_transactions(call: api.PCall) -> Reply:
    return api.page(call, _sales_of(call, _customer(call)), show_transaction)


def _search_customers(call: api.PCall) -> Reply:
    """By e-mail or id, exactly."""
    email, uid = call.query.get("email"), call.query.get("id")
    rows = call.owner.customers.rows.values()
    hits = [c for c in rows if c.uid == uid or (email and c.email == email)]
    return api.page(call, hits, show_customer)


def _transaction(call: api.PCall) -> PartneroTransaction:
    """The newest of a key."""
    rows = sales(call, call.path["name"])
    return api.found("Transaction", rows[-1] if rows else None)


def _create_transaction(call: api.PCall) -> Reply:
    values, switches = api.read_form(call.fields, NEW_SALE), call.switches
    customer, key = _customer_of_sale(call, values["customer"]), values.get("key")
    amount, at = values["amount"], values.get("created_at", call.now)
    if switches.partnero_unique_transactions and sales(call, key):
        raise api.invalid("key", "The key has already been taken.")
    if switches.partnero_two_decimals and amount != round(amount, 2):
        raise api.invalid("amount", "The amount must have at most two decimals.")
    if switches.partnero_integer_created_at and isinstance(
        call.fields.get("created_at"), str
    ):
        raise api.invalid("created_at", "The created at must be an integer.")
    units = values.get("amount_units") or call.owner.currency
    uid = f"trx_{call.world.new_uid()}"
    row = PartneroTransaction(uid, at, call.now, key, amount, customer, units)
    row.action = values.get("action") or "sale"
    if customer and values.get("rewardable", True):
        # Unrounded, as in the documented samples.
        row.rewards = [amount * call.owner.commission_percent / 100]
    call.owner.transactions.add(row)
    text = values.get("discount_code")
    if text and switches.partnero_discount_code_redeems:
        code = find_code(call, text)
        if may_redeem(call, code, key):
            redeem(call, code, key)
    return api.created(call, show_transaction(call, row))


def _customer_of_sale(
    call: api.PCall, named: dict[str, Any]
) -> PartneroCustomer | None:
    texts = [named.get(name) for name in ("key", "id", "email")]
    text = next((text for text in texts if isinstance(text, str) and text), None)
    if text is None:
        raise api.required("customer.key")
    customer = _find_customer(call, text)
    if customer is None and call.switches.partnero_unknown_customer == "reject":
        raise api.invalid("customer.key", "The selected customer does not exist.")
    return customer


def _delete_transaction(call: api.PCall) -> Reply:
    """All rows under the key: nothing tells them apart."""
    key = call.path.get("name") or api.read_form(call.fields, DELETE_SALE)["key"]
    rows = sales(call, key)
    api.found("Transaction", rows[0] if rows else None)
    for row in rows:
        call.owner.transactions.remove(row)
    return Reply(200, {"status": 1})


def _archive_transaction(call: api.PCall) -> Reply:
    row = _transaction(call)
    if row.deleted_at is not None:
        raise Refused(400, "action", "Action failed: already archived.")
    row.deleted_at = call.now
    return Reply(200, {"status": 1})


SALES = "/transactions"
SALES_ROUTES = [
    *api.reads("/partners", lambda call: call.owner.partners, _partner, show_partner),
    Route("POST", "/partners", _create_partner, NEW_PARTNER),
    Route("PUT", "/partners/{name}", _update_partner, PUT_PARTNER),
    Route("GET", "/partner", _find_partner),
    *api.reads(
        "/customers", lambda call: call.owner.customers, _customer, show_customer
    ),
    Route("POST", "/customers", _create_customer, NEW_CUSTOMER),
    Route("GET", "/customers:search", _search_customers),
    Route("GET", "/customers/{name}/transactions", _customers_transactions),
    Route("DELETE", "/customers/{name}", _delete_customer),
    *api.reads(SALES, _transactions, _transaction, show_transaction),
    Route("POST", SALES, _create_transaction, NEW_SALE),
    Route("DELETE", SALES, _delete_transaction, DELETE_SALE),
    Route("DELETE", f"{SALES}/{{name}}", _delete_transaction),
    Route("POST", f"{SALES}/{{name}}/archive", _archive_transaction),
]
