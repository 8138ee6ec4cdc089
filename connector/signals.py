"""Who hears of a signal that asks for the end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def handling(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Give SIGTERM and SIGINT to a handler while the block runs."""
    asking = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, handler) for number in asking}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
