"""Who hears of a signal."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connector.errors import Interrupted

ASKING = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def handling(
    handler: Callable[[int, object], None], *others: signal.Signals
) -> Iterator[None]:
    """Give SIGTERM, SIGINT and others to a handler while the block runs."""
    before = {number: signal.signal(number, handler) for number in (*ASKING, *others)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


@contextmanager
def raising() -> Iterator[None]:
    """Let a signal end the block, after whoever hears of signals has heard of it."""
    before = {number: signal.getsignal(number) for number in ASKING}

    def handle(number: int, frame: object) -> None:
        former = before[signal.Signals(number)]
        if callable(former):
            former(number, frame)  # type: ignore[arg-type]
        raise Interrupted

    with handling(handle):
        yield
