"""Building much at once: without the search for cycles, which finds none there.

Python looks for cyclic garbage after every so many new objects, and then through all
that there are. Records refer to values and never back, so while hundreds of thousands
of them are built and kept, that search is nothing but time: more than the decoding
itself (docs/benchmarks.md).
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
PART = 1000
"""Rows that are made and handed over at a time: more of them are only held."""


@contextmanager
def uncollected(*, last: bool = False) -> Iterator[None]:
    """Pause the cycle collector; whoever paused it first lets it go on.

    It is one for the whole process: where two threads overlap, the collector may go
    on while the second one still works. That costs time and nothing else. ``last``:
    the process ends with what was built, so that no later search goes through it. In a
    background job that would grow: it sets the collector's counters back, too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if last:
                gc.freeze()
            gc.enable()


def in_parts(many: Iterable[T], size: int = PART) -> Iterator[list[T]]:
    """Yield what comes as lists of some: of what is streamed, no more is ever held."""
    coming = iter(many)
    while part := list(islice(coming, size)):
        yield part
