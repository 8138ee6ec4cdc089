"""A worker of a fleet at work: until a signal, or until it cannot go on by itself."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from connector.commands.background import Asked
from connector.commands.context import INTERRUPTED, TERMINATED, Context, note
from connector.commands.fleet_passes import FleetPasses
from connector.commands.fleet_silence import Silence
from connector.config.extras import install
from connector.config.load import Config
from connector.errors import Misconfigured, Problem
from connector.fleet.queue import Queue
from connector.fleet.worker import Settings, Worker
from connector.run.holder import me, shown
from state.database import Engine
from state.fleet import Fleet
from state.fleet_pairs import FleetPairs


class Told(NamedTuple):
    """What the command line says; ``slots`` may be left to the configuration."""

    slots: int | None
    grace: float
    patience: float


def work(
    context: Context, config: Config, engine: Engine, asked: Asked, told: Told
) -> int | None:
    """Work until a signal; None where the worker cannot go on by itself."""
    context.read.several = True
    fleet, section = Fleet(engine), config.file.fleet
    passes = FleetPasses(context, config)
    settings = Settings(shown(me()), told.slots or section.slots, section.timeout)
    queue = Queue(config.location.state_url, section.queue_schema)
    look = Silence(engine, passes).look
    worker = Worker(fleet, queue, passes.work, settings, look)
    asked.end_passes = worker.interrupt
    with _web(config, worker, engine, passes):
        worker.start()
        note(f"partnero-tolt works for the fleet: {settings.slots} passes at a time")
        number = _until_told(context, asked, worker, passes, told.patience)
        passes.closing.set()
        worker.stop(told.grace)
        passes.farewell(worker.interrupted)
    if worker.running:  # threads that never end would keep the process for ever
        sys.stdout.flush()
        os._exit(_code(number) or 75)
    return _code(number)


def _until_told(
    context: Context, asked: Asked, worker: Worker, passes: FleetPasses, most: float
) -> int | None:
    """Wait for the signal that ends it; None where it cannot go on by itself."""

    def cannot_go_on() -> bool:
        return worker.has_died or worker.health.seconds() > most

    while (number := asked.next(cannot_go_on)) == signal.SIGHUP:
        try:
            passes.configure(context.of_the_file())
            context.read.several = True
            note("partnero-tolt goes on with the new configuration")
        except Problem as error:
            note(f"THE NEW CONFIGURATION IS REFUSED, THE OLD ONE STAYS:\n{error}")
    if number is None:
        why = worker.ailing() or worker.health.problem()
        note(f"THIS WORKER CANNOT GO ON, START IT ANEW: {why}")
    else:
        note("partnero-tolt stops: the running passes finish, no new one begins")
    return number


def _code(number: int | None) -> int | None:
    if number is None:
        return None
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED


@contextmanager
def _web(
    config: Config, worker: Worker, engine: Engine, passes: FleetPasses
) -> Iterator[None]:
    """Serve probes and metrics while the block runs, where an address is configured."""
    if config.file.serve.listen is None:
        yield
        return
    try:
        from connector.commands.gates import gate_of_job
        from connector.fleet.site import serving
    except ImportError:
        raise Misconfigured(
            f"[serve] needs the extra serve. Type: {install('serve')}"
        ) from None
    address, gate = config.file.serve.address, gate_of_job(config)
    with serving(address, gate, worker, Fleet(engine), FleetPairs(engine)) as heard:
        passes.heard.append(heard)
        yield
