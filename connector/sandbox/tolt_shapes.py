"""How each Tolt version shows a row: same rows, other words and other units.

v2 prints a fixed discount in major units as a string, v1 in minor units as a number;
v1 leaves out whole fields in lists that it shows after a write.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connector.sandbox import tolt
from connector.sandbox.tolt import TCall, iso, plain, show_id
from connector.sandbox.tolt_store import Code, ToltPartner

Shape = Callable[[TCall, Any], dict[str, Any]]


def _times(row: Any) -> dict[str, Any]:
    return {"created_at": iso(row.created_at), "updated_at": iso(row.updated_at)}


def v2_value(call: TCall, code: Code) -> Decimal | None:
    if code.value is None:
        return None
    return code.value / tolt.factor(call, code.program, code.type)


def _v2_code(call: TCall, row: Code) -> dict[str, Any]:
    value = v2_value(call, row)
    if value is None:
        text = None
    else:
        text = f"{value:.2f}" if call.switches.tolt_two_decimals else plain(value)
    return {
        "id": show_id(call, "codes", row),
        "code": row.code,
        "type": row.type,
        "value": text,
        "duration": row.duration or call.switches.tolt_duration,
        "duration_in_months": row.duration_in_months,
        "active": row.active,
        "entity_type": row.scope,
        "external_id": row.external_id,
        "partner_id": show_id(call, "partners", row.partner),
        "program_id": show_id(call, "programs", row.program),
        "group_id": show_id(call, "groups", row.group),
        **_times(row),
    }


def _program(call: TCall, row: Any) -> dict[str, Any]:
    return {
        "id": show_id(call, "programs", row),
        "name": row.name,
        "product_name": row.name,
        "type": "saas",
        "status": "active",
        "currency_code": row.currency,
        "cookie_duration": 90,
        "payout_term": "net_30",
        "minimum_payout": 0,
        "website_url": None,
        "subdomain": None,
        **_times(row),
    }


def _group(call: TCall, row: Any) -> dict[str, Any]:
    return {
        "id": show_id(call, "groups", row),
        "name": row.name,
        "description": None,
        "program_id": show_id(call, "programs", row.program),
        "is_default": row.is_default,
        "public_key": None,
        "website_url": None,
        "is_private": False,
        "allow_manual_lead_submission": False,
        "minimum_payout": 0,
        **_times(row),
    }


def _partner(call: TCall, row: Any) -> dict[str, Any]:
    return {
        "id": show_id(call, "partners", row),
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "company_name": row.company_name,
        "country_code": row.country_code,
        "status": row.status,
        "group_id": show_id(call, "groups", row.group),
        "program_id": show_id(call, "programs", row.program),
        "completed_onboarding": row.completed_onboarding,
    }


def _v2_partner(call: TCall, row: Any) -> dict[str, Any]:
    return {
        **_partner(call, row),
        "website_url": row.website_url,
        "display_name": row.display_name,
        "rejected_at": iso(row.rejected_at),
        "suspended_at": iso(row.suspended_at),
        "custom_fields": [],
        **_times(row),
    }


def link_of(call: TCall, row: ToltPartner) -> dict[str, Any]:
    """The referral link that comes with a new partner."""
    return {
        "id": f"lnk_{row.uid}",
        "param": "via",
        "value": row.link_value,
        "status": "active",
        "partner_id": show_id(call, "partners", row),
        "program_id": show_id(call, "programs", row.program),
        "campaign_id": None,
        **_times(row),
    }


def _customer(call: TCall, row: Any) -> dict[str, Any]:
    return {
        "id": show_id(call, "customers", row),
        "customer_id": row.customer_id,
        "identifier": row.customer_id or row.email,
        "email": row.email,
        "name": row.name,
        "status": row.status,
        "plan": None,
        "subscription_id": row.subscription_id,
        "partner_id": show_id(call, "partners", row.partner),
        "program_id": show_id(call, "programs", row.program),
        "link_id": row.link_id,
        "promotion_code_id": show_id(call, "codes", row.promotion_code_uid),
        "click_id": row.click_id,
        "lead_at": iso(row.lead_at),
        "active_at": iso(row.active_at),
        **_times(row),
    }


def _transaction(call: TCall, row: Any) -> dict[str, Any]:
    amount, currency = str(row.amount), row.program.currency.lower()
    return {
        "id": show_id(call, "transactions", row),
        "amount": amount,
        "amount_excluding_tax": amount,
        "amount_including_tax": amount,
        "currency": currency,
        "tax": 0,
        "payment_amount": amount,
        "payment_currency": currency,
        "status": row.status,
        "source": row.source,
        "billing_type": row.billing_type,
        "interval": row.interval,
        "quantity": 1,
        "partner_id": show_id(call, "partners", row.customer.partner),
        "customer_id": show_id(call, "customers", row.customer),
        "program_id": show_id(call, "programs", row.program),
        "promotion_code_id": show_id(call, "codes", row.promotion_code_uid),
        "promotion_code_name": row.promotion_code_name,
        "charge_id": row.charge_id,
        "click_id": row.click_id,
        "product_ids": [row.product_id] if row.product_id else [],
        "product_names": [row.product_name] if row.product_name else [],
        "conversion_rate": "1",
        "metadata": None,
        **_times(row),
    }


def _commission(call: TCall, row: Any) -> dict[str, Any]:
    return {
        "id": show_id(call, "commissions", row),
        "amount": str(row.amount),
        "currency": row.program.currency.lower(),
        "revenue": None if row.revenue is None else str(row.revenue),
        "status": row.status,
        "type": row.type,
        "source": row.source,
        "partner_id": show_id(call, "partners", row.partner),
        "customer_id": show_id(call, "customers", row.customer),
        "program_id": show_id(call, "programs", row.program),
        "transaction_id": show_id(call, "transactions", row.transaction),
        "payout_id": None,
        "charge_id": row.transaction.charge_id if row.transaction else None,
        "charge_status": None,
        "is_ad_click": False,
        "is_self_referral": False,
        "approval_type": "manual",
        "scheduled_approval_date": None,
        **_times(row),
    }


SHAPES_V2: dict[str, Shape] = {
    "programs": _program,
    "groups": _group,
    "partners": _v2_partner,
    "codes": _v2_code,
    "customers": _customer,
    "transactions": _transaction,
    "commissions": _commission,
}


# --- v1 ---------------------------------------------------------------------------


def _v1_code(call: TCall, row: Code) -> dict[str, Any]:
    return {
        "id": show_id(call, "codes", row),
        "code": row.code,
        "type": row.type,
        "value": row.value,
        "partner_id": show_id(call, "partners", row.partner),
        "program_id": show_id(call, "programs", row.program),
        "organization_id": call.owner.id,
        **_times(row),
    }


def v1_written_code(call: TCall, row: Code) -> dict[str, Any]:
    """Create and update also show what lists leave out."""
    scope = row.scope if call.switches.tolt_v1_entity_type else None
    return {
        **_v1_code(call, row),
        "active": row.active,
        "entity_type": scope,
        "group_id": show_id(call, "groups", row.group),
    }


def v1_read_code(call: TCall, row: Code) -> dict[str, Any]:
    full = call.switches.tolt_v1_list_shows_active
    return v1_written_code(call, row) if full else _v1_code(call, row)


def _v1_program(call: TCall, row: Any) -> dict[str, Any]:
    shown = _program(call, row)
    return {
        n: shown[n] for n in ("id", "name", "status", "currency_code", "created_at")
    }


def _v1_partner(call: TCall, row: Any) -> dict[str, Any]:
    return {
        **_partner(call, row),
        "organization_id": call.owner.id,
        "payout_method": row.payout_method,
        "payout_details": {},
        "created_at": iso(row.created_at),
    }


def _v1_customer(call: TCall, row: Any) -> dict[str, Any]:
    return {**_customer(call, row), "organization_id": call.owner.id}


def _v1_transaction(call: TCall, row: Any) -> dict[str, Any]:
    shown = {
        **_transaction(call, row),
        "payment_tax": 0,
        "organization_id": call.owner.id,
        "amount": row.amount,
    }
    if not call.switches.tolt_v1_transaction_codes:
        del shown["promotion_code_id"], shown["promotion_code_name"]
    return shown


def _v1_commission(call: TCall, row: Any) -> dict[str, Any]:
    extra = {"flow_id": None, "organization_id": call.owner.id}
    return {**_commission(call, row), **extra}


SHAPES_V1: dict[str, Shape] = {
    "programs": _v1_program,
    "groups": _group,
    "partners": _v1_partner,
    "codes": v1_read_code,
    "customers": _v1_customer,
    "transactions": _v1_transaction,
    "commissions": _v1_commission,
}
