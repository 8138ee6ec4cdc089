"""Tolt v1: `program_id` on every list, arrays of one, three shapes of error.

The same store as v2 in older words: fixed discounts in minor units, no rename of a
code, no window on updates, no rate-limit headers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from starlette.routing import Route, Router

from connector.sandbox import tolt
from connector.sandbox.switches import Switches
from connector.sandbox.table import fold
from connector.sandbox.tolt import Form, TCall, in_path, referred
from connector.sandbox.tolt_lists import LISTED, Scan, keeper, run_scan, v1_scan
from connector.sandbox.tolt_shapes import SHAPES_V1, v1_written_code
from connector.sandbox.tolt_store import Code, Organization, ToltCustomer
from connector.sandbox.tolt_v2 import DETAILS, NAMES
from connector.sandbox.wire import Handler, Limiter, Refused, Reply, endpoint
from connector.sandbox.world import World

TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


@dataclass(frozen=True, slots=True)
class ToltV1:
    """Keys, limits and errors of v1."""

    name: str = "tolt_v1"
    max_body: int | None = None

    def owner(self, world: World, key: str, *, any_key: bool) -> Organization | None:
        return tolt.owner(world, key, any_key=any_key)

    def limits(self, switches: Switches) -> tuple[int, float, str]:
        # v1 names no header for its limit: the client has to guess.
        return tolt.limits(switches, "absent")

    def headers(self, switches: Switches, limit: int, left: int) -> dict[str, str]:
        if not switches.tolt_v1_deprecation:
            return {}
        return {"Deprecation": "true", "Sunset": "Thu, 31 Dec 2026 23:59:59 GMT"}

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        text = refused.message
        kind = TYPES.get(refused.status, "invalid_request_error")
        error: Any = {"message": text, "type": kind}
        body: dict[str, Any] = {"success": False, "error": error}
        if switches.tolt_v1_errors == "string":
            body["error"] = text
        elif switches.tolt_v1_errors == "message":
            body = {"message": text}
        return Reply(refused.status, body)


def ok(data: Any, **more: Any) -> Reply:
    return Reply(200, {"success": True, "data": data, **more})


# --- lists and single reads -------------------------------------------------------


def listing(name: str) -> Handler[Organization]:
    listed = LISTED[name]

    def handle(call: TCall) -> Reply:
        program = None
        if name != "programs":
            program = tolt.find(call, "programs", call.query.get("program_id"))
            if program is None:
                text = "is required" if "program_id" not in call.query else "unknown"
                raise tolt.problem("validation_error", "program_id", text)
        table, scan = getattr(call.owner, listed.kind), v1_scan(call, listed.kind)
        keep = keeper(call, listed)
        email = call.query.get("email") if name == "partners" else None
        if email and call.switches.tolt_v1_email_filter:
            wanted = fold(email)
            rows, more = run_scan(
                table, scan, lambda row: keep(row) and fold(row.email) == wanted
            )
        else:
            rows, more = run_scan(table, scan, keep)
        data: Any = [_expanded(call, listed.kind, row) for row in rows]
        count = _count(call, listed.kind, scan, keep)
        if name == "customers":
            return ok({"data": data}, has_more=more, total_count=count)
        return ok(data, has_more=more, total_count=count)

    return handle


def _count(call: TCall, kind: str, scan: Scan, keep: Callable[[Any], bool]) -> int:
    """All matching rows; without further filters that is the size of the table."""
    table = getattr(call.owner, kind)
    plain = set(call.query) <= {*PAGING, "program_id"}
    if plain and len(call.owner.programs) == 1 and kind != "partners":
        return len(table)
    whole = replace(scan, after=None, before=None, limit=len(table))
    return len(run_scan(table, whole, keep)[0])


PAGING = ("limit", "order", "starting_after", "ending_before", "expand[]", "include[]")


def _expanded(call: TCall, kind: str, row: Any) -> dict[str, Any]:
    shown = SHAPES_V1[kind](call, row)
    for name in call.query.getlist("expand[]"):
        other = getattr(row, name, None) if name in EXPANDED else None
        if other is not None:
            shown[name] = SHAPES_V1[EXPANDED[name]](call, other)
    return shown


EXPANDED = {
    "partner": "partners",
    "program": "programs",
    "group": "groups",
    "customer": "customers",
    "transaction": "transactions",
}


def getting(kind: str) -> Handler[Organization]:
    return lambda call: ok(_expanded(call, kind, in_path(call, kind)))


def deleting(kind: str) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        row = in_path(call, kind)
        tolt.remove(call, kind, row)
        return ok({"id": call.path["id"], "deleted": True})

    return handle


# --- promotion codes --------------------------------------------------------------


def _value(form: Form, *, required: bool) -> Decimal | None:
    """A JSON number: minor units for fixed, else percent."""
    form.read.add("value")
    value = form.call.fields.get("value")
    if value is None and not required:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        form.bad.append(("value", "must be a number"))
        return None
    return Decimal(value)


def create_code(call: TCall) -> Reply:
    form = Form(call)
    text = form.text("code", required=True, least=1)
    form.text("partner_id", required=True)
    kind = form.choice("type", "fixed", "percentage", required=True)
    value = _value(form, required=True)
    form.done()
    partner = referred(call, "partners", "partner_id")
    rule = call.switches.tolt_v1_duplicate
    if rule != "silent" and tolt.is_taken(call, partner, text or "", None):
        raise Refused(int(rule), "already_exists", "Promotion code already exists")
    code = tolt.create_code(call, text or "", partner, kind, value)
    return ok([v1_written_code(call, code)])


def update_code(call: TCall) -> Reply:
    """Type and value only; a new text is ignored like any unknown field."""
    code: Code = in_path(call, "codes")
    form = Form(call)
    kind = form.choice("type", "fixed", "percentage") or code.type
    value = _value(form, required=False)
    form.done()
    value = code.value if value is None else value
    if value is not None:
        tolt.check_value(call, code.program, kind, value)
    if (kind, value) != (code.type, code.value):
        code.type, code.value = kind, value
        call.owner.codes.touch(code, call.now)
    return ok([v1_written_code(call, code)])


# --- partners and customers -------------------------------------------------------


def create_partner(call: TCall) -> Reply:
    form = Form(call)
    email = form.email(required=True)
    form.text("program_id", required=True)
    for name in ("first_name", "last_name"):
        form.text(name, required=True)
    texts = {name: form.text(name) for name in NAMES}
    notify = form.flag("notify_partner")
    form.read.update(("group_id", "payout_method", "payout_details"))
    form.done()
    program = referred(call, "programs", "program_id")
    partner = tolt.create_partner(call, program, email or "", notify=notify)
    for name, value in texts.items():
        setattr(partner, name, value)
    shown = SHAPES_V1["partners"](call, partner)
    return ok([shown] if call.switches.tolt_v1_partner_create_array else shown)


def update_partner(call: TCall) -> Reply:
    partner, form = in_path(call, "partners"), Form(call)
    email = form.email()
    texts = {name: form.text(name) for name in NAMES if form.given(name)}
    status = form.choice("status", "active", "pending", "suspended", "rejected")
    form.done()
    twin = tolt.partner_by_email(call, partner.program, email) if email else None
    if twin not in (None, partner):
        raise tolt.problem("already_exists", "email", "already exists")
    partner.email, partner.status = email or partner.email, status or partner.status
    for name, value in texts.items():
        setattr(partner, name, value)
    call.owner.partners.touch(partner, call.now)
    return ok(SHAPES_V1["partners"](call, partner))


def _read_customer(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: form.text(name)
        for name in ("name", "subscription_id", "customer_id", "click_id")
    }
    found["status"] = form.choice("status", "lead", "trialing", "active", "canceled")
    for name in ("created_at", "lead_at", "active_at"):
        found[name] = form.moment(name)
    form.text("promotion_code", least=1)
    return found


def create_customer(call: TCall) -> Reply:
    form = Form(call)
    email = form.email(required=True)
    form.text("partner_id", required=True)
    values = _read_customer(form)
    form.done()
    partner = referred(call, "partners", "partner_id")
    customer = tolt.create_customer(call, partner, email)
    warnings = _fill(call, customer, values)
    call.owner.customers.add(customer)
    return ok([SHAPES_V1["customers"](call, customer)], **warnings)


def update_customer(call: TCall) -> Reply:
    customer, form = in_path(call, "customers"), Form(call)
    email, values = form.email(), _read_customer(form)
    form.done()
    if email and tolt.customer_by_email(call, email) not in (None, customer):
        raise tolt.problem("already_exists", "email", "Customer already exists")
    customer.email = email.lower() if email else customer.email
    if values.pop("created_at") is not None:
        moment = tolt.moment(call.fields["created_at"])
        call.owner.customers.backdate(customer, moment or customer.created_at)
    warnings = _fill(call, customer, values)
    call.owner.customers.touch(customer, call.now)
    return ok([SHAPES_V1["customers"](call, customer)], **warnings)


def _fill(
    call: TCall, customer: ToltCustomer, values: dict[str, Any]
) -> dict[str, Any]:
    """Set what was given; a code that does not match is a warning, not an error."""
    for name, value in values.items():
        if value is not None:
            setattr(customer, name, value)
    text = call.fields.get("promotion_code")
    if not text:
        return {}
    code = tolt.resolve_code(call, customer.partner, text)
    if code:
        customer.promotion_code_uid = code.uid
        return {}
    if call.switches.tolt_v1_warnings == "strings":
        return {"warnings": ["promotion_code_not_applied"]}
    message = "The promotion code was not applied."
    entry = {"code": "promotion_code_not_applied", "message": message}
    return {"warnings": [entry]}


# --- transactions -----------------------------------------------------------------


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
    unique = call.switches.tolt_v1_unique_charges
    row = tolt.create_transaction(call, customer, amount or 0, unique=unique)
    for name in set(details) - {"charge_id"}:
        setattr(row, name, details[name])
    if created_at:
        call.owner.transactions.backdate(row, created_at)
    return ok([SHAPES_V1["transactions"](call, row)])


def update_transaction(call: TCall) -> Reply:
    row, form = in_path(call, "transactions"), Form(call)
    details, amount = _details(form), form.minor_units("amount")
    form.done()
    for name, value in details.items():
        if value is not None:
            setattr(row, name, value)
    row.amount = row.amount if amount is None else amount
    call.owner.transactions.touch(row, call.now)
    return ok([SHAPES_V1["transactions"](call, row)])


def refund(call: TCall) -> Reply:
    row = tolt.refund(call, in_path(call, "transactions"))
    return ok([SHAPES_V1["transactions"](call, row)])


def missing_route(call: TCall) -> Reply:
    raise Refused(404, "not_found", "Route not found")


SERVED = [name for name in LISTED if name != "groups"]
ROUTES: list[tuple[str, str, Handler[Organization]]] = [
    *[("GET", f"/{name}", listing(name)) for name in SERVED],
    *[
        ("GET", f"/{name}/{{id}}", getting(LISTED[name].kind))
        for name in SERVED
        if name != "programs"
    ],
    *[
        ("DELETE", f"/{name}/{{id}}", deleting(LISTED[name].kind))
        for name in ("promotion-codes", "partners", "customers", "transactions")
    ],
    ("POST", "/promotion-codes", create_code),
    ("PUT", "/promotion-codes/{id}", update_code),
    ("POST", "/partners", create_partner),
    ("PUT", "/partners/{id}", update_partner),
    ("POST", "/customers", create_customer),
    ("PUT", "/customers/{id}", update_customer),
    ("POST", "/transactions", create_transaction),
    ("PUT", "/transactions/{id}", update_transaction),
    ("PUT", "/transactions/{id}/refund", refund),
]


def router(limiter: Limiter) -> Router:
    """All routes, then a JSON 404 for everything else."""
    api = ToltV1()
    table = [
        Route(path, endpoint(api, limiter, handler), methods=[method])
        for method, path, handler in ROUTES
    ]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    rest = Route("/{rest:path}", endpoint(api, limiter, missing_route), methods=every)
    return Router([*table, rest])
