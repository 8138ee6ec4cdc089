"""Opening the database of a fleet: on a server, in a state that is this one's."""

from datetime import UTC, datetime

from connector.commands.memory import open_state
from connector.commands.memory_read import open_memory
from connector.config import extras
from connector.config.load import Config
from connector.errors import Misconfigured
from connector.reports import fleet
from state.database import Engine


def refuse_file(config: Config) -> None:
    """Refuse a state in a file: many machines need a server."""
    if not config.is_on_server:
        raise Misconfigured(f"{config.places.named(('state', 'url'))}: {fleet.ON_FILE}")


def need_extra() -> None:
    """Refuse an installation that lacks what the queue is made of."""
    if not extras.is_there("fleet"):
        install = extras.install("fleet")
        raise Misconfigured(f"this needs the extra fleet. Type: {install}")


def engine_to_read(config: Config) -> Engine | None:
    """Return the state to read; None where there is none yet."""
    return open_memory(config.location)[0]


def engine_to_write(config: Config) -> Engine:
    """Return the state to write into; a new one is begun where there never was one."""
    store = open_state(config.location, "", command="fleet migrate")
    return store.transactions.engine


def moment_of(microseconds: int) -> datetime:
    """Return a moment of the database (microseconds since 1970) as a time."""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
