"""Cheap cycles: is there anything at all to look at? Only ``run`` asks this.

Between two full reads a pass first asks Tolt v2 for the codes and partners that were
updated since the last full read began, and reads Partnero's pages. Only where Tolt
names none, Partnero is what it was, and nothing else has changed (configuration,
decisions, another run), the pass is over. In every other case a full pass follows. So
nothing is ever planned, and no absence concluded, from a part of a side. Deletions on
Tolt, and changes that it does not date, wait for the next full read.

Windows follow the product's clock, and begin some minutes early: a row may become
visible after its own time.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from connector.config.clients import open_readers
from connector.config.pair import Pair
from connector.engine.change import digest
from connector.engine.outcome import Run
from connector.engine.trouble import STOPPED
from connector.errors import Interrupted, SyncError, Unavailable
from connector.providers.base import Reader, Readers, Remembered
from connector.run.identify import (
    key_mark,
    same_programme,
)
from connector.run.memory import (
    recall,
)
from connector.run.record import (
    begun_run,
    forget_old,
    keep_run,
    summary,
)
from mappings.canonical import Side, fold
from mappings.moments import instant, iso
from state.model import RunSummary, Window
from state.store import Store

EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a cheap look gave: what the next one begins from, and what it cost.

    ``unchanged`` is the run before, of which everything still holds; None for none.
    """

    unchanged: RunSummary | None
    window: Window
    requests: Mapping[str, int]


def quick(
    pair: Pair, store: Store, stop: threading.Event, full: Callable[[], Run]
) -> Run:
    """Do one pass: a look at the changes where that is enough, else a full one.

    A look that was stopped is all of the pass: nothing was begun, nothing is lost.
    """
    begun = begun_run(pair.name, "run")
    seen = _glance(pair, store, instant(begun.started_at), stop)
    if seen and seen.unchanged:
        return _idle(pair, store, begun, seen, seen.unchanged)
    if stop.is_set():
        now = iso(datetime.now(UTC))
        stopped = replace(begun, trouble=STOPPED, finished_at=now)
        store.journal.save_run(summary(stopped))
        return stopped
    finished = full()
    if seen and finished.status == "complete" and not finished.tried:
        at = {"full_at": finished.started_at, "run": finished.id}
        store.facts.save_window(replace(seen.window, **at))
    return finished


def _glance(
    pair: Pair, store: Store, now: datetime, stop: threading.Event
) -> Glance | None:
    """Look cheaply; a look that fails is no news, and the full pass says why."""
    if same_programme(pair, store.programmes, store.meta().get("salt", "")):
        return None  # which the full pass refuses
    every = pair.full_read_seconds
    learned = store.facts.probed()
    if "no" in (learned.get("tolt.11"), learned.get("tolt.date")):
        return None  # a probe saw that windows, or the clock, are not to be had
    if not every or pair.version != "v2" or pair.policy.redemptions != "report":
        return None
    known = store.facts.window()
    try:
        with closing(_readers(pair, stop)) as readers:
            changed, clock = readers.changes.changed(known.since if known else None)
            seen = _mark_of(pair, store, readers.partnero)
            requests = readers.requests
    except (SyncError, Interrupted):
        return None
    window = Window(iso(clock - EARLY), _inputs(pair, store), seen, "", "")
    unchanged = None
    if known and not changed and _is_same(known, window, now, every):
        unchanged = _newest(store, known.run)
    return Glance(unchanged, window, requests)


def _is_same(known: Window, window: Window, now: datetime, every: int) -> bool:
    """Say whether both windows show the same, and a full read is not due yet.

    A time to come is one of a clock that was set: it says nothing. What Tolt's clock
    has not reached yet says nothing of what came since.
    """
    age = now - instant(known.full_at)
    due = not timedelta(0) <= age < timedelta(seconds=every)
    ahead = known.since > window.since
    same = (known.inputs, known.partnero) == (window.inputs, window.partnero)
    return same and not ahead and not due


def _readers(pair: Pair, stop: threading.Event) -> Readers:
    """Return clients whose reading ends with ``stop``."""

    def halt(_side: Side, _count: int) -> None:
        if stop.is_set():
            raise Interrupted

    return open_readers(pair, halt, stop)


def _mark_of(pair: Pair, store: Store, partnero: Reader) -> str:
    """Return the mark of all that Partnero shows."""
    memory = recall(store, pair.version)
    remembered = Remembered(
        memory.coupons or {},
        frozenset(link.partnero for link in memory.partners),
        sentinel=fold(pair.policy.limits.sentinel or ""),
    )
    side = partnero.read(remembered)
    if not side.complete:
        raise Unavailable(side.missed)
    mark = hashlib.sha256()
    for part in (side.codes, side.partners, side.coupons, side.logs, side.marks):
        for key in sorted(part):
            mark.update(repr(part[key]).encode())
    return mark.hexdigest()


def _inputs(pair: Pair, store: Store) -> str:
    """Return the mark of everything beside the two sides that makes a plan."""
    decisions = {id_: asdict(decision) for id_, decision in store.decisions().items()}
    keys = [key_mark(pair, side, store.meta().get("salt", "")) for side in Side]
    return digest([pair.digest, decisions, len(store.journal.open_intents()), keys])


def _newest(store: Store, run: str) -> RunSummary | None:
    """Return this run, if no other one came after it."""
    last = store.journal.runs(1)
    same = bool(last) and last[0].id == run and last[0].counts is not None
    return last[0] if same else None


def _idle(pair: Pair, store: Store, begun: Run, seen: Glance, last: RunSummary) -> Run:
    """Keep an idle look as a run of its own, with the counts of the last full one."""
    finished = replace(
        begun,
        trouble=None,
        finished_at=iso(datetime.now(UTC)),
        requests=seen.requests,
        unchanged=last.counts,
    )
    keep_run(store, pair, finished)
    if window := store.facts.window():
        store.facts.save_window(replace(window, run=finished.id))
    store.look_again(begun.started_at)
    forget_old(store, pair, finished)
    return finished
