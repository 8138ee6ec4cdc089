"""The configuration with the pairs of the state's database, as a command needs them.

Of pairs that are named their rows alone are read, however many there are.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from connector.config.load import Config
from connector.config.problems import nearest
from connector.config.row import Row
from connector.config.table import joined
from connector.errors import Misconfigured
from connector.reports import fleet
from state.database import StateProblem, open_to_read
from state.fleet_pairs import FleetPairs


def with_table(config: Config, named: Sequence[str] = ()) -> Config:
    """Return the configuration with the named pairs of the database, or with all.

    With a database that cannot be read the file's own pairs go on: what is the matter
    is told of each of them. StateProblem where nothing of what is meant is in the file.
    """
    if not config.is_on_server:
        return config
    own = {pair.name for pair in config.file.pairs}
    try:
        pairs = fleet_of(config)
        found = pairs.sections(named or None) if pairs else []
        others = bool(named) and pairs is not None and pairs.any_but(named)
    except StateProblem:
        if own and own.issuperset(named):
            return config
        raise
    _refuse_unknown(config, pairs, {*own, *(row.pair for row in found)}, named)
    return joined(config, [Row(*row) for row in found], others=others)


def without_table(config: Config) -> Config:
    """Return the configuration with the pairs of its file alone."""
    own = [pair for pair in config.file.pairs if pair.name not in config.tabled]
    file = config.file.model_copy(update={"pairs": own})
    return replace(config, file=file, places=config.places.of_files, tabled={})


def fleet_of(config: Config) -> FleetPairs | None:
    """Return the pairs of the database; None where there is no state yet."""
    engine = open_to_read(config.location.state_url)
    return FleetPairs(engine) if engine else None


def _refuse_unknown(
    config: Config,
    pairs: FleetPairs | None,
    known: Collection[str],
    named: Sequence[str],
) -> None:
    """Refuse names that nothing has, and a configuration without any pair."""
    path = config.location.path
    if not known and not named:
        raise Misconfigured(fleet.no_pair_text(path))
    for name in named:
        if name not in known:
            there = sorted({*known, *(pairs.names() if pairs else ())})
            raise Misconfigured(fleet.unknown_text(path, name, nearest(name, there)))
