"""status and health: how each pair stands, as the state tells."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from connector.commands.context import DONE, FAILED, Context, memory, now
from connector.commands.memory import open_known
from connector.config.load import Config
from connector.config.schema import PairSection
from connector.service.health import (
    Standing,
    health_text,
    standing,
    standing_document,
    status_text,
    unknown,
)
from connector.service.notify import Addresses
from connector.service.schedule import timetable
from state.database import Engine, StateProblem, refusing
from state.places import file_of
from state.store import Store

log = structlog.get_logger()


def status(context: Context) -> int:
    return _show(context, "status", status_text)


def health(context: Context) -> int:
    return _show(context, "health", health_text)


def _show(context: Context, word: str, text: Callable[[Standing], str]) -> int:
    context.wants("text", "json")
    config = context.config()
    sections, failed = context.sections(config), FAILED
    try:
        known = standings(config, sections)
    except StateProblem as error:
        failed, why = error.exit_code, str(error)
        known = [unknown(one.name, timetable(one), now(), why) for one in sections]
    for pair in known:
        context.show(standing_document(word, pair), text(pair))
    return failed if any(pair.stale for pair in known) else DONE


def standings(
    config: Config,
    pairs: Sequence[PairSection],
    engine: Engine | None = None,
) -> list[Standing]:
    """Return how the pairs stand now; StateProblem where the state cannot be read.

    Who asks often gives the engine that it keeps open.
    """
    with refusing("the state"):
        engine = engine or memory(config.location)
        known = [
            standing(
                pair.name,
                Store(engine, pair.name) if engine else None,
                timetable(pair),
                now(),
            )
            for pair in pairs
        ]
    several = config.several
    return [replace(one, several=several) for one in known]


def told_of(config: Config) -> dict[str, Addresses]:
    """Return who hears of each pair."""
    return {pair.name: pair.notify for pair in config.file.pairs}


class Stores:
    """The stores of all pairs over one engine; None where the state is unusable.

    None is begun here: one that vanished while this runs is missing, and is not made.
    """

    def __init__(self, config: Config) -> None:
        self._location = config.location
        self._file = file_of(config.location.state_url)
        self._engine: Engine | None = None

    def __call__(self, pair: str) -> Store | None:
        try:
            if self._file is not None and not self._file.exists():
                self._engine = None
            with refusing("the state"):
                self._engine = self._engine or open_known(self._location)
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return None
        return Store(self._engine, pair) if self._engine else None
