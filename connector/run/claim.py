"""This state's claim to its programme: the mark on the sentinel, put and read.

A run looks at the marks that the listing has shown, puts its own before its first
write, and reads them again before payments. Once the own mark is there a run asks for
nothing more, unless it pays. Whose mark goes before whose is decided in
engine/marks.py. What is not known here ends the run: nobody else's write is worth a
second payment.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connector.config.pair import Pair
from connector.engine.acts import is_payment
from connector.engine.causes.refusals import Written
from connector.engine.change import Change, Refusal
from connector.engine.guards import nothing_to_mark, other_state
from connector.engine.marks import (
    Mark,
    claiming_mark,
    first_mark,
    own,
    parse_marks,
    state_mark,
)
from connector.engine.sentinel import sentinel_among, state_ahead
from connector.engine.snapshot import Snapshot
from connector.errors import Failed, Rejected, SyncError, Unavailable, Uncertain
from connector.providers.base import MarksWriter
from connector.reports.messages.say import said
from connector.run.waits import growing
from mappings.canonical import fold
from state.store import Store

FRESH = 10.0
"""Seconds for which a look at the marks is good enough to pay by.

Whoever claims the programme reads both sides before the first payment, which takes
longer on a programme of any size; and a long row of payments asks once for many.
"""


@dataclass(slots=True)
class Claim:
    """One run's knowledge of the marks on its sentinel; none where there is none.

    ``id`` is the sentinel as Partnero spells it, ``written`` what the run has done.
    """

    pair: Pair
    writer: MarksWriter
    store: Store
    mine: str
    pause: Callable[[float], object]
    clock: Callable[[], float] = time.monotonic
    id: str = ""
    marks: tuple[Mark, ...] | None = None
    looked: float = 0.0
    written: Written = Written.NOTHING
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def sentinel(self) -> str:
        return self.pair.policy.limits.sentinel or ""

    def before_resuming(self) -> Refusal | None:
        """Ask whether what an earlier run left open may still be finished."""
        if not self.sentinel or not self.store.journal.open_intents():
            return None
        return self.read()

    def seen(self, side: Snapshot | None, began: float) -> Refusal | None:
        """Learn from the run's own listing, and refuse where another state is ahead."""
        if not self.sentinel or side is None:
            return None
        self.id = sentinel_among(side.codes.values(), self.sentinel) or ""
        shown = side.marks.get(self.id)
        if shown is not None:
            self.marks, self.looked = parse_marks(shown), began
        return self._refused()

    def secure(self) -> Refusal | None:
        """Make sure of the own mark before the first write of a run."""
        if not self.sentinel:
            return None
        refused = self.read() if self.marks is None else self._refused()
        if refused or own(self.marks or (), self.mine):
            return refused
        self.put(self.store.facts.mark() or first_mark(datetime.now(UTC)))
        self.looked = -math.inf  # who began at the same moment may yet go before us
        return self._refused()

    def before_sending(self, change: Change) -> Exception | None:
        """Return why a payment must not be sent now; whatever else always may be."""
        if not self.sentinel or not is_payment(change.act):
            return None
        with self.lock:
            try:
                old = self.marks is None or self.clock() - self.looked > FRESH
                refused = self.read() if old else self._refused()
            except SyncError as error:
                start = (
                    f"{change.code} was not paid, because the marks on the sentinel "
                )
                return Unavailable(f"{start}{self.sentinel} cannot be read: {error}")
        return Failed(said(refused)) if refused else None

    def read(self) -> Refusal | None:
        """Read all marks anew, and refuse where another state is ahead."""
        marks = self.writer.marks(self.id or self.sentinel.strip())
        if marks is None and not self.id and (spelled := self._spelled()):
            marks = self.writer.marks(spelled)
        if marks is None:
            return nothing_to_mark(self.sentinel)
        written, raw = marks
        if fold(written) != fold(self.sentinel):
            raise Unavailable(f"Partnero answers with {written} for {self.sentinel}")
        self.id, self.marks, self.looked = written, parse_marks(raw), self.clock()
        return self._refused()

    def _spelled(self) -> str | None:
        """Return the sentinel as Partnero spells it, where case matters there."""
        return sentinel_among(self.writer.listed(), self.sentinel)

    def put(self, value: str) -> None:
        """Put the own mark with one request, and read all of them until it shows."""
        self.store.facts.save_mark(value)
        lost = ""
        try:
            self.writer.mark(self.id, self.mine, value)
        except Uncertain as error:
            lost = f" ({error})"
        except Rejected as refused:
            raise Failed(
                f"Partnero refuses this state's mark on the sentinel {self.sentinel} "
                f"({refused}). Nothing was written. Name another code in "
                f"pairs.{self.pair.name}.limits.sentinel, or none."
            ) from None
        self.written = Written.OWN_MARK
        if not self._shows(value):
            raise Failed(
                f"This state's mark on the sentinel {self.sentinel} was sent to "
                f"Partnero and does not show there{lost}: whether this run is the only "
                "one is not known. Nothing else was written. The next run looks again."
            )

    def _shows(self, value: str) -> bool:
        """Look with growing waits until the own mark is there as it was put."""
        wanted = parse_marks({self.mine: value})
        self.read()
        for seconds in growing(self.pair.settle_seconds):
            if own(self.marks or (), self.mine) in wanted:
                return True
            self.pause(seconds)
            self.read()
        return own(self.marks or (), self.mine) in wanted

    def begin(self) -> None:
        """From now on the run writes: what is found out later cannot unsay that."""
        self.written = Written.SOME

    def _refused(self) -> Refusal | None:
        now = datetime.now(UTC)
        other = state_ahead(self.marks or (), self.mine, self.sentinel, now)
        return other_state(other, self.written, self.pair.named) if other else None

    def take_over(self) -> Refusal | None:
        """Put a mark that goes before all that are there."""
        self.put(claiming_mark(self.marks or (), datetime.now(UTC)))
        return self._refused()


def claim_of(
    pair: Pair,
    writer: MarksWriter,
    store: Store,
    pause: Callable[[float], object],
) -> Claim:
    """Return what is to be known of the marks of a pair: nothing is asked yet."""
    mine = state_mark(store.meta().get("identity"))
    return Claim(pair, writer, store, mine, pause)
