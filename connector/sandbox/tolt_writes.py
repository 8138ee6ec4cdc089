"""What Tolt's endpoints change, for v1 and v2 alike, and the routes of both.

v1 cannot rename a code and takes fixed discounts in minor units; v2 is stricter about
duplicates and about what money depends on. Creating a transaction pays a commission
at once, as the flow would.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.sandbox import tolt_store as store
from connector.sandbox.tolt import in_path, ok, written
from connector.sandbox.tolt_forms import FORMS, changes, given, problem, read_form
from connector.sandbox.tolt_lists import getting, listing
from connector.sandbox.tolt_shapes import TABLES, TCall, factor, show, show_id, v2_value
from connector.sandbox.wire import Handler, Refused, Reply, Route
from connector.sandbox.world import Mail

# --- promotion codes --------------------------------------------------------------


def _stored(
    call: TCall, program: store.Program, kind: str | None, value: Decimal | None
) -> Decimal | None:
    """A discount as it is kept, if it is in range."""
    if value is None:
        return None
    units = factor(call, program, kind)
    value = value if call.old else value * units
    if not 0 <= value <= (1_000_000 * units if kind == "fixed" else 100):
        raise Refused(400, "bad_request", "value: out of range", [("value", "range")])
    return value


def _check_text(
    call: TCall, partner: store.ToltPartner | None, text: str, but: store.Code | None
) -> None:
    """A partner cannot have the same code twice, ignoring case."""
    rule = call.switches.tolt_v1_duplicate if call.old else "409"
    twins = call.owner.codes_named(text)
    taken = any(twin.partner is partner and twin is not but for twin in twins)
    if taken and not call.old:
        raise problem("already_exists", "code", "already used by this partner")
    if taken and rule != "silent":
        raise Refused(int(rule), "already_exists", "Promotion code already exists")


def create_code(call: TCall) -> Reply:
    values = read_form(call, "POST codes")
    partner, text, kind = values["partner"], values["code"], values.get("type")
    _check_text(call, partner, text, None)
    value = _stored(call, partner.program, kind, values.get("value"))
    uid, now = call.world.new_uid(), call.now
    code = store.Code(uid, now, now, partner.program, text, partner, None, kind, value)
    code.duration = call.switches.tolt_duration
    return written(call, call.owner.codes.add(code), new=True)


def update_code(call: TCall) -> Reply:
    """Nothing moves when nothing changes; v1 ignores a new text like any field."""
    code = in_path(call, "codes")
    values = read_form(call, "PUT codes")
    kind, text = values.get("type") or code.type, values.get("code") or code.code
    _check_text(call, code.partner, text, code)
    # The number is kept as this version shows it when only the type changes.
    shown = code.value if call.old else v2_value(call, code)
    number = values.get("value", shown)
    if number is None and call.old:
        number = shown
    new = {"code": text, "type": kind}
    new["value"] = _stored(call, code.program, kind, number)
    if any(getattr(code, name) != value for name, value in new.items()):
        call.owner.codes.change(code, updated_at=call.now, **new)
    return written(call, code)


def resolve_code(
    call: TCall, partner: store.ToltPartner, text: str
) -> store.Code | None:
    """The code that a customer typed: partner scope, then group, then program."""
    twins = [
        code
        for code in call.owner.codes_named(text)
        if code.program is partner.program and code.active
    ]
    tests: tuple[Callable[[store.Code], bool], ...] = (
        lambda code: code.partner is partner,
        lambda code: code.scope == "group" and code.group is partner.group,
        lambda code: code.scope == "program",
    )
    return next((code for test in tests for code in twins if test(code)), None)


# --- partners ---------------------------------------------------------------------


def _check_partner_mail(
    call: TCall, program: store.Program, email: str, but: store.ToltPartner | None
) -> None:
    twins = call.owner.partners.named(email)
    if any(twin.program is program and twin is not but for twin in twins):
        raise problem("already_exists", "email", "already exists in this program")


def create_partner(call: TCall) -> Reply:
    """A mail goes out only when asked for."""
    values = given(read_form(call, "POST partners"))
    for ignored in ("link", "payout_details"):
        values.pop(ignored, None)
    program, email = values.pop("program"), values.pop("email")
    notify, at = values.pop("notify_partner", False), values.pop("created_at", call.now)
    _check_partner_mail(call, program, email, None)
    groups = [group for group in call.owner.groups if group.program is program]
    values.setdefault("group", next((one for one in groups if one.is_default), None))
    uid = call.world.new_uid()
    partner = store.ToltPartner(uid, at, call.now, program, email, **values)
    partner.link_value = email.partition("@")[0]
    call.owner.partners.add(partner)
    if notify:
        call.world.mails.append(Mail("tolt", email, "partner created"))
    reply = written(call, partner, new=True)
    if not call.old:
        reply.body["data"]["link"] = _link(call, partner)
    return reply


def _link(call: TCall, row: store.ToltPartner) -> dict[str, Any]:
    """The referral link that comes with a new partner."""
    return {
        "id": f"lnk_{row.uid}",
        "param": "via",
        "value": row.link_value,
        "status": "active",
        "partner_id": show_id(call, row),
        "program_id": show_id(call, row.program),
        "campaign_id": None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def update_partner(call: TCall) -> Reply:
    """In v2 neither e-mail nor status can be changed here."""
    partner = in_path(call, "partners")
    values = read_form(call, "PUT partners")
    values = changes(call, values, "")
    values.pop("payout_details", None)
    if email := values.get("email"):
        _check_partner_mail(call, partner.program, email, partner)
    if call.fields:
        call.owner.partners.change(partner, updated_at=call.now, **values)
    return written(call, partner)


def deciding(status: str) -> Handler[store.Organization]:
    def handle(call: TCall) -> Reply:
        partner = in_path(call, "partners")
        values = {
            "status": status,
            "rejected_at": call.now if status == "rejected" else None,
            "suspended_at": call.now if status == "suspended" else None,
        }
        call.owner.partners.change(partner, updated_at=call.now, **values)
        if status != "suspended":
            mail = Mail("tolt", partner.email, f"partner {status}")
            call.world.mails.append(mail)
        return written(call, partner)

    return handle


# --- customers --------------------------------------------------------------------


def _free_mail(
    call: TCall, email: str | None, but: store.ToltCustomer | None
) -> str | None:
    """The e-mail as it is kept, if no other customer has it."""
    if email and any(row is not but for row in call.owner.customers.named(email)):
        raise problem("already_exists", "email", "Customer already exists")
    return email.lower() if email else None


def create_customer(call: TCall) -> Reply:
    values = given(read_form(call, "POST customers", ("email", "customer_id")))
    partner, text = values.pop("partner"), values.pop("promotion_code", None)
    email = _free_mail(call, values.pop("email", None), None)
    uid, at = call.world.new_uid(), values.pop("created_at", call.now)
    program = partner.program
    customer = store.ToltCustomer(uid, at, call.now, program, partner, email, **values)
    warnings = _attribute(call, customer, text)
    call.owner.customers.add(customer)
    return written(call, customer, new=True, **warnings)


def _attribute(
    call: TCall, customer: store.ToltCustomer, text: str | None
) -> dict[str, Any]:
    """Bind the code that was typed; an unmatched one is no error, in v1 a warning."""
    code = resolve_code(call, customer.partner, text) if text else None
    customer.promotion_code_uid = code.uid if code else customer.promotion_code_uid
    if code or not text or not call.old:
        return {}
    entry: Any = "promotion_code_not_applied"
    if call.switches.tolt_v1_warnings == "objects":
        entry = {"code": entry, "message": "The promotion code was not applied."}
    return {"warnings": [entry]}


def update_customer(call: TCall) -> Reply:
    customer = in_path(call, "customers")
    values = read_form(call, "PUT customers")
    values = changes(call, values, "email status created_at")
    if "email" in values:
        values["email"] = _free_mail(call, values["email"], customer)
    text = values.pop("promotion_code", "")
    if text is None:
        customer.promotion_code_uid = None
    warnings = _attribute(call, customer, text)
    if call.fields:
        call.owner.customers.change(customer, updated_at=call.now, **values)
    return written(call, customer, **warnings)


# --- transactions -----------------------------------------------------------------


def _free_charge(
    call: TCall,
    customer: store.ToltCustomer,
    charge: str | None,
    but: store.ToltTransaction | None,
) -> str | None:
    """The charge as it is kept: blank is none, others are unique for a customer."""
    if not charge or not charge.strip():
        return None
    twins = call.owner.transactions.named(charge)
    taken = [row for row in twins if row.charge_id == charge and row is not but]
    unique = not call.old or call.switches.tolt_v1_unique_charges
    if unique and any(row.customer is customer for row in taken):
        raise problem("already_exists", "charge_id", "already used by this customer")
    return charge


def create_transaction(call: TCall) -> Reply:
    values = given(read_form(call, "POST transactions"))
    customer, amount = values.pop("customer"), values.pop("amount")
    charge = _free_charge(call, customer, values.pop("charge_id", None), None)
    uid, at = call.world.new_uid(), values.pop("created_at", call.now)
    row = store.ToltTransaction(
        uid, at, call.now, customer.program, customer, amount, charge, **values
    )
    if call.switches.tolt_inherit_code and customer.promotion_code_uid:
        row.promotion_code_uid = customer.promotion_code_uid
        code = call.owner.codes.rows.get(row.promotion_code_uid)
        row.promotion_code_name = code.code if code else None
    call.owner.transactions.add(row)
    active_at = customer.active_at or call.now
    call.owner.customers.change(
        customer, updated_at=call.now, status="active", active_at=active_at
    )
    _pay(call, row)
    return written(call, row, new=True)


def _pay(call: TCall, row: store.ToltTransaction) -> None:
    exact = row.amount * row.program.commission_percent / 100
    amount, now = int(exact.to_integral_value(ROUND_HALF_UP)), call.now
    entry = store.Commission(
        call.world.new_uid(), now, now, row.program, row.partner, amount, row
    )
    entry.customer, entry.revenue = row.customer, row.amount
    call.owner.commissions.add(entry)


def update_transaction(call: TCall) -> Reply:
    row = in_path(call, "transactions")
    values = read_form(call, "PUT transactions")
    values = changes(call, values, "amount created_at")
    if row.status == "refunded" and not call.old:
        raise Refused(409, "transaction_refunded", "Transaction is refunded")
    if values.get("status") == "refunded":
        raise Refused(400, "bad_request", "Use the refund endpoint")
    if "charge_id" in values:
        values["charge_id"] = _free_charge(call, row.customer, values["charge_id"], row)
    if call.fields:
        call.owner.transactions.change(row, updated_at=call.now, **values)
    return written(call, row)


def refund(call: TCall) -> Reply:
    row = in_path(call, "transactions")
    take_back(call, row)
    return written(call, row)


def take_back(call: TCall, row: store.ToltTransaction) -> None:
    """Unpaid commissions fall to zero; a paid one gets a negative counterpart."""
    if row.status == "refunded":
        raise Refused(409, "transaction_refunded", "Transaction is already refunded")
    owner, now = call.owner, call.now
    owner.transactions.change(row, updated_at=now, status="refunded")
    for entry in _commissions_of(call, row):
        if entry.status == "paid":
            uid, amount = call.world.new_uid(), -entry.amount
            back = store.Commission(
                uid, now, now, row.program, entry.partner, amount, row
            )
            back.type = "refund"
            owner.commissions.add(back)
        else:
            owner.commissions.change(entry, updated_at=now, amount=0, status="refunded")


def _commissions_of(call: TCall, row: Any) -> list[store.Commission]:
    """The commissions of a customer or of a transaction."""
    table = list(call.owner.commissions)
    return [one for one in table if one.customer is row or one.transaction is row]


# --- deletes and routes -----------------------------------------------------------


def deleting(table: str) -> Handler[store.Organization]:
    def handle(call: TCall) -> Reply:
        row = in_path(call, table)
        if not call.old:
            _check_deletable(call, row)
        getattr(call.owner, table).remove(row)
        gone = {"id": call.path["id"], "deleted": True}
        return ok(call, gone if call.old else show(call, row))

    return handle


def _check_deletable(call: TCall, row: Any) -> None:
    entries = _commissions_of(call, row)
    if isinstance(row, store.ToltCustomer) and any(
        one.status == "paid" for one in entries
    ):
        raise Refused(400, "bad_request", "A commission is already paid")
    if isinstance(row, store.ToltTransaction) and row.status == "refunded":
        raise Refused(409, "transaction_refunded", "Transaction is refunded")
    if isinstance(row, store.ToltTransaction) and entries:
        raise Refused(409, "commission_exists", "Transaction has commissions")


def _routes(*, old: bool) -> list[Route[store.Organization]]:
    """What both versions serve."""
    common = "starting_after" if old else "sort starting_after updated_after search"
    routes: list[Route[store.Organization]] = []
    for table, resource in TABLES.items():
        path, one = f"/{resource.path}", f"/{resource.path}/{{id}}"
        query = f"limit order {common} {resource.filters}"
        create, update = WRITES.get(table, (None, None))
        if not old or table != "groups":
            routes.append(
                Route("GET", path, listing(resource), f"{table}*", query=query)
            )
        if not old or table not in ("groups", "programs"):
            routes.append(Route("GET", one, getting(resource), table))
        for method, where, write in (("POST", path, create), ("PUT", one, update)):
            if write:
                form = FORMS[old][f"{method} {table}"]
                routes.append(Route(method, where, write, table, form))
        if create and (old or table != "partners"):
            routes.append(Route("DELETE", one, deleting(table)))
    return routes


WRITES: dict[str, tuple[Handler[store.Organization] | None, ...]] = {
    "codes": (create_code, update_code),
    "partners": (create_partner, update_partner),
    "customers": (create_customer, update_customer),
    "transactions": (create_transaction, update_transaction),
}
V1_ROUTES: list[Route[store.Organization]] = [
    *_routes(old=True),
    Route("PUT", "/transactions/{id}/refund", refund, "transactions"),
]
V2_ROUTES: list[Route[store.Organization]] = [
    *_routes(old=False),
    Route("POST", "/partners/{id}/approve", deciding("active"), "partners"),
    Route("POST", "/partners/{id}/reject", deciding("rejected"), "partners"),
    Route("POST", "/partners/{id}/suspend", deciding("suspended"), "partners"),
    Route("POST", "/transactions/{id}/refund", refund, "transactions"),
]
