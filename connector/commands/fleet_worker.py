"""fleet worker: from the first look at the server on, and how it ends.

The extra fleet is looked for first; what rests on it is in fleet_working.py.
"""

import time

from connector.commands.background import signals
from connector.commands.context import Context, note
from connector.commands.fleet_state import engine_to_write, need_extra, refuse_file
from connector.config.load import Config
from connector.terminal.streams import aside
from state.database import Engine, StateProblem
from state.kept import keep

UNAVAILABLE = 75
"""The server was not to be had for too long, or a pass does not end: start anew."""


def worker(context: Context, slots: int | None, grace: float, patience: float) -> int:
    """Pass what is due until a signal; ``patience``: seconds without a server."""
    context.wants("text", "json")
    aside()
    with signals() as asked:
        config = context.of_the_file()
        refuse_file(config)
        need_extra()
        engine = _begun(config, patience)
        if engine is None:
            return UNAVAILABLE
        from connector.commands.fleet_working import Told, work

        code = work(context, config, engine, asked, Told(slots, grace, patience))
        return UNAVAILABLE if code is None else code


def _begun(config: Config, patience: float) -> Engine | None:
    """Open the state and make the queue, as soon as the server answers."""
    from connector.fleet.queue import Queue
    from connector.fleet.schema import migrate
    from connector.fleet.worker import waits

    until, told = time.monotonic() + patience, ""
    url, schema = config.location.state_url, config.file.fleet.queue_schema
    for seconds in waits():
        try:
            engine = engine_to_write(config)
            migrate(Queue(url, schema))
        except StateProblem as error:
            if str(error) != told:
                note(told := str(error))
        else:
            keep(engine)
            return engine
        left = until - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(seconds, left))  # a signal ends it all: nothing has begun
    return None
