"""sync, and what every run that writes has in common: signals, and how it is told."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace

from connector.commands.context import (
    DONE,
    FAILED,
    INTERRUPTED,
    LOCKED,
    PARTIAL,
    REFUSED,
    TERMINATED,
    Context,
    note,
    now,
    worst,
)
from connector.commands.memory import open_state
from connector.commands.run_log import log_run
from connector.commands.together import Setback, each_pair
from connector.commands.watch import Stores, told_of
from connector.config.clients import open_writers
from connector.config.pair import Pair
from connector.engine.outcome import Run
from connector.engine.trouble import Trouble, failing
from connector.errors import Interrupted, Misconfigured, Problem, within_memory
from connector.providers.base import Progress as OnProgress
from connector.providers.base import Writers
from connector.reports import fleet
from connector.reports.documents import Document
from connector.reports.runs import run_document, run_text
from connector.run.run import (
    run,
)
from connector.run.session import (
    Session,
)
from connector.service.notify import Announcer
from connector.service.teller import Teller
from connector.terminal.progress import Progress, progress
from connector.terminal.signals import handling
from connector.terminal.streams import aside
from mappings.canonical import Side
from mappings.moments import iso

CODES = {
    "complete": DONE,
    "partial": PARTIAL,
    "refused": REFUSED,
    "failed": FAILED,
    "locked": LOCKED,
    "declined": FAILED,
}
Prepare = Callable[[Session], Session]


@dataclass(frozen=True, slots=True)
class Call:
    """How a run is called: ``prepare`` may limit it, ``typed`` names it to people.

    ``first``: another state may be begun.
    """

    command: str
    stop: threading.Event
    prepare: Prepare = lambda session: session
    first: bool = False
    typed: str = ""
    shown: Progress = field(default_factory=Progress)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the run of one pair ended: its code, and what is printed beside it."""

    run: Run
    code: int
    members: Document = field(default_factory=dict)
    text: str = ""


def sync(context: Context, jobs: int = 1) -> int:
    """Do one unattended run of each pair; tell and ping what became of it.

    A pair that is paused is left alone, unless it is named.
    """
    context = replace(context, unattended=True)
    config = context.config()
    pairs = [pair.name for pair in context.sections(config)]
    if config.paused:
        note(fleet.paused_text(sorted(config.paused), named=bool(context.pairs_named)))
    teller = Teller(Announcer(told_of(config), Stores(config)))
    done = dict.fromkeys(pairs, False)
    waiting = list(pairs)

    def heard(finished: Run) -> None:
        waiting.remove(finished.pair)
        done[finished.pair] = finished.trouble is None
        teller.heard(finished)

    try:
        return each(context, "sync", heard=heard, jobs=jobs)
    except Problem as error:
        for pair in waiting:
            teller.heard(unbegun(pair, "sync", failing(error)))
        raise
    finally:
        teller.beat(done, pairs)
        teller.end()


def each(
    context: Context,
    command: str,
    prepare: Prepare = lambda session: session,
    *,
    heard: Callable[[Run], None] = lambda _run: None,
    proof: Callable[[Pair, Run], tuple[Document, str]] = lambda _pair, _run: ({}, ""),
    jobs: int = 1,
) -> int:
    """Run each pair under one pair of signal handlers, and print what was done.

    ``heard`` is told of each run, ``proof`` adds to what is printed of it. A signal
    lets what is written finish, in all pairs that are at work; no other one begins.
    """
    context.wants("text", "json")
    aside()
    codes: list[int] = []
    stop = Stop()

    def work(pair: Pair) -> Ended:
        finished = one_run(pair, call)
        code = CODES.get(finished.status, stop.code)
        return Ended(finished, code, *proof(pair, finished))

    def failed(setback: Setback) -> Ended:
        note(f"{setback.pair}: {setback.why}")
        trouble = failing(setback.error, setback.why)
        return Ended(unbegun(setback.pair, command, trouble), setback.code)

    with handling(stop), progress() as shown:
        call = Call(command, stop.event, prepare, context.first, context.typed, shown)
        for ended in each_pair(context, work, failed, jobs, stop.event):
            log_run(ended.run)
            heard(ended.run)
            with shown.aside():
                _show(context, ended)
            codes.append(ended.code)
    return worst(codes)


def _show(context: Context, ended: Ended) -> None:
    """Print what became of a run; its document is long, and made only to be read."""
    document = {"pair": ended.run.pair}
    if context.format == "json":
        document = run_document(ended.run) | ended.members
    context.show(document, run_text(ended.run) + ended.text)


def one_run(pair: Pair, call: Call) -> Run:
    """Do one run of one pair; what cannot even begin is a run as well."""
    with call.shown.of(pair.named) as shown:
        writers = open_writers(pair, _until(call.stop, shown), stop=call.stop)
        try:
            return within_memory(lambda: _run(pair, call, writers, shown))
        except Misconfigured:
            raise
        except Problem as error:
            note(pair.about(str(error)))
            return unbegun(pair.name, call.command, failing(error))
        finally:
            writers.close()


def _until(stop: threading.Event, shown: Progress) -> OnProgress:
    """Return what hears of each page that is read: a stop ends the reading."""

    def read(side: Side, count: int) -> None:
        if stop.is_set():
            raise Interrupted
        shown.read(side, count)

    return read


def _run(pair: Pair, call: Call, writers: Writers, shown: Progress) -> Run:
    words = call.typed or call.command
    known = open_state(pair.location, pair.name, command=words, first=call.first)
    with closing(known) as store:
        session = Session(
            pair,
            store,
            writers,
            command=call.command,
            stop=call.stop,
            last=call.command != "run" and not pair.several,
            on_total=shown.begin_writing,
            on_done=shown.wrote,
        )
        return run(call.prepare(session))


def unbegun(pair: str, command: str, trouble: Trouble) -> Run:
    """Return a run that could not even begin."""
    at = iso(now())
    none = {side.value: 0 for side in Side}
    return Run("", pair, command, at, trouble, at, requests=none)


class Stop:
    """One signal lets the call in flight finish; a second one ends the process."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.code = INTERRUPTED

    def __call__(self, number: int, _frame: object) -> None:
        code = TERMINATED if number == signal.SIGTERM else INTERRUPTED
        if self.event.is_set():
            os._exit(code)
        self.code = code
        self.event.set()
