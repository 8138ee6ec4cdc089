"""kill -9 at each step of pushing, a resume, and every effect once (D7, D12, F23)."""

import re
import shutil
from collections import Counter
from datetime import timedelta

import pytest

from connector.commands.crashes import Stage
from connector.commands.tripwire import WRITES, Tripwire
from connector.engine.notes import parse_note
from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from state.database import open_to_write
from state.store import Store

EACH_WAY = 10
POLICY = """
[pairs.policy]
redemptions = "both"
commissions = {commissions}

[pairs.limits]
settle_seconds = 0.2
"""


class Till:
    """Ten sales on each side, a state that knows the codes, and killed runs."""

    def __init__(self, folder, build, commissions):
        self.build = build
        self.sandbox = Sandbox(world=build.world, switches={"tolt_rate_limit": 0})
        self.wire = Tripwire(self.sandbox.server.config.app)
        self.sandbox.server.config.app = self.wire
        self.stage = Stage(self.sandbox, self.wire, folder, build.world, ("sync",))
        text = re.sub(r"_second = \d+", "_second = 5000", self.sandbox.config_text())
        text += POLICY.format(commissions=str(commissions).lower())
        (folder / "connector.toml").write_text(text, encoding="utf-8")

    def open(self):
        """Bring the codes in step, then sell for a day."""
        first, second = (seed.START + timedelta(days=n) for n in (1, 3))
        self.build.world.clock = lambda: first
        assert self.stage.run("sync") == 0
        self.build.minutes = 2 * 24 * 60
        self.build.world.clock = lambda: second
        shutil.copy(self.stage.folder / "connector.db", self.stage.folder / "before.db")
        world = self.build.world
        for number in range(EACH_WAY):
            code = ("ANNA10", "BEN20")[number % 2]
            left, right = world.partnero.code(code), world.tolt.codes_named(code)[0]
            self.build.sale_left(left, f"left-{number}", "49.99")
            buyer = f"buyer-{number % 3}"
            self.build.sale_right(right, f"right-{number}", 4999, buyer=buyer)
        self.stage.before = world

    def run(self, step=None):
        self.stage.reset(step)
        return self.stage.run("sync")

    def again(self):
        self.wire.step = None
        return self.stage.run("sync")

    @property
    def effects(self):
        """Everything that was done on both sides, and what is still open."""
        left, right = self.sandbox.world.partnero, self.sandbox.world.tolt
        logged = [entry.transaction_key for c in left.codes for entry in c.redemptions]
        store = Store(
            open_to_write(f"sqlite:///{self.stage.folder / 'connector.db'}"), "acme"
        )
        return {
            "logged": Counter(logged),
            "counted": sum(code.times_redeemed for code in left.codes),
            "sales": Counter(row.key for row in left.transactions),
            "charges": Counter(row.charge_id for row in right.transactions),
            "customers": (len(left.customers), len(right.customers)),
            "rewards": sum(len(row.rewards) for row in left.transactions),
            "commissions": len(right.commissions),
            "open": len(store.journal.open_intents()),
            "doubted": Counter(
                parse_note(one.change).push.key for one in store.journal.open_intents()
            ),
            "stands": Counter(
                {
                    one.standing: one.number
                    for one in store.ledger.totals()
                    if one.code == "anna10" and one.number
                }
            ),
        }


@pytest.fixture
def open_till(tmp_path, build):
    tills = []

    def open_one(*, commissions=True):
        till = Till(tmp_path, build, commissions)
        tills.append(till)
        till.sandbox.start()
        till.open()
        return till

    yield open_one
    for till in tills:
        till.sandbox.stop()


def _all_once(effects, *, paid):
    lefts = [f"left-{number}" for number in range(EACH_WAY)]
    rights = [f"right-{number}" for number in range(EACH_WAY)]
    assert effects["logged"] == effects["sales"] == Counter(lefts + rights)
    assert effects["counted"] == 2 * EACH_WAY
    assert effects["charges"] == Counter(lefts + rights if paid else rights)
    assert effects["rewards"] == EACH_WAY + paid * EACH_WAY
    assert effects["commissions"] == EACH_WAY + paid * EACH_WAY
    assert effects["open"] == 0


def _crash(till, steps):
    assert till.run() == 0
    whole = till.effects
    _all_once(whole, paid=True)
    methods = list(till.wire.methods)
    writes = [n for n, method in enumerate(methods, start=1) if method in WRITES]
    killed = 0
    for step in steps(methods, writes):
        if till.run(step) >= 0:
            continue  # in parallel, this run took fewer requests
        killed += 1
        code = till.again()
        assert code in (0, 4), step
        if code == 0:
            assert till.effects == whole, step
        else:
            _at_most_once(till.effects, whole)
    return killed


def _at_most_once(effects, whole):
    """A payment that was on its way is looked for: named, and not sent again."""
    assert effects["open"]
    missing = whole["sales"] - effects["sales"]
    assert missing == effects["doubted"]
    assert whole["logged"] - effects["logged"] == missing
    assert not effects["sales"] - whole["sales"]
    assert effects["charges"] == whole["charges"]
    assert effects["rewards"] == whole["rewards"] - missing.total()
    assert effects["commissions"] == whole["commissions"]


def test_a_push_killed_at_some_steps_does_everything_once(open_till):
    """F23: ten effects on each side, ten transactions, each commission once."""

    def some(_methods, writes):
        for number, moment in ((4, "after"), (20, "after")):
            yield writes[number], moment
        yield writes[-3], "after"

    assert _crash(open_till(), some) >= 2


def test_a_push_without_commissions_pays_nothing_however_it_ends(open_till):
    till = open_till(commissions=False)
    till.run()
    writes = [n for n, m in enumerate(till.wire.methods, start=1) if m in WRITES]

    till.run((writes[len(writes) // 2], "after"))
    code = till.again()

    if code == 0:
        _all_once(till.effects, paid=False)
    assert till.effects["rewards"] == till.effects["commissions"] == EACH_WAY
    assert max(till.effects["sales"].values()) == 1


PARTS = 16


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_push_killed_at_any_step_does_everything_once(open_till, part):
    """All writes, before and after their effect, and every sixth look in between."""

    def mine(methods, writes):
        points = []
        for number in range(1, len(methods) + 1):
            if number in writes:
                points += [(number, "before"), (number, "after")]
            elif number % 6 == 0:
                points.append((number, "before"))
        yield from points[part::PARTS]

    assert _crash(open_till(), mine) >= 4
