"""status and health: how each pair stands; and what is told after a sync."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog

from connector.commands.context import DONE, FAILED, USAGE, Context, now
from connector.config import Config, PairSection
from connector.errors import Failed, SyncError
from connector.health import (
    Standing,
    health_text,
    moment,
    standing,
    standing_document,
    status_text,
)
from connector.notify import Announcer
from connector.schedule import timetable
from state.database import StateProblem, open_to_read, open_to_write, refusing
from state.store import Store

log = structlog.get_logger()


def status(context: Context) -> int:
    """Say of each pair how it stands."""
    return _show(context, "status", status_text)


def health(context: Context) -> int:
    """Say of each pair whether it is stale, for monitors."""
    return _show(context, "health", health_text)


def _show(context: Context, word: str, text: Callable[[Standing], str]) -> int:
    context.wants("text", "json")
    config = context.config()
    found = standings(config, context.pairs(config))
    for one in found:
        context.show(standing_document(word, one), text(one))
    return FAILED if any(one.stale for one in found) else DONE


def standings(config: Config, pairs: Sequence[PairSection]) -> list[Standing]:
    """Return how the pairs stand now; Failed where the state cannot be read."""
    try:
        with refusing("the state"):
            engine = open_to_read(config.state_url)
            stores = {p.name: Store(engine, p.name) if engine else None for p in pairs}
            return [
                standing(pair.name, stores[pair.name], timetable(config, pair), now())
                for pair in pairs
            ]
    except StateProblem as error:
        raise Failed(str(error)) from None


def unusable(error: Exception) -> None:
    """Log that what should be remembered or told from the state cannot be."""
    log.error("the state cannot be used", error=str(error))


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
            unusable(error)
            return None
        return Store(self._engine, pair)


def announced(context: Context, command: Callable[[Context], int]) -> int:
    """Do a command, then ping and tell what became of it, however it ended."""
    config = context.config()
    begun = now().replace(microsecond=0)
    try:
        code = command(context)
    except SyncError as error:
        _announce(context, config, begun, USAGE, str(error))
        raise
    _announce(context, config, begun, code, "see the log of the run")
    return code


def _announce(
    context: Context, config: Config, begun: datetime, code: int, why: str
) -> None:
    notify = config.file.notify
    if not notify.heartbeat_url and not notify.urls:
        return
    pairs = [pair.name for pair in context.pairs(config)]
    stores = Stores(config.state_url)
    announcer = Announcer(notify, stores)
    try:
        with refusing("the state"):
            for pair in pairs:
                announcer.saw(pair, *_became(stores(pair), begun, code, why))
    except StateProblem as error:
        unusable(error)
    announcer.beat(pairs, good=code == DONE)


def _became(
    store: Store | None, begun: datetime, code: int, why: str
) -> tuple[str, str]:
    """Return status and reason of the run that was just done, if one was begun."""
    if code == DONE:  # of all pairs; times are too coarse to tell two quick runs apart
        return "complete", ""
    runs = store.recent_runs(1) if store else []
    if runs and moment(runs[0].started_at) >= begun:
        return runs[0].status, why_of(json.loads(runs[0].document or "{}")) or why
    return ("failed" if code in (FAILED, USAGE) else "locked"), why


def why_of(document: dict[str, Any]) -> str:
    """Return in words why a run was no success."""
    refused = document.get("refused") or {}
    bad = [one for one in document.get("outcomes", ()) if _is_bad(one)]
    listed = "; ".join(f"{one['code']}: {one['detail']}" for one in bad[:3])
    return str(refused.get("message") or document.get("error") or listed)


def _is_bad(outcome: dict[str, Any]) -> bool:
    return outcome["outcome"] not in ("confirmed", "adopted")
