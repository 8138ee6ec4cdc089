"""What the passes did, in numbers that all processes of one state share.

Where the state cannot be written, what was counted waits for the next time.
"""

import threading
from collections.abc import Iterable, Iterator
from typing import Protocol

from connector.engine.adoptions import OF_THE_STATE
from connector.engine.outcome import Run
from state.database import StateProblem
from state.tallies import Count, Key, Number


class Book(Protocol):
    """Where the numbers are kept; StateProblem where that is not to be had."""

    def add_counts(self, pair: str, counts: Iterable[Count]) -> None: ...
    def read_counts(self, since: int) -> tuple[Iterable[Number], int]: ...


def counts_of(run: Run, seconds: float) -> Iterator[Count]:
    """Yield what one run counts for."""

    def one(name: str, *labels: str, value: float = 1, latest: bool = False) -> Count:
        return Count(Key(run.pair, name, labels), value, latest)

    yield one("runs", run.status)
    if run.trouble:
        yield one("troubles", run.status, run.trouble.reason)
    yield one("run_seconds_count")
    yield one("run_seconds_sum", value=seconds)
    for side, count in run.requests.items():
        yield one("requests", str(side), value=count)
    for outcome in run.outcomes:
        yield one("changes", outcome.target, outcome.action, outcome.outcome)
    if number := len(run.adopted):
        action, target = OF_THE_STATE
        yield one("changes", target, action, "adopted", value=number)
    for side, report in run.plan.sides.items() if run.plan else ():
        if report.complete:
            yield one("codes", str(side), value=report.codes, latest=True)


class Counting:
    """Counts runs, and tells one listener what all processes have counted."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._lock = threading.Lock()
        self._waiting: dict[Key, Count] = {}
        self._read: dict[Key, float] = {}
        self._since = 0

    def heard(self, run: Run, seconds: float) -> None:
        """Count a run that has finished."""
        with self._lock:
            for count in counts_of(run, seconds):
                self._waiting[count.key] = _together(
                    self._waiting.get(count.key), count
                )
            self._write()

    def changed(self) -> list[Number]:
        """Return the numbers that differ from when they were last returned here.

        As far as the state can be read just now. One that waits to be written differs
        until it has been.
        """
        with self._lock:
            self._write()
            changed = list(self._changed())
            for key, count in self._waiting.items():
                before = 0 if count.latest else self._read.get(key, 0)
                changed.append((key, before + count.value))
        return changed

    def _changed(self) -> Iterator[Number]:
        """Yield what is another number in the state than when it was last read."""
        try:
            numbers, self._since = self._book.read_counts(self._since)
        except StateProblem:
            return
        for key, number in numbers:
            if self._read.get(key) != number:
                self._read[key] = number
                yield key, number

    def _write(self) -> None:
        """Write what waits, pair by pair: what is written waits no more."""
        for pair in {key.pair for key in self._waiting}:
            mine = [one for key, one in self._waiting.items() if key.pair == pair]
            try:
                self._book.add_counts(pair, mine)
            except StateProblem:
                return
            for count in mine:
                del self._waiting[count.key]


def _together(before: Count | None, count: Count) -> Count:
    if before is None or count.latest:
        return count
    return count._replace(value=before.value + count.value)
