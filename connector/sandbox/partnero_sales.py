"""Transactions of the Partnero stand-in.

A transaction key is not unique, a transaction cannot be changed, and deleting it is
the documented way to refund. Rewards are one percentage of the programme, so that a
test can count what was paid; nothing is ever paid out.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from connector.sandbox import fields as f
from connector.sandbox import partnero as api
from connector.sandbox.partnero_codes import find_code, may_redeem, redeem, sales
from connector.sandbox.partnero_people import (
    credited,
    customer_in_path,
    find_customer,
    make_customer,
    partner_filters,
)
from connector.sandbox.partnero_store import PartneroCustomer, PartneroTransaction
from connector.sandbox.table import kept
from connector.sandbox.wire import Refused, Reply, Route

NEW_SALE = {
    **f.fields("customer!", f.Map),
    **f.fields("amount reward discount_amount gross_amount", f.Amount),
    **f.fields("key amount_units action discount_code", f.Text),
    **f.fields("product_id product_type", f.Text),
    **f.fields("rewardable rewarded", f.Flag),
    **f.fields("created_at", f.AnyTime),
    **f.fields("options", f.Map),
}
DELETE_SALE = f.fields("key!", f.Name)


# --- reading ----------------------------------------------------------------------


def show_transaction(call: api.PCall, row: PartneroTransaction) -> dict[str, Any]:
    shared = {
        **api.picked(row, "key action amount_units created_at deleted_at"),
        "customer": row.customer.key if row.customer else None,
        **credited(call, row.partner, call.switches.partnero_sale_partner),
        "is_currency": True,
        "credit": True,
    }
    reward = {**shared, "status": "ok", "product_type_data": row.product}
    rewards = [{**reward, "amount": amount} for amount in row.rewards]
    return {**shared, "amount": row.amount, "rewards": rewards}


def _transactions(call: api.PCall) -> api.Rows:
    table, lag = call.owner.transactions, call.switches.partnero_transactions_lag
    key, tests = call.query.get("key"), _filters(call)
    if key is None and not tests and not lag:
        return table  # a page of it costs a page
    rows = table if key is None else _under(call, key)
    kept_rows = [row for row in rows if all(test(row) for test in tests)]
    return call.seen(kept_rows, lag)


def _under(call: api.PCall, key: str) -> list[PartneroTransaction]:
    """The rows that the key filter finds, the newest last."""
    if call.switches.partnero_key_filter == "exact":
        return sales(call, key)
    twins = call.owner.transactions.named(key)
    return sorted(twins, key=lambda row: (row.created_at, row.uid))


def _filters(call: api.PCall) -> list[Callable[[Any], bool]]:
    """Whose sales are asked for."""
    query, tests = call.query, partner_filters(call)
    for name in ("customer.key", "customer_key"):
        if name in query:
            buyer = call.owner.customers.exact(query[name])
            tests.append(partial(_bought_by, buyer))
    return tests


def _bought_by(buyer: PartneroCustomer | None, row: PartneroTransaction) -> bool:
    return buyer is not None and row.customer is buyer


def _sales_of_customer(call: api.PCall) -> Reply:
    test = partial(_bought_by, customer_in_path(call))
    rows = [row for row in call.owner.transactions if test(row)]
    seen = call.seen(rows, call.switches.partnero_transactions_lag)
    return api.page(call, seen, show_transaction)


def _read_transaction(call: api.PCall) -> PartneroTransaction:
    """The newest of a key that can be read yet."""
    rows = sales(call, call.path["name"])
    seen = call.seen(rows, call.switches.partnero_transactions_lag)
    return api.existing("Transaction", seen[-1] if seen else None)


# --- writing ----------------------------------------------------------------------


def _create_transaction(call: api.PCall) -> Reply:
    values = api.read_form(call.fields, NEW_SALE)
    key = values.get("key")
    key = key and kept(key, call.switches.partnero_keys)
    _check_sale(call, values, key)
    customer = _customer_of_sale(call, values)
    amount, at = values.get("amount", f.ZERO), values.get("created_at", call.now)
    units = values.get("amount_units") or call.owner.currency
    uid = f"trx_{call.world.new_uid()}"
    row = PartneroTransaction(uid, at, call.now, key, amount, customer, units)
    row.action = values.get("action") or "sale"
    row.rewarded = values.get("rewarded", False)
    names = ("product_id", "product_type")
    row.product = {name: values[name] for name in names if name in values}
    if customer and values.get("rewardable", True):
        # Unrounded, as in the documented samples.
        share = amount * call.owner.commission_percent / 100
        row.rewards = [values.get("reward", share)]
    call.owner.transactions.add(row)
    _redeem_by_itself(call, values, key)
    return api.created(call, show_transaction(call, row))


def _check_sale(call: api.PCall, values: dict[str, Any], key: str | None) -> None:
    """Refuse what some readings do not take; the amount or the reward must be there."""
    switches, amount = call.switches, values.get("amount")
    if amount is None and "reward" not in values:
        raise api.required("amount")
    if switches.partnero_unique_transactions and sales(call, key):
        raise api.invalid("key", "The key has already been taken.")
    fine = amount is None or amount == round(amount, 2)
    if switches.partnero_two_decimals and not fine:
        raise api.invalid("amount", "The amount must have at most two decimals.")
    texted = isinstance(call.fields.get("created_at"), str)
    if switches.partnero_integer_created_at and texted:
        raise api.invalid("created_at", "The created at must be an integer.")


def _redeem_by_itself(call: api.PCall, values: dict[str, Any], key: str | None) -> None:
    text = values.get("discount_code")
    if text and call.switches.partnero_discount_code_redeems:
        code = find_code(call, text)
        if may_redeem(call, code, key):
            redeem(call, code, key)


def _customer_of_sale(
    call: api.PCall, values: dict[str, Any]
) -> PartneroCustomer | None:
    """Who bought; who is not known yet is made where the sale asks for it."""
    named = values["customer"]
    texts = [named.get(name) for name in ("key", "id", "email")]
    text = next((text for text in texts if isinstance(text, str) and text), None)
    if text is None:
        raise api.required("customer.key")
    customer = find_customer(call, text)
    if customer is None and values.get("options", {}).get("create_customer") is True:
        return make_customer(call, {"key": text, **named})
    if customer is None and call.switches.partnero_unknown_customer == "reject":
        raise api.invalid("customer.key", "The selected customer does not exist.")
    return customer


def _delete_transaction(call: api.PCall) -> Reply:
    """All rows under the key: nothing tells them apart."""
    key = call.path.get("name") or api.read_form(call.fields, DELETE_SALE)["key"]
    rows = sales(call, key)
    api.existing("Transaction", rows[0] if rows else None)
    for row in rows:
        call.owner.transactions.remove(row)
    return Reply(200, {"status": 1})


def _archive_transaction(call: api.PCall) -> Reply:
    """Put the newest of a key away with its rewards, or take it back."""
    rows, back = sales(call, call.path["name"]), call.url.endswith("/revoke-archive")
    row = api.existing("Transaction", rows[-1] if rows else None)
    if (row.deleted_at is None) is back:
        state = "not archived" if back else "already archived"
        raise Refused(400, "action", f"Action failed: {state}.")
    row.deleted_at = None if back else call.now
    return Reply(200, {"status": 1})


SALES = "/transactions"
SALES_ROUTES = [
    Route("GET", f"/customers/{{name}}{SALES}", _sales_of_customer),
    *api.reads(
        SALES, _transactions, _read_transaction, show_transaction, sortable=True
    ),
    Route("POST", SALES, _create_transaction, NEW_SALE),
    Route("DELETE", SALES, _delete_transaction, DELETE_SALE),
    Route("DELETE", f"{SALES}/{{name}}", _delete_transaction),
    Route("POST", f"{SALES}/{{name}}/archive", _archive_transaction),
    Route("POST", f"{SALES}/{{name}}/revoke-archive", _archive_transaction),
]
