"""Pairs that stand in the state's database beside those of the file.

A row is a pair as it was imported: whole, with its [defaults] and with absolute paths.
So the file's own [defaults] do not reach it any more; what the file says for all
programs that use it, [notify] above all, does.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.config.load import Config, hide_tokens
from connector.config.places import Places
from connector.config.problem_lines import Told, listed
from connector.config.problems import problems
from connector.config.row import Row
from connector.config.schema import PairSection, of_the_file
from connector.config.sources import Source
from connector.errors import Misconfigured

PLACE = Path("the database")
"""How the place of such a pair is named, where a file has its path."""


def joined(config: Config, rows: Sequence[Row], *, others: bool = False) -> Config:
    """Return a configuration with these pairs of the database after its own.

    ``others`` says that the database has more of them. Misconfigured where a row cannot
    be used, or is named like a pair of the file.
    """
    own = config.file.pairs
    twice = {pair.name for pair in own} & {row.name for row in rows}
    if twice:
        raise Misconfigured(listed([Told([_both(config, n) for n in sorted(twice)])]))
    raw = [_table(row.name, row.section) for row in rows]
    places = config.places.followed_by(Source(PLACE, "", {"pairs": raw}))
    pairs = [*own, *_checked(config, rows, places)]
    return replace(
        config,
        file=config.file.model_copy(update={"pairs": pairs}),
        places=places,
        tabled={**config.tabled, **{row.name: row for row in rows}},
        others=others,
    )


def _table(name: str, section: str) -> dict[str, Any]:
    """Return the table of a pair; what cannot be read is told by the schema."""
    try:
        stated = json.loads(section)
    except ValueError:
        stated = {}
    return {**(stated if isinstance(stated, dict) else {}), "name": name}


@lru_cache(maxsize=20_000)  # a desk looks again and again at thousands
def _section(name: str, section: str) -> PairSection:
    return PairSection.model_validate(_table(name, section))


def _checked(config: Config, rows: Sequence[Row], places: Places) -> list[PairSection]:
    wrong: list[Told] = []
    pairs: list[PairSection] = []
    for number, row in enumerate(rows, start=len(config.file.pairs)):
        try:
            pairs.append(_section(row.name, row.section))
        except ValidationError as error:
            wrong.append(problems(places, error, ("pairs", number)))
    if wrong:
        raise Misconfigured(listed(wrong))
    hide_tokens(config.file, pairs)
    return of_the_file(pairs, config.file.notify, config.file.timezone)


def _both(config: Config, name: str) -> str:
    """Say that a pair is in the file and in the database."""
    return (
        f"{config.where(name, 'name')}: there is a pair of this name in the database "
        "as well, and only one can be meant. Take it out of the file, or give it "
        "another name there"
    )
