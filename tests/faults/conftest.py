"""A sandbox with one pair in it, runs in this process, and runs as a real one."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.config.clients import open_writers
from connector.config.load import load
from connector.config.resolve import Keys, pair_of
from connector.engine.change import Change
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.providers.http import Patience
from connector.run.claim import claim_of
from connector.run.lease import holding
from connector.run.run import (
    Session,
    applier_of,
    run,
)
from connector.sandbox import seed
from connector.sandbox.site import LoggedRequest
from connector.sandbox.world import World
from state.database import integrity, open_to_write
from state.store import Store
from tests.standins import edits
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

QUICK = Patience(deadline=0.4, attempts=3, first_pause=0.005, longest_backoff=0.02)
LIMITS = "settle_seconds = 0.1"


@dataclass
class Result:
    """How a run of the program as its own process ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)


class Place:
    """One pair between two stand-ins, with a folder for its config and its state."""

    def __init__(self, sandbox: Sandbox, folder: Path, version: str = "v2") -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.version = version
        self.sandbox.switches.tolt_rate_limit = 0
        self.configure()

    # -- before ---------------------------------------------------------------

    def configure(self, more: str = "", limits: str = LIMITS) -> None:
        """Write the configuration; ``more`` are further sections of the pair."""
        text = self.sandbox.config_text(tolt_version=self.version)
        text = re.sub(r"requests_per_second = \d+", "requests_per_second = 5000", text)
        text += f"\n[pairs.limits]\n{limits}\n{more}\n"
        self.config.write_text(text, encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "connector.toml"

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    @property
    def world(self) -> World:
        return self.sandbox.world

    def edit(self, side: str, action: str, **options: Any) -> None:
        edit = {"side": side, "action": action, **options}
        edits.apply(self.world, self.sandbox.switches, edit)

    def fault(self, kind: str, method: str = "", path: str = "", **more: Any) -> Fault:
        return self.sandbox.faults.add(Fault(kind, method, path, **more))  # type: ignore[arg-type]

    # -- runs -----------------------------------------------------------------

    @contextmanager
    def session(self, **more: Any) -> Iterator[Session]:
        """Open a run in this process, with little patience."""
        config = load(self.config)
        keys = Keys(*self.sandbox.environment.values())
        pair = pair_of(config, config.file.pairs[0], keys)
        store = Store(open_to_write(config.location.state_url), pair.name)
        writers = open_writers(pair, patience=more.pop("patience", QUICK))
        try:
            yield Session(pair, store, writers, **more)
        finally:
            writers.close()

    def sync(self, **more: Any) -> Run:
        with self.session(**more) as session:
            return run(session)

    def accept(self, *actions: str, meanwhile: Any = None) -> Run:
        """Do what a first look holds of these actions, as a person would accept it.

        ``meanwhile`` happens after both sides were read and before the first write.
        """
        with self.session(choose=lambda _plan: frozenset()) as session:
            seen = run(session)
        assert seen.plan is not None
        held = frozenset(c.id for c in seen.plan.changes if c.action in actions)

        def choose(plan: Plan) -> frozenset[str]:
            if meanwhile:
                meanwhile()
            return frozenset(change.id for change in plan.ready())

        return self.sync(accepted=held, choose=choose)

    def carry(self, *changes: Change) -> list[Outcome]:
        """Carry out single changes, as a run would whose plan had them ready."""
        with self.session() as session, holding(session.store):
            applier = applier_of(session, "r_single", claim_for(session))
            for writer in session.writers:
                writer.guard(session.stop, applier.settling.fence)
            return applier.apply(changes)

    def planned(self) -> dict[str, Change]:
        """Return what a first look proposes, by action; nothing is written."""
        with self.session(choose=lambda _plan: frozenset()) as session:
            seen = run(session)
        assert seen.plan is not None
        return {change.action: change for change in seen.plan.changes}

    def start(self, *words: str, **more: Any) -> "subprocess.Popen[str]":
        """Start the program as a process of its own."""
        line = [sys.executable, "-m", "connector", "--config", str(self.config)]
        return subprocess.Popen(
            [*line, "--format", "json", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.sandbox.environment},
            **more,
        )

    def child(self, *words: str, **more: Any) -> Result:
        with self.start(*words, **more) as process:
            out, err = process.communicate(timeout=90)
        return Result(process.returncode, out, err)

    # -- after ----------------------------------------------------------------

    @staticmethod
    def outcomes(done: Run) -> Counter[tuple[str, str, str]]:
        """Count what became of the remote changes: action, target, outcome."""
        remote = [one for one in done.outcomes if one.target != "state"]
        return Counter((one.action, one.target, one.outcome) for one in remote)

    @staticmethod
    def only(done: Run) -> Outcome:
        (one,) = [one for one in done.outcomes if one.target != "state"]
        return one

    @property
    def writes(self) -> list[LoggedRequest]:
        return self.sandbox.requests.writes

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

    def store(self) -> Store:
        return Store(open_to_write(f"sqlite:///{self.database}"), "acme")

    def quiet(self) -> None:
        """Check that nothing is left: a clean run without a write, a sound state."""
        self.sandbox.faults.clear()
        before = len(self.writes)
        last = self.sync()
        assert last.status == "complete", (last.error, last.outcomes)
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


def plain(*codes: tuple[str, str, str]) -> World:
    """Return two partners on both sides, and codes: text, sides ("both"), percent."""
    build = seed.Builder(World(tag="f"))
    build.programme(seed.PARTNERO_KEY, "Acme")
    build.organization(seed.TOLT_KEY, "Acme")
    for name in ("Anna", "Ben"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    for text, where, amount in codes:
        make = {"both": build.both, "left": build.left, "right": build.right}[where]
        make(text, "Anna", amount)
    return build.world


def claim_for(session):
    """Return what a run knows of the marks on its sentinel: it has none here."""
    return claim_of(
        session.pair, session.writers.marks, session.store, session.stop.wait
    )


@pytest.fixture(scope="session", autouse=True)
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let children share compiled modules: starting one then takes a third."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        shared = tmp_path_factory.getbasetemp().parent / "compiled"
        patch.setenv("PYTHONPYCACHEPREFIX", str(shared))
        yield


@pytest.fixture
def open_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Open places: with a world, for a version of Tolt's API."""
    running: list[Sandbox] = []

    def opened(
        *codes: tuple[str, str, str], world: World | None = None, version: str = "v2"
    ) -> Place:
        sandbox = Sandbox(world=world or plain(*codes)).start()
        running.append(sandbox)
        folder = tmp_path / str(len(running))
        folder.mkdir()
        return Place(sandbox, folder, version)

    yield opened
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def place(open_place: Callable[..., Place]) -> Place:
    """Two codes that agree and are linked, nothing to do."""
    ready = open_place(("SAME", "both", "10"), ("TWIN", "both", "20"))
    assert ready.sync().status == "complete"
    ready.sandbox.requests.clear()
    return ready


@pytest.fixture
def kit() -> tuple[type[Place], Callable[..., World]]:
    """What a state machine, which makes its own places, needs of this file."""
    return Place, plain
