"""How each Tolt version shows a row: same rows, other words and other units.

Each resource is one entry of a table. A field is shown as it is stored; `x_id` is the
id of the row in `x`; what the store does not know is null. v2 prints a fixed discount
in major units as a string, v1 in minor units as a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from connector.sandbox import tolt_store as store
from connector.sandbox.table import Row
from connector.sandbox.wire import Call

TCall: TypeAlias = Call[store.Organization]
TIMES = " created_at updated_at"
NAMES = "first_name last_name company_name country_code"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its names, how it is shown, and what lists can ask for."""

    table: str
    prefixes: str  # of v1 and v2
    shown: str
    v1: str = ""
    v2: str = ""
    computed: Callable[[TCall, Any], dict[str, Any]] = lambda call, row: {}
    filters: str = "program_id"
    search: str = ""
    visible: Callable[[Any], bool] = lambda row: True

    @property
    def path(self) -> str:
        return "promotion-codes" if self.table == "codes" else self.table

    def fields(self, *, old: bool) -> list[str]:
        return f"{self.shown} {self.v1 if old else self.v2}".split()


def _program(call: TCall, row: store.Program) -> dict[str, Any]:
    shown = {"status": "active", "currency_code": row.currency}
    if call.old:
        return shown
    terms = {"cookie_duration": 90, "payout_term": "net_30", "minimum_payout": 0}
    return {**shown, **terms, "product_name": row.name, "type": "saas"}


def _group(call: TCall, row: store.Group) -> dict[str, Any]:
    off = dict.fromkeys(("is_private", "allow_manual_lead_submission"), False)
    return {**off, "minimum_payout": 0}


def _partner(call: TCall, row: store.ToltPartner) -> dict[str, Any]:
    return {"payout_details": {}} if call.old else {"custom_fields": []}


def _code(call: TCall, row: store.Code) -> dict[str, Any]:
    if call.old:
        return {"value": row.value}
    value = v2_value(call, row)
    text = None if value is None else format(value.normalize(), "f")
    if value is not None and call.switches.tolt_two_decimals:
        text = f"{value:.2f}"
    duration = row.duration or call.switches.tolt_duration
    return {"value": text, "duration": duration, "entity_type": row.scope}


def factor(call: TCall, program: store.Program, kind: str | None) -> Decimal:
    """Stored number per shown major unit."""
    if kind != "fixed" or call.switches.tolt_fixed_value_passthrough:
        return Decimal(1)
    return Decimal(10) ** store.exponent(program.currency)


def v2_value(call: TCall, row: store.Code) -> Any:
    """The discount in major units, as v2 knows it."""
    if row.value is None:
        return None
    return row.value / factor(call, row.program, row.type)


def _customer(call: TCall, row: store.ToltCustomer) -> dict[str, Any]:
    return {"identifier": row.customer_id or row.email}


def _transaction(call: TCall, row: store.ToltTransaction) -> dict[str, Any]:
    amount, currency = str(row.amount), row.program.currency.lower()
    sums = ("amount_excluding_tax", "amount_including_tax", "payment_amount")
    return {
        **dict.fromkeys(sums, amount),
        **dict.fromkeys(("currency", "payment_currency"), currency),
        "amount": row.amount if call.old else amount,
        "tax": 0,
        "quantity": 1,
        "product_ids": [row.product_id] if row.product_id else [],
        "product_names": [row.product_name] if row.product_name else [],
        "conversion_rate": "1",
        **({"payment_tax": 0} if call.old else {}),
    }


def _commission(call: TCall, row: store.Commission) -> dict[str, Any]:
    return {
        "amount": str(row.amount),
        "currency": row.program.currency.lower(),
        "revenue": None if row.revenue is None else str(row.revenue),
        "charge_id": row.transaction.charge_id,
        "is_ad_click": False,
        "is_self_referral": False,
        "approval_type": "manual",
    }


RESOURCES: dict[type, Resource] = {
    store.Program: Resource(
        "programs",
        "prg_ prg_",
        "id name created_at",
        v2="website_url subdomain updated_at",
        computed=_program,
        filters="",
    ),
    store.Group: Resource(
        "groups",
        "grp_ grp_",
        "id name description program_id is_default public_key website_url" + TIMES,
        computed=_group,
    ),
    store.ToltPartner: Resource(
        "partners",
        "part_ part_",
        f"id email {NAMES} status group_id program_id completed_onboarding created_at",
        v1="organization_id payout_method",
        v2="website_url display_name rejected_at suspended_at updated_at",
        computed=_partner,
        filters="program_id group_id status",
        search="id email first_name last_name company_name",
        # Only onboarded partners are listed; the others exist all the same.
        visible=lambda row: bool(row.completed_onboarding),
    ),
    store.Code: Resource(
        "codes",
        "prc_ promo_",
        "id code type partner_id program_id" + TIMES,
        v1="organization_id",
        v2="active duration_in_months external_id group_id",
        computed=_code,
        filters="program_id partner_id type",
        search="code",
    ),
    store.ToltCustomer: Resource(
        "customers",
        "cust_ cus_",
        "id customer_id email name status plan subscription_id partner_id program_id "
        "link_id promotion_code_id click_id lead_at active_at" + TIMES,
        v1="organization_id",
        computed=_customer,
        filters="program_id partner_id customer_id status click_id link_id",
        search="email name customer_id",
    ),
    store.ToltTransaction: Resource(
        "transactions",
        "txn_ txn_",
        "id status source billing_type interval partner_id customer_id program_id "
        "charge_id click_id metadata" + TIMES,
        v1="organization_id",
        v2="promotion_code_id promotion_code_name",
        computed=_transaction,
        filters="program_id partner_id customer_id status",
        search="id charge_id",
    ),
    store.Commission: Resource(
        "commissions",
        "comm_ comm_",
        "id status type source partner_id customer_id program_id transaction_id "
        "payout_id charge_status scheduled_approval_date" + TIMES,
        v1="flow_id organization_id",
        computed=_commission,
        filters="program_id partner_id customer_id transaction_id status",
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
    if call.old and isinstance(row, store.Code):
        if written or switches.tolt_v1_list_shows_active:
            names += ["active", "group_id"]
            more["entity_type"] = row.scope if switches.tolt_v1_entity_type else None
    elif call.old and isinstance(row, store.ToltTransaction):
        names += resource.v2.split() if switches.tolt_v1_transaction_codes else []
    return {**{name: value_of(call, row, name) for name in names}, **more}
