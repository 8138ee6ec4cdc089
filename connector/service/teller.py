"""Telling the outside without keeping anybody waiting.

Passes only leave here what is to be told. Notices and heartbeats go out one after the
other in a thread each, which ends when there is nothing left to tell; where too much
waits, what is older goes. What could not be told is logged, and since only what was
delivered counts as told, the next run of that pair tells it again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from connector.engine.outcome import Run
from connector.logs import log
from connector.reports.notices import Spell
from connector.reports.runs import error_of
from connector.service.notify import NO_NEWS, SILENT, Announcer
from state.database import StateProblem, refusing

MOST = 50
"""Messages that wait at most."""
FAREWELL = 30.0
"""Seconds that a command waits at its end for what is not told yet."""


class Lane:
    """Messages that go out one at a time, in their order, by nobody's thread but ours.

    Each is known by a name: where too many wait, the oldest of the same name goes.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: deque[tuple[str, Callable[[], object]]] = deque()
        self._changed = threading.Condition()
        self._busy = False

    def put(self, about: str, tell: Callable[[], object]) -> None:
        with self._changed:
            if len(self._waiting) >= MOST:
                self._drop(about)
            self._waiting.append((about, tell))
            if not self._busy:
                self._start()

    def rest(self, seconds: float) -> bool:
        """Wait until there is nothing to tell; False where that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def end(self, seconds: float, hurry: threading.Event) -> None:
        """Wait until everything is told, within bounds; say what was not."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._busy and time.monotonic() < until and not hurry.is_set():
                self._changed.wait(0.1)
            left = [about for about, _ in self._waiting]
            self._waiting.clear()
        if left or self._busy:
            log.warning("not told before the end", what=self._name, about=left)

    def _drop(self, about: str) -> None:
        same = [at for at, (name, _) in enumerate(self._waiting) if name == about]
        dropped = same[0] if same else 0
        log.warning("too much to tell, the newest counts", about=about)
        del self._waiting[dropped]

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no room for a thread: the next message tries again
            log.warning("not told yet: no thread can be had", what=self._name)
        else:
            self._busy = True

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._busy = False
                    self._changed.notify_all()
                    return
                about, tell = self._waiting.popleft()
            try:
                with refusing("the state"):
                    tell()
            except StateProblem as error:
                log.warning("the state cannot be used", error=str(error))
            except Exception as error:  # noqa: BLE001 (no bug may silence later alarms)
                log.error("a bug while telling", about=about, kind=type(error).__name__)


class Teller:
    """What passes tell: of a finished run, of silence, and that the job is alive."""

    def __init__(self, announcer: Announcer) -> None:
        self.announcer = announcer
        self._notices, self._pings = Lane("notices"), Lane("heartbeat")
        self._troubled: dict[str, bool] = {}

    def heard(self, run: Run) -> None:
        """Tell of a finished run, if it is news of its pair, and of what waits."""
        if run.status in NO_NEWS:
            return
        self._troubled[run.pair] = run.trouble is not None
        announcer = self.announcer
        spell = _spell(run)
        self._notices.put(run.pair, lambda: announcer.saw(run.pair, spell))
        if _has_looked(run):
            about = f"what waits in {run.pair}"
            self._notices.put(about, lambda: announcer.waits(run.pair))

    def fell_silent(self, since: Mapping[str, str], seconds: float) -> None:
        """Tell of pairs of a fleet that are silent, and wait so long until it is told.

        Whoever looks next is to see in the state that it was.
        """
        announcer, told = self.announcer, dict(since)
        self._notices.put("silence", lambda: announcer.fell_silent(told))
        self._notices.rest(seconds)

    def silent(self, pair: str, why: str, since: str, pairs: Sequence[str]) -> None:
        """Tell that a pair is silent; where that is news, the heartbeat fails too."""
        announcer = self.announcer
        spell = Spell(SILENT, why, SILENT, since=since)

        def tell() -> None:
            if announcer.saw(pair, spell):
                self.beat({pair: False}, pairs)

        self._notices.put(pair, tell)

    def beat(self, done: Mapping[str, bool], pairs: Sequence[str]) -> None:
        """Ping the heartbeats of what was done, and whether it was done well.

        A heartbeat is one of all pairs that have it: a success only if none of them is
        in trouble, else /fail.
        """
        announcer, done, named = self.announcer, dict(done), tuple(pairs)

        def tell() -> None:
            for url, mine in announcer.heartbeats(named).items():
                if done.keys() & set(mine):
                    good = all(done.get(pair, True) for pair in mine)
                    good = good and not any(map(self._in_trouble, mine))
                    announcer.beat(url, good=good)

        self._pings.put("heartbeat", tell)

    def end(self, hurry: threading.Event | None = None) -> None:
        """Let what waits go out, within bounds, or until somebody is in a hurry."""
        until = time.monotonic() + FAREWELL
        for lane in (self._notices, self._pings):
            lane.end(until - time.monotonic(), hurry or threading.Event())

    def _in_trouble(self, pair: str) -> bool:
        """Say how the last run of a pair went; before there was one, what was told."""
        known = self._troubled.get(pair)
        return bool(self.announcer.told(pair)) if known is None else known


def _spell(run: Run) -> Spell:
    """Return how a run ended, as it is told."""
    if run.trouble is None:
        return Spell(run.status, "", run=run.id, since=run.finished_at)
    why, reason = error_of(run) or "", run.trouble.reason
    return Spell(run.status, why, reason, run.id, run.started_at)


def _has_looked(run: Run) -> bool:
    """Say whether both sides were read whole, or found as they were."""
    if run.status not in ("complete", "partial"):
        return False
    return run.plan.complete if run.plan else run.unchanged is not None
