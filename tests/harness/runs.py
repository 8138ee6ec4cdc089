"""Runs of a pair in this process by their parts, with little patience."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from connector.config.clients import open_readers, open_writers
from connector.config.load import load
from connector.config.pair import Pair
from connector.config.resolve import Keys, pair_of
from connector.engine.change import Change
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.providers.http import Patience
from connector.run.claim import Claim, claim_of
from connector.run.lease import holding
from connector.run.memory import (
    recall,
)
from connector.run.prepare import (
    Prepared,
    look,
)
from connector.run.run import (
    run,
)
from connector.run.session import (
    Session,
    applier_of,
)
from state.database import open_to_read, open_to_write
from state.store import Store
from tests.harness.ground import Ground

QUICK = Patience(deadline=0.5, attempts=3, first_pause=0.005, longest_backoff=0.02)


def claim_for(session: Session) -> Claim:
    """Return what a run knows of the marks on its sentinel: it has none here."""
    return claim_of(
        session.pair, session.writers.marks, session.store, session.stop.wait
    )


class Runs(Ground):
    """The parts of a run, each as a call."""

    version = "v2"
    _opened: "tuple[tuple[int, int], Engine] | None" = None

    @property
    def pair(self) -> Pair:
        config = load(self.config)
        keys = Keys(*self.sandbox.environment.values())
        return pair_of(config, config.file.pairs[0], keys)

    def store(self) -> Store:
        """Open the state; of one file it is opened once, however many runs there are.

        A run that opens its own compiles all its statements again.
        """
        if self._opened is None or self._opened[0] != self._file():
            engine = open_to_write(self.pair.location.state_url)
            self._opened = self._file(), engine
        return Store(self._opened[1], "acme")

    def _file(self) -> tuple[int, int]:
        try:
            found = self.database.stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_dev, found.st_ino

    @contextmanager
    def session(self, **more: Any) -> Iterator[Session]:
        pair, store = self.pair, self.store()
        writers = open_writers(pair, patience=more.pop("patience", QUICK))
        try:
            yield Session(pair, store, writers, **more)
        finally:
            writers.close()

    def sync(self, **more: Any) -> Run:
        self.sandbox.mark()
        with self.session(**more) as session:
            return run(session)

    def prepared(self) -> Prepared:
        """Look with clients that cannot write, at a state that cannot change."""
        pair = self.pair
        readers = open_readers(pair)
        engine = open_to_read(pair.location.state_url)
        memory = recall(Store(engine, pair.name) if engine else None, self.version)
        try:
            return look(pair, readers, memory, self.world.now())
        finally:
            readers.close()

    def plan(self) -> Plan:
        return self.prepared().plan

    def planned(self) -> dict[str, Change]:
        """Return what a first run proposes, by action; nothing is written."""
        return {change.action: change for change in self._proposed().changes}

    def _proposed(self) -> Plan:
        plan = self.sync(choose=lambda _plan: frozenset()).plan
        assert plan is not None
        return plan

    def accept(
        self, *actions: str, meanwhile: Callable[[], object] | None = None
    ) -> Run:
        """Do what a first run holds of these actions, as a person would accept it.

        ``meanwhile`` happens after both sides were read and before the first write.
        """
        plan = self._proposed()
        held = frozenset(c.id for c in plan.changes if c.action in actions)

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
