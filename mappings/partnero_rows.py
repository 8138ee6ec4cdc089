"""The rows of Partnero's listings: the members that its documentation names.

Facts: docs.partnero.com/api-reference, promotion-codes, coupons and partners.
"""

from msgspec import UNSET, Struct

from mappings.shapes import Shape
from mappings.wire import Json

NEEDED_FIELDS = frozenset(("limit_to_specific_partner",))


class CodeRow(Shape, gc=False):
    """A promotion code, in the order in which its members come."""

    code: Json = None
    first_time_order: Json = None
    limit_to_specific_partner: Json = UNSET
    coupon_specific_partners: Json = UNSET
    limit_to_specific_customer: Json = None
    coupon_specific_customers: Json = None
    limit_to_specific_subscriber: Json = None
    coupon_specific_subscribers: Json = None
    minimum_order_status: Json = None
    minimum_order_value: Json = None
    expiration_date_status: Json = None
    expiration_date_value: Json = None
    redemption_times_status: Json = None
    redemption_times_value: Json = None
    metadata: Json = UNSET
    coupon: Json = None
    times_redeemed: Json = None
    additional_info: Json = None


class EmbeddedCode(Struct, gc=False):
    """A code inside its coupon, of which the text alone is wanted."""

    code: Json = None


class EmbeddedCodes(Struct, gc=False):
    """The codes inside a coupon, where they are wrapped."""

    data: list[EmbeddedCode | str] | None = None


class CouponRow(Shape, gc=False):
    """A coupon; one that was no part of a page holds its codes as they stand there."""

    uuid_code: Json = None
    active: Json = None
    coupon_discount_type: Json = None
    coupon_discount_amount: Json = None
    coupon_duration_type: Json = None
    coupon_duration_value: Json = None
    redemption_specific_date_status: Json = None
    redemption_specific_date_value: Json = None
    redemption_times_status: Json = None
    redemption_times_value: Json = None
    times_redeemed: Json = None
    sync: Json = None
    synchronization_enabled: Json = None
    promotion_codes: EmbeddedCodes | list[EmbeddedCode | str] | None = None


class PartnerRow(Shape, gc=False):
    """A partner."""

    id: Json = None
    email: Json = None
    name: Json = None
    surname: Json = None
    status: Json = None
    key: Json = None
    referral_link: Json = None
    archived_at: Json = None
    deleted_at: Json = None


CODE_FIELDS = frozenset(CodeRow.__struct_fields__)
COUPON_FIELDS = frozenset(CouponRow.__struct_fields__) | frozenset(
    "name metadata additional_info created_at updated_at deleted_at "
    "synchronization_successful synchronization_message".split()
)
