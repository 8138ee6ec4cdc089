"""Worlds large enough for the guards, which may refuse a run."""

from tests.golden.people import policy
from tests.golden.town import Town
from tests.golden.world import SIDES


def guarded(dice):
    """Return a world large enough for the guards, which may refuse it."""
    town = Town(dice, odd=0)
    number = 9 + dice.below(8)
    kind = dice.one(
        *("new", "updates", "gone", "strangers", "everything", "short", "empty"),
        *("same", "other", "sentinel", "renewed"),
    )
    for n in range(number):
        _put_guarded(town, kind, n)
    for n in range(dice.below(8) if kind == "new" else 0):
        side = dice.one(*SIDES)
        town.put(side, town.code(side, f"NEW-{n}", "20%", "anna"))
    counts = {side: number + dice.below(5) for side in SIDES}
    marks = {"partnero": "prog_1", "tolt": "org_1"}
    town.more["partnero"]["identity"] = "prog_1"
    if kind == "other":
        town.more[dice.one(*SIDES)]["identity"] = dice.one("prog_2", "org_1", "")
    if dice.chance(0.15):
        town.more[dice.one(*SIDES)]["missed"] = "it stopped after page 1"
    gone = [one.written for one in town.links if dice.chance(0.15)]
    auto = dice.one({}, {"delete": "auto", "payee": "auto"})
    return town.world(
        limits=_limits(dice, kind),
        counts=counts if dice.chance(0.8) else {},
        fingerprints=marks if dice.chance(0.7) else {},
        aside={"tolt": [one.lower() for one in gone]} if dice.chance(0.2) else {},
        rest=_rest(dice, kind),
        policy=policy(dice, 0.06, **auto),
    )


def _rest(dice, kind):
    """Return how much the guards have let through that no run has done yet."""
    action = {"new": "create", "updates": "update", "gone": "delete"}.get(
        kind, "create"
    )
    return {action: 4 + dice.below(5)} if dice.chance(0.4) else {}


def _put_guarded(town, kind, number):
    """Put one of many records, as the guards shall meet it."""
    dice = town.dice
    left, right = town.pair(f"CODE-{number:02}", odd=0)
    town.link(left, right)
    bad = dice.chance(0.5)
    if kind == "strangers" or (kind in ("gone", "short") and bad):
        side = dice.one(*SIDES) if kind != "strangers" else "tolt"
        town.vanish(side, (left if side == "partnero" else right).id, 0.7)
        town.put(*(("tolt", right) if side == "partnero" else ("partnero", left)))
        if kind == "strangers" and dice.chance(0.95):
            town.put("tolt", town.code("tolt", f"OTHER-{number}", "20%", "anna"))
        return
    if kind == "everything" or (kind == "updates" and bad):
        new = "10%" if right.discount != "10%" else "15%"
        if kind == "updates" or dice.chance(0.05):
            left = left._replace(discount=new)
        else:
            right = right._replace(discount=new)
    if kind == "renewed":  # others stand beside codes that have new ids
        town.put("tolt", town.code("tolt", f"OTHER-{number}", "20%", "anna"))
        right = right._replace(id=f"{right.id}_new")
    if kind != "empty":
        town.put("tolt", right)
    town.put("partnero", left)


def _limits(dice, kind):
    limits = {
        "creates": dice.one(100, 100, 2),
        "updates": dice.one(100, 3),
        "deletes": dice.one(5, 2, 0),
        "share": dice.one("0.3", "0.3", "0.1", "0.6"),
        "whole": dice.chance(0.2),
    }
    if kind == "sentinel":
        limits["sentinel"] = dice.one("CODE-00", "NOWHERE", "code-03")
    return limits
