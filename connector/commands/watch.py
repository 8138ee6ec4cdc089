"""status and health: how each pair stands, as the state tells."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog

from connector.commands.context import DONE, FAILED, Context, now
from connector.config import Config
from connector.health import (
    Standing,
    health_text,
    standing,
    standing_document,
    status_text,
)
from connector.schedule import timetable
from connector.sections import PairSection
from state.database import StateProblem, open_to_read, open_to_write, refusing
from state.store import Store

log = structlog.get_logger()


def status(context: Context) -> int:
    return _show(context, "status", status_text)


def health(context: Context) -> int:
    return _show(context, "health", health_text)


def _show(context: Context, word: str, text: Callable[[Standing], str]) -> int:
    context.wants("text", "json")
    config = context.config()
    found = standings(config, context.pairs(config))
    for one in found:
        context.show(standing_document(word, one), text(one))
    return FAILED if any(one.stale for one in found) else DONE


def standings(config: Config, pairs: Sequence[PairSection]) -> list[Standing]:
    """Return how the pairs stand now; StateProblem where the state cannot be read."""
    with refusing("the state"):
        engine = open_to_read(config.state_url)
        return [
            standing(
                pair.name,
                Store(engine, pair.name) if engine else None,
                timetable(pair),
                now(),
            )
            for pair in pairs
        ]


class Stores:
    """The stores of all pairs over one engine; None where the state is unusable."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Any = None

    def __call__(self, pair: str) -> Store | None:
        try:
            with refusing("the state"):
                self._engine = self._engine or open_to_write(self._url)
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return None
        return Store(self._engine, pair)
