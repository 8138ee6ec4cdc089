"""What a Tolt organization remembers, as plain data with its indexes.

No rules of the API here: those live with the routes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from connector.sandbox.table import Table, fold

EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency.upper(), 2)


@dataclass(slots=True)
class Program:
    uid: str
    created_at: datetime
    updated_at: datetime
    name: str
    currency: str = "USD"
    commission_percent: Decimal = Decimal(20)


@dataclass(slots=True)
class Group:
    uid: str
    created_at: datetime
    updated_at: datetime
    program: Program
    name: str = "Default"
    is_default: bool = True


@dataclass(slots=True)
class ToltPartner:
    uid: str
    created_at: datetime
    updated_at: datetime
    program: Program
    email: str
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    country_code: str | None = None
    website_url: str | None = None
    display_name: str | None = None
    status: str = "active"
    completed_onboarding: bool = True
    group: Group | None = None
    rejected_at: datetime | None = None
    suspended_at: datetime | None = None
    payout_method: str = "none"
    link_value: str = ""


@dataclass(slots=True)
class Code:
    """A Tolt code; `value` is minor units for a fixed discount, else percent."""

    uid: str
    created_at: datetime
    updated_at: datetime
    program: Program
    code: str
    partner: ToltPartner | None
    group: Group | None = None
    type: str | None = None
    value: Decimal | None = None
    active: bool = True
    duration: str | None = None
    duration_in_months: str | None = None
    external_id: str | None = None

    @property
    def scope(self) -> str:
        if self.partner:
            return "partner"
        return "group" if self.group else "program"


@dataclass(slots=True)
class ToltCustomer:
    uid: str
    created_at: datetime
    updated_at: datetime
    program: Program
    partner: ToltPartner
    email: str | None = None
    customer_id: str | None = None
    name: str | None = None
    status: str = "lead"
    subscription_id: str | None = None
    click_id: str | None = None
    link_id: str | None = None
    promotion_code_uid: str | None = None
    lead_at: datetime | None = None
    active_at: datetime | None = None


@dataclass(slots=True)
class ToltTransaction:
    uid: str
    created_at: datetime
    updated_at: datetime
    program: Program
    customer: ToltCustomer
    amount: int
    charge_id: str | None = None
    status: str | None = "paid"
    billing_type: str | None = None
    source: str | None = None
    interval: str | None = None
    product_id: str | None = None
    product_name: str | None = None
    click_id: str | None = None
    promotion_code_uid: str | None = None
    promotion_code_name: str | None = None


@dataclass(slots=True)
class Commission:
    uid: str
    created_at: datetime
    updated_at: datetime
    program: Program
    partner: ToltPartner
    amount: int
    transaction: ToltTransaction | None = None
    customer: ToltCustomer | None = None
    revenue: int | None = None
    status: str = "pending"
    type: str = "commission"
    source: str = "transaction"


@dataclass(slots=True)
class Organization:
    """One Tolt organization: all that one key can see."""

    id: str
    programs: Table[Program] = field(default_factory=Table)
    groups: Table[Group] = field(default_factory=Table)
    partners: Table[ToltPartner] = field(default_factory=Table)
    codes: Table[Code] = field(default_factory=Table)
    customers: Table[ToltCustomer] = field(default_factory=Table)
    transactions: Table[ToltTransaction] = field(default_factory=Table)
    commissions: Table[Commission] = field(default_factory=Table)
    codes_by_text: dict[str, list[Code]] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        """The oldest program; most worlds have one."""
        return self.programs.slice(0, 1)[0]

    def add_code(self, code: Code) -> Code:
        self.codes_by_text.setdefault(fold(code.code), []).append(code)
        return self.codes.add(code)

    def remove_code(self, code: Code) -> None:
        self.codes_by_text[fold(code.code)].remove(code)
        self.codes.remove(code)

    def rename_code(self, code: Code, text: str) -> None:
        self.codes_by_text[fold(code.code)].remove(code)
        code.code = text
        self.codes_by_text.setdefault(fold(text), []).append(code)

    def codes_named(self, text: str) -> list[Code]:
        return list(self.codes_by_text.get(fold(text), ()))
