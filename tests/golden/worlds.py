"""The small worlds, each out of its own name: what is met, and in which share."""

import json

from tests.golden.guarded import guarded
from tests.golden.people import GOOD, OFTEN, coupon_of, policy
from tests.golden.records import (
    KINDS,
    alone,
    alone_on_tolt,
    buried,
    changed,
    crowd,
    half_gone,
    in_step,
    limited,
    renamed,
    replaced,
    units,
    unlinked,
)
from tests.golden.town import Town
from tests.golden.world import PREFIX, SIDES, Dice, Person, Story, Unread


def _mixed(dice):
    town = Town(dice)
    for _ in range(2 + dice.below(4)):
        dice.one(*KINDS)(town)
    return town.world(policy=policy(dice))


def _theme(*kinds, few=1, many=3, share=0.18):
    def made(dice):
        town = Town(dice)
        for _ in range(few + dice.below(many)):
            dice.one(*kinds)(town)
        return town.world(policy=policy(dice, share))

    return made


def _people(dice):
    """Return a world in which it is not plain who is whom."""
    town = Town(dice, odd=0.6)
    left, right = town.people["partnero"], town.people["tolt"]
    if dice.chance(0.6):
        left.append(Person("prt_zoe", "zoe@left.example", "Zoe"))
        right.append(Person("part_zoe", "zoe@right.example", "Zoe"))
    if dice.chance(0.4):
        left.append(Person("prt_wei", "W\u00e9i@example.com", "Wei"))
        right.append(Person("part_wei", "w\u00c9i@example.com", "Wei"))
    ids = [[one.id for one in side] for side in (left, right)]
    mails = [[one.email for one in side if one.email] for side in (left, right)]
    names = [dice.mixed([*ids[n], *mails[n], "nobody@example.com"]) for n in (0, 1)]
    aliases = [(names[0][n], names[1][n], n + 1) for n in range(dice.below(4))]
    if dice.chance(0.5):
        aliases.append(("zoe@left.example", "part_zoe", 7))
    if dice.chance(0.3) and aliases:
        aliases.append((aliases[0][0], dice.one(*ids[1]), 9))
    stored = [
        (dice.one(*ids[0], "prt_away"), dice.one(*ids[1], "part_away"), how)
        for how in ("alias", "email", "created", "", "")
        if dice.chance(0.3)
    ]
    stored += [("prt_wei", "part_wei", "")] if dice.chance(0.3) else []
    over = [one[:2] for one in stored if dice.chance(0.15)]
    if dice.chance(0.3):  # somebody is remembered who is not listed
        stored.append(("prt_anna", "part_old", "email"))
    for _ in range(1 + dice.below(3)):
        dice.one(changed, alone, unlinked, in_step)(town)
    for side, names in (("partnero", ids[0]), ("tolt", ids[1])):
        text = town.text(0)
        owner = dice.one(*names).partition("_")[2]
        town.put(side, town.code(side, text, "20%", owner))
    return town.world(
        policy=policy(dice),
        aliases=tuple(aliases),
        stored=tuple(dict.fromkeys(stored)),
        over=tuple(over),
    )


WHYS = ("code: expected text, got nothing", "amount: no number")


def _blind(dice):
    """Return a world of which not everything could be read."""
    town = Town(dice)
    for _ in range(2 + dice.below(3)):
        dice.one(*KINDS, crowd)(town)
    for side in SIDES:
        town.more[side] = {**_unread_codes(town, side), **_odd_answers(dice)}
        town.more[side]["unread"] = (
            *town.more[side].get("unread", ()),
            *_unread_people(town, side),
            *(_unread_coupons(dice) if side == "partnero" else ()),
        )
    texts = [one.written for side in SIDES for one in town.codes[side].values()]
    parked = {}
    if texts and dice.chance(0.25):
        parked = {dice.one(*texts): "discount is no stored discount"}
    return town.world(policy=policy(dice), parked=parked)


def _unread_codes(town, side):
    """Take a code out of a side, or leave it: its row cannot be understood."""
    dice, codes = town.dice, list(town.codes[side].values())
    if dice.chance(0.04):
        rows = (Unread("promotion code", "", f"row {n}", WHYS[0]) for n in range(52))
        return {"unread": tuple(rows)}
    if not codes or not dice.chance(0.4):
        return {}
    one = dice.one(*codes)
    if dice.chance(0.6):
        del town.codes[side][one.id]
    return {
        "unread": (Unread("promotion code", one.id, "page 1", WHYS[0], one.written),),
        "hidden": (one.id,),
        "hidden_texts": (one.written,) if dice.chance(0.7) else (),
    }


def _unread_people(town, side):
    dice, people = town.dice, town.people[side]
    if not dice.chance(0.4):
        return ()
    one = people.pop(dice.below(len(people)))
    name = one.id if dice.chance(0.6) else ""
    mail = one.email or "" if dice.chance(0.6) else ""
    return (Unread("partner", name, "page 1, number 3", WHYS[1], mail),)


def _unread_coupons(dice):
    if not dice.chance(0.25):
        return ()
    uuid = dice.one("C-20%", "C-15%", "sync-percent-10-lifetime")
    return (Unread("coupon", uuid, "page 1", WHYS[1]),)


def _odd_answers(dice):
    odd = {}
    if dice.chance(0.3):
        odd["missed"] = "page 2 could not be read"
        odd["unreachable"] = dice.chance(0.4)
    if dice.chance(0.1):
        odd |= {"drift": ("colour",), "absent": ("status",)}
    if dice.chance(0.1):
        odd |= {"limit": dice.one("5", "many", "50"), "retired": "2027-01-01"}
    return odd


def _coupons(dice):
    """Return a world in which new codes need coupons, and not any would do."""
    town = Town(dice, odd=0.1)
    for _ in range(1 + dice.below(3)):
        dice.one(alone_on_tolt, alone_on_tolt, replaced)(town)
    wanted = ["20%", "15%", "10%", "12.5%"]
    stated = policy(dice, 0.1)
    mapped = [(one, coupon_of(dice.one(one, "15%"))) for one in dice.some(wanted, 0.5)]
    stated["coupons"] = [[one, uuid] for one, uuid in mapped]
    percent = dice.one("20", "15", "10", "12_5")
    names = (f"sync-percent-{percent}-lifetime", coupon_of(dice.one(*wanted)))
    if dice.chance(0.4):
        row = Unread("coupon", dice.one(*names), "page 1", WHYS[1])
        town.more["partnero"]["unread"] = (row,)
    return town.world(policy=stated)


def _unfinished(dice):
    """Return a world in which a replace took a code away and made no new one."""
    town = Town(dice)
    left, right = town.pair(odd=0.05)
    gone = dice.one("partnero", "partnero", "partnero", "tolt")
    town.link(left, right)
    old, there = (left, right) if gone == "partnero" else (right, left)
    other = "tolt" if gone == "partnero" else "partnero"
    new = town.edited(other, there, dice.one(["discount"], ["code"], ["partner"]))
    if new.id != there.id:
        town.vanish(other, there.id, 1)
    now = new if dice.chance(0.6) else town.edited(other, new, ["discount"])
    if dice.chance(0.15):
        now = new._replace(partner=PREFIX[other] + dice.one(*OFTEN))
    back = dice.chance(0.2)
    town.put(other, now)
    if back:
        town.put(gone, old)
    else:
        town.vanish(gone, old.id, 0.95)
    owner = (new.partner or "_").partition("_")[2]
    coupon = coupon_of(new.discount) if dice.chance(0.85) else None
    coupon = coupon if gone == "partnero" else None
    row = {"code": old.written, "coupon": {"uuid_code": coupon_of(old.discount)}}
    missing = {
        "old": old,
        "there": new if dice.chance(0.9) else None,
        "gone": gone,
        "written": new.written,
        "discount": new.discount,
        "partner": PREFIX[gone] + owner if owner else None,
        "fields": dice.one(["discount"], ["code", "discount"], ["partner"], []),
        "coupon": coupon,
        "copied": json.dumps(row) if dice.chance(0.8) else "",
        "detail": "the answer was 422.",
    }
    if dice.chance(0.15):
        town.people[gone] = [
            one for one in town.people[gone] if one.id != missing["partner"]
        ]
    dice.one(in_step, alone, changed)(town)
    return town.world(policy=policy(dice, 0.12), unfinished=(missing,))


def _sentinel(dice):
    """Return a world with a sentinel, on which states leave their marks."""
    town = Town(dice)
    for _ in range(1 + dice.below(3)):
        dice.one(in_step, half_gone, replaced, unlinked)(town)
    texts = [link.written for link in town.links] + ["SENTRY"]
    name = dice.one(*texts)
    if dice.chance(0.5) and name == "SENTRY":
        in_step_as(town, name)
    twin = [one for one in town.codes["partnero"].values() if one.written == name]
    if twin and dice.chance(0.3):
        town.put(
            "partnero", twin[0]._replace(id=name.swapcase(), written=name.swapcase())
        )
    ids = town.codes["partnero"]
    town.more["partnero"]["marks"] = {id_: _marks(dice) for id_ in ids}
    limits = {"sentinel": dice.one(name, name.lower())}
    return town.world(policy=policy(dice, 0.25), limits=limits)


def _marks(dice):
    """Return what states have left on a code; None where its row shows none."""
    states = dice.some(("aaaa", "mine000000000000", "zzzz", ""), 0.4)
    return {state: dice.one(*TIMES) for state in states} if dice.chance(0.9) else None


TIMES = (
    *("2026-02-01T10:00:00Z", "2026-02-02T10:00:00.000005Z claim", "", 7, "soon"),
    *("2026-02-02T12:00:00+02:00 claim", "2026-02-01T10:00:00", "2026-02-01 claim now"),
    "2030-01-01T00:00:00Z",
)


def in_step_as(town, text):
    left, right = town.pair(text, odd=0)
    town.put("partnero", left)
    town.put("tolt", right)
    town.link(left, right)


def _switch(dice):
    """Return a world before and after Tolt is asked by the other version."""
    town = Town(dice, odd=0.15)
    for _ in range(2 + dice.below(3)):
        dice.one(*KINDS)(town)
    before = town.world(policy=policy(dice))
    version = "v1" if before.version == "v2" else "v2"
    new = {one.id: f"n_{one.id}" for one in before.right.people}
    codes = [
        one._replace(id=f"n_{one.id}", partner=new.get(one.partner, one.partner))
        for one in before.right.codes
    ]
    if dice.chance(0.4) and codes:  # renamed in between: not found by its text
        codes[0] = codes[0]._replace(written=town.text())
    people = [one._replace(id=new[one.id]) for one in before.right.people]
    if dice.chance(0.2):
        people = people[1:]
    right = before.right._replace(codes=tuple(codes), people=tuple(people), gone=())
    former = {
        one.id: "prt_" + one.id.partition("_")[2]
        for one in before.right.people
        if dice.chance(0.9)
    }
    after = before._replace(
        right=right,
        version=version,
        former={before.version: former},
        switched=dice.chance(0.6),
    )
    return before, after


def _later(dice, world):
    """Return a world in which something has moved on since a person spoke."""
    if dice.chance(0.45):
        return None
    sides = {"left": world.left, "right": world.right}
    name = dice.one("left", "right")
    shown = sides[name]
    codes = list(shown.codes)
    if codes:
        place = dice.below(len(codes))
        one = codes[place]
        kind = dice.one("discount", "owner", "gone", "spelling", "redeemed")
        prefix = PREFIX["partnero" if name == "left" else "tolt"]
        if kind == "discount":
            codes[place] = one._replace(discount=dice.one(*GOOD))
        elif kind == "owner":
            codes[place] = one._replace(partner=prefix + dice.one(*OFTEN))
        elif kind == "spelling" and name == "right":
            codes[place] = one._replace(written=one.written.swapcase())
        elif kind == "redeemed":
            codes[place] = one._replace(carried={**one.carried, "redeemed": 4})
        elif kind == "gone":
            del codes[place]
            shown = shown._replace(gone=(*shown.gone, one.id))
    if dice.chance(0.15):
        shown = shown._replace(missed="the connection broke")
    world = world._replace(**{name: shown._replace(codes=tuple(codes))})
    if dice.chance(0.3):
        world = world._replace(policy=policy(dice))
    return world


def _agreed(dice):
    """Return a world in which Tolt's discount is to be right, and what came of that."""
    town = Town(dice, version="v2", odd=0)
    for _ in range(1 + dice.below(2)):
        left, right = town.pair(odd=0)
        if dice.chance(0.4):
            town.link(left, right)
            left = left._replace(discount="25USD")
        if dice.chance(0.3):
            right = right._replace(partner=PREFIX["tolt"] + "bob")
        town.put("partnero", left)
        town.put("tolt", right._replace(discount="33%"))
    first = town.world(policy=policy(dice, 0.05))
    then = first
    if dice.chance(0.6):
        then = first._replace(left=_with_limits(first.left))
    if dice.chance(0.3):
        then = then._replace(policy=policy(dice, 0.1))
    return first, then


def _with_limits(shown):
    """Return a side whose coupons are limited now: a replace would lose more."""
    more = {"expires": "2026-11-30"}
    coupons = [one._replace(restrictions=more) for one in shown.coupons]
    return shown._replace(coupons=tuple(coupons))


SAID = (
    *("partnero", "tolt", "keep", "delete", "proposed", "partnero", "tolt", "keep"),
    *("older partnero", "older tolt", "older keep", "older delete", "older proposed"),
    *("accept", "fail", "remove", "all keep", "all proposed", "named"),
)


def _words(dice):
    return tuple((dice.below(12), dice.one(*SAID)) for _ in range(1 + dice.below(3)))


THEMES = {
    "mixed": (_mixed, 192),
    "fields": (_theme(changed), 168),
    "absent": (_theme(half_gone), 104),
    "new": (_theme(alone, many=4), 136),
    "tombs": (_theme(buried), 56),
    "crowds": (_theme(crowd, in_step, many=2), 72),
    "renames": (_theme(renamed, many=2, share=0.12), 88),
    "limits": (_theme(limited), 88),
    "replaces": (_theme(replaced, share=0.12), 104),
    "units": (_theme(units), 24),
    "people": (_people, 104),
    "blind": (_blind, 104),
    "unfinished": (_unfinished, 56),
    "sentinel": (_sentinel, 56),
    "guards": (guarded, 150),
    "switch": (_switch, 72),
    "coupons": (_coupons, 60),
    "agreed": (_agreed, 40),
}


def stories():
    """Yield every story there is, each out of its own name alone."""
    for theme, (make, number) in THEMES.items():
        for place in range(number):
            name = f"{theme}-{place:03}"
            dice = Dice(name)
            if theme in ("switch", "agreed"):
                first, then = make(dice)
                taken = ((0, "tolt"), (1, "tolt"))
                words = taken if theme == "agreed" else _words(dice)
                yield Story(name, first, words, then)
                continue
            first = make(dice)
            words = _words(dice) if dice.chance(0.55) else ()
            yield Story(name, first, words, _later(dice, first) if words else None)
