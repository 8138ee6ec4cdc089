"""Several pairs at a time: each for itself, and told in the order of the file.

The rates of a product are those of its keys, so pairs of different keys need not wait
for each other; those of one key share its window (providers/pace.py). What befalls one
pair of several, a key that is missing, a product that is down or a bug, is told of that
pair alone. Of a single pair it is raised as ever.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from connector.commands.context import FAILED, Context
from connector.config.load import Config
from connector.config.pair import Pair
from connector.config.schema import PairSection
from connector.errors import Interrupted, Problem, within_memory
from connector.logs import bound, log
from connector.terminal.ending import bug

Item = TypeVar("Item")
Done = TypeVar("Done")


class Setback(NamedTuple):
    """Why nothing could be done of a pair, and with which code a call alone would end.

    ``error`` is what was raised.
    """

    pair: str
    why: str
    code: int
    error: Exception


def each_pair(
    context: Context,
    work: Callable[[Pair], Done],
    failed: Callable[[Setback], Done],
    jobs: int = 1,
    stop: threading.Event | None = None,
) -> Iterator[Done]:
    """Yield what became of each pair; ``failed`` makes it of what befell one of many.

    After a ``stop`` none begins any more, and of those there is nothing to yield.
    """
    config = context.config()
    sections = context.warned_sections(config)

    def begun(section: PairSection) -> list[Done]:
        if stop is not None and stop.is_set():
            return []
        with bound(pair=section.name):
            return [_done(context, config, section, work)]

    def alone(section: PairSection) -> list[Done]:
        try:
            return begun(section)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 (no pair may end another one)
            return [failed(_setback(section.name, error))]

    several = len(sections) > 1
    for done in in_order(sections, alone if several else begun, jobs):
        yield from done


def in_order(
    items: Sequence[Item], work: Callable[[Item], Done], jobs: int
) -> Iterator[Done]:
    """Do the work of each item, so many at a time; yield each as soon as its turn is.

    Who takes no more lets what has begun finish, and nothing else begin.
    """
    if min(jobs, len(items)) < 2:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(min(jobs, len(items)), "pair")
    try:
        for begun in [pool.submit(work, item) for item in items]:
            yield begun.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _done(
    context: Context,
    config: Config,
    section: PairSection,
    work: Callable[[Pair], Done],
) -> Done:
    """Do the work of one pair; the log, where that is wanted, says how long it took."""
    began = time.monotonic()
    log.info("begins")
    try:
        return within_memory(lambda: work(context.given(config, section)))
    finally:
        log.info("ends", seconds=round(time.monotonic() - began, 1))


def _setback(pair: str, error: Exception) -> Setback:
    if isinstance(error, Problem):
        return Setback(pair, str(error), error.exit_code, error)
    return Setback(pair, bug(error), FAILED, error)
