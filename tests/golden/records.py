"""Kinds of records: each puts one into a town, with what is remembered of it."""

from tests.golden.people import LIMITS, carried, coupon_of
from tests.golden.world import SIDES

FIELDS = ("code", "discount", "partner")


def in_step(town, **options):
    left, right = town.pair(**options)
    town.put("partnero", left)
    town.put("tolt", right)
    town.link(left, right)


def changed(town, names=None):
    """Put a linked record of which fields were changed on one side or both."""
    dice = town.dice
    left, right = town.pair(odd=0.15)
    unset = dice.some(FIELDS, 0.1)
    was = (left, right)
    if dice.chance(0.2):  # the halves of the base differ
        was = (left, town.edited("tolt", right, dice.one(["discount"], ["partner"])))
        right = was[1]
    where = dice.one("left", "right", "both", "both", "same")
    names = names or dice.some(FIELDS, 0.45) or [dice.one(*FIELDS)]
    if where in ("left", "both"):
        left = town.edited("partnero", left, names)
    if where in ("right", "both"):
        right = town.edited("tolt", right, dice.some(FIELDS, 0.4) or names)
    if where == "same":
        left = left._replace(discount="10%")
        right = right._replace(discount="10%")
    if left.id != was[0].id:  # its old text is not there any more
        town.vanish("partnero", was[0].id)
    town.put("partnero", left)
    town.put("tolt", right)
    town.link(*was, unset=unset)


def alone(town, side=""):
    """Put a record on one side only."""
    side = side or town.dice.one(*SIDES)
    held = town.dice.one(*LIMITS) if town.dice.chance(0.35) else {}
    if side == "tolt" and held:
        held = {"switched_off": True}
    text, discount = town.text(0.25), town.discount(0.3)
    town.put(side, town.code(side, text, discount, town.owner(0.45), **held))


def alone_on_tolt(town):
    alone(town, "tolt")


def unlinked(town):
    """Put a record on both sides that nobody has linked yet."""
    left, right = town.pair()
    if town.dice.chance(0.6):
        names = town.dice.some(("discount", "partner"), 0.6)
        right = town.edited("tolt", right, names)
    if town.dice.chance(0.3):
        text = town.dice.one(right.written.lower(), f" {right.written} ")
        right = right._replace(written=text)
    town.put("partnero", left)
    town.put("tolt", right)


def half_gone(town):
    """Put a linked record that is not on one side, or on neither."""
    dice = town.dice
    left, right = town.pair(odd=0.1)
    town.link(left, right, unset=dice.some(FIELDS, 0.05))
    where = dice.one("partnero", "tolt", "both")
    for side, code in (("partnero", left), ("tolt", right)):
        if where in (side, "both"):
            town.vanish(side, code.id, 0.9 if where != "both" else 0.97)
        elif dice.chance(0.4):
            names = dice.one(["discount"], ["partner"])
            town.put(side, town.edited(side, code, names))
        else:
            town.put(side, code)
    if where in ("tolt", "both") and dice.chance(0.25):  # made anew there
        town.put("tolt", right._replace(id=right.id + "_new"))


def buried(town):
    """Put a record that was deleted once and is back."""
    left, right = town.pair()
    where = town.dice.one("left", "right", "both", "both", "neither")
    told = town.dice.one("deleted on Partnero", "deleted on Tolt", "gone on both sides")
    town.tombstones.append((left.written, told))
    if where in ("left", "both"):
        town.put("partnero", left)
    if where in ("right", "both"):
        if town.dice.chance(0.5):
            right = town.edited("tolt", right, ["discount"])
        town.put("tolt", right)


def crowd(town):
    """Put several records that claim one text."""
    dice = town.dice
    left, right = town.pair()
    if dice.chance(0.5):
        town.link(left, right)
    if dice.chance(0.85):
        town.put("partnero", left)
    if dice.chance(0.85):
        town.put("tolt", right)
    kind = dice.one("left", "right", "both", "doubled")
    if kind in ("left", "both"):
        twin = left.written.swapcase()
        other = town.code("partnero", twin, town.discount(), town.owner())
        town.put("partnero", other)
    if kind in ("right", "both"):
        other = town.code(
            "tolt", left.written, town.discount(), town.owner(), id_=f"{right.id}_2"
        )
        town.put("tolt", other)
    if kind == "doubled":
        side = dice.one(*SIDES)
        town.more[side]["doubled"] = (left.written,)


def renamed(town):
    """Put records whose new texts get in each other's way."""
    dice = town.dice
    kind = dice.one("swap", "chain", "taken", "circle", "free", "claimed")
    number = {"swap": 2, "chain": 3, "circle": 3}.get(kind, 2)
    pairs = [town.pair(odd=0) for _ in range(number)]
    texts = [left.written for left, _ in pairs]
    side = dice.one("tolt", "tolt", "partnero")
    new = [*texts[1:], texts[0] if kind in ("swap", "circle") else town.text()]
    for place, (left, right) in enumerate(pairs):
        town.link(left, right)
        moves = kind not in ("taken", "free", "claimed") or place == 0
        text = new[place] if moves else ""
        if kind == "free" and moves:
            text = town.text()
        if text and side == "partnero":
            other = left._replace(written=text, id=text)
            town.put("partnero", other)
            if left.id not in new:
                town.vanish("partnero", left.id)
            town.put("tolt", right)
        elif text:
            town.put("partnero", left)
            town.put("tolt", right._replace(written=text))
        elif kind == "claimed":  # the other one is gone where its text is wanted
            town.vanish(side, (left if side == "partnero" else right).id)
            other = "tolt" if side == "partnero" else "partnero"
            town.put(other, left if other == "partnero" else right)
        else:
            town.put("partnero", left)
            town.put("tolt", right)


def limited(town):
    """Put a record whose sides do not enforce the same."""
    dice = town.dice
    left, right = town.pair(odd=0)
    held = dict(dice.one(*LIMITS))
    held |= dict(dice.one(*LIMITS)) if dice.chance(0.3) else {}
    left = left._replace(carried=carried(coupon=coupon_of(left.discount), **held))
    if dice.chance(0.35):
        right = right._replace(carried=carried(switched_off=True))
    if dice.chance(0.15):
        right = right._replace(discount=town.discount())
    town.put("partnero", left)
    town.put("tolt", right)
    if dice.chance(0.8):
        town.link(left, right)


def replaced(town):
    """Put a record that its side can only change by a new one in its place."""
    dice = town.dice
    left, right = town.pair(odd=0.03)
    town.link(left, right)
    held = dict(dice.one(*LIMITS)) if dice.chance(0.5) else {}
    coupon = dice.one(coupon_of(left.discount), coupon_of(left.discount), "C-old", None)
    owner = left.partner
    if dice.chance(0.15):
        owner = dice.one("a partner who is not named", "prt_anna + prt_bob", "prt_eve")
        town.links[-1] = town.links[-1]._replace(left=(*left.values[:2], owner))
    left = left._replace(carried=carried(coupon=coupon, **held), partner=owner)
    if dice.chance(0.7):
        names = ["discount", *dice.some(["code", "partner"], 0.35)]
        right = town.edited("tolt", right, names)
        right = right._replace(discount=town.discount(0.1))
    else:
        text = left.written
        left = town.edited("partnero", left, ["code", *dice.some(["discount"], 0.4)])
        town.vanish("partnero", text)
        limit = dice.one("months:3", "forever", "once")
        right = right._replace(carried=carried(duration=limit))
    town.put("partnero", left)
    town.put("tolt", right)


def units(town):
    """Put a record whose amounts are one amount in two units."""
    dice = town.dice
    small, large = dice.one(("25USD", "2500USD"), ("5USD", "500USD"), ("7JPY", "7JPY"))
    left, right = town.pair(odd=0)
    was = (left._replace(discount=small), right._replace(discount=small))
    now = [was[0], was[1]]
    place = dice.below(2)
    now[place] = now[place]._replace(discount=large)
    town.put("partnero", now[0])
    town.put("tolt", now[1])
    if dice.chance(0.7):
        town.link(*was)


KINDS = (in_step, changed, alone, unlinked, half_gone, buried, limited, replaced)
