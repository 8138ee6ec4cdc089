"""What a worker of a fleet does with each claimed row, and who hears of it.

It is the very pass of the background job. The configuration is that of the worker's
file with this one pair of the database: a pass sees no other pair, and no other's keys.
"""

import threading
from dataclasses import replace
from datetime import UTC, datetime

from connector.commands.context import Context
from connector.commands.one_pass import Given, Heard, crashed, one_pass, shown
from connector.commands.runs import unbegun
from connector.commands.watch import Stores
from connector.config.load import Config
from connector.config.row import Row
from connector.config.schema import PairSection
from connector.config.table import joined
from connector.engine.outcome import Run
from connector.engine.trouble import failed, failing
from connector.errors import Misconfigured
from connector.fleet.passes import Stop
from connector.fleet.timing import End, Ended
from connector.service.beats import Beats
from connector.service.notify import Addresses, Announcer, check_addresses
from connector.service.schedule import timetable
from connector.service.teller import Teller
from state.fleet import SECOND, FleetPair
from state.store import Store

FAILURES = ("bug", "memory", "too_long")
"""The reasons for which a pair waits longer each time, whatever its timetable says."""


def how(finished: Run) -> End:
    """Say how a pass ended, as far as it matters for when its pair is due again."""
    if finished.trouble is None:
        return "done"
    if finished.status == "locked":
        return "held"
    if finished.trouble.reason in FAILURES:
        return "failed"
    return "stopped" if finished.status == "interrupted" else "done"


def in_time(finished: Run, stop: Stop, timeout: int) -> Run:
    """Return a run as failed that was stopped because its time was over."""
    if finished.status != "interrupted" or not stop.late:
        return finished
    why = (
        f"the pass took longer than {timeout} seconds ([fleet] timeout) and was ended "
        "between two writes; the next one goes on from there"
    )
    return replace(finished, trouble=failed(why, "too_long"))


class FleetPasses:
    """Makes the passes of rows; ``closing`` ends what only looks."""

    def __init__(self, context: Context, config: Config) -> None:
        self.heard: list[Heard] = []
        self.closing = threading.Event()
        self._context = context
        self._notify: dict[str, Addresses] = {}
        self._begun: set[str] = set()
        self.configure(config)
        self.announcer = Announcer(self._notify, self._store)
        self.teller, self.beats = Teller(self.announcer), Beats(self.announcer.beat)

    def configure(self, config: Config) -> None:
        """Go on with another configuration, unless its notices cannot be sent."""
        check_addresses(config.file.notify.urls)
        self.config, self._stores = config, Stores(config)

    def _store(self, pair: str) -> Store | None:
        return self._stores(pair)

    def section_of(self, pair: str, section: str) -> tuple[Config, PairSection]:
        """Return a pair of the database, and a configuration in which it is alone."""
        config = joined(self.config, [Row(pair, section)], others=True)
        found = config.pair(pair)
        self._notify[pair] = found.notify
        return config, found

    def work(self, row: FleetPair, stop: Stop) -> Ended:
        """Make the pass of a row; whatever is wrong with it is told of its pair."""
        try:
            config, section = self.section_of(row.pair, row.section)
        except Misconfigured as error:
            self._done(unbegun(row.pair, "run", failing(error)))
            return Ended("failed")
        begun = datetime.fromtimestamp((row.begun or row.due) / SECOND, UTC)
        due = timetable(section).after(begun)
        first = self._may_begin(row.pair)
        try:
            given = Given(config, section, self._stores, self.closing, first)
            finished = one_pass(given, stop)
        except Exception as error:  # noqa: BLE001 (a bug in one pass is told, as in run)
            finished = crashed(row.pair, error)
        finished = in_time(finished, stop, self.config.file.fleet.timeout)
        self._done(finished)
        return Ended(how(finished), due)

    def _may_begin(self, pair: str) -> bool:
        """Say whether a pass may begin another state: of each pair, the first one."""
        first = self._context.first and pair not in self._begun
        if first:
            self._begun.add(pair)
        return first

    def _done(self, finished: Run) -> None:
        """Tell, print, log and count what became of a pass.

        Another worker may have told of this pair since: what it told is in the state.
        """
        self.announcer.forget(finished.pair)
        self.teller.heard(finished)
        hears = self._notify.get(finished.pair)
        if hears is not None and hears.heartbeat_url:
            self.beats.heard(hears.heartbeat_url, good=finished.trouble is None)
        shown(self._context, finished, self.heard)

    def farewell(self, hurry: threading.Event) -> None:
        """Let what is not told yet go out, within bounds."""
        self.beats.flush()
        self.teller.end(hurry)
        self.beats.end(hurry)
