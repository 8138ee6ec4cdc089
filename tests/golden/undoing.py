"""Small worlds after a run: what it wrote, and what both sides show by now."""

import json
from typing import NamedTuple

from tests.golden.people import GOOD, coupon_of, policy
from tests.golden.town import Town
from tests.golden.world import Code, Dice, Person, mark_of

ACTIONS = ("create", "update", "update", "replace", "delete")
OTHERS = ("coupon", "partner", "redeem", "customer", "transaction")


class Done(NamedTuple):
    """One write of a run: what it saw, what it was to write, and what is there now.

    ``before`` and ``now`` are codes by side, ``row`` is the copy that was kept.
    ``older`` notes say nothing of spelling and limits.
    """

    action: str
    target: str
    text: str
    before: dict
    want: tuple | None
    fields: tuple
    now: dict
    coupon: str | None = None
    row: str = ""
    state: str = "confirmed"
    version: str = "v2"
    moved: bool = False
    older: bool = False


class UndoStory(NamedTuple):
    """A run that is to be taken back, and what a person accepts of that."""

    name: str
    writes: tuple
    people: tuple
    policy: dict
    picks: tuple = ()

    @property
    def mark(self):
        return mark_of(self)


def _write(town):
    """Return one write, mostly of something that is still as it was left."""
    dice = town.dice
    action, target = dice.one(*ACTIONS), dice.one("partnero", "tolt")
    other = "tolt" if target == "partnero" else "partnero"
    left, right = town.pair(odd=0.03)
    codes = {"partnero": left, "tolt": right}
    new = town.edited(target, codes[target], dice.some(["code"], 0.2) or ["discount"])
    if dice.chance(0.2):
        new = town.edited(target, new, ["partner"])
    fields = tuple(
        name
        for name, was, now in zip(
            ("code", "discount", "partner"),
            codes[target].values,
            new.values,
            strict=True,
        )
        if was != now
    )
    before = {target: codes[target], other: codes[other]}
    now = {target: new, other: codes[other]}
    if action == "create":
        before[target], now[target] = None, codes[target]
        new, fields = codes[target], ("code", "discount", "partner")
    if action == "delete":
        now[target], new = None, None
    if dice.chance(0.3):
        now[target] = _moved_on(town, target, now[target] or codes[target])
    row = json.dumps({"coupon": {"uuid_code": coupon_of(codes[target].discount)}})
    return Done(
        action,
        target,
        codes[target].written,
        before,
        new.values if new else None,
        fields,
        now,
        coupon=coupon_of(new.discount) if new and target == "partnero" else None,
        row=row if dice.chance(0.7) and action != "create" else "",
        state=dice.one(*(8 * ["confirmed"]), "failed", "adopted"),
        version=dice.one(*(8 * [town.version]), "v1", ""),
        moved=dice.chance(0.1),
        older=dice.chance(0.3),
    )


def _moved_on(town, side, code):
    """Return what somebody else made of a code since; None where it is gone."""
    kind = town.dice.one("gone", "discount", "partner", "same")
    if kind == "gone":
        return None
    names = [] if kind == "same" else [kind]
    return town.edited(side, code, names)


def undo_stories(number=100):
    """Yield every story of an undo, each out of its own name alone."""
    for place in range(number):
        dice = Dice(name := f"undo-{place:03}")
        town = Town(dice, odd=0.3)
        writes = [_write(town) for _ in range(1 + dice.below(3))]
        if dice.chance(0.3):
            left = Code("C-x", "C-x", dice.one(*GOOD), None, {})
            action = dice.one(*OTHERS)
            writes.append(Done(action, "partnero", "C-x", {}, left.values, (), {}))
        people = [*town.people["partnero"], *town.people["tolt"]]
        if dice.chance(0.2):
            people = [one for one in people if not one.id.endswith("anna")]
        people.append(Person("prt_nobody", None))
        picks = tuple(dice.below(3) for _ in range(dice.below(3)))
        yield UndoStory(name, tuple(writes), tuple(people), policy(dice, 0.12), picks)
