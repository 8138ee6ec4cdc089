"""A small town for a run that carries over all there is: codes, people and sales.

What a run brings about is a line for each thing that pays or is paid, with who gets it,
so that a test compares whole worlds and sees every double and every wrong payee.
"""

from collections import Counter
from datetime import date, timedelta

from connector.sandbox import seed
from connector.sandbox.switches import Switches
from connector.sandbox.world import World
from tests.standins import edits

COMES = """\
partnero: ANNA10 counts R-1
partnero: ANNA10 counts R-2
partnero: OLD10 counts R-old
partnero: code ToPartnero, 33 percent, of Anna Kask
partnero: sale R-1, 49.99 of anna@example.com pays 9.998
partnero: sale R-2, 25 of anna@example.com pays 5
partnero: sale R-old, 12 of anna@example.com pays 2.4
tolt: code TOTOLT, 20 percentage, of ben@example.com
tolt: sale L-1, 2000 of ben@example.com on BEN20 pays 400
""".splitlines()
"""What a run of a pair that pushes both ways adds to the town; nothing else ever."""


def town(*, currency: str = "USD", crowd: int = 0, strangers: bool = False) -> World:
    """Return both sides with codes to create and sales to push, and some to leave.

    A crowd is so many codes more on both sides; a stranger is a partner of one side.
    """
    build = seed.Builder(World(tag="s"))
    build.programme(seed.PARTNERO_KEY, "Acme", currency)
    build.organization(seed.TOLT_KEY, "Acme", currency)
    for name in ("Anna", "Ben", "Dora"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    _codes(build)
    _sales_to_push(build)
    _sales_to_leave(build)
    for number in range(crowd):
        build.both(f"MANY{number:03}", "Anna", "10")
    if strangers:
        build.partner("Otto", "otto@example.com", None)
        build.partner("Olga", None, "olga@example.com")
        build.left("OTTO10", "Otto", "10")
        build.right("OLGA10", "Olga", "10")
    edit = {"side": "partnero", "action": "erase_partner", "email": "dora@example.com"}
    edits.apply(build.world, Switches(), edit)
    later = seed.START + timedelta(days=1)
    build.world.clock = lambda: later
    return build.world


def _codes(build: seed.Builder) -> None:
    build.both("ANNA10", "Anna", "10")
    build.both("BEN20", "Ben", "20")
    build.both("FIX25", "Ben", "25", "static")
    build.left("MixCase15", "Anna", "15")
    build.right("mixcase15", "Anna", "15")
    build.left("TOTOLT", "Ben", "20")
    build.right("ToPartnero", "Anna", "33")
    build.both("OLD10", "Anna", "10")[0].expires = date(2025, 6, 30)
    build.both("DORA10", "Dora", "10")


def _sales_to_push(build: seed.Builder) -> None:
    left, (anna, old) = build.world.partnero.code, _right(build, "ANNA10", "OLD10")
    build.sale_left(left("BEN20"), "L-1", "20")
    build.sale_right(anna, "R-1", 4999)
    build.sale_right(anna, "R-2", 2500)
    build.sale_right(old, "R-old", 1200, buyer="third")


def _sales_to_leave(build: seed.Builder) -> None:
    """In step already; refunded; put away; of nobody; with a key that is doubtful."""
    left, (ben, dora) = build.world.partnero.code, _right(build, "BEN20", "DORA10")
    build.sale_left(left("BEN20"), "B-1", "10", customer="two@buyers.example")
    build.sale_right(ben, "B-1", 1000, email="two@buyers.example")
    back = build.sale_right(ben, "R-back", 700, buyer="fifth")
    build.world.tolt.refund(back, back.updated_at)
    build.sale_right(ben, "R-away", 900, buyer="sixth")
    away = {"customer": "sixth", "email": "sixth-of-ben20@buyers.example"}
    row = build.transaction(left("BEN20"), "R-away", "9", **away)
    row.deleted_at = row.created_at
    build.sale_right(dora, "R-dora", 1300, buyer="fourth")
    build.sale_right(ben, " R-blank ", 1400, buyer="seventh")
    build.sale_left(left("FIX25"), " L-blank ", "15", customer="eighth")
    ninth = {"customer": "ninth", "email": "ninth-of-ben20@buyers.example"}
    build.transaction(left("BEN20"), "r-case", "16", **ninth)
    build.sale_right(ben, "R-case", 1700, buyer="ninth")
    build.sale_right(ben, "R-dots", 1800, email="", customer_id="..")


def _right(build: seed.Builder, *texts: str):
    return [build.world.tolt.codes_named(text)[0] for text in texts]


def rows_of(world: World) -> Counter[str]:
    """Return a line for each code, each sale and each entry of a code's log."""
    return Counter([*_left_rows(world.partnero), *_right_rows(world.tolt)])


def _left_rows(side):
    for sale in side.transactions:
        partner, paid = sale.partner and sale.partner.email, sum(sale.rewards)
        yield f"partnero: sale {sale.key}, {sale.amount} of {partner} pays {paid}"
    for code in side.codes:
        names = ", ".join(name for _, name in code.partners)
        terms = f"{code.coupon.discount_amount} {code.coupon.discount_type}"
        yield f"partnero: code {code.code}, {terms}, of {names}"
        yield from (
            f"partnero: {code.code} counts {entry.transaction_key}"
            for entry in code.redemptions
        )
        for _ in range(code.times_redeemed - len(code.redemptions)):
            yield f"partnero: {code.code} counts without a log"


def _right_rows(side):
    paid: Counter[str] = Counter()
    for entry in side.commissions:
        paid[entry.transaction.uid] += entry.amount
    for sale in side.transactions:
        partner = (sale.partner or sale.customer.partner).email
        shown = f"{sale.charge_id}, {sale.amount} of {partner}"
        code = sale.promotion_code_name
        yield f"tolt: sale {shown} on {code} pays {paid[sale.uid]}"
    for code in side.codes:
        terms = f"{code.value} {code.type}"
        yield f"tolt: code {code.code}, {terms}, of {code.partner.email}"
