"""Every product that the engine can be given: both in memory, and both over HTTP.

Each begins with an empty programme. What a test needs in it is made through the
protocols themselves, so that it is the same everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connector.engine.acts import Want
from connector.providers.http import Access, Patience
from connector.providers.memory.charges import MemoryCharges
from connector.providers.memory.partnero import MemoryPartnero
from connector.providers.memory.programme import Programme
from connector.providers.memory.sales import MemorySales
from connector.providers.memory.tolt import MemoryTolt
from connector.providers.partnero_writing import PartneroWriter
from connector.providers.sales_writing import PartneroSalesWriter, ToltChargesWriter
from connector.providers.tolt_writing import ToltWriter
from connector.providers.writing import ReadWrite
from connector.sandbox import seed
from connector.sandbox.world import World
from mappings.canonical import PromoCode, Side, Values, percentage
from mappings.partnero_bodies import (
    coupon_uuid,
)
from tests.standins import faults as standin
from tests.standins.front import Sandbox

FOR_EVER = "lifetime"
ONCE = Patience(deadline=5.0, attempts=1)
DIALECTS = ("partnero", "tolt-v1", "tolt-v2")
PRODUCTS = [
    f"{where} {dialect}" for where in ("memory", "http") for dialect in DIALECTS
]


@dataclass
class Product:
    """One product with its parts; None where it has no such part."""

    dialect: str
    writer: Any
    coupons: Any
    marks: Any
    sales: Any
    charges: Any
    break_listing: Callable[[], object]
    an_hour_later: Callable[[], object]

    @property
    def side(self) -> Side:
        return self.writer.side

    def want(self, text: str, percent: int, owner: str | None, *fields: str) -> Want:
        """Return what a code shall be; Partnero hangs it on the coupon of its kind."""
        want = Want(
            Values(text, percentage(Decimal(percent)), owner), frozenset(fields)
        )
        if self.coupons is None:
            return want
        return want._replace(coupon=coupon_uuid(percentage(Decimal(percent)), FOR_EVER))

    def person(self, name: str) -> Any:
        """Make a partner."""
        id_ = self.writer.create_partner(f"{name.lower()}@example.com", name)
        return self.writer.partner(id_)

    def code(self, text: str, percent: int, owner: Any, kept: Any = None) -> PromoCode:
        """Make a code, with its coupon where that is needed, and return what stands."""
        want = self.want(text, percent, owner.id)
        if self.coupons and self.coupons.coupon(want.coupon) is None:
            self.coupons.create_coupon(want.discount, FOR_EVER)
        id_ = self.writer.create(want, owner, kept or {})
        return self.writer.get(id_)


def in_memory(dialect: str) -> Product:
    programme = Programme(Side(dialect.partition("-")[0]))

    def broken() -> None:
        programme.cut = 0

    rest = (broken, lambda: None)
    if dialect == "partnero":
        left = MemoryPartnero(programme)
        return Product(dialect, left, left, left, MemorySales(left), None, *rest)
    right = MemoryTolt(programme, version=dialect.partition("-")[2])
    return Product(dialect, right, None, None, None, MemoryCharges(right), *rest)


def over_http(dialect: str, served: Sandbox) -> Product:
    build = seed.Builder(World(tag="c"))
    build.programme(seed.PARTNERO_KEY, "Acme")
    build.organization(seed.TOLT_KEY, "Acme")
    served.site.world = build.world
    served.faults.clear()
    path = "partnero/v1" if dialect == "partnero" else dialect.replace("-", "/")

    def broken() -> None:
        codes = f"/{path}/promotion-codes"
        served.faults.add(standin.Fault("status", "GET", codes, status=500, count=None))

    def later() -> None:
        now = build.world.now() + timedelta(hours=1)
        build.world.clock = lambda: now

    key = seed.PARTNERO_KEY if dialect == "partnero" else seed.TOLT_KEY
    name = dialect.partition("-")[0].capitalize()
    http = ReadWrite(Access(name, f"{served.url}/{path}", key, patience=ONCE))
    rest = (broken, later)
    if dialect == "partnero":
        left = PartneroWriter(http, currency="USD")
        sales = PartneroSalesWriter(left)
        return Product(dialect, left, left, left, sales, None, *rest)
    right = ToltWriter(
        http,
        version="v1" if dialect == "tolt-v1" else "v2",
        program_id=f"prg_{build.world.tolt.program.uid}",
        currency="USD",
    )
    charges = ToltChargesWriter(right)
    return Product(dialect, right, None, None, None, charges, *rest)


def product_of(name: str, served: Sandbox) -> Product:
    where, dialect = name.split(" ")
    return in_memory(dialect) if where == "memory" else over_http(dialect, served)
