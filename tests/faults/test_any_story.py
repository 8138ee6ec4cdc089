"""Edits by somebody else, faults, kills and runs in any order, then a quiet run (J3).

Checked after each run: nothing is gone, no edit is overwritten, nothing comes back that
somebody deleted, nothing is there twice. At the end: it settles, and what was made
and never deleted is on both sides.
"""

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.harness.place import Place
from tests.harness.worlds import QUIET, plain
from tests.standins.front import Sandbox
from tests.standins.kills import Bomb, bury_the_dead, killed_run

TEXTS = st.sampled_from(["ALPHA", "BETA", "GAMMA"])
SIDES = st.sampled_from(["partnero", "tolt"])
PEOPLE = st.sampled_from(["anna@example.com", "ben@example.com"])
NAMES = {"anna@example.com": "Anna Kask", "ben@example.com": "Ben Kask"}
FAULTS = st.sampled_from(
    ["lost_before", "lost_after", "status", "status_after", "cut", "html", "stale"]
)


class Story(RuleBasedStateMachine):
    @initialize(version=st.sampled_from(["v2", "v1"]))
    def begin(self, version):
        codes = (("SAME", "both", "10"), ("TWIN", "both", "20"))
        self.sandbox = Sandbox(world=plain(*codes), switches=QUIET).start()
        self.folder = tempfile.TemporaryDirectory()
        self.place = Place(Path(self.folder.name), self.sandbox, version)
        self.place.configure(limits="settle_seconds = 0.02\nshare = 1\nattempts = 99")
        self.agreed = {}
        self.made, self.deleted = {"SAME", "TWIN"}, set()
        self.place.sync()
        self.remember(certain=True)

    def teardown(self):
        if hasattr(self, "place"):
            try:
                self.settle()
            finally:
                self.sandbox.stop()
                self.folder.cleanup()

    # -- somebody else --------------------------------------------------------

    @rule(side=SIDES, text=TEXTS, who=PEOPLE, amount=st.sampled_from([10, 20]))
    def somebody_creates(self, side, text, who, amount):
        here = self.place.left() if side == "partnero" else self.place.right()
        if text in here:
            return
        more = {"coupon": f"PCT{amount}"} if side == "partnero" else {"value": amount}
        self.place.edit(side, "create_code", code=text, partner=who, **more)
        self.made.add(text)

    @rule(side=SIDES, text=TEXTS)
    def somebody_deletes(self, side, text):
        here = self.place.left() if side == "partnero" else self.place.right()
        if text in here:
            self.place.edit(side, "delete_code", code=text)
            self.deleted.add(text)

    @rule(text=TEXTS, amount=st.sampled_from([5, 10, 15, 20]))
    def somebody_changes_a_discount_on_tolt(self, text, amount):
        if text in self.place.right():
            self.place.edit("tolt", "set_code", code=text, value=amount)

    @rule(text=TEXTS, who=PEOPLE, side=SIDES)
    def somebody_moves_a_code(self, text, who, side):
        here = self.place.left() if side == "partnero" else self.place.right()
        if text in here:
            self.place.edit(side, "move_partner", code=text, partner=who)

    # -- trouble --------------------------------------------------------------

    @rule(
        kind=FAULTS,
        method=st.sampled_from(["GET", "POST", "PUT"]),
        nth=st.integers(1, 6),
    )
    def something_will_go_wrong(self, kind, method, nth):
        if kind == "stale" and method != "GET":
            return
        self.place.fault(kind, method, nth=nth, seconds=0.05)

    # -- runs -----------------------------------------------------------------

    @rule()
    def a_run(self):
        before = self.look()
        done = self.place.sync()
        self.check(before)
        self.remember(certain=done.status == "complete")

    @precondition(lambda self: self.sandbox.faults.active)
    @rule()
    def the_trouble_is_over(self):
        self.sandbox.faults.clear()

    @rule(at=st.integers(0, 30))
    def a_run_that_is_killed(self, at):
        before = self.look()
        with self.place.session() as session:
            killed_run(session, Bomb(session.store, at))
        bury_the_dead(self.place.store)
        self.check(before)
        self.remember(certain=False)

    # -- what must hold -------------------------------------------------------

    def look(self):
        return {"partnero": self.place.left(), "tolt": self.place.right()}

    def remember(self, *, certain):
        """Keep what both sides are known to have shared after a whole run."""
        now = self.look()
        for text in now["partnero"].keys() | now["tolt"].keys():
            ours, theirs = now["partnero"].get(text), now["tolt"].get(text)
            if certain and ours == theirs:
                self.agreed[text] = ours
            elif not certain and ours == theirs and self.agreed.get(text) != ours:
                self.agreed[text] = None  # whether it was seen, nobody knows

    def check(self, before):
        after = self.look()
        for side, other in (("partnero", "tolt"), ("tolt", "partnero")):
            assert before[side].keys() <= after[side].keys(), "gone without consent"
            for text, value in after[side].items():
                self.check_one(
                    text, value, before[side].get(text), before[other].get(text)
                )

    def check_one(self, text, now, was, there):
        known = self.agreed.get(text, "never")
        if was is None:
            assert now == there, "made of something else"
            assert known in ("never", None), "came back after it was deleted"
            return
        for part in (0, 1):
            if now[part] == was[part]:
                continue
            assert there is not None
            assert now[part] == there[part], "written from nowhere"
            assert known != "never", "overwritten without a base"
            assert known is None or known[part] == was[part], "an edit was overwritten"

    @invariant()
    def nothing_is_there_twice(self):
        if hasattr(self, "place"):
            self.look()

    def settle(self):
        self.sandbox.faults.clear()
        bury_the_dead(self.place.store)
        before = self.look()
        self.place.sync()
        self.check(before)
        self.place.quiet()
        both = self.look()
        for text in self.made - self.deleted:
            assert text in both["partnero"], f"{text} was lost"
            assert text in both["tolt"], f"{text} was lost"
        assert both["partnero"]["SAME"] == both["tolt"]["SAME"]
        assert both["partnero"]["SAME"][0] == Decimal(10)


def _tell(**more):
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Story, settings=settings(deadline=None, suppress_health_check=quiet, **more)
    )


def test_any_short_story_ends_well():
    _tell(max_examples=8, stateful_step_count=12, derandomize=True, database=None)


@pytest.mark.slow
def test_any_long_story_ends_well():
    _tell(max_examples=200, stateful_step_count=30)
