"""Ready worlds: a small one full of named troubles, and a big one that mostly agrees.

The small world's codes say in their text what is wrong with them; two thirds simply
agree. All times and ids are fixed, so that two runs see the same bytes.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connector.sandbox import partnero_store as partnero
from connector.sandbox import tolt_store as tolt
from connector.sandbox.world import World

PARTNERO_KEY = "pk_sandbox_acme"
TOLT_KEY = "tlt_live_sandbox_acme"
START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
GOLDEN_RATIO = 0.6180339887498949
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
    people: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    start: datetime = START
    step: timedelta = timedelta(minutes=1)

    def _stamp(self, mark: str = "") -> tuple[str, datetime, datetime]:
        self.minutes += 1
        at = self.start + self.step * self.minutes
        return mark + self.world.new_uid(), at, at

    def programme(
        self, key: str, name: str, currency: str = "USD"
    ) -> partnero.Programme:
        uid, _, _ = self._stamp("prog_")
        self.world.programmes[key] = partnero.Programme(uid, name, currency)
        return self.world.programmes[key]

    def organization(self, key: str, name: str, currency: str = "USD") -> None:
        owner = tolt.Organization(f"org_{self.world.new_uid()}")
        self.world.organizations[key] = owner
        owner.add_program(tolt.Program(*self._stamp(), name, currency))

    def partner(self, name: str, left: str | None, right: str | None) -> None:
        """A partner with its e-mail on each side, or on one side only."""
        stamp, side = self._stamp(), self.world.tolt
        made: list[Any] = [None, None]
        if left:
            uid = (f"prt_{stamp[0]}", *stamp[1:])
            row = partnero.PartneroPartner(*uid, left, name.lower(), name, "Kask")
            made[0] = self.world.partnero.partners.add(row)
        if right:
            person = tolt.ToltPartner(*stamp, side.program, right, name, "Kask")
            made[1] = side.partners.add(person)
        self.people[name] = (made[0], made[1])

    def _person(self, name: str, side: int) -> Any:
        """A partner of one side, by the name given here or by e-mail."""
        tables = (self.world.partnero.partners, self.world.tolt.partners)
        known = self.people.get(name)
        return known[side] if known else tables[side].named(name)[0]

    def coupon(self, kind: str, amount: str) -> partnero.Coupon:
        """The coupon with this discount; codes share it."""
        mark = "PCT" if kind == "percent" else "FIX"
        uuid_code = f"{mark}{amount}".replace(".", "-")
        if known := self.world.partnero.coupons.exact(uuid_code):
            return known
        names = (uuid_code, uuid_code)
        coupon = partnero.Coupon(*self._stamp(), *names, kind, Decimal(amount))
        return self.world.partnero.coupons.add(coupon)

    def left(
        self, text: str, partner: str | None, amount: str, kind: str = "percent"
    ) -> partnero.PromotionCode:
        code = partnero.PromotionCode(*self._stamp(), text, self.coupon(kind, amount))
        owner = self.people[partner][0] if partner else None
        code.partners = [(owner.uid, owner.full_name)] if owner else []
        return self.world.partnero.add_code(code)

    def right(
        self, text: str, partner: str, amount: str, kind: str = "percent"
    ) -> tolt.Code:
        program, owner = self.world.tolt.program, self.people[partner][1]
        code = tolt.Code(*self._stamp(), program, text, owner)
        code.type, code.value = "percentage", Decimal(amount)
        if kind != "percent":
            code.type = "fixed"
            code.value *= 10 ** tolt.exponent(program.currency)
        return self.world.tolt.codes.add(code)

    def both(
        self, text: str, partner: str, amount: str, kind: str = "percent"
    ) -> tuple[partnero.PromotionCode, tolt.Code]:
        made = self.left(text, partner, amount, kind)
        return made, self.right(text, partner, amount, kind)

    def sale_left(
        self,
        code: partnero.PromotionCode,
        key: str | None,
        amount: str,
        times: int = 1,
        **more: Any,
    ) -> partnero.PartneroTransaction | None:
        """A redemption with its transaction; without a key there is none."""
        row = None
        for _ in range(times):
            row = self.transaction(code, key, amount, **more) if key else None
            code.redeem(row.created_at if row else self._stamp()[1], key)
        return row

    def sale_counted(
        self, code: partnero.PromotionCode, amount: str, key: str = "", **more: Any
    ) -> partnero.PartneroTransaction:
        """A sale that Partnero's own billing integration brought: counted, not logged.

        It has the billing system's own kind of key.
        """
        key = key or f"in_{self.world.new_uid()}"
        code.times_redeemed += 1
        return self.transaction(code, key, amount, **more)

    def transaction(
        self,
        code: partnero.PromotionCode | None,
        key: str | None,
        amount: str,
        *,
        customer: str | None = None,
        email: str | None = None,
        partner: str | None = None,
        currency: str | None = None,
        at: datetime | None = None,
        pays: bool = True,
    ) -> partnero.PartneroTransaction:
        """A Partnero sale and what it pays, in no code's log or counter.

        The customer's e-mail goes by the key, and the code's partner has brought them,
        unless told otherwise.
        """
        programme, (uid, now, _) = self.world.partnero, self._stamp("trx_")
        name = customer or f"buyer-of-{code.code if code else 'nothing'}"
        buyer = self._buyer_left(name, email, partner, code)
        paid, units = Decimal(amount), currency or programme.currency
        row = partnero.PartneroTransaction(uid, at or now, now, key, paid, buyer, units)
        row.partner = self._person(partner, 0) if partner else buyer.partner
        row.rewards = [paid * programme.commission_percent / 100] if pays else []
        return programme.transactions.add(row)

    def _buyer_left(
        self,
        key: str,
        email: str | None,
        partner: str | None,
        code: partnero.PromotionCode | None,
    ) -> partnero.PartneroCustomer:
        programme = self.world.partnero
        if known := programme.customers.exact(key):
            return known
        if partner:
            owner = self._person(partner, 0)
        elif code and code.partners:
            owner = programme.partners.rows[code.partners[0][0]]
        else:
            raise ValueError(f"{key} has no partner who brought them")
        buyer = partnero.PartneroCustomer(*self._stamp("cst_"), key, owner)
        folded = key.lower()
        by_key = folded if "@" in folded else f"{folded}@buyers.example"
        buyer.email = by_key if email is None else email or None
        return programme.customers.add(buyer)

    def sale_right(
        self,
        code: tolt.Code,
        charge: str | None,
        amount: int,
        *,
        buyer: str = "buyer",
        email: str | None = None,
        customer_id: str | None = None,
        partner: str | None = None,
        at: datetime | None = None,
        source: str | None = None,
    ) -> tolt.ToltTransaction:
        """A Tolt sale with its commission, whoever brought it: all show their code."""
        program = code.program
        if email is None:
            email = f"{buyer}-of-{(code.code or code.uid).lower()}@buyers.example"
        owner = self._person(partner, 1) if partner else code.partner
        customer = self._buyer_right(code, email, customer_id, owner)
        uid, now, _ = self._stamp()
        row = tolt.ToltTransaction(
            uid, at or now, now, program, customer, amount, charge
        )
        row.promotion_code_uid, row.promotion_code_name = code.uid, code.code
        row.partner, row.source = owner, source
        self.world.tolt.transactions.add(row)
        share = amount * int(program.commission_percent) // 100
        self.world.tolt.commissions.add(tolt.Commission(*self._stamp(), share, row))
        return row

    def _buyer_right(
        self,
        code: tolt.Code,
        email: str,
        customer_id: str | None,
        owner: tolt.ToltPartner | None,
    ) -> tolt.ToltCustomer:
        """The customer with this e-mail, or with this number where there is none."""
        table, program = self.world.tolt.customers, code.program
        if email and (known := table.exact(email)):
            return known
        for row in table if not email else ():
            if row.customer_id == customer_id:
                return row
        if owner is None:
            raise ValueError(f"{code.code} has no partner to sell for")
        made = tolt.ToltCustomer(*self._stamp(), program, owner, email or None)
        made.promotion_code_uid, made.status = code.uid, "active"
        made.customer_id = customer_id
        return table.add(made)


def _accounts(tag: str = "a") -> Builder:
    build = Builder(World(tag=tag))
    build.programme(PARTNERO_KEY, "Acme")
    build.organization(TOLT_KEY, "Acme")
    return build


def small(launched: int = 0) -> World:
    """About 40 codes a side, with every trouble we know by name.

    A campaign adds so many `launched` codes on each side that the other lacks.
    """
    build = small_builder()
    for number in range(1, launched + 1):
        owner = FRIENDS[number % len(FRIENDS)]
        build.left(f"PODCAST{number:02}", owner, "20")
        build.right(f"LAUNCH{number:02}", owner, "20")
    return build.world


def small_builder() -> Builder:
    """The small world with the builder that adds more to it."""
    build = _accounts()
    for part in (_people, _agreeing, _restricted, _different, _one_sided, _redemptions):
        part(build)
    return build


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
    left, right = build.people["Mallory"]
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
    taken_back = build.sale_right(right, "ord-refunded", 8000)
    build.world.tolt.refund(taken_back, taken_back.updated_at)


def big(
    n: int,
    *,
    partners: int = 100,
    coupons: int = 5,
    only_partnero: float = 0.0,
    only_tolt: float = 0.0,
    tag: str = "a",
) -> World:
    """Make n codes; shares of them, spread evenly, live on one side only."""
    build = _accounts(tag)
    for number in range(partners):
        email = f"partner{number:05d}@example.com"
        build.partner(f"Partner{number:05d}", email, email)
    # Many coupons differ by a hundredth of a percent only: 100 is the end.
    step = 1 if coupons < 90 else 100
    for number in range(n):
        text, owner = f"CODE{number:06d}", f"Partner{number % partners:05d}"
        amount = str(5 + Decimal(number % coupons) / step)
        place = math.modf(number * GOLDEN_RATIO)[0]
        if not only_partnero <= place < only_partnero + only_tolt:
            build.left(text, owner, amount)
        if place >= only_partnero:
            build.right(text, owner, amount)
    return build.world
