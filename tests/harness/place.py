"""One pair between two stand-ins, with a folder for its configuration and its state."""

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from connector.engine.change import Change
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.sandbox import seed
from connector.sandbox.world import World
from state.database import integrity
from tests.harness.runs import Runs
from tests.standins.front import Sandbox

PACE = "requests_per_second = 5000"
SETTLE = "settle_seconds = 0.1"
STEPS = ("customer", "transaction", "redeem")

OF_EACH_RUN = ("run", "lease", "look", "standing", "programme")
"""Tables that every run writes, whatever it finds."""


class Place(Runs):
    """A pair: what happens to it, its runs, and what can be seen afterwards.

    ``build`` goes on building where a test sells; ``hours`` have passed since.
    """

    def __init__(
        self,
        folder: Path,
        sandbox: Sandbox,
        version: str = "v2",
        build: seed.Builder | None = None,
    ) -> None:
        super().__init__(folder, sandbox)
        self.version = version
        self.hours = 0
        self.configure()
        if build:
            self.build = build
            self._set_clock()

    # -- before ---------------------------------------------------------------

    def configure(
        self, more: str = "", *, policy: str = "", limits: str = "", **lines: str
    ) -> None:
        """Write the sandbox's own configuration, quicker and with something changed.

        ``more`` are further sections. A line is named by its key:
        ``currency='"EUR"'``; ``base_url__1`` is the second line of that key.
        """
        text = self.sandbox.config_text(tolt_version=self.version)
        text = re.sub(r"requests_per_second = \d+", PACE, text)
        for name, value in lines.items():
            key, _, nth = name.partition("__")
            old = [line for line in text.splitlines() if line.startswith(f"{key} =")]
            text = text.replace(old[int(nth or 0)], f"{key} = {value}", 1)
        settle = "" if "settle_seconds" in limits else SETTLE
        if policy:
            text += f"\n[pairs.policy]\n{policy}\n"
        text += f"\n[pairs.limits]\n{settle}\n{limits}\n{more}\n"
        self.config.write_text(text, encoding="utf-8")

    def reach_through(self, url: str) -> None:
        """Let the configuration name something in between in place of the sandbox."""
        text = self.config.read_text(encoding="utf-8")
        text = text.replace(self.sandbox.url, url)
        self.config.write_text(text, encoding="utf-8")

    def inhabit(self, world: World, **configured: str) -> None:
        """Put another world behind the same address and the same keys."""
        self.sandbox.site.world = world
        self.configure(**configured)

    # -- sales ----------------------------------------------------------------

    def sell_left(self, key, amount="49.99", *, code="ANNA10", times=1) -> None:
        self.build.sale_left(self.world.partnero.code(code), key, amount, times=times)

    def sell_right(self, key, amount=4999, *, code="ANNA10", buyer="buyer"):
        right = self.world.tolt.codes_named(code)[0]
        return self.build.sale_right(right, key, amount, buyer=buyer)

    def an_hour_later(self) -> None:
        """Let time pass: what was sold until now is old enough to be read."""
        self.hours += 1
        self.build.minutes = 24 * 60 + self.hours * 60
        self._set_clock()

    def _set_clock(self) -> None:
        now = seed.START + timedelta(days=1, hours=self.hours)
        self.world.clock = lambda: now

    # -- what came of a run ---------------------------------------------------

    @staticmethod
    def outcomes(done: Run) -> Counter[tuple[str, str, str]]:
        """Count what became of the remote changes: action, target, outcome."""
        remote = [o for o in done.outcomes if o.target != "state"]
        return Counter((o.action, o.target, o.outcome) for o in remote)

    @staticmethod
    def only(done: Run) -> Outcome:
        (outcome,) = [o for o in done.outcomes if o.target != "state"]
        return outcome

    @staticmethod
    def steps(done: Run) -> Counter[tuple[str, str, str]]:
        """Count what became of the steps of a push."""
        pushed = [o for o in done.outcomes if o.action in STEPS]
        return Counter((o.action, o.target, o.outcome) for o in pushed)

    @staticmethod
    def proposed(plan: Plan) -> list[Change]:
        return [change for change in plan.changes if change.action in STEPS]

    @staticmethod
    def kinds(plan: Plan) -> Counter[str]:
        return Counter(finding.kind for finding in plan.findings)

    def sent(self, path: str) -> int:
        """Count the writes to a path since the last run began."""
        return sum(path in row.path for row in self.sandbox.asked.writes)

    # -- what is there now ----------------------------------------------------

    def left(self) -> dict[str, tuple[Decimal, str]]:
        """Return Partnero's codes: discount and owner by text; twins would show."""
        return _unique(
            (
                c.code,
                (c.coupon.discount_amount, ",".join(name for _, name in c.partners)),
            )
            for c in self.world.partnero.codes
        )

    def right(self) -> dict[str, tuple[Decimal, str]]:
        """Return Tolt's codes: value and owner by text."""
        return _unique(
            (c.code, (c.value, f"{c.partner.first_name} {c.partner.last_name}"))
            for c in self.world.tolt.codes
        )

    def agrees(self) -> bool:
        return self.left() == self.right()

    @property
    def log(self) -> list[str]:
        """The keys in the log of ANNA10."""
        log = self.world.partnero.code("ANNA10").redemptions
        return [entry.transaction_key for entry in log]

    @property
    def sales(self) -> Counter[str]:
        return Counter(row.key for row in self.world.partnero.transactions)

    @property
    def charges(self) -> Counter[str]:
        return Counter(row.charge_id for row in self.world.tolt.transactions)

    @property
    def rewards(self) -> Decimal:
        rows = self.world.partnero.transactions
        return sum((sum(row.rewards, Decimal(0)) for row in rows), Decimal(0))

    @property
    def ledger(self):
        return self.store().ledger

    def quiet(self) -> None:
        """Check that nothing is left: a clean run without a write, a sound state."""
        self.sandbox.faults.clear()
        before = len(self.writes)
        last = self.sync()
        assert last.status == "complete", (last.trouble, last.outcomes)
        assert [o for o in last.outcomes if o.action != "adopt"] == []
        assert len(self.writes) == before
        assert last.plan is not None
        assert last.plan.ready() == ()
        assert self.store().journal.open_intents() == []
        assert integrity(self.database) == []


def _unique(rows: Any) -> dict[str, Any]:
    listed = list(rows)
    twice = [text for text, n in Counter(text for text, _ in listed).items() if n > 1]
    assert twice == [], f"there twice: {twice}"
    return dict(listed)
