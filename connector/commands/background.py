"""run: the background job, from its first line to the signal that ends it."""

import json
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from connector.background import Background, Work
from connector.commands.context import INTERRUPTED, TERMINATED, Context, note, now
from connector.commands.runs import one_run
from connector.commands.watch import Stores, standings, unusable, why_of
from connector.config import Config, PairSection, aliases_of, policy_of
from connector.connect import Keys, keys_of
from connector.engine.change import Status
from connector.engine.outcome import Run
from connector.errors import Failed, Misconfigured, SyncError
from connector.health import Standing, moment
from connector.look import iso, job_of
from connector.notify import SILENT, Announcer, check_notices
from connector.quick import Glance, glance, idle, keep
from connector.reports.documents import change_document, finding_document
from connector.reports.runs import run_document, run_text
from connector.schedule import timetable
from mappings.canonical import Side
from state.database import StateProblem, refusing
from state.model import RunRecord

LATEST = "latest"
"""The fact that holds what the newest reading left for people."""
MOST = 200
"""Changes and findings of it that are kept."""
Heard = Callable[[Run, float], None]
log = structlog.get_logger()


def run(context: Context, grace: float) -> int:
    """Run every pair on its schedule until a signal asks for the end."""
    context.wants("text", "json")
    config = checked(context)
    keeper = Keeper(context, config)
    background = Background(config, keeper.work, context.pair)
    with _web(keeper, background), _signals(background) as asked:
        background.start()
        note(f"partnero-tolt runs {len(background.pairs)} pairs")
        while (number := asked.get()) == signal.SIGHUP:
            _reload(context, keeper, background)
        note("partnero-tolt stops: the running passes finish, no new one begins")
        background.stop(grace)
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED


def checked(context: Context) -> Config:
    """Load the configuration and everything that can be checked beforehand."""
    config = context.config()
    for pair in context.pairs(config):
        policy_of(pair)
        aliases_of(config, pair)
    check_notices(config.file.notify)
    return config


def _reload(context: Context, keeper: "Keeper", background: Background) -> None:
    try:
        config = checked(context)
    except SyncError as error:
        note(f"THE NEW CONFIGURATION IS REFUSED, THE OLD ONE STAYS:\n{error}")
        return
    if config.file.serve != background.config.file.serve:
        note("[serve] changes only with a new start")
    keeper.configure(config)
    background.reload(config)
    note(f"partnero-tolt goes on with {len(background.pairs)} pairs")


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

    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {one: signal.signal(one, handle) for one in wanted}
    try:
        yield asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _web(keeper: "Keeper", background: Background) -> Iterator[None]:
    if background.config.file.serve.listen is None:
        yield
        return
    try:
        from connector.serve import serving
    except ImportError:
        raise Misconfigured(
            "[serve] needs the extra serve. Type: pip install 'partnero-tolt[serve]'"
        ) from None
    with serving(background, keeper) as heard:
        keeper.heard.append(heard)
        yield


def failed(pair: PairSection, error: str) -> Run:
    """Return the run that could not even begin."""
    at = iso(now())
    return Run("", pair.name, "run", "failed", at, at, error=error)


class Keeper:
    """What a pass is, and who hears what became of it."""

    def __init__(self, context: Context, config: Config) -> None:
        self._context = context
        self._born = datetime.now(UTC)
        self.heard: list[Heard] = []
        self._glances: dict[str, Glance] = {}
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Go on with another configuration."""
        self._config = config
        self._stores = Stores(config.state_url)
        self._announcer = Announcer(config.file.notify, self._stores)

    @property
    def work(self) -> Work:
        return Work(self.begin, self.crashed, self.watch, self.last_start)

    def begin(self, config: Config, pair: PairSection, stop: threading.Event) -> None:
        """Do one pass; whatever is wrong with it is told of it."""
        try:
            keys = keys_of(config, pair)
            with refusing("the state"):
                if self._is_idle(config, pair, keys, stop):
                    return
            finished = one_run(config, pair, keys, command="run", stop=stop)
            with refusing("the state"):
                self._keep(finished)
        except (SyncError, StateProblem) as error:
            finished = failed(pair, str(error))
        self.done(finished)

    def _is_idle(
        self, config: Config, pair: PairSection, keys: Keys, stop: threading.Event
    ) -> bool:
        """Look cheaply, and end the pass where nothing has changed."""

        def halt(_side: Side, _count: int) -> None:
            if stop.is_set():
                raise Failed("the look was interrupted")

        store, begun = self._stores(pair.name), now()
        if store is None:
            return False
        job = job_of(config, pair, keys)
        seen = self._glances[pair.name] = glance(job, store, begun, halt)
        if seen.idle:
            record = idle(store, seen, begun, now())
            document = json.loads(record.document)
            at = (record.started_at, record.finished_at)
            finished = Run(record.id, pair.name, "run", "complete", *at)
            finished = replace(finished, requests=seen.requests or {})
            text = (
                f"{pair.name}: complete, {document['plan']['in_sync']} codes in step, "
            )
            self.done(finished, document, f"{text}nothing new ({record.id}).")
        return seen.idle

    def _keep(self, finished: Run) -> None:
        store = self._stores(finished.pair)
        seen = self._glances.pop(finished.pair, None)
        if store is not None and seen is not None:
            keep(store, seen, finished)

    def crashed(self, pair: PairSection, error: BaseException) -> None:
        """A pass that ended by a bug has failed like any other."""
        where = traceback.format_tb(error.__traceback__)[-1].strip()
        log.error("a bug", pair=pair.name, error=repr(error), where=where)
        self.done(failed(pair, f"a bug: {error!r}"))

    def done(
        self, finished: Run, document: dict[str, Any] | None = None, text: str = ""
    ) -> None:
        """Print, log, count and tell what became of a pass."""
        document = document or run_document(finished)
        self._context.show(document, text or run_text(finished))
        level = log.info if finished.status == "complete" else log.warning
        level("pass", pair=finished.pair, run=finished.id, status=finished.status)
        begun = moment(finished.started_at)
        for heard in self.heard:
            heard(finished, (now() - begun).total_seconds())
        try:
            with refusing("the state"):
                self._keep_latest(finished)
                self._announcer.saw(finished.pair, finished.status, why_of(document))
        except StateProblem as error:
            unusable(error)
        self._beat(good=finished.status == "complete")

    def _beat(self, *, good: bool) -> None:
        pairs = self._context.pairs(self._config)
        self._announcer.beat([pair.name for pair in pairs], good=good)

    def _keep_latest(self, finished: Run) -> None:
        store = self._stores(finished.pair) if finished.plan else None
        if store is None or finished.plan is None:
            return
        changes = [c for c in finished.plan.changes if c.status is not Status.READY]
        waiting = [change_document(change) for change in changes[:MOST]]
        findings = [finding_document(one) for one in finished.plan.findings[:MOST]]
        store.save_fact(LATEST, {"waiting": waiting, "findings": findings})

    def watch(self) -> None:
        """Look for pairs that are silent, and tell of each once."""
        try:
            found = self.standings()
        except Failed as error:
            unusable(error)
            return
        for one in found:
            times = timetable(self._config, self._config.pair(one.pair))
            since = one.success or self._born
            ends = times.stale_at(since)
            if ends is not None and ends <= one.now:
                why = f"no verified success since {iso(since)}"
                if self._announcer.saw(one.pair, SILENT, why):
                    self._beat(good=False)

    def standings(self) -> list[Standing]:
        """Return how the pairs stand now."""
        return standings(self._config, self._context.pairs(self._config))

    def fact(self, pair: str, name: str) -> Any:  # noqa: ANN401 (JSON)
        """Return a fact that is kept about a pair."""
        store = self._stores(pair)
        return store.fact(name) if store else None

    def runs(self, pair: str) -> list[RunRecord]:
        """Return the newest runs of a pair."""
        store = self._stores(pair)
        return store.recent_runs(10) if store else []

    def last_start(self, pair: str) -> datetime | None:
        """Return when a pair was last begun and not cut off."""
        store = self._stores(pair)
        runs = store.recent_runs(1) if store else []
        if not runs or runs[0].status == "interrupted":
            return None
        return moment(runs[0].started_at)
