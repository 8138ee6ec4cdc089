"""How Tolt's two versions show their rows.

v2 shows every row whole. v1 shows whole rows only in the answers to writes; what it
lists and reads singly is less, as in its samples: no status and no currency of a sale,
no promotion code of a customer, no status of a listed partner. v2 prints a fixed
discount in major units as a string, v1 in minor units as a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from connector.sandbox import tolt_store as store
from connector.sandbox.table import Row
from connector.sandbox.tolt import TCall, ok
from connector.sandbox.wire import Refused, Reply

How = Literal["listed", "single", "written"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its ids, how it is shown, and how its lists are filtered.

    A field is computed, or shown as it is stored; `x_id` is the id of the row in `x`;
    what the store does not know is null.
    """

    table: str
    prefixes: str  # of v1 and v2
    v2: str
    v1: str = ""  # what v1 lists and reads
    v1_listed: str = ""  # more that only its lists show
    v1_single: str = ""  # more that only a single read shows
    v1_written: str = ""  # what v1 shows of a row that it has written
    computed: Callable[[TCall, Any], dict[str, Any]] = lambda call, row: {}
    search: str = ""
    v1_search: str = ""
    filters: str = "program_id"
    v1_filters: str = "program_id"
    expands: str = ""  # rows that v1 shows inside when it is asked to

    @property
    def path(self) -> str:
        return "/promotion-codes" if self.table == "codes" else f"/{self.table}"

    def fields(self, *, old: bool, how: How = "listed") -> list[str]:
        if not old:
            return self.v2.split()
        if how == "written":
            return self.v1_written.split()
        return (
            f"{self.v1} {self.v1_listed if how == 'listed' else self.v1_single}".split()
        )


def _program(call: TCall, row: store.Program) -> dict[str, Any]:
    shown = {"status": "active", "currency_code": row.currency}
    fixed = {"type": "affiliate", "cookie_duration": 90, "minimum_payout": 0}
    return {**shown, **fixed, "product_name": row.name, "payout_term": "net_30"}


def _group(call: TCall, row: store.Group) -> dict[str, Any]:
    return {"is_private": False, "allow_manual_lead_submission": False}


def _partner(call: TCall, row: store.ToltPartner) -> dict[str, Any]:
    mails = ("first_customer_email_active", "new_customer_email_active")
    return {
        **dict.fromkeys((*mails, "payout_paid_email_active"), True),
        "group_id": group_of(call, row),
        "custom_fields": [],
        "payout_method": "none",
        "payout_details": {},
    }


def group_of(call: TCall, row: store.ToltPartner) -> str | None:
    """The id of the group that a partner is in."""
    groups = [g for g in call.owner.groups if g.program is row.program and g.is_default]
    return row.group_id or (show_id(call, groups[0]) if groups else None)


def _code(call: TCall, row: store.Code) -> dict[str, Any]:
    if call.old:
        value = None if row.value is None else v1_number(call, row.value)
        scope = row.entity_type if call.switches.tolt_v1_entity_type else None
        return {"value": value, "entity_type": scope}
    number = v2_value(call, row)
    text = None if number is None else format(number.normalize(), "f")
    if number is not None and call.switches.tolt_two_decimals:
        text = f"{number:.2f}"
    return {"value": text}


def v1_number(call: TCall, number: Decimal | int) -> Any:
    """A number of v1, whose samples mix numbers and texts."""
    return str(number) if call.switches.tolt_v1_amounts == "text" else number


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
    bought = {
        "product_ids": [row.product_id] if row.product_id else [],
        "product_names": [row.product_name] if row.product_name else [],
    }
    currency, amount = row.program.currency, str(row.amount)
    if call.old:  # its sample leaves all other sums out
        both = dict.fromkeys(("currency", "payment_currency"), currency.upper())
        return {**bought, **both, "amount": v1_number(call, row.amount)}
    sums = ("amount", "amount_excluding_tax", "amount_including_tax", "payment_amount")
    return {
        **bought,
        **dict.fromkeys(sums, amount),
        **dict.fromkeys(("currency", "payment_currency"), currency.lower()),
        "tax": 0,
        "quantity": 1,
        "conversion_rate": "1",
    }


def _commission(call: TCall, row: store.Commission) -> dict[str, Any]:
    return {
        "amount": str(row.amount),
        "currency": row.program.currency.lower(),
        "revenue": str(row.transaction.amount),
        "charge_id": row.transaction.charge_id,
        "charge_status": row.transaction.status,
        "is_ad_click": False,
        "is_self_referral": False,
    }


MADE = "created_at updated_at"
WHOSE = "partner_id program_id"
COMMISSION = (
    "id amount currency revenue status type source partner_id customer_id program_id "
    "transaction_id payout_id charge_id charge_status is_ad_click is_self_referral "
    f"approval_type scheduled_approval_date {MADE}"
)
CODE_OF_SALE = "promotion_code_id promotion_code_name"
RESOURCES: dict[type, Resource] = {
    store.Program: Resource(
        "programs",
        "prg_ prg_",
        "id name product_name type status currency_code cookie_duration payout_term "
        f"minimum_payout website_url subdomain {MADE}",
        v1="id name status currency_code created_at",
        computed=_program,
        filters="",
        v1_filters="",
    ),
    store.Group: Resource(
        "groups",
        "grp_ grp_",
        "id name description program_id is_default public_key website_url is_private "
        f"allow_manual_lead_submission minimum_payout {MADE}",
        v1="id name program_id created_at",
        computed=_group,
        search="name",
    ),
    store.ToltPartner: Resource(
        "partners",
        "part_ part_",
        "id email first_name last_name company_name country_code status group_id "
        "program_id completed_onboarding website_url display_name rejected_at "
        f"suspended_at custom_fields {MADE}",
        v1="id first_name last_name email company_name program_id organization_id "
        "group_id payout_method payout_details country_code created_at",
        v1_single="status custom_fields",
        v1_written="id status first_name last_name company_name email program_id "
        f"organization_id group_id {MADE} payout_method payout_details country_code "
        "completed_onboarding rejection_note internal_note suspension_reason "
        "first_customer_email_active new_customer_email_active "
        "payout_paid_email_active",
        computed=_partner,
        search="id email first_name last_name company_name",
        filters="program_id group_id status",
        v1_filters="program_id group_id",
        expands="group program",
    ),
    store.Code: Resource(
        "codes",
        "prc_ promo_",
        f"id code type value duration duration_in_months active entity_type "
        f"external_id {WHOSE} group_id {MADE}",
        v1=f"id code type value {WHOSE} organization_id {MADE}",
        v1_written=f"id active entity_type code value type {WHOSE} group_id "
        f"organization_id {MADE}",
        computed=_code,
        search="code",
        v1_search="code",
        filters="program_id partner_id type",
        v1_filters="program_id partner_id",
        expands="partner program",
    ),
    store.ToltCustomer: Resource(
        "customers",
        "cust_ cus_",
        "id customer_id identifier email name status plan subscription_id partner_id "
        f"program_id link_id promotion_code_id click_id lead_at active_at {MADE}",
        v1=f"id email {WHOSE} name customer_id status organization_id {MADE}",
        v1_written="id customer_id identifier email name status plan subscription_id "
        f"lead_at active_at click_id {WHOSE} organization_id {MADE} promotion_code_id",
        search="email name identifier customer_id",
        v1_search="email",
        filters="program_id partner_id customer_id status click_id link_id",
        v1_filters="program_id partner_id status",
        expands="partner program",
    ),
    store.ToltTransaction: Resource(
        "transactions",
        "txn_ txn_",
        "id amount amount_excluding_tax amount_including_tax currency tax "
        "payment_amount payment_currency status source billing_type interval quantity "
        f"partner_id customer_id program_id {CODE_OF_SALE} charge_id click_id "
        f"product_ids product_names conversion_rate metadata {MADE}",
        v1="id amount customer_id billing_type charge_id click_id source interval "
        f"{WHOSE} {MADE}",
        v1_listed="product_id product_name",
        v1_written="id status amount amount_excluding_tax tax currency "
        "payment_currency payment_amount payment_amount_excluding_tax payment_tax "
        f"charge_id metadata source {WHOSE} organization_id click_id customer_id "
        f"{MADE} amount_including_tax payment_amount_including_tax product_ids "
        "interval billing_type product_names conversion_rate",
        computed=_transaction,
        search="id charge_id",
        filters="program_id partner_id customer_id status",
        v1_filters="program_id partner_id customer_id",
        expands="customer program partner",
    ),
    store.Commission: Resource(
        "commissions",
        "comm_ comm_",
        COMMISSION,
        v1=f"{COMMISSION} flow_id organization_id",
        computed=_commission,
        filters="program_id partner_id customer_id status type",
        v1_filters="program_id partner_id customer_id status",
        expands="partner program customer transaction",
    ),
}
TABLES = {resource.table: resource for resource in RESOURCES.values()}


OLD_ROWS = ("partners", "customers")  # which v1 may know by a bare uuid


# --- ids --------------------------------------------------------------------------


def prefix(call: TCall, table: str) -> str:
    v1, v2 = TABLES[table].prefixes.split()
    if call.old and table in OLD_ROWS and call.switches.tolt_v1_ids == "bare":
        return ""
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


# --- rows -------------------------------------------------------------------------


def value_of(call: TCall, row: Any, name: str) -> Any:
    """One stored field of a row, as both versions show it."""
    if name == "id":
        return show_id(call, row)
    if name == "organization_id":
        return call.owner.id
    if name == "group_id" and isinstance(row, store.ToltPartner):
        return group_of(call, row)
    if name == "promotion_code_id":
        # Only the id: it outlives the code.
        uid = row.promotion_code_uid
        return uid and prefix(call, "codes") + uid
    other = getattr(row, name.removesuffix("_id"), None)
    return show_id(call, other) if isinstance(other, Row) else getattr(row, name, None)


def show(call: TCall, row: Any, how: How = "listed") -> dict[str, Any]:
    """A row; what v1 has written shows more than what it lists."""
    resource, switches = RESOURCES[type(row)], call.switches
    people = type(row) is store.ToltPartner
    whole = switches.tolt_v1_whole_partners if people else switches.tolt_v1_whole_rows
    if whole and resource.v1_written:
        how = "written"
    names = resource.fields(old=call.old, how=how)
    if call.old and type(row) is store.ToltTransaction:
        names += CODE_OF_SALE.split() if switches.tolt_v1_transaction_codes else []
    computed = resource.computed(call, row)
    shown = {
        name: computed[name] if name in computed else value_of(call, row, name)
        for name in names
    }
    return {**shown, **(_expanded(call, row, resource) if call.old else {})}


def _expanded(call: TCall, row: Any, resource: Resource) -> dict[str, Any]:
    """The rows that `expand[]` asks for; inside of them nothing is expanded."""
    asked = set(call.query.getlist("expand[]")) & set(resource.expands.split())
    shown: dict[str, Any] = {}
    for name in sorted(asked):
        other = getattr(row, name, None)
        if name == "group":
            other = find(call, "groups", value_of(call, row, "group_id"))
        bare = RESOURCES[type(other)] if other is not None else None
        names = bare.fields(old=True) if bare else []
        computed = bare.computed(call, other) if bare else {}
        inner = {n: computed.get(n, value_of(call, other, n)) for n in names}
        shown[name] = inner or None
    return shown


# --- answers ----------------------------------------------------------------------


def written(call: TCall, row: Any, *, new: bool = False, **more: Any) -> Reply:
    """The answer to a create or an update: v1 wraps it into an array of one."""
    shown = show(call, row, "written")
    if call.old:
        as_object = call.switches.tolt_v1_new_partner == "object"
        bare = as_object and type(row) is store.ToltPartner
        return ok(call, shown if bare else [shown], **more)
    return ok(call, shown, call.switches.tolt_v2_create_status if new else 200)
