"""Ready worlds: a small one full of named troubles, and a big one that mostly agrees.

The small world's codes say in their text what is wrong with them; two thirds simply
agree. All times and ids are fixed, so that two runs see the same bytes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connector.sandbox.partnero_store import (
    Coupon,
    PartneroCustomer,
    PartneroPartner,
    PartneroTransaction,
    Programme,
    PromotionCode,
    Redeemed,
)
from connector.sandbox.tolt_store import (
    Code,
    Commission,
    Group,
    Organization,
    Program,
    ToltCustomer,
    ToltPartner,
    ToltTransaction,
    exponent,
)
from connector.sandbox.world import World

PARTNERO_KEY = "pk_sandbox_acme"
TOLT_KEY = "tlt_live_sandbox_acme"
START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
NOT_FOR_PARTNERO = (
    "WITH BLANK",
    "ÜMLAUT10",
    "EMOJI\N{PARTY POPPER}10",
    "SLASH/10",
    "LONG" + "X" * 97,
)
HOSTILE = (
    '=HYPERLINK("http://evil.example","HOSTILE")',
    "<script>alert('HOSTILE')</script>",
    "\x1b[31mHOSTILE-ANSI",
    "\N{RIGHT-TO-LEFT OVERRIDE}HOSTILE-RTL",
)


@dataclass(slots=True)
class Builder:
    """Adds rows to both sides, a minute apart from each other."""

    world: World = field(default_factory=World)
    minutes: int = 0
    partners: dict[str, tuple[PartneroPartner | None, ToltPartner | None]] = field(
        default_factory=dict
    )

    def _stamp(self) -> tuple[str, datetime, datetime]:
        self.minutes += 1
        at = START + timedelta(minutes=self.minutes)
        return self.world.new_uid(), at, at

    # --- accounts ---

    def programme(self, key: str, name: str, currency: str = "USD") -> Programme:
        uid, _, _ = self._stamp()
        programme = Programme(f"prog_{uid}", name, currency)
        self.world.programmes[key] = programme
        return programme

    def organization(self, key: str, name: str, currency: str = "USD") -> Organization:
        organization = Organization(f"org_{self.world.new_uid()}")
        self.world.organizations[key] = organization
        self.program(organization, name, currency)
        return organization

    def program(self, owner: Organization, name: str, currency: str = "USD") -> Program:
        program = owner.programs.add(Program(*self._stamp(), name, currency))
        owner.groups.add(Group(*self._stamp(), program))
        return program

    # --- partners ---

    def partner(self, name: str, left: str | None, right: str | None) -> None:
        """A partner with its e-mail on each side, or on one side only."""
        uid, at, _ = self._stamp()
        one = other = None
        if left:
            one = PartneroPartner(
                f"prt_{uid}", at, at, left, name.lower(), name, "Kask"
            )
            self.world.partnero.add_partner(one)
        if right:
            organization = self.world.tolt
            program = organization.program
            other = ToltPartner(uid, at, at, program, right, name, "Kask")
            other.group = organization.groups.slice(0, 1)[0]
            other.link_value = name.lower()
            organization.partners.add(other)
        self.partners[name] = (one, other)

    # --- codes ---

    def coupon(self, kind: str, amount: str) -> Coupon:
        """The coupon with this discount; codes share it."""
        mark = "PCT" if kind == "percent" else "FIX"
        uuid_code = f"{mark}{amount}".replace(".", "-")
        programme = self.world.partnero
        if uuid_code not in programme.coupons_by_uuid:
            stamp = self._stamp()
            coupon = Coupon(*stamp, uuid_code, uuid_code, kind, Decimal(amount))
            programme.add_coupon(coupon)
        return programme.coupons_by_uuid[uuid_code]

    def left(
        self, text: str, partner: str | None, amount: str, kind: str = "percent"
    ) -> PromotionCode:
        code = PromotionCode(*self._stamp(), text, self.coupon(kind, amount))
        owner = self.partners[partner][0] if partner else None
        if owner:
            code.limit_to_partner = True
            code.partners = [(owner.uid, owner.full_name)]
        return self.world.partnero.add_code(code)

    def right(
        self, text: str, partner: str, amount: str, kind: str = "percent"
    ) -> Code:
        program, owner = self.world.tolt.program, self.partners[partner][1]
        code = Code(*self._stamp(), program, text, owner)
        code.type, code.value = "percentage", Decimal(amount)
        if kind != "percent":
            code.type = "fixed"
            code.value = Decimal(amount) * 10 ** exponent(program.currency)
        code.duration = "forever"
        return self.world.tolt.add_code(code)

    def both(
        self, text: str, partner: str, amount: str, kind: str = "percent"
    ) -> tuple[PromotionCode, Code]:
        left = self.left(text, partner, amount, kind)
        return left, self.right(text, partner, amount, kind)

    # --- sales ---

    def sale_left(
        self, code: PromotionCode, key: str | None, amount: str, *, times: int = 1
    ) -> None:
        """A redemption with its transaction; without a key there is none."""
        programme = self.world.partnero
        for _ in range(times):
            uid, at, _ = self._stamp()
            if key:
                customer = self._customer_left(code)
                sum_ = Decimal(amount)
                row = PartneroTransaction(
                    f"trx_{uid}", at, at, key, sum_, customer, programme.currency
                )
                row.rewards = [sum_ * programme.commission_percent / 100]
                programme.add_transaction(row)
            code.redemptions.append(Redeemed(at, key))
            code.times_redeemed += 1

    def _customer_left(self, code: PromotionCode) -> PartneroCustomer:
        programme, key = self.world.partnero, f"buyer-of-{code.code}"
        found = programme.customers_by_key.get(key)
        if found is None:
            uid, at, _ = self._stamp()
            partner = programme.partners.rows[code.partners[0][0]]
            found = PartneroCustomer(f"cst_{uid}", at, at, key, partner)
            found.email = f"{key.lower()}@buyers.example"
            programme.add_customer(found)
        return found

    def sale_right(
        self, code: Code, charge: str, amount: int, *, buyer: str = "buyer"
    ) -> ToltTransaction:
        organization = self.world.tolt
        email = f"{buyer}-of-{code.code.lower()}@buyers.example"
        rows = organization.customers.rows.values()
        customer = next((row for row in rows if row.email == email), None)
        if customer is None and code.partner:
            customer = ToltCustomer(*self._stamp(), code.program, code.partner, email)
            customer.promotion_code_uid, customer.status = code.uid, "active"
            organization.customers.add(customer)
        if customer is None:
            raise ValueError(f"{code.code} has no partner to sell for")
        row = ToltTransaction(*self._stamp(), code.program, customer, amount, charge)
        row.promotion_code_uid, row.promotion_code_name = code.uid, code.code
        organization.transactions.add(row)
        share = amount * int(code.program.commission_percent) // 100
        stamp = self._stamp()
        entry = Commission(*stamp, code.program, customer.partner, share, row, customer)
        entry.revenue = amount
        organization.commissions.add(entry)
        return row


def empty(currency: str = "USD", tag: str = "a") -> World:
    """Both programmes, and nothing in them."""
    return _accounts(currency, tag).world


def _accounts(currency: str, tag: str) -> Builder:
    build = Builder(World(tag=tag))
    build.programme(PARTNERO_KEY, "Acme", currency)
    build.organization(TOLT_KEY, "Acme", currency)
    return build


def small(currency: str = "USD", tag: str = "a") -> World:
    """About 40 codes a side, with every trouble we know by name."""
    build = _accounts(currency, tag)
    _people(build)
    _agreeing(build)
    _restricted(build)
    _different(build)
    _one_sided(build)
    _redemptions(build)
    return build.world


FRIENDS = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Fred", "Gina", "Hugo")


def _people(build: Builder) -> None:
    for name in (*FRIENDS, "Nora", "Sam", "Sara"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    build.partner("Tina", "tina@partnero.example", "tina@tolt.example")
    build.partner("Carl", "Carl.Case@Example.com", "carl.case@example.com")
    build.partner("Paul", "paul.plus@example.com", "paul.plus+tolt@example.com")
    build.partner("Olga", "olga.only.partnero@example.com", None)
    build.partner("Otto", None, "otto.only.tolt@example.com")
    build.partner("Mallory", "mallory@example.com", "mallory@example.com")
    left = build.world.partnero.partners_by_email["mallory@example.com"]
    right = next(p for p in build.world.tolt.partners if p.email == left.email)
    left.name, left.surname = '=HYPERLINK("http://evil.example")', "Mallory"
    right.first_name = "<script>alert('name')</script>"
    right.last_name = "\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}Mallory"


def _agreeing(build: Builder) -> None:
    build.both("CANARY", "Anna", "10")
    for number, name in enumerate(FRIENDS):
        build.both(f"{name.upper()}10", name, "10")
        build.both(f"{name.upper()}20", name, "15" if number % 2 else "20")
    # A partner who has codes and no customer at all.
    build.both("CODESONLY10", "Nora", "10")
    build.both("FIXED25", "Ben", "25", "static")
    build.left("MIXCASE20", "Cleo", "20")
    build.right("mixcase20", "Cleo", "20")
    build.both("MAILCASE10", "Carl", "10")


def _restricted(build: Builder) -> None:
    """Equal where both can speak; Partnero alone knows the restriction."""
    build.both("EXPIRED10", "Dora", "10")[0].expires = date(2025, 6, 30)
    nearly, _ = build.both("NEARLY100", "Emil", "10")
    nearly.redemption_limit, nearly.times_redeemed = 100, 95
    build.both("FIRSTORDER10", "Fred", "10")[0].first_time_order = True
    build.both("MINORDER10", "Gina", "10")[0].minimum_order = Decimal(50)
    bound, _ = build.both("CUSTOMER10", "Hugo", "10")
    bound.limit_to_customer = True
    bound.customers = [("cst_vip", "Vera Ip")]
    build.both("METAEMPTY10", "Anna", "10")
    build.both("METAOBJECT10", "Ben", "10")[0].metadata = {"campaign": "summer"}
    build.both("INACTIVE10", "Cleo", "10")[1].active = False


def _different(build: Builder) -> None:
    build.left("DISCOUNTDIFF", "Anna", "10")
    build.right("DISCOUNTDIFF", "Anna", "15")
    build.left("PARTNERDIFF", "Anna", "10")
    build.right("PARTNERDIFF", "Ben", "10")
    build.left("NOPARTNER", None, "10")
    build.right("NOPARTNER", "Anna", "10")
    build.both("TWOMAILS10", "Tina", "10")
    build.both("PLUSTAG10", "Paul", "10")
    build.both("SAM20", "Sam", "20")
    build.right("sam20", "Sara", "20")
    build.both("TWICE15", "Anna", "15")
    build.right("TWICE15", "Ben", "15")


def _one_sided(build: Builder) -> None:
    build.left("ONLYPARTNERO20", "Anna", "20")
    build.left("ONLYPARTNERO-LIMITED", "Ben", "20").redemption_limit = 10
    build.left("PARTNERMISSING-TOLT", "Olga", "10")
    build.right("ONLYTOLT20", "Anna", "20")
    build.right("ONLYTOLT30", "Ben", "30")
    build.right("PARTNERMISSING-PARTNERO", "Otto", "10")
    for text in NOT_FOR_PARTNERO:
        build.right(text, "Cleo", "10")
    for text in HOSTILE:
        build.right(text, "Mallory", "10")


def _redemptions(build: Builder) -> None:
    left = build.world.partnero.code("ANNA10")
    right = build.world.tolt.codes_named("ANNA10")[0]
    build.sale_left(left, "ord-both", "49.99")
    build.sale_right(right, "ord-both", 4999)
    build.sale_left(left, "ord-only-partnero", "20")
    build.sale_right(right, "ord-only-tolt", 3000)
    build.sale_left(left, None, "0")
    build.sale_left(left, "ord-amount", "10")
    build.sale_right(right, "ord-amount", 1200)
    build.sale_left(left, "ord-twice-partnero", "15", times=2)
    build.sale_right(right, "ord-twice-tolt", 1500)
    build.sale_right(right, "ord-twice-tolt", 1500, buyer="second-buyer")
    refunded = build.sale_right(right, "ord-refunded", 8000)
    refunded.status = "refunded"
    for entry in build.world.tolt.commissions:
        if entry.transaction is refunded:
            entry.amount, entry.status = 0, "refunded"


def big(
    n: int,
    *,
    partners: int = 100,
    coupons: int = 5,
    only_partnero: float = 0.0,
    only_tolt: float = 0.0,
    changed: float = 0.0,
    currency: str = "USD",
    tag: str = "a",
) -> World:
    """Make n codes; shares of them live on one side only or differ in discount."""
    build = _accounts(currency, tag)
    for number in range(partners):
        email = f"partner{number:05d}@example.com"
        build.partner(f"Partner{number:05d}", email, email)
    shares = (only_partnero, only_tolt, changed)
    # Many coupons differ by a hundredth of a percent only: 100 is the end.
    step = 1 if coupons < 90 else 100
    for number in range(n):
        text, owner = f"CODE{number:06d}", f"Partner{number % partners:05d}"
        amount = str(5 + Decimal(number % coupons) / step)
        kind = _kind(number, shares)
        if kind != 1:
            build.left(text, owner, amount)
        if kind != 0:
            other = str(Decimal(amount) + 1) if kind == 2 else amount
            build.right(text, owner, other)
    return build.world


def _kind(number: int, shares: tuple[float, float, float]) -> int | None:
    """Which share a number falls into; shares are spread evenly and do not overlap."""
    total = 0.0
    for index, share in enumerate(shares):
        low, high = total, total + share
        total = high
        place = math.modf(number * 0.6180339887498949)[0]
        if low <= place < high:
            return index
    return None


def named(name: str, options: dict[str, Any]) -> World:
    """The world that a control request asks for."""
    worlds: dict[str, Callable[..., World]] = {
        "small": small,
        "big": big,
        "empty": empty,
    }
    return worlds[name](**options)
