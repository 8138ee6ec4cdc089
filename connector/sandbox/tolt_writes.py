"""What Tolt's endpoints read and change, for v1 and v2 alike, and the routes of both.

v1 cannot rename a code and takes fixed discounts in minor units; v2 is stricter about
duplicates. Creating a transaction pays a commission at once, as the flow would. What
the connector never does is not served: updates of partners and sales, clicks.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.sandbox import fields as f
from connector.sandbox import tolt_store as store
from connector.sandbox.table import kept
from connector.sandbox.tolt import TCall, ok, problem
from connector.sandbox.tolt_forms import V1, V2, read_form
from connector.sandbox.tolt_lists import getting, listing
from connector.sandbox.tolt_rows import (
    TABLES,
    factor,
    group_of,
    in_path,
    show,
    show_id,
    v2_value,
    written,
)
from connector.sandbox.wire import Handler, Refused, Reply, Route
from connector.sandbox.world import Mail


def given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


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
    call: TCall,
    partner: store.ToltPartner | None,
    text: str | None,
    but: store.Code | None,
) -> None:
    """A partner cannot have the same code twice, ignoring case."""
    rule = call.switches.tolt_v1_duplicate if call.old else "409"
    twins = call.owner.codes_named(text) if text else []
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
    code = store.Code(uid, now, now, partner.program, text, partner, kind, value)
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


def delete_code(call: TCall) -> Reply:
    code = in_path(call, "codes")
    call.owner.codes.remove(code)
    gone = {"id": call.path["id"], "deleted": True}
    return ok(call, gone if call.old else show(call, code))


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
        lambda code: (
            code.entity_type == "group" and code.group_id == group_of(call, partner)
        ),
        lambda code: code.entity_type == "program",
    )
    return next((code for test in tests for code in twins if test(code)), None)


# --- partners and customers -------------------------------------------------------


def create_partner(call: TCall) -> Reply:
    """A mail goes out only when asked for."""
    values = given(read_form(call, "POST partners"))
    program, email = values.pop("program"), values.pop("email")
    notify, at = values.pop("notify_partner", False), values.pop("created_at", call.now)
    if any(twin.program is program for twin in call.owner.partners.named(email)):
        raise problem("already_exists", "email", "already exists in this program")
    link, group = values.pop("link", {}), values.pop("group", None)
    values = {n: v for n, v in values.items() if not n.startswith("payout_")}
    uid, slug = call.world.new_uid(), str(link.get("value", ""))
    if slug and any(twin.slug == slug for twin in call.owner.partners):
        raise problem("already_exists", "link.value", "already in use")
    partner = store.ToltPartner(uid, at, call.now, program, email, **values)
    partner.slug, partner.group_id = slug, group and show_id(call, group)
    call.owner.partners.add(partner)
    if notify:
        call.world.mails.append(Mail("tolt", email))
    reply = written(call, partner, new=True)
    if not call.old:
        reply.body["data"]["link"] = _link(call, partner)
    return reply


def _link(call: TCall, row: store.ToltPartner) -> dict[str, Any]:
    """The referral link that comes with a new partner."""
    return {
        "id": f"lnk_{row.uid}",
        "param": "via",
        "value": row.slug or row.email.partition("@")[0],
        "status": "active",
        "partner_id": show_id(call, row),
        "program_id": show_id(call, row.program),
        "campaign_id": None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _free_mail(call: TCall, email: str, but: store.ToltCustomer | None) -> str:
    """The e-mail as it is kept, if no other customer has it."""
    if any(row is not but for row in call.owner.customers.named(email)):
        raise problem("already_exists", "email", "Customer already exists")
    return email.lower()


def create_customer(call: TCall) -> Reply:
    values = given(read_form(call, "POST customers"))
    by_link = _partner_of_link(call, values.pop("link_id", None))
    partner, text = values.pop("partner", by_link), values.pop("promotion_code", None)
    if "email" in values:
        values["email"] = _free_mail(call, values["email"], None)
    uid, at = call.world.new_uid(), values.pop("created_at", call.now)
    program, values = partner.program, {"lead_at": at, **values}
    customer = store.ToltCustomer(uid, at, call.now, program, partner, **values)
    warnings = _attribute(call, customer, text)
    call.owner.customers.add(customer)
    return written(call, customer, new=True, **warnings)


def _partner_of_link(call: TCall, link: str | None) -> store.ToltPartner | None:
    """Whose link it is: each partner has the one that was made with them."""
    partner = call.owner.partners.rows.get((link or "").removeprefix("lnk_"))
    if link is not None and partner is None:
        raise problem("invalid_reference", "link_id", "does not exist")
    return partner


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
    """Null clears the code (v2), and is ignored elsewhere."""
    customer = in_path(call, "customers")
    values = read_form(call, "PUT customers")
    if "promotion_code" in values and not call.old:
        customer.promotion_code_uid = None
    values = given(values)
    if "email" in values:
        values["email"] = _free_mail(call, values["email"], customer)
    warnings = _attribute(call, customer, values.pop("promotion_code", None))
    if call.fields:
        call.owner.customers.change(customer, updated_at=call.now, **values)
    return written(call, customer, **warnings)


# --- transactions -----------------------------------------------------------------


def _free_charge(
    call: TCall, customer: store.ToltCustomer, charge: str | None
) -> str | None:
    """The charge as it is kept: blank is none, others are unique for a customer."""
    if not charge or not charge.strip():
        return None
    charge = kept(charge, call.switches.tolt_charge_ids)
    twins = [t for t in call.owner.transactions.named(charge) if t.charge_id == charge]
    unique = not call.old or call.switches.tolt_v1_unique_charges
    if unique and any(twin.customer is customer for twin in twins):
        raise problem("already_exists", "charge_id", "already used by this customer")
    return charge


def create_transaction(call: TCall) -> Reply:
    values = given(read_form(call, "POST transactions"))
    customer, amount = values.pop("customer"), values.pop("amount")
    charge = _free_charge(call, customer, values.pop("charge_id", None))
    uid, now, owner = call.world.new_uid(), call.now, call.owner
    at, program = values.pop("created_at", now), customer.program
    row = store.ToltTransaction(
        uid, at, now, program, customer, amount, charge, **values
    )
    if call.switches.tolt_inherit_code and customer.promotion_code_uid:
        row.promotion_code_uid = customer.promotion_code_uid
        code = owner.codes.rows.get(row.promotion_code_uid)
        row.promotion_code_name = code.code if code else None
    owner.transactions.add(row)
    active_at = customer.active_at or at
    owner.customers.change(
        customer, updated_at=now, status="active", active_at=active_at
    )
    paid = int((amount * program.commission_percent / 100).quantize(1, ROUND_HALF_UP))
    owner.commissions.add(store.Commission(call.world.new_uid(), now, now, paid, row))
    return written(call, row, new=True)


def refund(call: TCall) -> Reply:
    row = in_path(call, "transactions")
    if row.status == "refunded":
        raise Refused(409, "transaction_refunded", "Transaction is already refunded")
    call.owner.refund(row, call.now)
    return written(call, row)


# --- routes -----------------------------------------------------------------------

WRITES: dict[str, Handler[store.Organization]] = {
    "POST codes": create_code,
    "PUT codes": update_code,
    "POST partners": create_partner,
    "POST customers": create_customer,
    "PUT customers": update_customer,
    "POST transactions": create_transaction,
}


def _routes(forms: dict[str, f.Form], *, old: bool) -> list[Route[store.Organization]]:
    routes = [Route("DELETE", f"{TABLES['codes'].path}/{{id}}", delete_code)]
    for table, resource in TABLES.items():
        path, single = resource.path, f"{resource.path}/{{id}}"
        if old and table == "groups":
            continue
        routes.append(Route("GET", path, listing(resource)))
        if not (old and table == "programs"):  # v1 only lists them
            routes.append(Route("GET", single, getting(table)))
        for method, where in (("POST", path), ("PUT", single)):
            if write := WRITES.get(f"{method} {table}"):
                routes.append(Route(method, where, write, forms[f"{method} {table}"]))
    return routes


REFUND = "/transactions/{id}/refund"
V1_ROUTES = [*_routes(V1, old=True), Route("PUT", REFUND, refund)]
V2_ROUTES = [*_routes(V2, old=False), Route("POST", REFUND, refund)]
