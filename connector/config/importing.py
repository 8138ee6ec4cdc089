"""Pairs out of files, as the state's database is to have them.

A file with [[pairs]] alone is read as if the configuration included it: what that says
under [defaults] reaches it. A file that holds anything else is a configuration of its
own, with its own [defaults] and ``include``; of it only the pairs are taken.
"""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple

from connector.config.load import Config, checked
from connector.config.location import Location
from connector.config.merge import absolute, merged
from connector.config.problem_lines import Told, listed
from connector.config.resolve import is_placeholder
from connector.config.schema import PairSection
from connector.config.sources import (
    Included,
    Source,
    read_included,
    read_other,
    strange_in,
)
from connector.config.timetable import spread
from connector.errors import Misconfigured


class Import(NamedTuple):
    """A pair of a file: as it was checked, as it is kept, and where it stands.

    ``section`` is canonical JSON: two that say the same are the same text. ``spread``:
    the file says no jitter, and the pair has been given one.
    """

    pair: PairSection
    section: str
    place: str
    spread: bool = False


class Reading(NamedTuple):
    """What was read: the pairs, what is wrong and what is strange about it."""

    pairs: list[Import]
    wrong: list[str]
    warnings: list[str]


def read_imports(config: Config, files: Sequence[Path]) -> Reading:
    """Return the pairs of these files, and what is strange about them.

    Misconfigured with all that is wrong with any of them; no key is read.
    """
    read = Reading([], [], [])
    bare: list[Source] = []
    for file in {os.path.realpath(file): file for file in files}.values():
        try:
            source = read_other(file)
        except Misconfigured as error:
            read.wrong.append(str(error))
            continue
        if source.raw.keys() <= {"pairs"}:
            bare.append(source)
        else:
            _take(source, read_included(source), read)
    if bare:
        wrong = [line for source in bare for line in strange_in(source)]
        _take(config.places.head, Included(bare, wrong, []), read)
    lines = [*read.wrong, *_names_twice(config, read.pairs)]
    if lines:
        told = listed([Told(text.splitlines()) for text in lines])
        raise Misconfigured(f"{told}\nNo pair was imported.")
    return read


def _take(main: Source, included: Included, read: Reading) -> None:
    """Check one configuration, and take its pairs or what is wrong with it."""
    try:
        config = checked(main, included, alone=False)
    except Misconfigured as error:
        read.wrong.append(str(error))
        return
    read.warnings.extend(config.warnings)
    if not config.file.pairs:
        here = included.sources or [main]
        names = ", ".join(str(source.path) for source in here)
        read.warnings.append(f"{names}: there is no pair in it")
    folder = Location(main.path, "").folder_as_named
    raw = merged(main, included.sources).get("pairs", [])
    for number, (pair, table) in enumerate(zip(config.file.pairs, raw, strict=True)):
        place = config.places.file_of(number)
        if is_placeholder(pair.tolt.program_id):
            where = config.where(pair.name, "tolt", "program_id")
            read.wrong.append(f"{where}: this is a placeholder, and no programme's id")
        read.pairs.append(_imported(pair, table, folder, place))


def _imported(
    pair: PairSection, table: dict[str, Any], folder: Path, place: str
) -> Import:
    """Return a pair as it is kept; where it says no jitter, with one that spreads.

    Thousands of pairs that are due in the same seconds take workers for one minute in
    fifteen. It is kept with the pair, so that every command knows the same due times.
    """
    if "jitter" in table:
        return Import(pair, _kept(pair, table, folder), place)
    given = {"jitter": spread(pair.schedule)}
    spaced = pair.model_copy(update=given)
    return Import(spaced, _kept(pair, table | given, folder), place, spread=True)


def _kept(pair: PairSection, table: dict[str, Any], folder: Path) -> str:
    """Return a pair's table as it is kept: whole paths, and its own time zone."""
    whole = {**absolute(table, folder), "timezone": pair.timezone}
    return json.dumps(
        whole,
        default=_said,
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )


def _said(value: object) -> str:
    """Return a date or a time of TOML as a text that means the same."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _names_twice(config: Config, pairs: Sequence[Import]) -> Iterator[str]:
    """Yield each pair that another one of these is named like, or one of the file."""
    first: dict[str, str] = {}
    here = {pair.name for pair in config.file.pairs if pair.name not in config.tabled}
    for one in pairs:
        name = one.pair.name
        if name in first:
            yield (
                f"{one.place}: two pairs are named {name}; the other one is in "
                f"{first[name]}"
            )
        elif name in here:
            yield (
                f"{one.place}: pair {name} stands in {config.location.path} as well "
                f"({config.where(name, 'name')}), and would be there twice. Take it "
                "out of that file first"
            )
        first.setdefault(name, one.place)
