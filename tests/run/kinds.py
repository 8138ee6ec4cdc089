"""Every kind of write, each with the world in which a plan would propose it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from connector.engine.acts import Want
from connector.engine.change import Change
from mappings.canonical import Side, Values
from mappings.partnero_bodies import (
    coupon_uuid,
)
from mappings.redemptions import MARK, Charge, Customer, Money, Push, Sale
from tests.run.places import FOR_EVER, LEFT, RIGHT, Place, percent

TEN = Money(1000, "USD")
KEY, MAIL, SOLD = "ord-1", "kim@buyers.example", "2026-01-02T10:00:00Z"


@dataclass(frozen=True)
class Case:
    """One kind of write: ``change`` prepares the place, and proposes it.

    ``writes`` are the requests that it takes, in order. ``pays`` where nothing tells a
    second one from the first.
    """

    change: Callable[[Place], Change]
    side: Side
    writes: tuple[str, ...]
    pays: bool = False
    version: str = "v2"


# -- codes -----------------------------------------------------------------------------


def create(side: Side) -> Callable[[Place], Change]:
    def change(place: Place) -> Change:
        place.code(side.other, "NEW", 10, "Ben")
        return place.change(
            "create", side, "NEW", want=place.want(side, "NEW", 10, "Ben")
        )

    return change


def discount_on_tolt(place: Place) -> Change:
    place.code(LEFT, "TWIN", 10, "Anna")
    want = place.want(RIGHT, "TWIN", 10, "Anna", "discount")
    return place.change("update", RIGHT, want=want)


def payee_on_partnero(place: Place) -> Change:
    place.code(RIGHT, "TWIN", 20, "Ben")
    want = place.want(LEFT, "TWIN", 20, "Ben", "partner")
    return place.change("update", LEFT, want=want)


def text_on_tolt(place: Place) -> Change:
    place.gone(LEFT, "TWIN")
    place.code(LEFT, "NEXT", 20, "Anna")
    want = place.want(RIGHT, "NEXT", 20, "Anna", "code")
    return place.change("update", RIGHT, want=want, other="NEXT")


def discount_on_partnero(place: Place) -> Change:
    place.code(RIGHT, "TWIN", 10, "Anna")
    want = place.want(LEFT, "TWIN", 10, "Anna", "discount")
    return place.change("replace", LEFT, want=want)


def text_on_partnero(place: Place) -> Change:
    place.gone(RIGHT, "TWIN")
    place.code(RIGHT, "NEXT", 20, "Anna")
    want = place.want(LEFT, "NEXT", 20, "Anna", "code")
    return place.change("replace", LEFT, want=want, other="NEXT")


def payee_on_tolt(place: Place) -> Change:
    place.code(LEFT, "TWIN", 20, "Ben")
    want = place.want(RIGHT, "TWIN", 20, "Ben", "partner")
    return place.change("replace", RIGHT, want=want)


def delete(side: Side) -> Callable[[Place], Change]:
    def change(place: Place) -> Change:
        place.gone(side.other, "TWIN")
        return place.change("delete", side)

    return change


def coupon(place: Place) -> Change:
    discount = percent(30)
    uuid = coupon_uuid(discount, FOR_EVER)
    want = Want(Values(uuid, discount, None), duration=FOR_EVER)
    return place.change("coupon", LEFT, uuid, want=want)


def partner(side: Side) -> Callable[[Place], Change]:
    def change(place: Place) -> Change:
        source = "prt_3" if side is RIGHT else "part_3"
        place.person("Cleo", *(("prt_3",) if side is RIGHT else ()))
        if side is LEFT:
            mail = "cleo@example.com"
            people = place.right.tables.partners
            people[source] = replace(
                people["part_1"], id=source, email=mail, name="Cleo"
            )
        want = Want(Values("Cleo", None, source))
        return place.change("partner", side, "cleo@example.com", want=want)

    return change


# -- redemptions -----------------------------------------------------------------------


def _push(place: Place, action: str, side: Side, **more: Any) -> Change:
    ids = {LEFT: "TWIN", RIGHT: "promo_TWIN"}
    owners = {LEFT: "prt_1", RIGHT: "part_1"}
    push = Push(
        key=KEY,
        minor=TEN.minor,
        currency=TEN.currency,
        at=SOLD,
        code=ids[side],
        text="TWIN",
        partner=owners[side],
        buyer="1001" if side is LEFT else "",
        external="1001",
        email=MAIL,
        name="Kim",
        rewardable=True,
        origin_code=ids[side.other],
        origin_partner=owners[side.other],
        **more,
    )
    return place.change(action, side, push=push)


def sold_on_tolt(place: Place) -> dict[str, str]:
    tables = place.right.tables
    tables.customers["cust_1"] = Customer(
        "cust_1", MAIL, "Kim", "1001", "part_1", "promo_TWIN"
    )
    tables.charges["txn_1"] = Charge(
        "txn_1", KEY, TEN, "cust_1", "promo_TWIN", SOLD, partner="part_1"
    )
    return {"origin": "txn_1", "origin_buyer": "cust_1"}


def sold_on_partnero(place: Place) -> dict[str, str]:
    tables = place.left.tables
    tables.customers["1001"] = Customer("1001", MAIL, "Kim", "1001", "prt_1")
    tables.sales["trx_1"] = Sale(KEY, TEN, "1001", SOLD, partner="prt_1")
    return {"origin": KEY, "origin_buyer": "1001"}


def buyer_on_partnero(place: Place) -> Change:
    return _push(place, "customer", LEFT, **sold_on_tolt(place))


def sale_on_partnero(place: Place) -> Change:
    origin = sold_on_tolt(place)
    buyer = Customer("1001", MAIL, "Kim", "1001", "prt_1")
    place.left.tables.customers["1001"] = buyer
    return _push(place, "transaction", LEFT, **origin)


def redeem_on_partnero(place: Place) -> Change:
    change = sale_on_partnero(place)
    sale = Sale(KEY, TEN, "1001", SOLD, partner="prt_1", action=MARK)
    place.left.tables.sales["trx_1"] = sale
    return _push(
        place, "redeem", LEFT, origin=change.push.origin, origin_buyer="cust_1"
    )


def customer_on_tolt(place: Place) -> Change:
    return _push(place, "customer", RIGHT, **sold_on_partnero(place))


def charge_on_tolt(place: Place) -> Change:
    origin = sold_on_partnero(place)
    place.right.tables.customers["cust_1"] = Customer(
        "cust_1", MAIL, "Kim", "1001", "part_1", "promo_TWIN"
    )
    return _push(place, "transaction", RIGHT, **origin)


CASES = {
    "a code on Tolt": Case(create(RIGHT), RIGHT, ("create",)),
    "a code on Partnero": Case(create(LEFT), LEFT, ("create",)),
    "a discount on Tolt": Case(discount_on_tolt, RIGHT, ("update",)),
    "a text on Tolt": Case(text_on_tolt, RIGHT, ("update",)),
    "a payee on Partnero": Case(payee_on_partnero, LEFT, ("update",)),
    "a discount on Partnero": Case(discount_on_partnero, LEFT, ("delete", "create")),
    "a text on Partnero": Case(text_on_partnero, LEFT, ("create", "delete")),
    "a payee on Tolt": Case(payee_on_tolt, RIGHT, ("create", "delete")),
    "a code on Tolt v1": Case(create(RIGHT), RIGHT, ("create",), version="v1"),
    "a payee on Tolt v1": Case(
        payee_on_tolt, RIGHT, ("create", "delete"), version="v1"
    ),
    "a deletion on Tolt": Case(delete(RIGHT), RIGHT, ("delete",)),
    "a deletion on Partnero": Case(delete(LEFT), LEFT, ("delete",)),
    "a coupon": Case(coupon, LEFT, ("create_coupon",)),
    "a partner on Tolt": Case(partner(RIGHT), RIGHT, ("create_partner",)),
    "a partner on Partnero": Case(partner(LEFT), LEFT, ("create_partner",)),
    "a buyer on Partnero": Case(buyer_on_partnero, LEFT, ("create_customer",)),
    "a sale on Partnero": Case(sale_on_partnero, LEFT, ("create_sale",), pays=True),
    "a redeem on Partnero": Case(redeem_on_partnero, LEFT, ("redeem",)),
    "a customer on Tolt": Case(customer_on_tolt, RIGHT, ("create_customer",)),
    "a charge on Tolt": Case(charge_on_tolt, RIGHT, ("create_charge",)),
    "a charge on Tolt v1": Case(
        charge_on_tolt, RIGHT, ("create_charge",), pays=True, version="v1"
    ),
}
