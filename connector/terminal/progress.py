"""Progress on standard error, for a person who waits; nothing where nobody looks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connector.engine.outcome import Outcome
from connector.terminal.streams import is_quiet
from mappings.canonical import Side


class Progress:
    """Counts codes while they are read, and changes while they are written."""

    def __init__(self, bars: Any = None) -> None:  # noqa: ANN401 (rich, or nothing)
        self._bars = bars
        self._reading: dict[Side, Any] = {}
        self._writing: Any = None

    def read(self, side: Side, count: int) -> None:
        if self._bars is not None:
            if side not in self._reading:
                task = self._bars.add_task(f"reading {side.label}", total=None)
                self._reading[side] = task
            self._bars.update(self._reading[side], completed=count)

    def begin_writing(self, total: int) -> None:
        if self._bars is not None and total:
            self._writing = self._bars.add_task("writing", total=total)

    def wrote(self, _outcome: Outcome) -> None:
        if self._writing is not None:
            self._bars.advance(self._writing)


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
        console=Console(stderr=True),
        transient=True,
    ) as shown:
        yield Progress(shown)
