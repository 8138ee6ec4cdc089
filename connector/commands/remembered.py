"""What the pages of the desk are given: what is remembered of all pairs."""

import json
import re
import threading
import time
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import UTC, datetime

from connector.commands.context import memory
from connector.commands.history import did_of, document_of, passes_text
from connector.commands.watch import Stores, standings, timetables
from connector.config.load import Config
from connector.config.resolve import mark_of
from connector.config.schema import PairSection
from connector.engine.asks import WITHDRAW, Ask
from connector.errors import Misconfigured, Problem
from connector.logs import log
from connector.reports.past_runs import did_text
from connector.reports.runs import recorded
from connector.run.deciding import accept
from connector.service.desk.known import Became, Chosen, Document, Not, Past, Seen, Word
from connector.service.desk.report import cause_of
from connector.service.health import Standing
from mappings.moments import iso
from state import tallies
from state.database import Engine, StateProblem, refusing
from state.every_pair import pair_of_run
from state.heard import Heard
from state.model import LastReading, RunSummary
from state.store import Store
from state.summing import touch, waits_of
from state.tallies import Count, Number

SECONDS = 30.0
"""After which it is looked anew which pairs are in the database."""
_ID = re.compile(r"[\w.-]{1,100}")
"""The id of a run."""


class Remembered:
    """The memory of the pairs as the desk sees it; nothing in here asks a product."""

    def __init__(
        self,
        config: Config,
        pairs: Sequence[PairSection],
        again: Callable[[], Config] | None = None,
    ) -> None:
        """Look at these pairs; ``again`` returns all there are by now, in a fleet."""
        self._again, self._since = again, time.monotonic()
        self._looking = threading.Lock()
        self.configure(config, pairs)

    def configure(
        self,
        config: Config,
        pairs: Sequence[PairSection],
        stores: Stores | None = None,
    ) -> None:
        """Go on with another configuration; ``stores`` are open already."""
        self._config, self._pairs = config, pairs
        self._stores = stores or Stores(config)
        self._engine: Engine | None = None
        self._times = timetables(pairs)

    @property
    def names(self) -> list[str]:
        self._look_again()
        return list(self._times)

    def _look_again(self) -> None:
        """See which pairs there are by now, where they are in the database.

        With a database that cannot be read, or pairs that cannot be used, the ones
        that were known stay.
        """
        due = time.monotonic() - self._since > SECONDS
        if self._again is None or not due or not self._looking.acquire(blocking=False):
            return
        try:
            config = self._again()
            self._config, self._pairs = config, config.file.pairs
            self._times = timetables(config.file.pairs)
        except Problem as error:
            log.warning("the pairs cannot be looked for", error=str(error))
        finally:
            self._since = time.monotonic()
            self._looking.release()

    def standings(self) -> list[Standing]:
        self._look_again()
        return standings(self._config, self._times, self._opened())

    def waits(self) -> int:
        """Count what needs a decision in all pairs."""
        engine = self._opened()
        if engine is None:
            return 0
        with refusing("the state"):
            counted = waits_of(engine)
        return sum(waits for pair, waits in counted.items() if pair in self._times)

    def touch(self) -> None:
        """Read one row of the state; StateProblem where it cannot be read."""
        if engine := self._opened():
            with refusing("the state"):
                touch(engine)

    def _opened(self) -> Engine | None:
        """Return what reads the state, one for all who ask: a probe opens nothing."""
        if self._engine is None:
            with refusing("the state"):
                self._engine = memory(self._config.location)
        return self._engine

    def seen(self, pair: str) -> Seen:
        store = self._stores(pair)
        if store is None:
            return Seen()
        look = store.looked()
        waiting = [
            _waiting(item.id, item.document) for item in store.waiting().values()
        ]
        return Seen(look.as_of if look else "", waiting, store.decisions())

    def runs(self, pair: str, most: int) -> list[Past]:
        store = self._stores(pair)
        return [_past(store, run) for run in store.journal.runs(most)] if store else []

    def latest(self, pair: str) -> RunSummary | None:
        """Return the newest run of a pair."""
        store = self._stores(pair)
        return next(iter(store.journal.runs(1)), None) if store else None

    def run_document(self, pair: str, run: str = "") -> Document | None:
        """Return what was printed of a run, or of the newest that left anything."""
        store = self._stores(pair)
        printed = store.journal.document(run) if store else ""
        return json.loads(printed) if printed else None

    def run(self, run: str) -> Document | None:
        """Return what a run has left, with its journal; what is no id is none."""
        if not _ID.fullmatch(run):
            return None
        engine = self._opened()
        pair = pair_of_run(engine, run) if engine else ""
        store = self._stores(pair) if pair in self.names else None
        record = store.journal.run(run) if store else None
        return document_of(store, record) if store and record else None

    def last_reading(self, pair: str) -> LastReading:
        store = self._stores(pair)
        return store.facts.last_reading() if store else LastReading()

    def is_new(self, pair: str, mark: str) -> bool:
        """Note a signed message; without a state nobody has seen any."""
        store = self._stores(pair)
        return Heard(store.transactions).is_new(mark) if store else True

    def add_counts(self, pair: str, counts: Iterable[Count]) -> None:
        """Add to what all processes have counted of a pair."""
        store = self._stores(pair)
        if store is None:
            raise StateProblem("there is no state that can be written to")
        with refusing("the state"):
            tallies.add(store.transactions, counts)

    def read_counts(self, since: int) -> tuple[list[Number], int]:
        """Return what has changed of it since, and since when to ask next time."""
        store = next(filter(None, map(self._stores, self.names)), None)
        return tallies.read(store.transactions.engine, since) if store else ([], since)

    def decide(self, chosen: Sequence[Chosen], word: Word) -> Became:
        return self._heard(chosen, word.take, word.by, word.note)

    def withdraw(self, chosen: Sequence[Chosen]) -> Became:
        return self._heard(chosen, WITHDRAW, "", "")

    def _heard(self, chosen: Sequence[Chosen], word: str, by: str, note: str) -> Became:
        meant = {one.pair for one in chosen}
        stores = dict(self._known_stores(meant))
        asks = [Ask(one.pair, one.id, word, note) for one in chosen]
        at = iso(datetime.now(UTC))
        marks = {p.name: self._mark(p) for p in self._pairs if p.name in meant}
        heard = accept(stores, asks, who=by, at=at, sure=True, marks=marks)
        refused = [
            Not(one.ask.pair, one.ask.id, one.ask.code or one.ask.id, one.why)
            for one in heard.refused
        ]
        return Became(len(heard.taken) + len(heard.withdrawn), refused)

    def _mark(self, pair: PairSection) -> str:
        try:
            return mark_of(self._config, pair)
        except Misconfigured:  # an alias file that cannot be read is another one
            return ""

    def _known_stores(self, meant: Container[str]) -> Sequence[tuple[str, Store]]:
        names = [name for name in self.names if name in meant]
        stores = [(name, self._stores(name)) for name in names or self.names[:1]]
        there = [(name, store) for name, store in stores if store is not None]
        if not there:
            raise StateProblem("there is no state that can be written to")
        return there


def _past(store: Store, run: RunSummary) -> Past:
    """Return a run with its cause, also of one that an older version has kept."""
    cause = run.error
    if run.status != "complete" and not cause:
        printed = store.journal.document(run.id)
        cause = cause_of(json.loads(printed)) if printed else ""
    cause = cause or recorded(run) or ""
    return Past(run, cause, did_text(run, did_of(store, run)) + passes_text(run))


def _waiting(id_: str, document: str) -> Document:
    """Return what waits as a document that names itself."""
    return {**json.loads(document), "id": id_}
