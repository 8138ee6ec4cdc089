"""Kill a run at each of its steps, resume it, and compare with an undisturbed one.

The stand-ins count the requests of a real child process and kill it (SIGKILL) when
the k-th one arrives: before its effect, or after the effect and before the answer.
The same command is then given again until nothing changes any more. Compared are what
both sides hold, what they were made to do, and what the state remembers. A payment that
left and does not show may wait for a person, if the run has named it.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from connector.commands.context import PARTIAL
from connector.commands.tripwire import WRITES, Facts, Step, Tripwire
from connector.engine.notes import parse_note
from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World
from mappings.canonical import Side
from mappings.redemptions import Push, shown
from state.database import open_to_read
from state.model import Intent
from state.store import Store

LEDGER = "ledger"
"""What the memory says of a sale: of one that waits, that it is in doubt."""
SWITCHES = {"tolt_rate_limit": 0, "tolt_v1_whole_rows": True}
"""Where v1 of Tolt tells as little as its samples do, nothing is pushed at all."""
MOST = 4
"""How often a killed run is resumed, until nothing is left or it waits for a person."""


@dataclass(slots=True)
class Result:
    """How many times a run was killed, and what became of its effects.

    ``waiting`` names the payments whose outcome nobody can tell, as often as that was.
    """

    points: int = 0
    duplicates: int = 0
    lost: int = 0
    waiting: Counter[str] = field(default_factory=Counter)
    unfinished: list[str] = field(default_factory=list)

    def add(self, got: Facts, wanted: Facts, in_doubt: Iterable[Push]) -> None:
        """Count what is there once too often, or missing although nobody waits."""
        self.points += 1
        keys = {push.key for push in in_doubt}
        self.waiting.update(f"{shown(push.key)} ({push.money})" for push in in_doubt)
        more, missing = got - wanted, wanted - got
        self.duplicates += sum(
            n for fact, n in more.items() if not (fact[0] == LEDGER and keys & {*fact})
        )
        self.lost += sum(n for fact, n in missing.items() if not keys & {*fact})


@dataclass(slots=True)
class Stage:
    """One scenario: the worlds before, the folder with its state, and the command."""

    sandbox: Sandbox
    wire: Tripwire
    folder: Path
    before: World
    command: tuple[str, ...] = ()

    def reset(self, step: Step | None = None) -> None:
        """Put both sides and the state back to where the scenario begins."""
        fresh = self.before.snapshot()
        fresh.counter = self.before.counter
        self.sandbox.site.world = fresh
        for file in self.folder.glob("connector.db*"):
            file.unlink()
        shutil.copy(self.folder / "before.db", self.folder / "connector.db")
        self.wire.set(step)

    def run(self, *command: str) -> int:
        """Run the program as its own process; negative is the signal it died of."""
        config = str(self.folder / "connector.toml")
        arguments = [sys.executable, "-m", "connector", "--config", config, *command]
        environment = {**os.environ, **self.sandbox.environment}
        with (self.folder / "output.txt").open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 (this program itself)
                arguments, stdout=output, stderr=output, env=environment
            )
            self.wire.child = child
            return child.wait()

    def facts(self) -> Facts:
        """Return all that is to be equal: effects, both sides, and the memory."""
        facts = Counter(self.wire.effects)
        facts.update(_standing(self.sandbox.world))
        engine = open_to_read(f"sqlite:///{self.folder / 'connector.db'}")
        if engine is not None:
            store = Store(engine, "acme")
            facts.update(
                ("link", kept.written, str(kept.base)) for kept in _plain(store)
            )
            facts.update(("gone", key) for key in store.tombstones())
            facts.update(
                ("open", kept.code, kept.action) for kept in self.left_open(store)
            )
            known = store.ledger.everything()
            facts.update(
                (LEDGER, *id_, standing) for id_, (_, standing) in known.items()
            )
        return facts

    def left_open(self, store: Store) -> list[Intent]:
        """Return what is open and no payment in doubt that the last run has named."""
        named = self._named(store)
        return [
            intent for intent in store.journal.open_intents() if intent.id not in named
        ]

    def in_doubt(self) -> list[Push]:
        """Return the payments of unknown outcome that the last run has named."""
        engine = open_to_read(f"sqlite:///{self.folder / 'connector.db'}")
        return list(self._named(Store(engine, "acme")).values()) if engine else []

    def _named(self, store: Store) -> dict[str, Push]:
        output = (self.folder / "output.txt").read_text(encoding="utf-8")
        paid = [
            intent
            for intent in store.journal.open_intents()
            if intent.action == "transaction"
        ]
        pushes = {intent.id: parse_note(intent.change).push for intent in paid}
        return {
            id_: push
            for id_, push in pushes.items()
            if push and f"{shown(push.key)} ({push.money})" in output
        }


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is killed: the two sides at first, and how the command is made ready."""

    seeded: Callable[[], seed.Builder]
    prepare: Callable[[Stage, seed.Builder, str], Stage]


def crash_everywhere(
    folder: Path,
    scenario: Scenario,
    *,
    version: Literal["v1", "v2"] = "v2",
    chosen: Callable[[int, Step], bool] = lambda _index, _step: True,
    on_point: Callable[[Step], None] = lambda _step: None,
) -> Result:
    """Kill at each chosen step of the scenario, resume, and count what is wrong."""
    build = scenario.seeded()
    sandbox = Sandbox(world=build.world, switches=SWITCHES)
    wire = Tripwire(sandbox.server.config.app)  # type: ignore[arg-type]  # ASGI 3
    sandbox.server.config.app = wire
    result = Result()
    with sandbox:
        stage = Stage(sandbox, wire, folder, build.world)
        stage = scenario.prepare(stage, build, version)
        stage.reset()
        if code := stage.run(*stage.command):
            raise RuntimeError(f"the undisturbed run ended with {code}")
        wanted, methods = stage.facts(), list(wire.methods)
        for index, step in enumerate(_steps(methods)):
            if chosen(index, step) and _killed(stage, step, result):
                result.add(stage.facts(), wanted, stage.in_doubt())
                on_point(step)
    return result


def _killed(stage: Stage, step: Step, result: Result) -> bool:
    """Kill one run and resume it; says whether it was killed at all.

    In parallel, this run may have taken fewer requests.
    """
    stage.reset(step)
    if (code := stage.run(*stage.command)) >= 0:
        if code:
            result.unfinished.append(f"{step}: not killed, exit code {code}")
        return False
    stage.wire.step = None
    before: list[Push] | None = None
    for _ in range(MOST):
        code, doubts = stage.run(*stage.command), stage.in_doubt()
        if code == 0 or (code == PARTIAL and doubts and doubts == before):
            return True
        before = doubts
    result.unfinished.append(f"{step}: exit code {code}")
    return True


def _steps(methods: Iterable[str]) -> Iterator[Step]:
    for number, method in enumerate(methods, start=1):
        yield number, "before"
        if method in WRITES:
            yield number, "after"


def _standing(world: World) -> Facts:
    """Return what both sides hold, each row as often as it is there."""
    facts: Facts = Counter()
    for left in world.partnero.codes:
        owners = ",".join(name for _, name in left.partners)
        amount = str(left.coupon.discount_amount.normalize())
        facts["partnero", left.code, amount, owners] += 1
    for right in world.tolt.codes:
        owner = right.partner.email if right.partner else ""
        amount = str(Decimal(right.value or 0).normalize())
        facts["tolt", right.code or "", amount, owner] += 1
    facts.update(("coupon", coupon.uuid_code) for coupon in world.partnero.coupons)
    facts.update(_sold(world))
    return facts


def _sold(world: World) -> Iterator[tuple[str, ...]]:
    """Yield every sale, what it pays, and each entry of a code's log."""
    for sale in world.partnero.transactions:
        who = sale.partner.email if sale.partner else ""
        paid = str(sum(sale.rewards, Decimal(0)).normalize())
        yield "partnero", "sale", sale.key or "", str(sale.amount), who, paid
    for buyer in world.partnero.customers:
        yield "partnero", "customer", buyer.email or "", buyer.partner.email
    for code in world.partnero.codes:
        logged = [entry.transaction_key or "" for entry in code.redemptions]
        yield from (("partnero", "log", code.code, key) for key in logged)
        yield (
            "partnero",
            "not logged",
            code.code,
            str(code.times_redeemed - len(logged)),
        )
    for charge in world.tolt.transactions:
        who = charge.partner.email if charge.partner else ""
        yield "tolt", "sale", charge.charge_id or "", str(charge.amount), who
    for customer in world.tolt.customers:
        yield "tolt", "customer", customer.email or "", customer.partner.email
    for reward in world.tolt.commissions:
        key = reward.transaction.charge_id or ""
        yield "tolt", "commission", key, str(reward.amount)


@dataclass(frozen=True, slots=True)
class _Plain:
    written: str
    base: tuple[object, ...]


def _plain(store: Store) -> Iterator[_Plain]:
    """Yield the remembered links without the ids that a product gives."""
    for link in store.links():
        halves = (link.base.of(side) for side in Side)
        base = tuple((half.code, half.discount) for half in halves)
        yield _Plain(link.written, (*base, sorted(link.unset)))
