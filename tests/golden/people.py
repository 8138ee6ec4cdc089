"""Who and what there is in a world: people, coupons, discounts, limits, policies."""

from tests.golden.world import HARMLESS, PREFIX, Coupon, Person

TEXTS = (
    *("SAM20", "anna-10", "Bob_15", "VIP", "x9", "SUMMER", "Ab-Cd", "LAST-1", "neu"),
    *(
        "two words",
        "m\u00fcnchen",
        "\uff33\uff21\uff2d\uff12\uff10",
        "stra\u00dfe",
        "o'k",
        "L" * 101,
    ),
)
PLAIN = TEXTS[:9]
DISCOUNTS = (
    *("20%", "20%", "15%", "10%", "12.5%", "33.333%", "25USD", "2500USD", "5USD"),
    *("25EUR", "2500JPY", "2000000USD", None, "?no currency is configured", "?odd"),
)
GOOD = DISCOUNTS[:5]
LIMITS = (
    {"expires": "2026-01-15"},
    {"expires": "2026-12-31"},
    {"expires": "in spring"},
    {"redemption_limit": 5, "redeemed": 5},
    {"redemption_limit": 10, "redeemed": 9},
    {"redemption_limit": 10, "redeemed": 2},
    {"redemption_limit": 7},
    {"coupon_limit": 20, "coupon_redeemed": 20},
    {"coupon_limit": 20, "coupon_redeemed": 19},
    {"first_order_only": True},
    {"minimum_order": "30"},
    {"minimum_order": "30.50"},
    {"customer": "cus_1"},
    {"switched_off": True},
    {"expires": "2026-05-31", "redemption_limit": 3, "redeemed": 1},
    {"first_order_only": True, "minimum_order": "20", "expires": "2026-06-30"},
)
OFTEN = ("anna", "bob")


def carried(**held):
    """Return what a code carries, with the sign that something limits it."""
    limited = any(held[name] for name in held.keys() - HARMLESS)
    return {**held, "limited": True} if limited else held


def coupon_of(discount):
    return "C-" + (discount or "none").removeprefix("?").replace(" ", "-")


def coupons_for(dice, discounts):
    """Return coupons on Partnero: mostly plain ones, some of them not."""
    made = {}
    for discount in dict.fromkeys(discounts):
        if dice.chance(0.75):
            odd = dice.chance(0.3)
            duration = dice.one("once", "months:3", "lifetime") if odd else "lifetime"
            held = {}
            if odd:
                held = dice.one(
                    {},
                    {"expires": "2026-12-01"},
                    {"redemption_limit": 50},
                    {"switched_off": True},
                    {"reaches": "product Pro"},
                    {"coupon_limit": 9},
                )
            uuid = coupon_of(discount)
            made[uuid] = Coupon(uuid, discount, duration, held)
    if dice.chance(0.25):
        uuid = dice.one("sync-percent-15-lifetime", "sync-percent-10-lifetime")
        percent = uuid.split("-")[2]
        duration = dice.one("lifetime", "once")
        held = {"expires": "2027-01-01"}
        made[uuid] = Coupon(uuid, f"{percent}%", duration, held)
    return made


def everybody(dice, odd):
    """Return the people of both sides; ``odd`` is the share of unusual ones."""
    left = [person("partnero", name) for name in OFTEN]
    right = [person("tolt", name) for name in OFTEN]
    if dice.chance(odd):
        left.append(person("partnero", "carl"))
    if dice.chance(odd):
        right.append(person("tolt", "dora"))
    if dice.chance(odd):  # likely the same, and no more than that
        left.append(Person("prt_ted", "ted.x@example.com", "Ted"))
        right.append(Person("part_ted", "tedx+shop@example.com", "Ted"))
    if dice.chance(odd):  # two with one address
        twins = dice.one("left", "right", "both")
        for number in (1, 2):
            if twins != "right" or number == 1:
                left.append(Person(f"prt_twin{number}", "twin@example.com", "Twin"))
            if twins != "left" or number == 1:
                right.append(Person(f"part_twin{number}", "Twin@example.com", "Twin"))
    if dice.chance(odd):
        status = dice.one("suspended", "archived", "rejected")
        where = dice.one("left", "right", "both")
        off = (status if where != "right" else "", status if where != "left" else "")
        left.append(Person("prt_eve", "eve@example.com", "Eve", off[0]))
        right.append(Person("part_eve", "eve@example.com", "Eve", off[1]))
    if dice.chance(odd):
        left.append(Person("prt_finn", dice.one(None, "n/a", ""), "Finn"))
        right.append(Person("part_finn", dice.one(None, "n/a"), "Finn"))
    return left, right


def person(side, name):
    return Person(PREFIX[side] + name, f"{name}@example.com", name.capitalize())


POLICIES = {
    "direction": ("to-partnero", "to-tolt"),
    "create": ("hold", "never"),
    "update": ("hold", "never"),
    "lossy": ("auto", "auto", "never"),
    "payee": ("auto", "auto", "never"),
    "replace": ("auto", "auto", "never"),
    "dead": ("auto", "hold"),
    "delete": ("auto", "auto", "never"),
    "conflict": ("partnero", "tolt"),
    "create_partners": (True,),
    "duration": ("once", "months:12"),
    "redemptions": ("to-tolt", "both"),
}


def policy(dice, share=0.18, **more):
    """Return the settings that are not as they come."""
    stated = {
        name: dice.one(*choices)
        for name, choices in POLICIES.items()
        if dice.chance(share)
    }
    if dice.chance(share / 2):
        name = dice.one("code", "discount", "partner")
        stated["conflicts"] = {name: dice.one("partnero", "tolt", "hold")}
    if dice.chance(share):
        discount = dice.one("20%", "15%", "25USD", "10%")
        where = dice.one(discount, discount, "20%", "30%")
        stated["coupons"] = [[discount, coupon_of(where)]]
    return {**stated, **more}
