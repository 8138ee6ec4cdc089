"""fleet worker: from the first look at the server on, and how it ends.

The extra fleet is looked for first; what rests on it is in fleet_working.py.
"""

import time
from dataclasses import replace

from pydantic import ValidationError

from connector.commands.background import signals
from connector.commands.context import Context, note
from connector.commands.fleet_state import engine_to_write, need_extra, refuse_file
from connector.config.load import Config
from connector.errors import Misconfigured
from connector.terminal.streams import aside
from state.database import Engine, StateProblem
from state.kept import keep

UNAVAILABLE = 75
"""The server was not to be had for too long, or a pass does not end: start anew."""


def worker(
    context: Context,
    slots: int | None,
    grace: float,
    patience: float,
    listen: str | None = None,
) -> int:
    """Pass what is due until a signal; ``patience``: seconds without a server.

    ``listen`` takes the place of what [serve] says.
    """
    context.wants("text", "json")
    aside()
    with signals() as asked:
        config = _listening(context.of_the_file(), listen)
        refuse_file(config)
        need_extra()
        engine = _begun(config, patience)
        if engine is None:
            note(f"no server for {patience:g} seconds: this worker ends; start it anew")
            return UNAVAILABLE
        from connector.commands.fleet_working import Told, work

        code = work(context, config, engine, asked, Told(slots, grace, patience))
        return UNAVAILABLE if code is None else code


def _listening(config: Config, listen: str | None) -> Config:
    """Return the configuration with this address in place of its own."""
    if listen is None:
        return config
    section = config.file.serve
    try:
        serve = type(section).model_validate({**dict(section), "listen": listen})
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Misconfigured(f"--listen: {why}. Nothing was begun.") from None
    return replace(config, file=config.file.model_copy(update={"serve": serve}))


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
