"""Progress on standard error, for a person who waits; nothing where nobody looks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connector.engine.outcome import Outcome
from connector.terminal.streams import is_quiet
from mappings.canonical import Side


class Progress:
    """Counts codes while they are read, and changes while they are written.

    ``pair`` stands before each line, where there are several.
    """

    def __init__(self, bars: Any = None, pair: str = "") -> None:  # noqa: ANN401 (rich, or nothing)
        self._bars = bars
        self._named = f"{pair}: " if pair else ""
        self._reading: dict[Side, Any] = {}
        self._writing: Any = None

    def read(self, side: Side, count: int) -> None:
        if self._bars is not None:
            if side not in self._reading:
                words = f"{self._named}reading {side.label}"
                task = self._bars.add_task(words, total=None)
                self._reading[side] = task
            self._bars.update(self._reading[side], completed=count)

    def begin_writing(self, total: int) -> None:
        if self._bars is not None and total:
            words = f"{self._named}writing"
            self._writing = self._bars.add_task(words, total=total)

    def wrote(self, _outcome: Outcome) -> None:
        if self._writing is not None:
            self._bars.advance(self._writing)

    @contextmanager
    def of(self, pair: str) -> Iterator["Progress"]:
        """Show the lines of one pair while it is at work."""
        own = Progress(self._bars, pair)
        try:
            yield own
        finally:
            own.end()

    def end(self) -> None:
        """Take the lines away: what they counted is done."""
        for task in (*self._reading.values(), self._writing):
            if task is not None:
                self._bars.remove_task(task)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Make room for a result while others are still at work."""
        if self._bars is not None:
            self._bars.stop()
        try:
            yield
        finally:
            if self._bars is not None:
                self._bars.start()


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Progress]:
    """Show bars with rate and time left while a terminal is there to show them."""
    if not wanted or is_quiet() or not sys.stderr.isatty():
        yield Progress()
        return
    from rich import progress as bars
    from rich.console import Console

    with bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TaskProgressColumn(show_speed=True),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True, markup=False, emoji=False, highlight=False),
        transient=True,
        redirect_stdout=False,  # a result goes where standard output goes
    ) as shown:
        yield Progress(shown)
