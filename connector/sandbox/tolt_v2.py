"""Tolt v2: one envelope, stable error codes, cursors, update windows.

Where the documentation is silent the likeliest reading is built in, and the other
one is a switch. Bulk calls, clicks, flows and reports are not served.
"""

import math
import re
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.routing import Route, Router

from connector.sandbox import tolt
from connector.sandbox.switches import Switches
from connector.sandbox.tolt import Form, TCall, in_path, referred
from connector.sandbox.tolt_lists import (
    LISTED,
    Listed,
    cursor,
    keeper,
    narrowed,
    read_scan,
    run_scan,
)
from connector.sandbox.tolt_shapes import SHAPES_V2, link_of, v2_value
from connector.sandbox.tolt_store import Code, Organization
from connector.sandbox.wire import Handler, Limiter, Refused, Reply, endpoint
from connector.sandbox.world import Mail, World

DOCS = "https://docs.tolt.com/errors#"


@dataclass(frozen=True, slots=True)
class ToltV2:
    """Keys, limits and errors of v2."""

    name: str = "tolt_v2"
    max_body: int | None = 1_000_000

    def owner(self, world: World, key: str, *, any_key: bool) -> Organization | None:
        return tolt.owner(world, key, any_key=any_key)

    def limits(self, switches: Switches) -> tuple[int, float, str]:
        return tolt.limits(switches, switches.tolt_retry_after)

    def headers(self, switches: Switches, limit: int, left: int) -> dict[str, str]:
        if not limit:
            return {}
        reset = math.ceil(time.time() + switches.tolt_rate_window)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(reset),
        }

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        body: dict[str, Any] = {
            "success": False,
            "message": refused.message,
            "code": refused.code,
            "doc_url": DOCS + refused.code,
        }
        if refused.fields:
            body["errors"] = [{"field": n, "message": m} for n, m in refused.fields]
        return Reply(refused.status, body, refused.headers)


def ok(data: Any, *, status: int = 200) -> Reply:
    body = {"success": True, "message": "Request successful", "data": data}
    return Reply(status, body)


def listing(name: str) -> Handler[Organization]:
    listed: Listed = LISTED[name]

    def handle(call: TCall) -> Reply:
        table, show = getattr(call.owner, listed.kind), SHAPES_V2[listed.kind]
        scan = read_scan(call, table, listed.kind)
        if listed.kind == "codes":
            table = narrowed(call)
        rows, more = run_scan(table, scan, keeper(call, listed, scan.other))
        # The last page still names a next cursor; only an empty page has none.
        body = {
            "success": True,
            "message": "Request successful",
            "data": [show(call, row) for row in rows],
            "has_more": more,
            "next_cursor": cursor(scan.sort, rows[-1]) if rows else None,
            "prev_cursor": cursor(scan.sort, rows[0]) if rows else None,
        }
        return Reply(200, body)

    return handle


def getting(kind: str) -> Handler[Organization]:
    return lambda call: shown(call, kind, in_path(call, kind))


def deleting(kind: str) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        row = in_path(call, kind)
        _check_deletable(call, kind, row)
        tolt.remove(call, kind, row)
        return shown(call, kind, row)

    return handle


def _check_deletable(call: TCall, kind: str, row: Any) -> None:
    if kind == "codes":
        return
    entries = tolt.commissions_of(call, row)
    if kind == "customers" and any(entry.status == "paid" for entry in entries):
        raise Refused(400, "bad_request", "A commission is already paid")
    if kind == "transactions" and row.status == "refunded":
        raise Refused(409, "transaction_refunded", "Transaction is refunded")
    if kind == "transactions" and entries:
        raise Refused(409, "commission_exists", "Transaction has commissions")


def shown(call: TCall, kind: str, row: Any, *, new: bool = False) -> Reply:
    status = call.switches.tolt_v2_create_status if new else 200
    return ok(SHAPES_V2[kind](call, row), status=status)


# --- promotion codes --------------------------------------------------------------


def _decimal(form: Form) -> Decimal | None:
    value = form.text("value")
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", value, re.ASCII):
        form.bad.append(("value", "Invalid input: expected a decimal string"))
        return None
    return Decimal(value)


def create_code(call: TCall) -> Reply:
    form = Form(call)
    text = form.text("code", required=True, least=1)
    form.text("partner_id", required=True)
    kind, value = form.choice("type", "fixed", "percentage"), _decimal(form)
    form.done()
    partner = referred(call, "partners", "partner_id")
    if tolt.is_taken(call, partner, text or "", None):
        raise tolt.duplicate()
    if value is not None:
        value *= tolt.factor(call, partner.program, kind)
    code = tolt.create_code(call, text or "", partner, kind, value)
    return shown(call, "codes", code, new=True)


def update_code(call: TCall) -> Reply:
    code: Code = in_path(call, "codes")
    form = Form(call)
    text = form.text("code", least=1)
    kind = form.choice("type", "fixed", "percentage") or code.type
    number = _decimal(form) if form.given("value") else v2_value(call, code)
    form.done()
    if text is not None and tolt.is_taken(call, code.partner, text, code):
        raise tolt.duplicate()
    # The number is kept as v2 shows it when only the type changes.
    value = None
    if number is not None:
        value = number * tolt.factor(call, code.program, kind)
        tolt.check_value(call, code.program, kind, value)
    if (text or code.code, kind, value) != (code.code, code.type, code.value):
        code.type, code.value = kind, value
        call.owner.rename_code(code, text or code.code)
        call.owner.codes.touch(code, call.now)
    return shown(call, "codes", code)


# --- partners ---------------------------------------------------------------------

NAMES = ("first_name", "last_name", "company_name", "country_code", "website_url")


def create_partner(call: TCall) -> Reply:
    form = Form(call)
    email = form.email(required=True)
    form.text("program_id", required=True)
    texts = {name: form.text(name) for name in (*NAMES, "display_name")}
    form.text("group_id")
    status = form.choice("status", "active", "pending")
    created_at, notify = form.moment("created_at"), form.flag("notify_partner")
    form.read.add("link")
    form.done()
    program = referred(call, "programs", "program_id")
    group = None
    if form.given("group_id") and call.fields["group_id"] is not None:
        group = referred(call, "groups", "group_id")
    partner = tolt.create_partner(call, program, email or "", notify=notify)
    for name, value in texts.items():
        setattr(partner, name, value)
    partner.status, partner.group = status or "active", group or partner.group
    if created_at:
        call.owner.partners.backdate(partner, created_at)
    reply = shown(call, "partners", partner, new=True)
    reply.body["data"]["link"] = link_of(call, partner)
    return reply


def update_partner(call: TCall) -> Reply:
    """Neither e-mail nor status can be changed here."""
    partner, form = in_path(call, "partners"), Form(call)
    texts = {name: form.text(name) for name in NAMES if form.given(name)}
    form.text("group_id")
    form.done()
    if form.given("group_id"):
        wanted = call.fields["group_id"]
        partner.group = referred(call, "groups", "group_id") if wanted else None
    for name, value in texts.items():
        setattr(partner, name, value)
    if call.fields:
        call.owner.partners.touch(partner, call.now)
    return shown(call, "partners", partner)


def deciding(status: str) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        partner = in_path(call, "partners")
        partner.status = status
        partner.rejected_at = call.now if status == "rejected" else None
        partner.suspended_at = call.now if status == "suspended" else None
        call.owner.partners.touch(partner, call.now)
        if status != "suspended":
            about = f"partner {status}"
            call.world.mails.append(Mail("tolt", partner.email, about))
        return shown(call, "partners", partner)

    return handle


# --- customers --------------------------------------------------------------------

STATUSES = ("lead", "trialing", "active", "canceled", "suspended")
TEXTS = ("name", "subscription_id", "click_id", "link_id")
MOMENTS = ("created_at", "lead_at", "active_at")


def create_customer(call: TCall) -> Reply:
    form = Form(call)
    email, customer_id = form.email(), form.text("customer_id", least=1)
    form.text("partner_id")
    texts = {name: form.text(name) for name in TEXTS}
    code, status = (
        form.text("promotion_code", least=1),
        form.choice("status", *STATUSES),
    )
    moments = {name: form.moment(name) for name in MOMENTS}
    if not email and not customer_id:
        form.bad.append(("email", "email or customer_id is required"))
    if not call.fields.get("partner_id"):
        form.bad.append(("partner_id", "partner_id or link_id is required"))
    form.done()
    partner = referred(call, "partners", "partner_id")
    customer = tolt.create_customer(call, partner, email)
    customer.customer_id, customer.status = customer_id, status or "lead"
    for name, value in (*texts.items(), *moments.items()):
        if value is not None:
            setattr(customer, name, value)
    # An unmatched code is a silent success without attribution.
    found = tolt.resolve_code(call, partner, code) if code else None
    customer.promotion_code_uid = found.uid if found else None
    call.owner.customers.add(customer)
    return shown(call, "customers", customer, new=True)


def update_customer(call: TCall) -> Reply:
    customer, form = in_path(call, "customers"), Form(call)
    email, status = form.email(), form.choice("status", *STATUSES)
    texts = {n: form.text(n) for n in ("customer_id", *TEXTS) if form.given(n)}
    code = form.text("promotion_code", least=1)
    form.read.update(MOMENTS)
    form.done()
    if email and tolt.customer_by_email(call, email) not in (None, customer):
        raise tolt.problem("already_exists", "email", "already exists")
    customer.email = email.lower() if email else customer.email
    customer.status = status or customer.status
    for name, value in texts.items():
        setattr(customer, name, value)
    if code:
        found = tolt.resolve_code(call, customer.partner, code)
        customer.promotion_code_uid = (
            found.uid if found else customer.promotion_code_uid
        )
    elif form.given("promotion_code"):
        customer.promotion_code_uid = None
    if call.fields:
        call.owner.customers.touch(customer, call.now)
    return shown(call, "customers", customer)


# --- transactions -----------------------------------------------------------------

DETAILS = ("source", "product_id", "product_name", "click_id")


def _details(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {n: form.text(n) for n in (*DETAILS, "charge_id")}
    found["billing_type"] = form.choice("billing_type", "one_time", "subscription")
    found["interval"] = form.choice("interval", "month", "year")
    return found


def create_transaction(call: TCall) -> Reply:
    form = Form(call)
    amount = form.minor_units("amount", required=True)
    form.text("customer_id", required=True)
    details, created_at = _details(form), form.moment("created_at")
    form.done()
    customer = referred(call, "customers", "customer_id")
    row = tolt.create_transaction(call, customer, amount or 0, unique=True)
    for name in set(details) - {"charge_id"}:
        setattr(row, name, details[name])
    if created_at:
        call.owner.transactions.backdate(row, created_at)
    return shown(call, "transactions", row, new=True)


def update_transaction(call: TCall) -> Reply:
    row, form = in_path(call, "transactions"), Form(call)
    details, amount = _details(form), form.minor_units("amount")
    status, created_at = form.text("status"), form.moment("created_at")
    form.done()
    if row.status == "refunded":
        raise Refused(409, "transaction_refunded", "Transaction is refunded")
    if status == "refunded":
        raise Refused(400, "bad_request", "Use the refund endpoint")
    if details["charge_id"]:
        tolt.check_charge(call, row.customer, details["charge_id"], row)
    details["status"] = status
    for name in details:
        if form.given(name):
            setattr(row, name, details[name])
    row.amount = row.amount if amount is None else amount
    if created_at:
        call.owner.transactions.backdate(row, created_at)
    if call.fields:
        call.owner.transactions.touch(row, call.now)
    return shown(call, "transactions", row)


def refund(call: TCall) -> Reply:
    row = tolt.refund(call, in_path(call, "transactions"))
    return shown(call, "transactions", row)


def missing_route(call: TCall) -> Reply:
    raise Refused(404, "not_found", "Route not found")


ROUTES: list[tuple[str, str, Handler[Organization]]] = [
    *[("GET", f"/{name}", listing(name)) for name in LISTED],
    *[("GET", f"/{name}/{{id}}", getting(LISTED[name].kind)) for name in LISTED],
    ("POST", "/promotion-codes", create_code),
    ("PUT", "/promotion-codes/{id}", update_code),
    ("DELETE", "/promotion-codes/{id}", deleting("codes")),
    ("POST", "/partners", create_partner),
    ("PUT", "/partners/{id}", update_partner),
    ("POST", "/partners/{id}/approve", deciding("active")),
    ("POST", "/partners/{id}/reject", deciding("rejected")),
    ("POST", "/partners/{id}/suspend", deciding("suspended")),
    ("POST", "/customers", create_customer),
    ("PUT", "/customers/{id}", update_customer),
    ("DELETE", "/customers/{id}", deleting("customers")),
    ("POST", "/transactions", create_transaction),
    ("PUT", "/transactions/{id}", update_transaction),
    ("DELETE", "/transactions/{id}", deleting("transactions")),
    ("POST", "/transactions/{id}/refund", refund),
]


def router(limiter: Limiter) -> Router:
    """All routes, then a JSON 404 for everything else."""
    api = ToltV2()
    table = [
        Route(path, endpoint(api, limiter, handler), methods=[method])
        for method, path, handler in ROUTES
    ]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    rest = Route("/{rest:path}", endpoint(api, limiter, missing_route), methods=every)
    return Router([*table, rest])
