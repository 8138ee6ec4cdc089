"""Random stories of a shop: nobody is ever paid twice, or in place of somebody else.

Sales come to one side or to both, under equal, similar or other keys; payees change,
sales are taken back or amended, answers get lost, lists lag, and people decide. After
each run: at most one commission for a sale that came to one side, none for one that
came to both unless a person said so, and each word is used at most once.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.settling import iso_precise
from mappings.redemptions import MARK
from state.database import open_to_write
from state.model import Decision
from state.store import Store

LISTS = r"/partnero/v1/(transactions|customers/.*/transactions)"
PAYMENTS = "/(partnero/v1|tolt/v.)/transactions"
PEOPLE = ("anna@example.com", "ben@example.com")


@dataclass
class Story:
    """What has truly happened: who was credited for each sale, and what was allowed."""

    place: object
    dice: random.Random
    number: int = 0
    credited: dict = field(default_factory=dict)
    shared: set = field(default_factory=set)
    allowed: set = field(default_factory=set)

    @property
    def store(self):
        return Store(open_to_write(f"sqlite:///{self.place.database}"), "acme")

    def _key(self, side):
        self.number += 1
        return f"{side}_{self.number}", 1000 + 37 * self.number

    def left(self):
        self._sell_left(*self._key("l"))

    def _sell_left(self, key, amount):
        self.place.sell_left(key, f"{amount / 100:.2f}")
        (row,) = self.place.world.partnero.transactions.named(key)
        self.credited[key] = row.customer.partner.email

    def right(self):
        self._sell_right(*self._key("r"))

    def _sell_right(self, key, amount):
        row = self.place.sell_right(key, amount)
        self.credited[key] = row.partner.email

    def both_sides(self):
        """One billing system: other keys, or nearly the same; not always logged."""
        key, amount = self._key("s")
        other = self.dice.choice([key.upper(), f"in-{self.number}"])
        self.clears()  # a list that lags would hide this one from anybody
        self.shared |= {key, other}
        self._sell_left(other, amount)
        if self.dice.random() < 0.5:
            log = self.place.world.partnero.code("ANNA10").redemptions
            log[:] = [one for one in log if one.transaction_key != other]
        self._sell_right(key, amount)

    def payee(self):
        partner = self.dice.choice(PEOPLE)
        for side in ("partnero", "tolt"):
            options = {"code": "ANNA10", "partner": partner}
            self.place.edit(side, "move_partner", **options)

    def taken_back(self):
        rows = list(self.place.world.tolt.transactions)
        if rows:
            row = self.dice.choice(rows)
            self.place.world.tolt.refund(row, self.place.world.now())

    def lost(self):
        kind = self.dice.choice(["lost_before", "lost_after", "status_after"])
        self.place.fault(kind, "POST", PAYMENTS)

    def lags(self):
        self.place.fault("stale", "GET", LISTS, count=None, seconds=3600)

    def clears(self):
        self.place.sandbox.faults.clear()

    def days_pass(self):
        for intent in self.store.open_intents():
            at = datetime.now(UTC) - timedelta(days=2)
            self.store.begin(replace(intent, at=iso_precise(at)))

    def decides(self):
        for change in self.place.plan().changes:
            if change.status != "held" or not change.push:
                continue
            take = self.dice.choice(["keep", "proposed"])
            if take == "proposed":
                self.allowed.add(change.push.key)
            words = (change.id, change.key, change.code, take, "", "sam", "2026-01-01")
            self.store.decide([Decision(*words)])

    def runs(self):
        self.place.an_hour_later()
        self.place.sync()
        self.check()

    def check(self):
        left = [
            (row.key, row.customer.partner.email)
            for row in self.place.world.partnero.transactions
            if row.action == MARK
        ]
        right = [
            (row.charge_id, row.partner.email)
            for row in self.place.world.tolt.transactions
            if row.source == MARK
        ]
        for pushed in (left, right):
            keys = [key for key, _ in pushed]
            assert len(keys) == len(set(keys)), keys
        for key, paid in left + right:
            assert paid == self.credited[key], key
            assert key not in self.shared or key in self.allowed, key


STEPS = (
    Story.left,
    Story.right,
    Story.both_sides,
    Story.payee,
    Story.taken_back,
    Story.lost,
    Story.lags,
    Story.clears,
    Story.days_pass,
    Story.decides,
)
WEIGHTS = (5, 5, 3, 1, 1, 2, 1, 2, 2, 2)


def _tell(place, seed, runs):
    story = Story(place, random.Random(seed))  # noqa: S311
    for _ in range(runs):
        for step in story.dice.choices(STEPS, WEIGHTS, k=3):
            step(story)
        story.runs()


@pytest.mark.parametrize("version", ["v2", "v1"])
def test_a_story_of_sales_pays_each_once_and_the_right_person(open_shop, version):
    place = open_shop(
        version=version, policy='redemptions = "both"\ncommissions = true'
    )

    _tell(place, 7, 5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("version", ["v2", "v1"])
def test_any_story_of_sales_pays_each_once_and_the_right_person(
    open_shop, version, seed
):
    place = open_shop(
        version=version, policy='redemptions = "both"\ncommissions = true'
    )

    _tell(place, seed, 8)
