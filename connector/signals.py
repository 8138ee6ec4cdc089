"""Who hears of a signal."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def handling(
    handler: Callable[[int, object], None], *others: signal.Signals
) -> Iterator[None]:
    """Give SIGTERM, SIGINT and others to a handler while the block runs."""
    asking = (signal.SIGTERM, signal.SIGINT, *others)
    before = {number: signal.signal(number, handler) for number in asking}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
