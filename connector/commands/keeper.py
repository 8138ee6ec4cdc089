"""What the background job does with each pair that is due, and who hears of it."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from connector.commands.context import Context
from connector.commands.memory import keep_open
from connector.commands.one_pass import Given, crashed, one_pass, shown
from connector.commands.remembered import Remembered
from connector.commands.watch import Stores, told_of
from connector.config.load import Config
from connector.config.schema import PairSection
from connector.engine.outcome import Run
from connector.logs import log
from connector.service.counting import Counting
from connector.service.health import Standing
from connector.service.notify import Announcer
from connector.service.signing import Signing
from connector.service.teller import Teller
from mappings.moments import instant, iso
from state.database import StateProblem

PATIENCE = 600.0
"""Seconds for which a pass that is under way is waited for before silence is told."""


def signings_of(config: Config, pairs: Iterable[PairSection]) -> list[Signing]:
    """Return the secrets by which webhooks of these pairs are signed."""
    folder = config.location.folder
    return [
        Signing(pair.name, product, partial(secret.read, folder))
        for pair in pairs
        for product, secret in pair.webhooks
        if secret is not None
    ]


class Keeper:
    """What a pass is, and who hears what became of it.

    ``closing`` ends what only looks: a pass that reads and writes may finish.
    """

    def __init__(self, context: Context, config: Config) -> None:
        self.closing = threading.Event()
        self._context = context
        self._begun: set[str] = set()
        self._under_way: dict[str, float] = {}
        self._born = time.monotonic()
        self._teller: Teller | None = None
        self.known = Remembered(*self._shown(config), self._again(config))
        self.counting = Counting(self.known)
        self.heard: list[Callable[[Run, float], None]] = [self.counting.heard]
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Go on with another configuration, unless it cannot work."""
        pairs, stores = self._context.sections(config), Stores(config)
        announcer = Announcer(told_of(config), stores)
        keep_open(config.location)
        if self._teller is None:
            self._teller = Teller(announcer)
        self._teller.announcer = announcer
        self.config, self.pairs, self._stores = config, pairs, stores
        self.known.configure(*self._shown(config), stores)

    def _shown(self, config: Config) -> tuple[Config, Sequence[PairSection]]:
        """Return the pairs of the pages: the database's as well, if none is named."""
        again = self._again(config)
        if again is None:
            return config, self._context.sections(config)
        try:
            whole = again()
        except StateProblem as error:  # the pages say so themselves, and look again
            log.warning("the pairs of the database are not known", error=str(error))
            return config, config.file.pairs
        return whole, whole.file.pairs

    def _again(self, config: Config) -> Callable[[], Config] | None:
        named = self._context.pairs_named
        return None if named else self._context.config_again(config)

    @property
    def signings(self) -> list[Signing]:
        return signings_of(self.config, self.pairs)

    @property
    def teller(self) -> Teller:
        if self._teller is None:
            raise AssertionError("configured when it was made")
        return self._teller

    def begin(self, pair: PairSection, stop: threading.Event) -> None:
        """Do one pass; whatever is wrong with it is told of it."""
        self._under_way[pair.name] = time.monotonic()
        first = self._may_begin(pair.name)
        given = Given(self.config, pair, self._stores, self.closing, first)
        self._done(one_pass(given, stop))

    def _may_begin(self, pair: str) -> bool:
        """Say whether a pass may begin another state: of each pair, the first one."""
        first = self._context.first and pair not in self._begun
        self._begun.add(pair)
        return first

    def crashed(self, pair: PairSection, error: BaseException) -> None:
        self._done(crashed(pair.name, error))

    def _done(self, finished: Run) -> None:
        """Tell, print, log and count what became of a pass."""
        self._under_way.pop(finished.pair, None)
        self.teller.heard(finished)
        self.teller.beat({finished.pair: finished.trouble is None}, self._names)
        shown(self._context, finished, self.heard)

    @property
    def _names(self) -> list[str]:
        return [pair.name for pair in self.pairs]

    def watch(self) -> None:
        """Look for pairs that are silent, and tell of each once."""
        try:
            known = self.standings()
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return
        names = self._names
        age = timedelta(seconds=time.monotonic() - self._born)
        for pair in (one for one in known if one.stale and one.pair in names):
            since = pair.success or pair.now - age  # the clock may have been set since
            ends = pair.times.stale_at(since)
            if ends is not None and ends <= pair.now and not self._may_tell(pair.pair):
                why = f"no verified success since {iso(since)}"
                self.teller.silent(pair.pair, why, iso(since), names)

    def _may_tell(self, pair: str) -> bool:
        """Say whether a pass is under way that will itself say what is the matter."""
        begun = self._under_way.get(pair)
        return begun is not None and time.monotonic() - begun < PATIENCE

    def farewell(self, hurry: threading.Event) -> None:
        """Let what is not told yet go out, within bounds."""
        self.teller.end(hurry)

    def standings(self) -> list[Standing]:
        return self.known.standings()

    def last_start(self, pair: str) -> datetime | None:
        """Return when a pair was last begun and not cut off."""
        run = self.known.latest(pair)
        if run is None or run.status == "interrupted":
            return None
        return instant(run.started_at)
