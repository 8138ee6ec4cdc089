"""run: the background job, from its first line to the signal that ends it."""

import os
import queue
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from connector.commands.context import (
    FAILED,
    INTERRUPTED,
    TERMINATED,
    Context,
    note,
)
from connector.commands.keeper import Keeper, signings_of
from connector.config.extras import install
from connector.config.load import Config
from connector.config.schema import PairSection
from connector.errors import (
    Misconfigured,
    Problem,
)
from connector.reports import fleet
from connector.service.job import Background
from connector.terminal.signals import handling
from connector.terminal.streams import aside


def run(context: Context, grace: float) -> int:
    context.wants("text", "json")
    aside()
    with signals() as asked:
        keeper = Keeper(context, _configured(context))
        _check_webhooks(keeper.config, keeper.pairs)
        background = Background(keeper.pairs, keeper)
        asked.end_passes = background.interrupt
        with web(keeper, background):
            background.start()
            note(_begins(keeper))
            number = _until_told(asked, context, keeper, background)
            keeper.closing.set()
            background.stop(grace)
            keeper.farewell(background.interrupted)
    if number is None:
        return FAILED
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED


def _begins(keeper: Keeper) -> str:
    """Say what the job does: without a pair of its own it only serves the pages."""
    if keeper.pairs:
        return f"partnero-tolt runs {len(keeper.pairs)} pairs"
    address = keeper.config.file.serve.listen
    return (
        f"partnero-tolt serves the pages of all pairs at http://{address}/, and runs "
        f"none: {fleet.of_workers_text()}"
    )


def _configured(context: Context) -> Config:
    """Return the file's pairs alone: those of the database have workers.

    Without any it may still serve the pages, which show all.
    """
    config = context.of_the_file()
    if not config.file.pairs and config.file.serve.listen is None:
        raise Misconfigured(
            f"{config.location.path}: there is no pair in it; {fleet.of_workers_text()}"
        )
    return config


def _until_told(
    asked: "Asked",
    context: Context,
    keeper: Keeper,
    background: Background[PairSection],
) -> int | None:
    """Wait for the signal that ends the job; None where the job ended by itself."""
    while (number := asked.next(lambda: background.has_died)) == signal.SIGHUP:
        _reload(context, keeper, background)
    if number is None:
        note("THE SCHEDULER HAS ENDED BY A BUG: nothing would run any more; start anew")
    else:
        note("partnero-tolt stops: the running passes finish, no new one begins")
    return number


def _reload(
    context: Context, keeper: Keeper, background: Background[PairSection]
) -> None:
    """Go on with the file as it is now; with one that is refused, go on as before."""
    before, serve = keeper.config, keeper.config.file.serve
    try:
        config = _configured(context)
        _check_webhooks(config, context.sections(config))
        keeper.configure(config)
        background.reload(keeper.pairs)
    except Exception as error:  # noqa: BLE001 (nothing in a file may end the job)
        expected = isinstance(error, Problem)
        why = str(error) if expected else f"it cannot be read ({type(error).__name__})"
        note(f"THE NEW CONFIGURATION IS REFUSED, THE OLD ONE STAYS:\n{why}")
        if keeper.config is not before:
            keeper.configure(before)
            background.reload(keeper.pairs)
        return
    if keeper.config.file.serve != serve:
        note("[serve] changes only with a new start")
    note(f"partnero-tolt goes on with {len(keeper.pairs)} pairs")


def _check_webhooks(config: Config, pairs: Sequence[PairSection]) -> None:
    """Refuse secrets of webhooks that are of no use, where webhooks are served."""
    if config.file.serve.listen is not None:
        with suppress(ImportError):  # without the extra nothing is served at all
            from connector.service.webhooks import check_secrets

            check_secrets(signings_of(config, pairs), config.location.path)


class Asked:
    """The signals that came, in their order."""

    def __init__(self) -> None:
        self.came: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.ends = 0
        self.end_passes: Callable[[], None] | None = None

    def handle(self, number: int, _frame: object) -> None:
        """One asks for the end, two stop between two writes, three end at once."""
        self.ends += number != signal.SIGHUP
        begun = self.end_passes is not None
        if self.ends > 2 or (self.ends and not begun):
            os._exit(128 + number)
        if self.ends > 1 and self.end_passes:
            self.end_passes()
        self.came.put(number)

    def next(self, has_ended: Callable[[], bool]) -> int | None:
        """Wait for a signal, waking now and then; None where the work has ended.

        One that comes in the very moment in which the waiting begins wakes nobody: its
        handler runs only when the main thread does.
        """
        while not has_ended():
            with suppress(queue.Empty):
                return self.came.get(timeout=0.5)
        return None


@contextmanager
def signals() -> Iterator[Asked]:
    asked = Asked()
    with handling(asked.handle, signal.SIGHUP):
        yield asked


@contextmanager
def web(keeper: Keeper, background: Background[PairSection]) -> Iterator[None]:
    """Serve the pages while the block runs, where an address is configured."""
    if keeper.config.file.serve.listen is None:
        yield
        return
    try:
        from connector.commands.gates import gate_of_job
        from connector.service.web import serving
    except ImportError:
        raise Misconfigured(
            f"[serve] needs the extra serve. Type: {install('serve')}"
        ) from None
    address, gate = keeper.config.file.serve.address, gate_of_job(keeper.config)
    known, changed = (keeper.known, lambda: keeper.signings), keeper.counting.changed
    with serving(address, gate, background, *known, changed=changed):
        yield
