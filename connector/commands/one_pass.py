"""One pass of one pair, as the background job and a worker of a fleet make it.

What becomes of it is told, printed, logged and counted in one way, whoever made it.
"""

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from connector.commands.context import Context
from connector.commands.run_log import log_run
from connector.commands.runs import Call, one_run, unbegun
from connector.config.load import Config
from connector.config.resolve import read_pair
from connector.config.schema import PairSection
from connector.config.timetable import timetable
from connector.engine.outcome import Run
from connector.engine.trouble import failed, failing
from connector.errors import (
    USED_UP,
    Misconfigured,
    Problem,
    is_used_up,
    within_memory,
)
from connector.logs import log
from connector.reports.runs import run_document, run_text
from connector.run.idle import quick
from connector.run.record import begun_run, summary
from state.database import refusing
from state.store import Store

Heard = Callable[[Run, float], None]
"""Hears of a finished pass, and how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a pass is made with; ``closing`` ends what only looks.

    ``stores`` has none where there is no state yet; ``first``: one may be begun.
    """

    config: Config
    section: PairSection
    stores: Callable[[str], Store | None]
    closing: threading.Event
    first: bool = False


def one_pass(given: Given, stop: threading.Event) -> Run:
    """Make one pass; what is wrong with it is the trouble of the run."""
    try:
        return within_memory(lambda: _passed(given, stop))
    except Problem as error:
        return unbegun(given.section.name, "run", failing(error))


def _passed(given: Given, stop: threading.Event) -> Run:
    try:
        pair = read_pair(given.config, given.section)
    except Misconfigured as error:
        return _kept(given, unbegun(given.section.name, "run", failing(error)))
    full = partial(one_run, pair, Call("run", stop, first=given.first))
    with refusing("the state"):
        store = given.stores(pair.name)
        return full() if store is None else quick(pair, store, given.closing, full)


def _kept(given: Given, ended: Run) -> Run:
    """Keep what kept a pass from beginning: history and status tell why.

    Whether its keys are another pair's nobody can tell by now.
    """
    store = given.stores(ended.pair)
    if store is None:
        return ended
    named = replace(ended, id=begun_run(ended.pair, ended.command).id)
    with refusing("the state"):
        store.journal.save_run(summary(named), times=timetable(given.section))
        store.programmes.forget()
    return named


def crashed(pair: str, error: BaseException) -> Run:
    """Return the run of a pass that ended by a bug: it has failed like any other."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}, line {where.lineno}"
    why, reason = f"a bug: {type(error).__name__} in {place}", "bug"
    if is_used_up(error):
        why, reason = USED_UP, "memory"
    log.error("a pass has failed", pair=pair, error=why)
    return unbegun(pair, "run", failed(why, reason))


def shown(context: Context, finished: Run, heard: Sequence[Heard]) -> None:
    """Print, log and count what became of a pass."""
    context.show(run_document(finished), run_text(finished))
    seconds = log_run(finished)
    for hears in heard:
        hears(finished, seconds)
