"""What Tolt v1 and v2 share, and how each words its errors, answers and rows.

One store, two versions: a code that v1 made is the code that v2 lists. A handler asks
`call.old` where the two differ. v1 answers arrays of one and has three shapes of
error; v2 has one envelope and stable error codes. v2 prints a fixed discount in major
units as a string, v1 in minor units as a number.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from connector.sandbox import tolt_store as store
from connector.sandbox.switches import Switches
from connector.sandbox.table import Row
from connector.sandbox.wire import Api, Call, Refused, Reply, retry_after
from connector.sandbox.world import World

TCall: TypeAlias = Call[store.Organization]
TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class ToltApi(Api[store.Organization]):
    """Keys, limits and errors of v2."""

    product = "tolt"
    max_body: int | None = 1_000_000

    def owners(self, world: World) -> dict[str, store.Organization]:
        return world.organizations

    def headers(self, switches: Switches, left: int, wait: float) -> dict[str, str]:
        if not switches.tolt_rate_limit:
            return {}
        reset = math.ceil(time.time() + switches.tolt_rate_window)
        return {
            "X-RateLimit-Limit": str(switches.tolt_rate_limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": str(reset),
            **(retry_after(wait) if left < 0 else {}),
        }

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        body: dict[str, Any] = {
            "success": False,
            "message": refused.message,
            "code": refused.code,
            "doc_url": f"https://docs.tolt.com/errors#{refused.code}",
        }
        if refused.fields:
            body["errors"] = [{"field": n, "message": m} for n, m in refused.fields]
        return Reply(refused.status, body)

    def plain(self, switches: Switches, value: datetime) -> str:
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ToltV1(ToltApi):
    """Keys, limits and errors of v1, which names no header for its limit."""

    old = True
    max_body = None

    def headers(self, switches: Switches, left: int, wait: float) -> dict[str, str]:
        if not switches.tolt_v1_deprecation:
            return {}
        return {"Deprecation": "true", "Sunset": "Thu, 31 Dec 2026 23:59:59 GMT"}

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        kind = TYPES.get(refused.status, "invalid_request_error")
        error: Any = {"message": refused.message, "type": kind}
        body: dict[str, Any] = {"success": False, "error": error}
        if switches.tolt_v1_errors == "string":
            body["error"] = refused.message
        elif switches.tolt_v1_errors == "message":
            body = {"message": refused.message}
        return Reply(refused.status, body)


def problem(code: str, name: str, text: str) -> Refused:
    status = 409 if code == "already_exists" else 400
    return Refused(status, code, f"{name}: {text}", [(name, text)])


def invalid(bad: list[tuple[str, str]]) -> Refused:
    """Every bad field is named at once."""
    text = "; ".join(f"{name}: {why}" for name, why in bad)
    return Refused(400, "validation_error", text, bad)


# --- rows -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its ids, how it is shown, and where a search looks.

    A field is shown as it is stored; `x_id` is the id of the row in `x`; what the
    store does not know is null.
    """

    table: str
    prefixes: str  # of v1 and v2
    shown: str
    v1: str = ""
    v2: str = ""
    computed: Callable[[TCall, Any], dict[str, Any]] = lambda call, row: {}
    search: str = ""

    @property
    def path(self) -> str:
        return "/promotion-codes" if self.table == "codes" else f"/{self.table}"

    def fields(self, *, old: bool) -> list[str]:
        return f"{self.shown} {self.v1 if old else self.v2}".split()


def _program(call: TCall, row: store.Program) -> dict[str, Any]:
    shown = {"status": "active", "currency_code": row.currency}
    if call.old:
        return shown
    fixed = {"type": "affiliate", "cookie_duration": 90, "minimum_payout": 0}
    return {**shown, **fixed, "product_name": row.name, "payout_term": "net_30"}


def _code(call: TCall, row: store.Code) -> dict[str, Any]:
    if call.old:
        return {"value": row.value}
    value = v2_value(call, row)
    text = None if value is None else format(value.normalize(), "f")
    if value is not None and call.switches.tolt_two_decimals:
        text = f"{value:.2f}"
    return {"value": text}


def factor(call: TCall, program: store.Program, kind: str | None) -> Decimal:
    """Stored number per shown major unit."""
    if kind != "fixed" or call.switches.tolt_fixed_value_passthrough:
        return Decimal(1)
    return Decimal(10) ** store.exponent(program.currency)


def v2_value(call: TCall, row: store.Code) -> Decimal | None:
    """The discount in major units, as v2 knows it."""
    if row.value is None:
        return None
    return row.value / factor(call, row.program, row.type)


def _transaction(call: TCall, row: store.ToltTransaction) -> dict[str, Any]:
    amount, currency = str(row.amount), row.program.currency.lower()
    sums = ("amount_excluding_tax", "amount_including_tax", "payment_amount")
    return {
        **dict.fromkeys(sums, amount),
        **dict.fromkeys(("currency", "payment_currency"), currency),
        "amount": row.amount if call.old else amount,
        "tax": 0,
        "quantity": 1,
        "product_ids": [],
        "product_names": [],
        "conversion_rate": "1",
    }


def _commission(call: TCall, row: store.Commission) -> dict[str, Any]:
    return {
        "amount": str(row.amount),
        "currency": row.program.currency.lower(),
        "charge_id": row.transaction.charge_id,
    }


RESOURCES: dict[type, Resource] = {
    store.Program: Resource(
        "programs",
        "prg_ prg_",
        "id name created_at",
        v2="website_url subdomain updated_at",
        computed=_program,
    ),
    store.ToltPartner: Resource(
        "partners",
        "part_ part_",
        "id email first_name last_name company_name country_code status group_id "
        "program_id completed_onboarding created_at",
        v1="organization_id",
        v2="website_url display_name rejected_at suspended_at updated_at",
        computed=lambda call, row: {} if call.old else {"custom_fields": []},
        search="id email first_name last_name company_name",
    ),
    store.Code: Resource(
        "codes",
        "prc_ promo_",
        "id code type partner_id program_id created_at updated_at",
        v1="organization_id",
        v2="active duration duration_in_months external_id group_id entity_type",
        computed=_code,
        search="code",
    ),
    store.ToltCustomer: Resource(
        "customers",
        "cust_ cus_",
        "id customer_id email name status plan subscription_id partner_id program_id "
        "link_id promotion_code_id click_id lead_at active_at created_at updated_at",
        v1="organization_id",
        search="email name customer_id",
    ),
    store.ToltTransaction: Resource(
        "transactions",
        "txn_ txn_",
        "id status source billing_type interval partner_id customer_id program_id "
        "charge_id click_id metadata created_at updated_at",
        v1="organization_id",
        v2="promotion_code_id promotion_code_name",
        computed=_transaction,
        search="id charge_id",
    ),
    store.Commission: Resource(
        "commissions",
        "comm_ comm_",
        "id status type revenue source partner_id customer_id program_id "
        "transaction_id payout_id created_at updated_at",
        v1="organization_id",
        computed=_commission,
    ),
}
TABLES = {resource.table: resource for resource in RESOURCES.values()}


def prefix(call: TCall, table: str) -> str:
    v1, v2 = TABLES[table].prefixes.split()
    return v1 if call.old and not call.switches.tolt_same_ids else v2


def find(call: TCall, table: str, text: Any) -> Any:
    """The row with this id in this version's spelling, or None."""
    mark = prefix(call, table)
    if not isinstance(text, str) or not text.startswith(mark):
        return None
    return getattr(call.owner, table).rows.get(text.removeprefix(mark))


def in_path(call: TCall, table: str) -> Any:
    row = find(call, table, call.path["id"])
    if row is None:
        raise Refused(404, "not_found", f"No such id in {table}")
    return row


def show_id(call: TCall, row: Row) -> str:
    return prefix(call, RESOURCES[type(row)].table) + row.uid


def value_of(call: TCall, row: Any, name: str) -> Any:
    """One field of a row, as both versions show it."""
    if name == "id":
        return show_id(call, row)
    if name == "organization_id":
        return call.owner.id
    if name == "promotion_code_id":
        # Only the id: it outlives the code.
        uid = row.promotion_code_uid
        return uid and prefix(call, "codes") + uid
    other = getattr(row, name.removesuffix("_id"), None)
    return show_id(call, other) if isinstance(other, Row) else getattr(row, name, None)


def show(call: TCall, row: Any, *, written: bool = False) -> dict[str, Any]:
    """A row; what v1 has written shows more than what it lists."""
    resource, switches = RESOURCES[type(row)], call.switches
    names, more = resource.fields(old=call.old), resource.computed(call, row)
    if call.old and written and isinstance(row, store.Code):
        names += ["active", "group_id"]
        more["entity_type"] = row.entity_type if switches.tolt_v1_entity_type else None
    elif call.old and isinstance(row, store.ToltTransaction):
        names += resource.v2.split() if switches.tolt_v1_transaction_codes else []
    return {**{name: value_of(call, row, name) for name in names}, **more}


# --- answers ----------------------------------------------------------------------


def ok(call: TCall, data: Any, status: int = 200, **more: Any) -> Reply:
    message = {} if call.old else {"message": "Request successful"}
    return Reply(status, {"success": True, **message, "data": data, **more})


def written(call: TCall, row: Any, *, new: bool = False, **more: Any) -> Reply:
    """The answer to a create or an update: v1 wraps it into an array of one."""
    shown = show(call, row, written=True)
    if call.old:
        return ok(call, [shown], **more)
    return ok(call, shown, call.switches.tolt_v2_create_status if new else 200)
