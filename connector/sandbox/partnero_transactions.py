"""Transactions and their rewards on the Partnero stand-in.

A transaction key is not unique, a transaction cannot be changed, and deleting it is
the documented way to refund. Rewards are one percentage of the programme, so that a
test can count what was paid; nothing is ever paid out.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connector.sandbox.partnero import (
    PCall,
    created,
    flag_of,
    invalid,
    map_of,
    not_found,
    number_of,
    one,
    page,
    required,
    text_of,
    timestamp,
    unix_time,
)
from connector.sandbox.partnero_codes import find_code, may_redeem, redeem
from connector.sandbox.partnero_people import (
    build_customer,
    customer_in_path,
    find_customer,
)
from connector.sandbox.partnero_store import (
    PartneroCustomer,
    PartneroTransaction,
    Programme,
)
from connector.sandbox.table import fold
from connector.sandbox.wire import Handler, Refused, Reply


def show_transaction(call: PCall, row: PartneroTransaction) -> dict[str, Any]:
    partner = row.customer.partner.uid if row.customer else None
    shared = {
        "key": row.key,
        "action": row.action,
        "customer": row.customer.key if row.customer else None,
        "partner": partner,
        "amount_units": row.amount_units,
        "is_currency": True,
        "credit": True,
        "created_at": timestamp(row.created_at),
        "deleted_at": timestamp(row.deleted_at),
    }
    product = {"product_id": row.product_id, "product_type": row.product_type}
    rewards = [
        {
            **shared,
            "status": "ok",
            "amount": amount,
            "product_type_data": product if row.product_id is not None else {},
        }
        for amount in row.rewards
    ]
    return {**shared, "amount": row.amount, "rewards": rewards}


def list_transactions(call: PCall) -> Reply:
    query = {name.replace(".", "_"): text for name, text in call.query.items()}
    wanted = {n: query[n] for n in FILTERS if n in query}
    if not wanted:
        return page(call, call.owner.transactions, show_transaction)
    key = wanted.get("key")
    by_key = call.owner.transactions_by_key
    rows = list(call.owner.transactions) if key is None else list(by_key.get(key, ()))
    for name, text in wanted.items():
        rows = [
            row for row in rows if FILTERS[name](row) == fold(text) or name == "key"
        ]
    return page(call, rows, show_transaction)


def customer_transactions(call: PCall) -> Reply:
    customer = customer_in_path(call)
    rows = [row for row in call.owner.transactions if row.customer is customer]
    return page(call, rows, show_transaction)


FILTERS: dict[str, Callable[[PartneroTransaction], str | None]] = {
    "key": lambda row: row.key,
    "partner_key": lambda row: fold(row.customer.partner.key) if row.customer else None,
    "partner_email": lambda row: (
        fold(row.customer.partner.email) if row.customer else None
    ),
    "customer_key": lambda row: fold(row.customer.key) if row.customer else None,
}


def get_transaction(call: PCall) -> Reply:
    return one(show_transaction(call, _rows(call, call.path["key"])[-1]))


def _rows(call: PCall, key: str | None) -> list[PartneroTransaction]:
    """All rows under one key, the newest last."""
    rows = call.owner.transactions_by_key.get(key or "", [])
    if not rows:
        raise not_found("Transaction")
    return list(rows)


def create_transaction(call: PCall) -> Reply:
    source = call.fields
    several = source.get("transactions")
    if several is not None and not isinstance(several, list):
        raise invalid("transactions", "The transactions must be an array.")
    parts = [part for part in several or [source] if isinstance(part, dict)]
    if not parts:
        raise required("transactions")
    customer, fresh = _customer(call, source)
    rows = [_build(call, customer, part) for part in parts]
    if fresh and customer:
        call.owner.add_customer(customer)
    for row, part in zip(rows, parts, strict=True):
        call.owner.add_transaction(row)
        _discount_code(call, row, part)
    shown = [show_transaction(call, row) for row in rows]
    return created(call, shown if several else shown[0])


def _customer(
    call: PCall, source: dict[str, Any]
) -> tuple[PartneroCustomer | None, bool]:
    """The customer of a sale, and whether it was made just now."""
    named = map_of(source, "customer")
    texts = [named.get(name) for name in ("key", "id", "email")]
    text = next((text for text in texts if isinstance(text, str) and text), None)
    if text is None:
        raise required("customer.key")
    if found := find_customer(call, text):
        return found, False
    if flag_of(map_of(source, "options"), "create_customer"):
        return build_customer(call, named, source), True
    if call.switches.partnero_unknown_customer == "accept":
        return None, False
    raise invalid("customer.key", "The selected customer does not exist.")


def _build(
    call: PCall, customer: PartneroCustomer | None, source: dict[str, Any]
) -> PartneroTransaction:
    key = text_of(source, "key")
    unique = call.switches.partnero_unique_transactions
    if unique and call.owner.transactions_by_key.get(key or ""):
        raise invalid("key", "The key has already been taken.")
    amount = _amount(call, source)
    units = text_of(source, "amount_units", most=8) or call.owner.currency
    uid, now = f"trx_{call.world.new_uid()}", call.now
    row = PartneroTransaction(uid, now, now, key, amount, customer, units)
    row.action = text_of(source, "action") or "sale"
    row.product_id, row.product_type = (
        source.get("product_id"),
        source.get("product_type"),
    )
    row.rewarded = flag_of(source, "rewarded")
    if source.get("created_at") is not None:
        strict = call.switches.partnero_integer_created_at
        row.created_at = unix_time(source["created_at"], "created_at", strict=strict)
    if customer and flag_of({"rewardable": True, **source}, "rewardable"):
        row.rewards = [_reward(call, amount, source)]
    return row


def _amount(call: PCall, source: dict[str, Any]) -> Decimal:
    if source.get("amount") is None:
        if source.get("reward") is None:
            raise required("amount")
        return Decimal(0)
    amount = number_of(source["amount"], "amount")
    if call.switches.partnero_two_decimals and amount != round(amount, 2):
        raise invalid("amount", "The amount must have at most two decimals.")
    return amount


def _reward(call: PCall, amount: Decimal, source: dict[str, Any]) -> Decimal:
    """Unrounded, as in the documented samples."""
    if source.get("reward") is not None:
        return number_of(source["reward"], "reward")
    return amount * call.owner.commission_percent / 100


def _discount_code(
    call: PCall, row: PartneroTransaction, source: dict[str, Any]
) -> None:
    text = source.get("discount_code")
    if not call.switches.partnero_discount_code_redeems or not isinstance(text, str):
        return
    if fold(text) not in call.owner.codes_by_text:
        return
    code = find_code(call, text)
    if may_redeem(call, code, row.key):
        redeem(call, code, row.key)


def delete_transaction(call: PCall) -> Reply:
    """All rows under the key: nothing tells them apart."""
    key = call.path.get("key") or text_of(call.fields, "key")
    for row in _rows(call, key):
        call.owner.remove_transaction(row)
    return Reply(200, {"status": 1})


def archive_transaction(call: PCall) -> Reply:
    row = _rows(call, call.path["key"])[-1]
    if row.deleted_at:
        raise Refused(400, "action", "Action failed: already archived.")
    row.deleted_at = call.now
    return Reply(200, {"status": 1})


def restore_transaction(call: PCall) -> Reply:
    row = _rows(call, call.path["key"])[-1]
    if not row.deleted_at:
        raise Refused(400, "action", "Action failed: not archived.")
    row.deleted_at = None
    return Reply(200, {"status": 1})


ROUTES: list[tuple[str, str, Handler[Programme]]] = [
    ("GET", "/transactions", list_transactions),
    ("POST", "/transactions", create_transaction),
    ("DELETE", "/transactions", delete_transaction),
    ("GET", "/transactions/{key}", get_transaction),
    ("DELETE", "/transactions/{key}", delete_transaction),
    ("GET", "/customers/{key}/transactions", customer_transactions),
    ("POST", "/transactions/{key}/archive", archive_transaction),
    ("POST", "/transactions/{key}/revoke-archive", restore_transaction),
]
