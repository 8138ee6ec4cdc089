"""What a Partnero programme remembers, as plain data with its indexes.

No rules of the API here: those live with the routes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connector.sandbox.table import Table, fold


@dataclass(slots=True)
class Redeemed:
    """One entry of a redemption log."""

    redeemed_at: datetime
    transaction_key: str | None


@dataclass(slots=True)
class Coupon:
    uid: str
    created_at: datetime
    updated_at: datetime
    uuid_code: str
    name: str
    discount_type: str
    discount_amount: Decimal
    duration_type: str = "lifetime"
    duration_value: int | None = None
    active: bool = True
    specific_date: date | None = None
    redemption_limit: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    redemptions: list[Redeemed] = field(default_factory=list)
    times_redeemed: int = 0
    deleted_at: datetime | None = None
    synchronized: bool = False
    codes: dict[str, "PromotionCode"] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class PromotionCode:
    """A Partnero code. Its partners are (id, full name) as they were sent."""

    uid: str
    created_at: datetime
    updated_at: datetime
    code: str
    coupon: Coupon
    partners: list[tuple[str, str]] = field(default_factory=list)
    customers: list[tuple[str, str]] = field(default_factory=list)
    limit_to_partner: bool = False
    limit_to_customer: bool = False
    first_time_order: bool = False
    minimum_order: Decimal | None = None
    expires: date | None = None
    redemption_limit: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    redemptions: list[Redeemed] = field(default_factory=list)
    times_redeemed: int = 0


@dataclass(slots=True)
class PartneroPartner:
    uid: str
    created_at: datetime
    updated_at: datetime
    email: str
    key: str
    name: str = ""
    surname: str = ""
    status: str = "active"
    approved: bool = True
    archived: bool = False
    tags: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.surname}".strip()


@dataclass(slots=True)
class PartneroCustomer:
    uid: str
    created_at: datetime
    updated_at: datetime
    key: str
    partner: PartneroPartner
    email: str | None = None
    name: str | None = None
    surname: str | None = None
    tags: list[str] = field(default_factory=list)
    archived_at: datetime | None = None


@dataclass(slots=True)
class PartneroTransaction:
    uid: str
    created_at: datetime
    updated_at: datetime
    key: str | None
    amount: Decimal
    customer: PartneroCustomer | None
    amount_units: str
    action: str = "sale"
    rewards: list[Decimal] = field(default_factory=list)
    rewarded: bool = False
    product_id: Any = None
    product_type: Any = None
    deleted_at: datetime | None = None


@dataclass(slots=True)
class Programme:
    """One Partnero programme: all that one key can see."""

    id: str
    name: str
    currency: str = "USD"
    kind: str = "affiliate"
    commission_percent: Decimal = Decimal(20)
    coupons: Table[Coupon] = field(default_factory=Table)
    codes: Table[PromotionCode] = field(default_factory=Table)
    partners: Table[PartneroPartner] = field(default_factory=Table)
    customers: Table[PartneroCustomer] = field(default_factory=Table)
    transactions: Table[PartneroTransaction] = field(default_factory=Table)
    coupons_by_uuid: dict[str, Coupon] = field(default_factory=dict)
    codes_by_text: dict[str, list[PromotionCode]] = field(default_factory=dict)
    partners_by_email: dict[str, PartneroPartner] = field(default_factory=dict)
    transactions_by_key: dict[str, list[PartneroTransaction]] = field(
        default_factory=dict
    )
    customers_by_key: dict[str, PartneroCustomer] = field(default_factory=dict)

    def add_coupon(self, coupon: Coupon) -> Coupon:
        self.coupons_by_uuid[coupon.uuid_code] = coupon
        return self.coupons.add(coupon)

    def add_code(self, code: PromotionCode) -> PromotionCode:
        self.codes_by_text.setdefault(fold(code.code), []).append(code)
        code.coupon.codes[code.uid] = code
        return self.codes.add(code)

    def remove_code(self, code: PromotionCode) -> None:
        twins = self.codes_by_text[fold(code.code)]
        twins.remove(code)
        if not twins:
            del self.codes_by_text[fold(code.code)]
        del code.coupon.codes[code.uid]
        self.codes.remove(code)

    def code(self, text: str) -> PromotionCode:
        """The code with this text; the exact spelling wins over its case twins."""
        twins = self.codes_by_text[fold(text)]
        return next((code for code in twins if code.code == text), twins[0])

    def add_partner(self, partner: PartneroPartner) -> PartneroPartner:
        self.partners_by_email[fold(partner.email)] = partner
        return self.partners.add(partner)

    def add_customer(self, customer: PartneroCustomer) -> PartneroCustomer:
        self.customers_by_key[customer.key] = customer
        return self.customers.add(customer)

    def add_transaction(self, row: PartneroTransaction) -> PartneroTransaction:
        if row.key is not None:
            self.transactions_by_key.setdefault(row.key, []).append(row)
        return self.transactions.add(row)

    def remove_transaction(self, row: PartneroTransaction) -> None:
        if row.key is not None:
            self.transactions_by_key[row.key].remove(row)
        self.transactions.remove(row)
