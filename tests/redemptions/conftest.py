"""Two programmes with sales on them, and runs of one pair between them."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.config.clients import open_readers, open_writers
from connector.config.load import load
from connector.config.pair import Pair
from connector.config.resolve import Keys, pair_of
from connector.engine.outcome import Run
from connector.engine.planned import Plan
from connector.providers.http import Patience
from connector.run.memory import (
    recall,
)
from connector.run.prepare import (
    Prepared,
    look,
)
from connector.run.run import (
    Session,
    run,
)
from connector.sandbox import seed
from connector.sandbox.world import World
from state.database import open_to_read, open_to_write
from state.store import Store
from tests.standins import edits
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

QUICK = Patience(deadline=0.5, attempts=3, first_pause=0.005, longest_backoff=0.02)
STEPS = ("customer", "transaction", "redeem")
PUSH = 'redemptions = "both"\ncommissions = true'


def shop(codes=("ANNA10", "BEN20"), currency="USD"):
    """Return two partners with a code each on both sides, and nothing sold yet."""
    build = seed.Builder(World(tag="r"))
    build.programme(seed.PARTNERO_KEY, "Acme", currency)
    build.organization(seed.TOLT_KEY, "Acme", currency)
    for name in ("Anna", "Ben"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    for text in codes:
        build.both(text, "Ben" if text.startswith("BEN") else "Anna", "10")
    return build


class Place:
    """One pair between two stand-ins, with a folder for its config and its state."""

    def __init__(
        self,
        folder: Path,
        build: seed.Builder,
        version: str,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.folder = folder
        self.build = build
        self.version = version
        self.hours = 0
        # What v1 leaves out by default has stories of its own.
        switches = {"tolt_rate_limit": 0, "tolt_v1_whole_rows": True}
        self.sandbox = sandbox or Sandbox(world=build.world, switches=switches)
        self.policy()
        self._set_clock()

    def policy(self, text: str = "", limits: str = "") -> None:
        whole = self.sandbox.config_text(tolt_version=self.version)
        whole = re.sub(r"_second = \d+", "_second = 5000", whole)
        whole += f"\n[pairs.policy]\n{text}\n[pairs.limits]\nsettle_seconds = 0.1\n"
        self.config.write_text(whole + limits + "\n", encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "connector.toml"

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def switches(self):
        return self.sandbox.switches

    # -- what happens on the two sides ------------------------------------------

    def sell_left(self, key, amount="49.99", *, code="ANNA10", times=1) -> None:
        self.build.sale_left(self.world.partnero.code(code), key, amount, times=times)

    def sell_right(self, key, amount=4999, *, code="ANNA10", buyer="buyer"):
        right = self.world.tolt.codes_named(code)[0]
        return self.build.sale_right(right, key, amount, buyer=buyer)

    def edit(self, side, action, **options) -> None:
        edit = {"side": side, "action": action, **options}
        edits.apply(self.world, self.switches, edit)

    def fault(self, kind, method="", path="", **more) -> Fault:
        return self.sandbox.faults.add(Fault(kind, method, path, **more))

    def an_hour_later(self) -> None:
        """Let time pass: what was sold until now is old enough to be read."""
        self.hours += 1
        self.build.minutes = 24 * 60 + self.hours * 60
        self._set_clock()

    def _set_clock(self) -> None:
        now = seed.START + timedelta(days=1, hours=self.hours)
        self.world.clock = lambda: now

    # -- runs ---------------------------------------------------------------------

    @property
    def pair(self) -> Pair:
        config = load(self.config)
        keys = Keys(*self.sandbox.environment.values())
        return pair_of(config, config.file.pairs[0], keys)

    def plan(self) -> Plan:
        return self.prepared().plan

    def prepared(self) -> Prepared:
        """Look with clients that cannot write, at a state that cannot change."""
        pair = self.pair
        readers = open_readers(pair)
        engine = open_to_read(pair.location.state_url)
        memory = recall(Store(engine, pair.name) if engine else None, self.version)
        try:
            now = self.world.now()
            return look(pair, readers, memory, now)
        finally:
            readers.close()

    @contextmanager
    def session(self, **more) -> Iterator[Session]:
        pair = self.pair
        store = Store(open_to_write(pair.location.state_url), pair.name)
        writers = open_writers(pair, patience=QUICK)
        try:
            yield Session(pair, store, writers, **more)
        finally:
            writers.close()

    def sync(self, **more) -> Run:
        self.sandbox.requests.clear()
        with self.session(**more) as session:
            return run(session)

    # -- what came of it ----------------------------------------------------------

    @property
    def store(self) -> Store:
        return Store(open_to_write(f"sqlite:///{self.database}"), "acme")

    @property
    def ledger(self):
        return self.store.ledger

    @property
    def log(self) -> list[str]:
        """The keys in the log of ANNA10."""
        return [
            e.transaction_key for e in self.world.partnero.code("ANNA10").redemptions
        ]

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

    def sent(self, path: str) -> int:
        """Count the writes to a path since the last run began."""
        return sum(r.is_write and path in r.path for r in self.sandbox.requests)

    @staticmethod
    def steps(done: Run) -> Counter[tuple[str, str, str]]:
        pushed = [one for one in done.outcomes if one.action in STEPS]
        return Counter((one.action, one.target, one.outcome) for one in pushed)

    @staticmethod
    def proposed(plan: Plan) -> list:
        return [change for change in plan.changes if change.action in STEPS]

    @staticmethod
    def kinds(plan: Plan) -> Counter[str]:
        return Counter(finding.kind for finding in plan.findings)


@pytest.fixture
def kit():
    """What a state machine, which makes its own places, needs of this file."""
    return Place, shop


@pytest.fixture
def build() -> seed.Builder:
    """Both programmes with two codes, for a test that opens them by itself."""
    return shop()


@pytest.fixture
def open_shop(tmp_path):
    """Open places; all of them are closed at the end."""
    opened = []

    def open_one(build=None, version="v2", policy="", currency="USD") -> Place:
        place = Place(tmp_path, build or shop(currency=currency), version)
        place.policy(policy)
        opened.append(place)
        place.sandbox.start()
        return place

    yield open_one
    for place in opened:
        place.sandbox.stop()


@pytest.fixture
def place(open_shop) -> Place:
    """A shop on both sides where nothing is sold yet and nothing is pushed."""
    return open_shop()


@pytest.fixture
def pusher(open_shop) -> Place:
    """The same, where redemptions are pushed both ways and may pay."""
    return open_shop(policy=PUSH)
