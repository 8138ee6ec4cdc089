"""run: the background job, from its first line to the signal that ends it."""

import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial

import structlog

from connector.background import Background
from connector.commands.context import INTERRUPTED, TERMINATED, Context, note
from connector.commands.runs import failing, one_run, unbegun
from connector.commands.watch import Stores, standings
from connector.config import Config
from connector.connect import keys_of
from connector.engine.change import Plan, Status
from connector.engine.outcome import Run
from connector.errors import Misconfigured, SyncError
from connector.health import Standing, moment
from connector.look import iso, job_of
from connector.notify import SILENT, Announcer
from connector.quick import quick
from connector.reports.documents import Document, item_document
from connector.reports.runs import run_document, run_text
from connector.schedule import timetable
from connector.sections import PairSection
from connector.signals import handling
from state.database import StateProblem, refusing
from state.model import RunRecord

LATEST = "latest"
"""The fact that holds what the newest reading left for people."""
MOST = 200
"""Changes and findings of it that are kept."""
log = structlog.get_logger()


def run(context: Context, grace: float) -> int:
    context.wants("text", "json")
    keeper = Keeper(context, context.config())
    background = Background(keeper.pairs, keeper)
    with web(keeper, background), _signals(background) as asked:
        background.start()
        note(f"partnero-tolt runs {len(keeper.pairs)} pairs")
        while (number := _next(asked)) == signal.SIGHUP:
            _reload(context, keeper, background)
        note("partnero-tolt stops: the running passes finish, no new one begins")
        background.stop(grace)
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED


def _next(asked: "queue.SimpleQueue[int]") -> int:
    """Wait for a signal, waking now and then.

    One that comes in the very moment in which the waiting begins wakes nobody: its
    handler runs only when the main thread does.
    """
    while True:
        with suppress(queue.Empty):
            return asked.get(timeout=0.5)


def _reload(context: Context, keeper: "Keeper", background: Background) -> None:
    before = keeper.config.file.serve
    try:
        keeper.configure(context.config())
    except SyncError as error:
        note(f"THE NEW CONFIGURATION IS REFUSED, THE OLD ONE STAYS:\n{error}")
        return
    if keeper.config.file.serve != before:
        note("[serve] changes only with a new start")
    background.reload(keeper.pairs)
    note(f"partnero-tolt goes on with {len(keeper.pairs)} pairs")


@contextmanager
def _signals(background: Background) -> Iterator["queue.SimpleQueue[int]"]:
    """One signal asks for the end, two stop between two writes, three end at once."""
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()
    ends: list[int] = []

    def handle(number: int, _frame: object) -> None:
        if number != signal.SIGHUP:
            ends.append(number)
        if len(ends) > 2:
            os._exit(128 + number)
        if len(ends) > 1:
            background.interrupt()
        asked.put(number)

    with handling(handle, signal.SIGHUP):
        yield asked


@contextmanager
def web(keeper: "Keeper", background: Background) -> Iterator[None]:
    """Serve the pages while the block runs, where an address is configured."""
    if keeper.config.file.serve.listen is None:
        yield
        return
    try:
        from connector.serve import serving
    except ImportError:
        raise Misconfigured(
            "[serve] needs the extra serve. Type: pip install 'partnero-tolt[serve]'"
        ) from None
    with serving(keeper.config, background, keeper) as heard:
        keeper.heard.append(heard)
        yield


def _for_people(plan: Plan) -> Document:
    """Return what a plan leaves to look at."""
    waiting = [one for one in plan.changes if one.status is not Status.READY]
    return {
        "waiting": [item_document(plan, one) for one in waiting[:MOST]],
        "findings": [item_document(plan, one) for one in plan.findings[:MOST]],
    }


class Keeper:
    """What a pass is, and who hears what became of it."""

    def __init__(self, context: Context, config: Config) -> None:
        self.heard: list[Callable[[Run, float], None]] = []
        self._context = context
        self._born = datetime.now(UTC)
        self._begun: set[str] = set()
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Go on with another configuration, unless it cannot work."""
        pairs, stores = self._context.pairs(config), Stores(config)
        self._announcer = Announcer(config.file.notify, stores)
        self.config, self.pairs, self._stores = config, pairs, stores

    def begin(self, pair: PairSection, stop: threading.Event) -> None:
        """Do one pass; whatever is wrong with it is told of it."""
        try:
            keys = keys_of(self.config, pair)
            job = job_of(self.config, pair, keys)
            first = self._may_begin(pair.name)
            full = partial(one_run, job, command="run", stop=stop, first=first)
            store = self._stores(pair.name)
            with refusing("the state"):
                finished = quick(job, store, stop, full) if store else full()
                if store and finished.plan:
                    store.save_fact(LATEST, _for_people(finished.plan))
        except (SyncError, StateProblem) as error:
            finished = unbegun(pair.name, "run", failing(error), str(error))
        self._done(finished)

    def _may_begin(self, pair: str) -> bool:
        """Say whether a pass may begin another state: of each pair, the first one."""
        first = self._context.first and pair not in self._begun
        self._begun.add(pair)
        return first

    def crashed(self, pair: PairSection, error: BaseException) -> None:
        """A pass that ended by a bug has failed like any other."""
        where = traceback.format_tb(error.__traceback__)[-1].strip()
        log.error("a bug", pair=pair.name, error=repr(error), where=where)
        self._done(unbegun(pair.name, "run", "failed", f"a bug: {error!r}"))

    def _done(self, finished: Run) -> None:
        """Print, log, count and tell what became of a pass."""
        self._context.show(run_document(finished), run_text(finished))
        level = log.info if finished.status == "complete" else log.warning
        level("pass", pair=finished.pair, run=finished.id, status=finished.status)
        seconds = (datetime.now(UTC) - moment(finished.started_at)).total_seconds()
        for heard in self.heard:
            heard(finished, seconds)
        self._announcer.heard(finished)
        self._beat(good=finished.status == "complete")

    def _beat(self, *, good: bool) -> None:
        self._announcer.beat([pair.name for pair in self.pairs], good=good)

    def watch(self) -> None:
        """Look for pairs that are silent, and tell of each once."""
        try:
            found = self.standings()
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return
        for one in found:
            times = timetable(self.config.pair(one.pair))
            since = one.success or self._born
            ends = times.stale_at(since)
            if ends is not None and ends <= one.now:
                why = f"no verified success since {iso(since)}"
                if self._announcer.saw(one.pair, SILENT, why):
                    self._beat(good=False)

    def standings(self) -> list[Standing]:
        return standings(self.config, self.pairs)

    def runs(self, pair: str) -> list[RunRecord]:
        store = self._stores(pair)
        return store.recent_runs(10) if store else []

    def latest(self, pair: str) -> Document:
        store = self._stores(pair)
        kept = store.fact(LATEST) if store else None
        return dict(kept or {"waiting": [], "findings": []})

    def last_start(self, pair: str) -> datetime | None:
        """Return when a pair was last begun and not cut off."""
        runs = self.runs(pair)
        if not runs or runs[0].status == "interrupted":
            return None
        return moment(runs[0].started_at)
