"""The rows of sales and of buyers: the members that the documentations name.

Facts: promotion-codes/update, transactions and customers of docs.partnero.com,
transactions and customers of docs.tolt.com (v1 and v2).
"""

from msgspec import UNSET

from mappings.shapes import Shape
from mappings.wire import Json


class OfAProgramme(Shape, gc=False):
    """What shows of which kind a Partnero programme is (programmes.py)."""

    partner: Json = UNSET
    subscriber: Json = UNSET
    referring_subscriber: Json = UNSET
    referred_subscribers: Json = UNSET
    referring_customer: Json = UNSET
    referred_customers: Json = UNSET


class SaleRow(OfAProgramme, gc=False):
    """A Partnero transaction."""

    key: Json = None
    action: Json = None
    amount: Json = None
    gross_amount: Json = None
    amount_units: Json = None
    customer: Json = None
    created_at: Json = None
    deleted_at: Json = UNSET


class BuyerRow(OfAProgramme, gc=False):
    """A Partnero customer."""

    id: Json = None
    key: Json = None
    email: Json = None
    name: Json = None
    surname: Json = None


class ChargeRow(Shape, gc=False):
    """A Tolt transaction."""

    id: Json = None
    charge_id: Json = None
    amount: Json = None
    amount_excluding_tax: Json = None
    amount_including_tax: Json = None
    currency: Json = None
    payment_amount: Json = None
    payment_currency: Json = None
    customer_id: Json = None
    partner_id: Json = UNSET
    program_id: Json = None
    promotion_code_id: Json = None
    source: Json = None
    status: Json = None
    created_at: Json = None
    updated_at: Json = None


class CustomerRow(Shape, gc=False):
    """A Tolt customer."""

    id: Json = None
    customer_id: Json = None
    email: Json = None
    name: Json = None
    partner_id: Json = UNSET
    program_id: Json = None
    promotion_code_id: Json = UNSET


class LoggedRow(Shape, gc=False):
    """One entry of a code's redemption log."""

    transaction_key: Json = None
    redeemed_at: Json = None
