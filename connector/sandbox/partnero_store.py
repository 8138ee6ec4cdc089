"""What a Partnero programme remembers, as plain data.

No rules of the API here: those live with the routes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from connector.sandbox.table import Row, Table


@dataclass(slots=True)
class Redeemed:
    """One entry of a redemption log."""

    redeemed_at: datetime
    transaction_key: str | None


@dataclass(slots=True)
class Limited(Row):
    """What can be redeemed until a day and so many times."""

    expires: date | None = field(default=None, kw_only=True)
    redemption_limit: int | None = field(default=None, kw_only=True)
    metadata: dict[str, Any] = field(default_factory=dict, kw_only=True)
    times_redeemed: int = field(default=0, kw_only=True)
    redemptions: list[Redeemed] = field(default_factory=list, kw_only=True)

    def redeem(self, at: datetime, key: str | None) -> None:
        self.redemptions.append(Redeemed(at, key))
        self.times_redeemed += 1


@dataclass(slots=True)
class Coupon(Limited):
    uuid_code: str
    name: str
    discount_type: str
    discount_amount: Decimal
    duration_type: str = "lifetime"
    duration_value: int | None = None
    active: bool = True
    deleted_at: datetime | None = None
    synchronized: str = ""  # the provider that it was assigned to
    codes: dict[str, "PromotionCode"] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class PromotionCode(Limited):
    """A Partnero code. Its partners and customers are (id, full name), as sent."""

    code: str
    coupon: Coupon
    partners: list[tuple[str, str]] = field(default_factory=list)
    customers: list[tuple[str, str]] = field(default_factory=list)
    first_time_order: bool = False
    minimum_order: Decimal | None = None


@dataclass(slots=True)
class PartneroPartner(Row):
    email: str
    key: str
    name: str = ""
    surname: str = ""
    status: str = "active"
    approved: bool = True
    tags: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.surname}".strip()


@dataclass(slots=True)
class PartneroCustomer(Row):
    key: str
    partner: PartneroPartner
    email: str | None = None
    name: str | None = None
    surname: str | None = None
    tags: list[str] = field(default_factory=list)
    deleted_at: datetime | None = None  # archived


@dataclass(slots=True)
class PartneroTransaction(Row):
    key: str | None
    amount: Decimal
    customer: PartneroCustomer | None
    amount_units: str
    action: str = "sale"
    rewards: list[Decimal] = field(default_factory=list)
    deleted_at: datetime | None = None
    partner: PartneroPartner | None = None  # whose sale it was, and stays
    product: dict[str, str] = field(default_factory=dict)
    rewarded: bool = False  # what it pays was paid elsewhere already
    recorded_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.recorded_at = self.updated_at
        if self.partner is None and self.customer is not None:
            self.partner = self.customer.partner

    @property
    def owed(self) -> list[Decimal]:
        """What is still to be paid for it."""
        return [] if self.rewarded else self.rewards


# Tables by the text that their rows are looked up by.
BY_UUID_CODE = partial(Table, "uuid_code")
BY_CODE = partial(Table, "code")
BY_EMAIL = partial(Table, "email")
BY_KEY = partial(Table, "key")


@dataclass(slots=True)
class Programme:
    """One Partnero programme: all that one key can see."""

    id: str
    name: str
    currency: str = "USD"
    commission_percent: Decimal = Decimal(20)
    coupons: Table[Coupon] = field(default_factory=BY_UUID_CODE)
    codes: Table[PromotionCode] = field(default_factory=BY_CODE)
    partners: Table[PartneroPartner] = field(default_factory=BY_EMAIL)
    customers: Table[PartneroCustomer] = field(default_factory=BY_KEY)
    transactions: Table[PartneroTransaction] = field(default_factory=BY_KEY)

    def add_code(self, code: PromotionCode) -> PromotionCode:
        code.coupon.codes[code.uid] = code
        return self.codes.add(code)

    def remove_code(self, code: PromotionCode) -> None:
        del code.coupon.codes[code.uid]
        self.codes.remove(code)

    def code(self, text: str) -> PromotionCode:
        """The code with this text; the exact spelling wins over its case twins."""
        return self.codes.named(text)[0]
