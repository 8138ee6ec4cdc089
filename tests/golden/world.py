"""Small worlds out of a seed: what two programmes show, and what is remembered.

Plain values of their own, with nothing of the product in them: whatever becomes of its
types, the worlds stay. A discount is "20%", "25USD", "?why" (cannot be read) or None;
texts are as they are written, and folded by whoever reads a world.
"""

import json
import random
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

NOTHING: dict = {}
SIDES = ("partnero", "tolt")
PREFIX = {"partnero": "prt_", "tolt": "part_"}
TODAY = "2026-03-01"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT, UNTIL = "2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"
MINE = "mine000000000000"
WHO = "sam@desk"
HARMLESS = {"coupon", "duration", "redeemed", "reaches", "coupon_redeemed"}
"""What a code can carry without being limited by it."""


class Code(NamedTuple):
    id: str
    written: str
    discount: str | None
    partner: str | None
    carried: dict

    @property
    def values(self):
        return (self.written, self.discount, self.partner)


class Person(NamedTuple):
    id: str
    email: str | None
    name: str = ""
    inactive: str = ""


class Coupon(NamedTuple):
    uuid: str
    discount: str | None
    duration: str = "lifetime"
    restrictions: dict = NOTHING


class Unread(NamedTuple):
    noun: str
    name: str
    place: str
    why: str
    text: str = ""


class Shown(NamedTuple):
    """What one side shows in one reading."""

    codes: tuple = ()
    people: tuple = ()
    coupons: tuple = ()
    missed: str = ""
    unreachable: bool = False
    doubled: tuple = ()
    gone: tuple = ()
    unread: tuple = ()
    hidden: tuple = ()
    hidden_texts: tuple = ()
    drift: tuple = ()
    absent: tuple = ()
    limit: str = ""
    retired: str = ""
    identity: str = ""
    marks: dict = NOTHING


class Linked(NamedTuple):
    """A remembered record; the halves are (text, discount, partner)."""

    ids: tuple
    left: tuple
    right: tuple
    written: str
    version: str = "v2"
    unset: tuple = ()


class World(NamedTuple):
    """Everything that a plan is made of.

    ``stored`` are matched partners (left, right, how), ``aliases`` (left, right, line),
    ``left`` stored matches that are proven to be over, ``tombstones`` (text, where).
    """

    left: Shown
    right: Shown
    version: str = "v2"
    links: tuple = ()
    tombstones: tuple = ()
    stored: tuple = ()
    aliases: tuple = ()
    over: tuple = ()
    former: dict = NOTHING
    parked: dict = NOTHING
    unfinished: tuple = ()
    currency: str | None = "USD"
    policy: dict = NOTHING
    limits: dict = NOTHING
    counts: dict = NOTHING
    fingerprints: dict = NOTHING
    aside: dict = NOTHING
    rest: dict = NOTHING
    switched: bool = False


class Story(NamedTuple):
    """A world, what a person says of what waits there, and the world after that.

    Each word is (which of those that wait, what is said): a take of a decision, the
    same with "older " in front for its older form, "accept", or "fail".
    """

    name: str
    first: World
    words: tuple = ()
    then: World | None = None

    @property
    def mark(self):
        return mark_of(self)


def mark_of(story):
    """Return the mark of everything that is in it: another world is another mark."""
    text = json.dumps(story, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:8]


class Dice:
    """Chance that falls alike in every version of Python, on every machine."""

    def __init__(self, seed):
        self._next = random.Random(seed).random  # noqa: S311 (no secret)

    def below(self, number):
        return int(self._next() * number)

    def chance(self, share):
        return self._next() < share

    def one(self, *choices):
        return choices[self.below(len(choices))]

    def some(self, choices, share):
        return [one for one in choices if self.chance(share)]

    def mixed(self, choices):
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
