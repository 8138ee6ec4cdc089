"""A world while it is built: records are put in, one after the other."""

from tests.golden.people import (
    DISCOUNTS,
    GOOD,
    OFTEN,
    PLAIN,
    TEXTS,
    carried,
    coupon_of,
    coupons_for,
    everybody,
)
from tests.golden.world import PREFIX, SIDES, Code, Linked, Shown, World


class Town:
    """A world while it is built: records are put in, one after the other."""

    def __init__(self, dice, *, version=None, odd=0.25):
        self.dice = dice
        self.version = version or ("v2" if dice.chance(0.7) else "v1")
        self.people = dict(zip(SIDES, everybody(dice, odd), strict=True))
        self.codes = {side: {} for side in SIDES}
        self.gone = {side: [] for side in SIDES}
        self.links = []
        self.tombstones = []
        self.more = {side: {} for side in SIDES}
        self.free = dice.mixed(PLAIN) + dice.mixed(TEXTS[9:])

    def text(self, odd=0.12):
        """Return a text that no record of this world has yet."""
        plain = [one for one in self.free if one in PLAIN]
        name = plain[0] if plain and not self.dice.chance(odd) else self.free[-1]
        self.free.remove(name)
        return name

    def discount(self, odd=0.2):
        return self.dice.one(*(DISCOUNTS if self.dice.chance(odd) else GOOD))

    def owner(self, odd=0.2):
        """Return a name that may stand on either side."""
        if not self.dice.chance(odd):
            return self.dice.one(*OFTEN)
        ids = [one.id.partition("_")[2] for side in SIDES for one in self.people[side]]
        return self.dice.one(*ids, "none", "none", "nobody")

    def code(self, side, text, discount, owner, *, id_="", **held):
        """Return a code as one side would hold it."""
        if not id_:
            id_ = text if side == "partnero" else f"promo_{text.lower()}"
        if side == "partnero" and "coupon" not in held and self.dice.chance(0.9):
            held["coupon"] = coupon_of(discount)
        if side == "partnero" and "redeemed" not in held and self.dice.chance(0.3):
            held["redeemed"] = self.dice.below(4)
        if side == "tolt" and "duration" not in held and self.dice.chance(0.3):
            held["duration"] = self.dice.one("forever", "months:3", "once")
        partner = None if owner == "none" else PREFIX[side] + owner
        return Code(id_, text, discount, partner, carried(**held))

    def put(self, side, code):
        self.codes[side][code.id] = code

    def link(self, left, right, *, unset=(), version=""):
        """Remember that two codes are one record, as they are given."""
        self.links.append(
            Linked(
                (left.id, right.id),
                left.values,
                right.values,
                left.written,
                version or self.version,
                tuple(unset),
            )
        )

    def pair(self, text="", **options):
        """Return both halves of a record that is in step; nothing is put anywhere."""
        text = text or self.text()
        discount, owner = self.discount(**options), self.owner(**options)
        left = self.code("partnero", text, discount, owner)
        return left, self.code("tolt", text, discount, owner)

    def edited(self, side, code, names):
        """Return a code with other values in some fields."""
        for name in names:
            if name == "discount":
                code = code._replace(discount=self.discount())
            if name == "code":
                text = self.text()
                id_ = text if side == "partnero" else code.id
                code = code._replace(written=text, id=id_)
            if name == "partner":
                owner = self.owner(0.4)
                partner = None if owner == "none" else PREFIX[side] + owner
                code = code._replace(partner=partner)
        return code

    def vanish(self, side, id_, proven=0.85):
        if self.dice.chance(proven):
            self.gone[side].append(id_)

    def world(self, **more):
        """Return the world as it is built by now."""
        discounts = [one.discount for one in self.codes["tolt"].values()]
        discounts += [one.discount for one in self.codes["partnero"].values()]
        coupons = coupons_for(self.dice, discounts)
        shown = [
            Shown(
                codes=tuple(self.codes[side].values()),
                people=tuple(self.people[side]),
                gone=tuple(self.gone[side]),
                **({"coupons": tuple(coupons.values())} if side == "partnero" else {}),
            )._replace(**self.more[side])
            for side in SIDES
        ]
        made = World(
            *shown,
            version=self.version,
            links=tuple(self.links),
            tombstones=tuple(self.tombstones),
        )
        return made._replace(**more)
