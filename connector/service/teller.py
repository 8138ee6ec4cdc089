"""Telling the outside without keeping anybody waiting.

Passes only leave here what is to be told. Notices and heartbeats go out one after the
other in a thread each, which ends when there is nothing left to tell; where too much
waits, what is older goes. What could not be told is logged, and since only what was
delivered counts as told, the next run of that pair tells it again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from connector.engine.outcome import Run
from connector.service.notify import NO_NEWS, SILENT, Announcer, cause
from state.database import StateProblem, refusing

MOST = 50
"""Messages that wait at most."""
FAREWELL = 30.0
"""Seconds that a command waits at its end for what is not told yet."""
log = structlog.get_logger()


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
                log.error("a bug while telling", about=about, kind=type(error).__name__)  # noqa: TRY400 (no traceback: it may hold an address)


class Teller:
    """What passes tell: of a finished run, of silence, and that the job is alive."""

    def __init__(self, announcer: Announcer) -> None:
        self.announcer = announcer
        self._notices, self._pings = Lane("notices"), Lane("heartbeat")
        self._troubled: dict[str, bool] = {}

    def heard(self, run: Run) -> None:
        """Tell of a finished run, if it is news of its pair."""
        if run.status not in NO_NEWS:
            self._troubled[run.pair] = run.status != "complete"
            self._tell(run.pair, run.status, cause(run))

    def silent(self, pair: str, why: str, pairs: Sequence[str]) -> None:
        """Tell that a pair is silent; where that is news, the heartbeat fails too."""
        announcer = self.announcer

        def tell() -> None:
            if announcer.saw(pair, SILENT, why):
                self.beat(pairs, good=False)

        self._notices.put(pair, tell)

    def beat(self, pairs: Sequence[str], *, good: bool) -> None:
        """Ping: a success only if no pair is in trouble, else /fail."""
        announcer, named = self.announcer, tuple(pairs)

        def tell() -> None:
            announcer.beat(good=good and not any(map(self._in_trouble, named)))

        self._pings.put("heartbeat", tell)

    def end(self, hurry: threading.Event | None = None) -> None:
        """Let what waits go out, within bounds, or until somebody is in a hurry."""
        until = time.monotonic() + FAREWELL
        for lane in (self._notices, self._pings):
            lane.end(until - time.monotonic(), hurry or threading.Event())

    def _tell(self, pair: str, status: str, why: str) -> None:
        announcer = self.announcer
        self._notices.put(pair, lambda: announcer.saw(pair, status, why))

    def _in_trouble(self, pair: str) -> bool:
        """Say how the last run of a pair went; before there was one, what was told."""
        known = self._troubled.get(pair)
        return bool(self.announcer.told(pair)) if known is None else known
