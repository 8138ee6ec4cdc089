"""Kill a run at each of its steps, resume it, and compare with an undisturbed one.

The stand-ins count the requests of a real child process and kill it (SIGKILL) when
the k-th one arrives: before its effect, or after the effect and before the answer.
The same command is then given once more. Compared are what both sides hold, what
they were made to do, and what the state remembers.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox import seed
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World
from mappings.canonical import Side
from state.database import open_to_read
from state.store import Store

Step = tuple[int, Literal["before", "after"]]
Facts = Counter[tuple[str, ...]]
WRITES = ("POST", "PUT", "DELETE")
SETTLE = 0.4
"""Seconds that a resume waits for a lost write to show: the stand-ins never lag."""


@dataclass(slots=True)
class Result:
    """How many times a run was killed, and what became of its effects."""

    points: int = 0
    duplicates: int = 0
    lost: int = 0
    unfinished: list[str] = field(default_factory=list)

    def add(self, got: Facts, wanted: Facts) -> None:
        self.points += 1
        self.duplicates += (got - wanted).total()
        self.lost += (wanted - got).total()


@dataclass(slots=True)
class Tripwire:
    """Stands in front of the stand-ins: counts, notes effects, kills at one step."""

    app: ASGIApp
    step: Step | None = None
    child: subprocess.Popen[bytes] | None = None
    methods: list[str] = field(default_factory=list)
    effects: Facts = field(default_factory=Counter)

    def set(self, step: Step | None) -> None:
        self.step, self.child = step, None
        self.methods.clear()
        self.effects.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.methods.append(scope["method"])
        moment = self.step[1] if self.step and len(self.methods) == self.step[0] else ""
        if moment == "before":
            await self._kill(receive)
            return
        body, status, kept = bytearray(), [0], list[Message]()

        async def listen() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            if moment:
                kept.append(message)  # it is never sent
            else:
                await send(message)

        await self.app(scope, listen, answer)
        if scope["method"] in WRITES and 200 <= status[0] < 300:
            self.effects[_effect(scope, bytes(body))] += 1
        if moment:
            await self._kill(receive)

    async def _kill(self, receive: Receive) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
        while (await receive())["type"] != "http.disconnect":
            pass


def _effect(scope: Scope, body: bytes) -> tuple[str, ...]:
    """Name what was done, without ids: those differ from run to run."""
    sent = json.loads(body) if body else {}
    resource = "/".join(scope["path"].split("/")[:4])
    return scope["method"], resource, str(sent.get("code") or sent.get("uuid_code"))


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
            facts.update(("link", one.written, str(one.base)) for one in _plain(store))
            facts.update(("gone", key) for key in store.tombstones())
            facts.update(("open", one.code) for one in store.open_intents())
        return facts


def crash_everywhere(
    folder: Path,
    *,
    version: Literal["v1", "v2"] = "v2",
    chosen: Callable[[int, Step], bool] = lambda _index, _step: True,
    on_point: Callable[[Step], None] = lambda _step: None,
) -> Result:
    """Kill at each chosen step of the scenario, resume, and count what is wrong."""
    build = _seeded()
    sandbox = Sandbox(world=build.world, switches={"tolt_rate_limit": 0})
    wire = Tripwire(sandbox.server.config.app)  # type: ignore[arg-type]  # ASGI 3
    sandbox.server.config.app = wire
    result = Result()
    with sandbox:
        stage = _prepared(Stage(sandbox, wire, folder, build.world), build, version)
        stage.reset()
        if code := stage.run(*stage.command):
            raise RuntimeError(f"the undisturbed run ended with {code}")
        wanted, methods = stage.facts(), list(wire.methods)
        for index, step in enumerate(_steps(methods)):
            if not chosen(index, step):
                continue
            stage.reset(step)
            if (code := stage.run(*stage.command)) >= 0:
                if code:
                    result.unfinished.append(f"{step}: not killed, exit code {code}")
                continue  # in parallel, this run took fewer requests
            wire.step = None
            if code := stage.run(*stage.command):
                result.unfinished.append(f"{step}: exit code {code}")
            result.add(stage.facts(), wanted)
            on_point(step)
    return result


def _steps(methods: Iterable[str]) -> Iterator[Step]:
    for number, method in enumerate(methods, start=1):
        yield number, "before"
        if method in WRITES:
            yield number, "after"


def _prepared(stage: Stage, build: seed.Builder, version: str) -> Stage:
    """Bring both sides in step, let somebody edit, and have a plan reviewed."""
    folder, text = stage.folder, stage.sandbox.config_text(tolt_version=version)
    text = re.sub(r"requests_per_second = \d+", "requests_per_second = 2000", text)
    text += f"\n[pairs.limits]\nsettle_seconds = {SETTLE}\n"
    (folder / "connector.toml").write_text(text, encoding="utf-8")
    if code := stage.run("sync"):
        raise RuntimeError(f"the first sync ended with {code}")
    _edit(build)
    plan = folder / "plan.json"
    if code := stage.run("plan", "--out", str(plan)):
        raise RuntimeError(f"the plan ended with {code}")
    changes = json.loads(plan.read_text(encoding="utf-8"))["changes"]
    accepted = [c["id"] for c in changes if c["action"] in ("replace", "delete")]
    names = [word for one in accepted for word in ("--accept", one)]
    shutil.copy(folder / "connector.db", folder / "before.db")
    stage.before = stage.sandbox.world
    stage.command = ("apply", str(plan), *names)
    return stage


def _edit(build: seed.Builder) -> None:
    """Do by hand what the run shall carry: each kind of change, in its direction."""
    left, right, now = build.world.partnero, build.world.tolt, build.world.now()
    coupon = left.coupons.named("PCT12")[0]
    coupon.discount_amount = Decimal(13)
    left.coupons.touch(coupon, now)
    replaced, deleted = (right.codes_named(text)[0] for text in ("REPLACED", "DELETED"))
    right.codes.change(replaced, updated_at=now, value=Decimal(25))
    right.codes.remove(deleted)
    build.left("FROMPARTNERO", "Anna", "20")
    build.right("FROMTOLT", "Ben", "30")


def _seeded() -> seed.Builder:
    """Return two partners and a few codes that agree."""
    build = seed.Builder(World(tag="c"))
    build.programme(seed.PARTNERO_KEY, "Acme")
    build.organization(seed.TOLT_KEY, "Acme")
    for name in ("Anna", "Ben"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    for text, amount in (("SAME", "20"), ("UPDATED", "12"), ("REPLACED", "15")):
        build.both(text, "Anna", amount)
    build.both("DELETED", "Ben", "20")
    return build


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
    facts.update(("coupon", one.uuid_code) for one in world.partnero.coupons)
    return facts


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
