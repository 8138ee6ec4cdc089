"""status and health: how each pair stands, as the state tells."""

from collections.abc import Callable, Iterable, Mapping

from connector.commands.context import DONE, FAILED, Context, memory, now
from connector.commands.memory import open_known
from connector.config.load import Config
from connector.config.schema import PairSection
from connector.config.timetable import Timetable, timetable
from connector.logs import log
from connector.service import health as stands
from connector.service.health import Standing, standing_document
from connector.service.notify import Addresses
from state.database import Engine, StateProblem, refusing
from state.kept import keep
from state.places import file_of
from state.store import Store


def status(context: Context) -> int:
    return _show(context, "status", stands.status_text)


def health(context: Context) -> int:
    return _show(context, "health", stands.health_text)


def _show(context: Context, word: str, text: Callable[[Standing], str]) -> int:
    context.wants("text", "json")
    config = context.config()
    times, failed = timetables(context.sections(config)), FAILED
    try:
        known = standings(config, times)
    except StateProblem as error:
        failed, why = error.exit_code, str(error)
        known = [stands.unknown(name, due, now(), why) for name, due in times.items()]
    for pair in known:
        context.show(standing_document(word, pair), text(pair))
    return failed if any(pair.stale for pair in known) else DONE


def timetables(pairs: Iterable[PairSection]) -> dict[str, Timetable]:
    """Return when each of these pairs is due, by name."""
    return {pair.name: timetable(pair) for pair in pairs}


def standings(
    config: Config,
    times: Mapping[str, Timetable],
    engine: Engine | None = None,
) -> list[Standing]:
    """Return how the pairs stand now; StateProblem where the state cannot be read.

    Who asks often gives the engine that it keeps open.
    """
    several = config.several
    with refusing("the state"):
        engine = engine or memory(config.location)
        known = stands.standings(engine, times, now(), several=several)
    paused = config.paused
    if not paused:
        return known
    return [
        one._replace(paused=True, stale=False) if one.pair in paused else one
        for one in known
    ]


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
            if self._engine is not None:
                keep(self._engine)  # one pass follows the other
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return None
        return Store(self._engine, pair) if self._engine else None
