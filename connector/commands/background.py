"""run: the background job, from its first line to the signal that ends it."""

import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from connector.commands.context import (
    FAILED,
    INTERRUPTED,
    TERMINATED,
    Context,
    memory,
    note,
)
from connector.commands.runs import Call, failing, one_run, unbegun
from connector.commands.watch import Stores, standings
from connector.config.load import Config
from connector.config.resolve import keys_of, pair_of
from connector.config.schema import PairSection
from connector.engine.change import Status
from connector.engine.outcome import Run
from connector.engine.planned import Plan
from connector.errors import (
    USED_UP,
    Misconfigured,
    Problem,
    is_used_up,
    within_memory,
)
from connector.reports.messages.say import reader_of, said
from connector.reports.runs import run_document, run_text
from connector.run.idle import quick
from connector.service.health import (
    Standing,
)
from connector.service.job import Background
from connector.service.notify import Announcer
from connector.service.schedule import timetable
from connector.service.teller import Teller
from connector.terminal.signals import handling
from connector.terminal.streams import aside
from mappings.moments import instant, iso
from state.database import Engine, StateProblem, refusing
from state.model import FindingLine, LastReading, RunSummary, WaitingLine

MOST = 200
"""Changes and findings of it that are kept."""
log = structlog.get_logger()


def run(context: Context, grace: float) -> int:
    context.wants("text", "json")
    aside()
    with _signals() as asked:
        keeper = Keeper(context, context.config())
        _check_webhooks(keeper.config, keeper.pairs)
        background = Background(keeper.pairs, keeper)
        asked.end_passes = background.interrupt
        with web(keeper, background):
            background.start()
            note(f"partnero-tolt runs {len(keeper.pairs)} pairs")
            number = _until_told(asked, context, keeper, background)
            keeper.closing.set()
            background.stop(grace)
            keeper.farewell(background.interrupted)
    if number is None:
        return FAILED
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED


def _until_told(
    asked: "Asked", context: Context, keeper: "Keeper", background: Background
) -> int | None:
    """Wait for the signal that ends the job; None where the job ended by itself."""
    while (number := asked.next(background)) == signal.SIGHUP:
        _reload(context, keeper, background)
    if number is None:
        note("THE SCHEDULER HAS ENDED BY A BUG: nothing would run any more; start anew")
    else:
        note("partnero-tolt stops: the running passes finish, no new one begins")
    return number


def _reload(context: Context, keeper: "Keeper", background: Background) -> None:
    """Go on with the file as it is now; with one that is refused, go on as before."""
    before, serve = keeper.config, keeper.config.file.serve
    try:
        config = context.config()
        _check_webhooks(config, context.sections(config))
        keeper.configure(config)
        background.reload(keeper.pairs)
    except Exception as error:  # noqa: BLE001 (nothing in a file may end the job)
        expected = isinstance(error, Problem)
        why = str(error) if expected else f"it cannot be read ({type(error).__name__})"
        note(f"THE NEW CONFIGURATION IS REFUSED, THE OLD ONE STAYS:\n{why}")
        if keeper.config is not before:
            keeper.configure(before)
            background.reload(keeper.pairs)
        return
    if keeper.config.file.serve != serve:
        note("[serve] changes only with a new start")
    note(f"partnero-tolt goes on with {len(keeper.pairs)} pairs")


def _check_webhooks(config: Config, pairs: Sequence[PairSection]) -> None:
    """Refuse secrets of webhooks that are of no use, where webhooks are served."""
    if config.file.serve.listen is not None:
        with suppress(ImportError):  # without the extra nothing is served at all
            from connector.service.webhooks import check_secrets

            check_secrets(config, pairs)


class Asked:
    """The signals that came, in their order."""

    def __init__(self) -> None:
        self.came: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.ends = 0
        self.end_passes: Callable[[], None] | None = None

    def handle(self, number: int, _frame: object) -> None:
        """One asks for the end, two stop between two writes, three end at once."""
        self.ends += number != signal.SIGHUP
        begun = self.end_passes is not None
        if self.ends > 2 or (self.ends and not begun):
            os._exit(128 + number)
        if self.ends > 1 and self.end_passes:
            self.end_passes()
        self.came.put(number)

    def next(self, background: Background) -> int | None:
        """Wait for a signal, waking now and then; None where the scheduler died.

        One that comes in the very moment in which the waiting begins wakes nobody: its
        handler runs only when the main thread does.
        """
        while not background.has_died:
            with suppress(queue.Empty):
                return self.came.get(timeout=0.5)
        return None


@contextmanager
def _signals() -> Iterator[Asked]:
    asked = Asked()
    with handling(asked.handle, signal.SIGHUP):
        yield asked


@contextmanager
def web(keeper: "Keeper", background: Background) -> Iterator[None]:
    """Serve the pages while the block runs, where an address is configured."""
    if keeper.config.file.serve.listen is None:
        yield
        return
    try:
        from connector.service.web import serving
    except ImportError:
        raise Misconfigured(
            "[serve] needs the extra serve. Type: pip install 'partnero-tolt[serve]'"
        ) from None
    with serving(keeper.config, background, keeper) as heard:
        keeper.heard.append(heard)
        yield


def _for_people(plan: Plan) -> LastReading:
    """Return what a plan leaves to look at."""
    waiting = [change for change in plan.changes if change.status is not Status.READY]
    reader = reader_of(plan)
    return LastReading(
        tuple(
            WaitingLine(c.code, c.action, c.target, c.status.value, said(c, reader))
            for c in waiting[:MOST]
        ),
        tuple(FindingLine(f.kind, said(f, reader)) for f in plan.findings[:MOST]),
    )


class Keeper:
    """What a pass is, and who hears what became of it.

    ``closing`` ends what only looks: a pass that reads and writes may finish.
    """

    def __init__(self, context: Context, config: Config) -> None:
        self.heard: list[Callable[[Run, float], None]] = []
        self.closing = threading.Event()
        self._context = context
        self._begun: set[str] = set()
        self._born = time.monotonic()
        self._engine: Engine | None = None
        self._teller: Teller | None = None
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Go on with another configuration, unless it cannot work."""
        pairs, stores = self._context.sections(config), Stores(config)
        announcer = Announcer(config.file.notify, stores)
        if self._teller is None:
            self._teller = Teller(announcer)
        self._teller.announcer = announcer
        self.config, self.pairs, self._stores = config, pairs, stores
        self._engine = None

    @property
    def teller(self) -> Teller:
        if self._teller is None:
            raise AssertionError("configured when it was made")
        return self._teller

    def begin(self, pair: PairSection, stop: threading.Event) -> None:
        """Do one pass; whatever is wrong with it is told of it."""
        try:
            finished = within_memory(lambda: self._pass(pair, stop))
        except Problem as error:
            finished = unbegun(pair.name, "run", failing(error), str(error))
        self._done(finished)

    def _may_begin(self, pair: str) -> bool:
        """Say whether a pass may begin another state: of each pair, the first one."""
        first = self._context.first and pair not in self._begun
        self._begun.add(pair)
        return first

    def _pass(self, pair: PairSection, stop: threading.Event) -> Run:
        given = pair_of(self.config, pair, keys_of(self.config, pair))
        call = Call("run", stop, first=self._may_begin(pair.name))
        full = partial(one_run, given, call)
        store = self._stores(pair.name)
        with refusing("the state"):
            finished = (
                full() if store is None else quick(given, store, self.closing, full)
            )
            store = store or self._stores(pair.name)  # which the first pass has begun
            if finished.plan and store is not None:
                store.facts.save_last_reading(_for_people(finished.plan))
        return finished

    def crashed(self, pair: PairSection, error: BaseException) -> None:
        """A pass that ended by a bug has failed like any other."""
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}, line {where.lineno}"
        why = f"a bug: {type(error).__name__} in {place}"
        why = USED_UP if is_used_up(error) else why
        log.error("a pass has failed", pair=pair.name, error=why)
        self._done(unbegun(pair.name, "run", "failed", why))

    def _done(self, finished: Run) -> None:
        """Tell, print, log and count what became of a pass."""
        self.teller.heard(finished)
        self._beat(good=finished.status == "complete")
        self._context.show(run_document(finished), run_text(finished))
        level = log.info if finished.status == "complete" else log.warning
        level("pass", pair=finished.pair, run=finished.id, status=finished.status)
        seconds = (datetime.now(UTC) - instant(finished.started_at)).total_seconds()
        for heard in self.heard:
            heard(finished, max(0.0, seconds))

    def _beat(self, *, good: bool) -> None:
        self.teller.beat([pair.name for pair in self.pairs], good=good)

    def watch(self) -> None:
        """Look for pairs that are silent, and tell of each once."""
        try:
            standings = self.standings()
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return
        names = [pair.name for pair in self.pairs]
        age = timedelta(seconds=time.monotonic() - self._born)
        for standing in standings:
            times = timetable(self.config.pair(standing.pair))
            since = (
                standing.success or standing.now - age
            )  # the clock may have been set since
            ends = times.stale_at(since)
            if ends is not None and ends <= standing.now:
                why = f"no verified success since {iso(since)}"
                self.teller.silent(standing.pair, why, names)

    def farewell(self, hurry: threading.Event) -> None:
        """Let what is not told yet go out, within bounds."""
        self.teller.end(hurry)

    def standings(self) -> list[Standing]:
        if self._engine is None:  # one for all who ask: a probe opens nothing
            with refusing("the state"):
                self._engine = memory(self.config.location)
        return standings(self.config, self.pairs, self._engine)

    def runs(self, pair: str) -> list[RunSummary]:
        store = self._stores(pair)
        return store.journal.runs(10) if store else []

    def printed(self, pair: str) -> str:
        store = self._stores(pair)
        return store.journal.document() if store else ""

    def last_reading(self, pair: str) -> LastReading:
        store = self._stores(pair)
        return store.facts.last_reading() if store else LastReading()

    def last_start(self, pair: str) -> datetime | None:
        """Return when a pair was last begun and not cut off."""
        runs = self.runs(pair)
        if not runs or runs[0].status == "interrupted":
            return None
        return instant(runs[0].started_at)
