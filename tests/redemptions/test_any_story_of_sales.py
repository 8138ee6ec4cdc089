"""Random stories of a shop: nobody is ever paid twice, or in place of somebody else.

Sales come to one side or to both, under equal, similar or other keys; payees change,
sales are taken back or amended, answers get lost, lists lag, runs are killed, a second
machine is there, and people decide, take it back, and say it again. What truly happened
is kept here, apart from the program; after each run laws 13, 14 and 15 are checked
against it.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connector.engine import decisions as deciding
from connector.engine.decisions import Word
from connector.run.claim import claim_of
from mappings.canonical import fold
from mappings.moments import iso_precise
from mappings.redemptions import MARK, folded_key
from tests.harness.place import Place
from tests.harness.worlds import QUIET, shop
from tests.standins.front import Sandbox
from tests.standins.kills import Bomb, bury_the_dead, killed_run

SIDES = ("partnero", "tolt")
OTHER = dict(zip(SIDES, SIDES[::-1], strict=True))
LISTS = r"/partnero/v1/(transactions|customers/.*/transactions)"
PAYMENTS = r"/(partnero/v1|tolt/v.)/transactions$"
WRITES = r"/(transactions|customers|promotion-codes)$"
PEOPLE = ("anna@example.com", "ben@example.com")
PUSH = 'redemptions = "both"\ncommissions = true'
CODE = "ANNA10"
SIDE = st.sampled_from(SIDES)
AMOUNTS = st.sampled_from([1000, 2500, 4000, 5500, 7000, 8500])
BUYERS = st.sampled_from(["x", "y", "of the payee"])


@dataclass
class RealSale:
    """One purchase: under which key it came to which side, and who was credited.

    ``paid`` names the partner whose sale it was, by the side that it came to;
    ``seen`` are the machines that have looked while it stood on both sides: what was
    deleted before, and is in no log, nobody can know of.
    """

    keys: dict = field(default_factory=dict)
    paid: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    logged: bool = True
    seen: set = field(default_factory=set)


@dataclass
class Consent:
    """A word that was given: about which sale of which side, and what it was."""

    id: str
    side: str
    key: str
    take: str
    place: int
    before: int


@dataclass
class Truth:
    """What has truly happened on both sides, whatever the program believes."""

    sales: list = field(default_factory=list)
    consents: list = field(default_factory=list)
    pushed: dict = field(default_factory=dict)
    live: dict = field(default_factory=dict)
    touched: set = field(default_factory=set)
    amended: set = field(default_factory=set)

    def sale_of(self, side, key):
        return next(one for one in self.sales if one.keys.get(side) == key)

    def times(self, side, key):
        """How often a sale was pushed to a side, whatever became of it there."""
        return sum(one == (side, key) for one, _ in self.pushed.values())

    def yes(self, side, key, place=None):
        return sum(
            (one.side, one.key, one.take) == (side, key, "proposed")
            and place in (None, one.place)
            for one in self.consents
        )


class Story(RuleBasedStateMachine):
    machines = st.just(0)

    @initialize(version=st.sampled_from(["v2", "v1"]), two=st.booleans())
    def begin(self, version, two):
        build = shop(("CANARY", CODE, "BEN20"))
        self.sandbox = Sandbox(world=build.world, switches=QUIET).start()
        self.folders = [tempfile.TemporaryDirectory() for _ in range(1 + two)]
        self.places = []
        for folder in self.folders:
            place = Place(Path(folder.name), self.sandbox, version, build)
            place.configure(policy=PUSH, limits='sentinel = "CANARY"' if two else "")
            self.places.append(place)
        self.version = version
        self.truth = Truth()
        self.number, self.holder, self.shared = 0, None, False

    @property
    def first(self):
        return self.places[0]

    @property
    def world(self):
        return self.first.world

    def teardown(self):
        if not hasattr(self, "truth"):
            return
        try:
            self.settle()
        finally:
            self.sandbox.stop()
            for folder in self.folders:
                folder.cleanup()

    # -- the shop ---------------------------------------------------------------

    def _new_key(self, side):
        self.number += 1
        return f"{side[0]}_{self.number}"

    def _sold(self, sale, side, key, amount, buyer, *, logged=True):
        """Let a sale come to one side, and note who was credited for it there."""
        buyer = self._named(buyer, side)
        email = f"{buyer}@buyers.example"
        if side == "partnero":
            code = self.world.partnero.code(CODE)
            sell = self.first.build.sale_left
            price, who = f"{Decimal(amount) / 100:.2f}", {"customer": f"cust-{buyer}"}
            if logged:
                row = sell(code, key, price, email=email, **who)
            else:
                sell = self.first.build.sale_counted
                row = sell(code, price, key, email=email, **who)
        else:
            (code,) = self.world.tolt.codes_named(CODE)
            sell = self.first.build.sale_right
            row = sell(code, key, amount, email=email)
        sale.keys[side], sale.paid[side] = key, row.partner.email
        sale.rows[side] = row.uid
        sale.logged = sale.logged and logged

    def _named(self, buyer, side):
        """Return who buys; "of the payee" is one whom nobody else has brought."""
        return self._credited()[side][:3] if buyer == "of the payee" else buyer

    def _credited(self):
        left = self.world.partnero.code(CODE).partners
        owner = self.world.partnero.partners.rows[left[0][0]].email
        return {
            "partnero": owner,
            "tolt": self.world.tolt.codes_named(CODE)[0].partner.email,
        }

    @rule(
        sales=st.lists(st.tuples(st.sampled_from(SIDES), AMOUNTS, BUYERS), max_size=4)
    )
    def sales_on_one_side(self, sales):
        for side, amount, buyer in sales:
            self._a_sale(side, amount, buyer)

    @rule(side=SIDE, amount=AMOUNTS, buyer=BUYERS)
    def the_same_is_bought_twice_on_one_day(self, side, amount, buyer):
        for _ in range(2):
            self._a_sale(side, amount, buyer)

    def _a_sale(self, side, amount, buyer):
        sale = RealSale()
        self.truth.sales.append(sale)
        self._sold(sale, side, self._new_key(side), amount, buyer)

    @rule(amount=AMOUNTS, buyer=BUYERS)
    def a_sale_that_is_counted_alone(self, amount, buyer):
        sale = RealSale()
        self.truth.sales.append(sale)
        self._sold(sale, "partnero", self._new_key("in"), amount, buyer, logged=False)

    @rule(
        amount=AMOUNTS,
        buyer=BUYERS,
        how=st.sampled_from(["equal", "nearly", "other"]),
        logged=st.booleans(),
    )
    def a_sale_of_one_billing_system(self, amount, buyer, how, logged):
        self.trouble_is_over()  # a list that lags would hide this one from anybody
        self.shared = True
        buyer = self._named(buyer, "partnero")  # one sale has one buyer
        sale, key = RealSale(), self._new_key("shared")
        self.truth.sales.append(sale)
        other = {"equal": key, "nearly": key.upper(), "other": f"in-{key}"}[how]
        self._sold(sale, "partnero", other, amount, buyer, logged=logged)
        self._sold(sale, "tolt", key, amount, buyer)

    @rule(
        who=st.sampled_from(PEOPLE),
        sides=st.sampled_from([SIDES, SIDES, ("tolt",), ("partnero",)]),
    )
    def the_payee_changes(self, who, sides):
        for side in sides:
            self.first.edit(side, "move_partner", code=CODE, partner=who)

    @rule(
        side=SIDE,
        how=st.sampled_from(["refund", "archive_sale", "delete_sale", "amend_sale"]),
        pick=st.integers(0, 99),
    )
    def somebody_edits_a_sale(self, side, how, pick):
        rows = self._rows(side)
        if not rows or (side == "tolt" and how == "archive_sale"):
            return
        key, _ = list(rows.values())[pick % len(rows)]
        more = {}
        if how == "amend_sale":
            more = {"amount": "7.00" if side == "partnero" else 700}
            self.truth.amended.add((side, key))
        named = {"key": key} if side == "partnero" else {"charge_id": key}
        self.first.edit(side, how, **named, **more)
        self.truth.touched.add((side, key))

    # -- trouble ------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(["lost_before", "lost_after", "status", "status_after"]),
        path=st.sampled_from([PAYMENTS, PAYMENTS, WRITES]),
        nth=st.integers(1, 2),
    )
    def an_answer_will_be_lost(self, kind, path, nth):
        self.first.fault(kind, "POST|PUT", path, nth=nth)

    @rule(how=st.sampled_from(["stale", "partnero", "tolt"]))
    def lists_lag(self, how):
        if how == "stale":
            self.first.fault("stale", "GET", LISTS, count=None, seconds=3600)
        else:
            self.first.switches.set(f"{how}_transactions_lag", 50.0)

    @rule()
    def trouble_is_over(self):
        self.sandbox.faults.clear()
        for side in SIDES:
            self.first.switches.set(f"{side}_transactions_lag", 0.0)

    @rule(days=st.sampled_from([1, 3]))
    def days_pass(self, days):
        self.first.hours += 24 * days
        self.first.an_hour_later()
        for place in self.places:
            for intent in place.store().journal.open_intents():
                at = datetime.now(UTC) - timedelta(days=days)
                place.store().journal.begin(replace(intent, at=iso_precise(at)))

    # -- people ---------------------------------------------------------------------

    @rule(
        take=st.sampled_from(["keep", "proposed", "proposed"]),
        pick=st.integers(0, 99),
        at=st.integers(0, 1),
        twice=st.booleans(),
    )
    def somebody_decides(self, take, pick, at, twice):
        place = self.places[at % len(self.places)]
        prepared = place.prepared()
        waits = [c for c in prepared.plan.changes if c.push and c.status == "held"]
        if not waits:
            return
        waits = waits[pick % len(waits)]
        for _ in range(1 + twice):
            self._say(at % len(self.places), prepared, waits, take)

    def _say(self, at, prepared, waits, take):
        """Store a word as the command does, unless that would refuse it."""
        place = self.places[at]
        found = deciding.find(waits.id, prepared.plan)
        word = Word(take, "sam@shop", "2026-01-01T00:00:00Z")
        policy = place.pair.policy
        (answer,) = deciding.decide(found, word, prepared.facts, policy)
        if answer.why:
            return
        place.store().decide([answer.decision])
        about = (waits.id, waits.target, waits.push.key, take, at)
        consents = self.truth.consents
        consents[:] = [c for c in consents if (c.id, c.place) != (waits.id, at)] + [
            c
            for c in consents
            if (c.id, c.place) == (waits.id, at)
            and self.truth.times(c.side, c.key) > c.before
        ]
        times = self.truth.times(waits.target, waits.push.key)
        consents.append(Consent(*about, times))

    @rule(pick=st.integers(0, 99))
    def somebody_takes_it_back(self, pick):
        waiting = [
            one
            for one in self.truth.consents
            if one.id in self.places[one.place].store().decisions()
        ]
        if waiting:
            one = waiting[pick % len(waiting)]
            self.places[one.place].store().withdraw([one.id])
            self.truth.consents.remove(one)

    @precondition(lambda self: len(self.places) > 1)
    @rule(at=st.integers(0, 1))
    def somebody_claims(self, at):
        """A person says that the other machine is off, and nothing is on its way."""
        self.trouble_is_over()
        self.first.an_hour_later()
        place = self.places[at]
        place.store().identity("2026-01-01T00:00:00Z")
        with place.session() as session:
            claim = claim_of(
                session.pair, session.writers.marks, session.store, lambda _: 0
            )
            if claim.read() is not None or self.holder != at:
                assert claim.take_over() is None
        self.holder = at

    # -- runs -----------------------------------------------------------------------

    @rule(at=st.integers(0, 1), soon=st.sampled_from([False, False, True]))
    def a_run(self, at, soon=False):
        """Mostly an hour later; soon, what was just sold may not show everywhere."""
        at %= len(self.places)
        if not soon or self.shared:  # that one would be hidden from anybody
            self.first.an_hour_later()
            self.shared = False
        done = self.places[at].sync()
        self.check(at, done)
        self._remember_seen(at, done)
        self._check_named(at, done)

    @rule(at=st.integers(0, 1), step=st.integers(0, 40))
    def a_run_that_is_killed(self, at, step):
        self._killed(at % len(self.places), step, None)

    @rule(at=st.integers(0, 1), after=st.integers(0, 2), method=st.just("POST"))
    def a_run_that_is_killed_at_a_payment(self, at, after, method):
        self._killed(at % len(self.places), None, after)

    def _killed(self, at, step, after):
        """Kill a run at a request, or so many requests after one pays."""
        place = self.places[at]
        self.first.an_hour_later()
        place.sandbox.mark()
        with place.session() as session:
            bomb = Bomb(session.store, step)

            def light(_world):
                bomb.left = after

            if step is None:
                place.fault("edit", "POST", PAYMENTS, edit=light)
            done = killed_run(session, bomb)
        bury_the_dead(place.store)
        self.check(at, done)

    # -- what must hold ---------------------------------------------------------------

    def _rows(self, side):
        """Return all sales of a side by row: their key, and whom they pay."""
        if side == "partnero":
            return {r.uid: (r.key, r) for r in self.world.partnero.transactions}
        return {r.uid: (r.charge_id or r.uid, r) for r in self.world.tolt.transactions}

    def _live(self, side):
        """Count the sales of a side that stand, by key."""
        rows = self._rows(side).values()
        alive = [
            key
            for key, row in rows
            if not (row.deleted_at if side == "partnero" else row.status == "refunded")
        ]
        return Counter(alive)

    def _is_ours(self, side, row):
        return (row.action if side == "partnero" else row.source) == MARK

    def _new_pushes(self, at):
        """Note what was pushed since, and return it."""
        new = []
        for side in SIDES:
            for uid, (key, row) in self._rows(side).items():
                if self._is_ours(side, row) and uid not in self.truth.pushed:
                    self.truth.pushed[uid] = ((side, key), at)
                    new.append((side, key, row))
        return new

    def check(self, at, done):
        self._only_one_machine_writes(at)
        held = set()
        if done is not None and done.plan is not None:
            changes = [c for c in done.plan.changes if c.push and c.status == "held"]
            held = {(c.target, c.push.key) for c in changes}
        for side, key, row in self._new_pushes(at):
            assert (side, key) not in held, f"{key} was held, and is pushed"
            self._paid_the_right_one(side, key, row)
            self._paid_once(side, key, at)
        keys = [e.transaction_key for e in self.world.partnero.code(CODE).redemptions]
        assert len(keys) == len(set(keys)), "redeemed twice"
        if done is not None:
            self._used_up(at, done)

    def _paid_the_right_one(self, side, key, row):
        """Law 14: whose sale it was on the day, and the code's partner on both sides.

        Whether both agreed on the day is nowhere to be read: they do by now.
        """
        sale = self.truth.sale_of(OTHER[side], key)
        assert row.partner.email == sale.paid[OTHER[side]], "another one is paid"
        assert set(self._credited().values()) == {row.partner.email}, "not theirs"

    def _paid_once(self, side, key, at):
        """Law 13: one commission a sale, but where a person said so for that one."""
        truth, sale = self.truth, self.truth.sale_of(OTHER[side], key)
        came = at in sale.seen or (self._is_one(sale) and self._stands(sale, side))
        free = 0 if came else 1
        mine = [w for w in truth.pushed.values() if w == ((side, key), at)]
        assert len(mine) <= free + truth.yes(side, key, at), "pushed once too often"
        alive = self._live(side)[key]
        assert alive <= free + truth.yes(side, key), "paid once too often"

    def _used_up(self, at, done):
        """Law 15: what a word was given for has happened, so it is no more."""
        store = self.places[at].store()
        open_ = {intent.change_id for intent in store.journal.open_intents()}
        for one in self.truth.consents:
            if one.place == at and one.id not in open_:
                used = self.truth.times(one.side, one.key) > one.before
                assert not (used and one.id in store.decisions()), "still to be used"

    def _only_one_machine_writes(self, at):
        writes = [
            r
            for r in self.sandbox.asked
            if r.is_write and not (r.method == "PUT" and "metadata" in (r.body or {}))
        ]
        if len(self.places) > 1 and writes:
            assert self.holder in (None, at), "two machines write"
            self.holder = at

    def _remember_seen(self, at, done):
        if done.plan is not None and done.plan.complete:
            for sale in self.truth.sales:
                one = self._is_one(sale)
                if one and all(self._stands(sale, side) for side in SIDES):
                    sale.seen.add(at)

    def _is_one(self, sale):
        """Whether both sides show that it is one: two amounts under two keys do not."""
        if len(sale.keys) < 2:
            return False
        same = len({folded_key(key) for key in sale.keys.values()}) == 1
        return same or not self.truth.amended & {*sale.keys.items()}

    def _stands(self, sale, side):
        return sale.rows[side] in self._rows(side)

    def _check_named(self, at, done):
        """What was sent in this run and does not show is uncertain, and named."""
        uncertain = [o for o in done.outcomes if o.outcome == "uncertain"]
        assert not (uncertain and done.status == "complete"), "complete, they say"
        for intent in self.places[at].store().journal.open_intents():
            if done.status in ("complete", "partial"):
                assert intent.change_id in {o.id for o in uncertain}, intent
        for request in self.sandbox.asked:
            if request.method != "POST" or not request.path.endswith("/transactions"):
                continue
            key = request.body.get("key") or request.body.get("charge_id")
            side = request.path.split("/")[1]
            shows = key in {one for one, _ in self._rows(side).values()}
            assert shows or done.status != "complete", f"{key} is lost unnamed"

    def settle(self):
        """In the end everything is pushed, or known to be missing or to wait."""
        self.trouble_is_over()
        self.sandbox.faults.clear()
        # One whose mark alone has arrived holds the programme, and has written nothing.
        ends = [place.sync().status for place in self.places]
        at = next(n for n, status in enumerate(ends) if status != "refused")
        for _ in range(3):
            self.a_run(at)
        known = self.places[at].ledger.everything()
        for sale in self.truth.sales:
            if len(sale.keys) != 1 or not sale.logged:
                continue
            ((side, key),) = sale.keys.items()
            if (side, key) in self.truth.touched:
                continue
            _, standing = known[fold(CODE), key]
            words = ("void", "before_start", "without_key")
            assert standing not in words, f"{key} of {side} is lost: {standing}"


def _tell(**more):
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Story, settings=settings(deadline=None, suppress_health_check=quiet, **more)
    )


def test_a_short_story_of_sales_pays_each_once_and_the_right_person():
    few = {"max_examples": 8, "stateful_step_count": 12}
    _tell(**few, derandomize=True, database=None)


@pytest.mark.slow
def test_any_long_story_of_sales_pays_each_once_and_the_right_person():
    _tell(max_examples=150, stateful_step_count=30, database=None)


def test_without_a_sentinel_two_machines_may_pay_twice_and_every_report_says_so(
    tmp_path, open_shop
):
    """Nothing on the programme tells them of each other, where a list lags."""
    one = open_shop(policy=PUSH)
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other", one.sandbox, "v2", one.build)
    other.configure(policy=PUSH)
    one.sell_right("ord-1")
    one.fault("stale", "GET", LISTS, count=None, seconds=3600)

    done = [place.sync() for place in (one, other)]

    assert one.sales == {"ord-1": 2}
    assert [one.kinds(run.plan)["no_sentinel"] for run in done] == [1, 1]
