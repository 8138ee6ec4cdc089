"""What a Tolt organization remembers, as plain data.

No rules of the API here: those live with the routes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial

from connector.sandbox.table import Row, Table

EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency.upper(), 2)


@dataclass(slots=True)
class Program(Row):
    name: str
    currency: str = "USD"
    commission_percent: Decimal = Decimal(20)


@dataclass(slots=True)
class Group(Row):
    """A segment of the partners of a programme; one of them is the default."""

    program: Program
    name: str
    is_default: bool = False

    @property
    def public_key(self) -> str:
        return f"pk_{self.uid}"


@dataclass(slots=True)
class ToltPartner(Row):
    """A partner; without a `group_id` of its own it is in the default group."""

    program: Program
    email: str
    first_name: str | None = None
    last_name: str | None = None
    group_id: str | None = None
    status: str = "active"
    completed_onboarding: bool = True
    display_name: str | None = None
    company_name: str | None = None
    country_code: str | None = None
    website_url: str | None = None
    slug: str = ""  # of a link that was asked for by name


@dataclass(slots=True)
class Code(Row):
    """A Tolt code; `value` is minor units for a fixed discount, else percent.

    Rows without a text exist: the product types `code` as nullable.
    """

    program: Program
    code: str | None
    partner: ToltPartner | None
    type: str | None = None
    value: Decimal | None = None
    duration: str = "forever"
    group_id: str | None = None
    active: bool = True
    external_id: str | None = None

    @property
    def entity_type(self) -> str:
        """Whose code it is: only a partner's can be made by API."""
        if self.partner:
            return "partner"
        return "group" if self.group_id else "program"


@dataclass(slots=True)
class ToltCustomer(Row):
    program: Program
    partner: ToltPartner
    email: str | None = None
    customer_id: str | None = None
    name: str | None = None
    status: str = "lead"
    promotion_code_uid: str | None = None
    subscription_id: str | None = None
    click_id: str | None = None
    lead_at: datetime | None = None
    active_at: datetime | None = None

    @property
    def identifier(self) -> str | None:
        return self.email or self.customer_id


@dataclass(slots=True)
class ToltTransaction(Row):
    program: Program
    customer: ToltCustomer
    amount: int
    charge_id: str | None = None
    status: str = "paid"
    source: str | None = None
    promotion_code_uid: str | None = None
    promotion_code_name: str | None = None
    partner: ToltPartner | None = None  # whose sale it was, and stays
    billing_type: str | None = None
    interval: str | None = None
    product_id: str | None = None
    product_name: str | None = None
    click_id: str | None = None
    recorded_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.recorded_at = self.updated_at
        self.partner = self.partner or self.customer.partner


@dataclass(slots=True)
class Commission(Row):
    """What a sale paid, or what its refund takes back."""

    amount: int
    transaction: ToltTransaction
    status: str = "pending"
    type: str = "commission"

    @property
    def program(self) -> Program:
        return self.transaction.program

    @property
    def partner(self) -> ToltPartner | None:
        return self.transaction.partner

    @property
    def customer(self) -> ToltCustomer:
        return self.transaction.customer


# Tables by the text that their rows are looked up by.
BY_UID = partial(Table, "uid")
BY_EMAIL = partial(Table, "email")
BY_CODE = partial(Table, "code")
BY_CHARGE_ID = partial(Table, "charge_id")


@dataclass(slots=True)
class Organization:
    """One Tolt organization: all that one key can see."""

    id: str
    programs: Table[Program] = field(default_factory=BY_UID)
    groups: Table[Group] = field(default_factory=BY_UID)
    partners: Table[ToltPartner] = field(default_factory=BY_EMAIL)
    codes: Table[Code] = field(default_factory=BY_CODE)
    customers: Table[ToltCustomer] = field(default_factory=BY_EMAIL)
    transactions: Table[ToltTransaction] = field(default_factory=BY_CHARGE_ID)
    commissions: Table[Commission] = field(default_factory=BY_UID)

    @property
    def program(self) -> Program:
        """The oldest program; most worlds have one."""
        return self.programs.slice(0, 1)[0]

    def add_program(self, program: Program) -> Program:
        """A programme comes with the group that its partners are in."""
        at = program.created_at, program.updated_at
        default = Group(f"{program.uid}g", *at, program, "Default", is_default=True)
        self.groups.add(default)
        return self.programs.add(program)

    def codes_named(self, text: str) -> list[Code]:
        return self.codes.named(text)

    def refund(self, row: ToltTransaction, now: datetime) -> None:
        """Unpaid commissions fall to zero; a paid one gets a negative counterpart."""
        self.transactions.change(row, updated_at=now, status="refunded")
        for entry in [each for each in self.commissions if each.transaction is row]:
            if entry.status == "paid":
                back = Commission(f"{entry.uid}back", now, now, -entry.amount, row)
                back.type = "refund"
                self.commissions.add(back)
            else:
                changed = {"amount": 0, "status": "refunded"}
                self.commissions.change(entry, updated_at=now, **changed)
