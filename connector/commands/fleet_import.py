"""fleet pairs import: pairs out of files into the database, all of them or none."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.commands.context import DONE, Context, now
from connector.commands.fleet_state import (
    engine_to_read,
    engine_to_write,
    moment_of,
    refuse_file,
)
from connector.commands.whoami import whoami
from connector.config.importing import Import, read_imports
from connector.config.load import Config
from connector.reports.fleet_pairs import Brought, brought_document, brought_text
from connector.service.schedule import timetable
from connector.terminal.streams import warn
from mappings.canonical import Side
from mappings.moments import iso
from state.fleet import SECOND
from state.fleet_pairs import Due, FleetPairs, Imported, NewPair

TIMES = ("schedule", "timezone", "jitter")
"""The settings that say when a pair is due."""
APART = SECOND
"""Microseconds between the first passes of two new pairs, at most."""


def import_pairs(context: Context, files: Sequence[Path], *, dry_run: bool) -> int:
    context.wants("text", "json")
    config = context.of_the_file()
    refuse_file(config)
    read = read_imports(config, files)
    for line in read.warnings:
        warn(line)
    new = [_new(one) for one in read.pairs]
    before, imported = _brought(config, read.pairs, new, dry_run=dry_run)
    named = {one.pair for one in new}
    left = [name for name in before if name not in named]
    spread = sum(one.spread for one in read.pairs)
    brought = Brought(*imported, left, dry_run, spread)
    context.show(brought_document(brought), brought_text(brought))
    return DONE


def _brought(
    config: Config, read: Sequence[Import], new: Sequence[NewPair], *, dry_run: bool
) -> tuple[list[str], Imported]:
    """Import pairs, or look what would be; return all names of before as well."""
    engine = engine_to_read(config) if dry_run else engine_to_write(config)
    if engine is None:
        return [], Imported(new=tuple(one.pair for one in new))
    pairs = FleetPairs(engine)
    at, due = iso(now()), due_of(read)
    before = pairs.names()
    return before, pairs.bring(new, at=at, by=whoami(), due=due, dry=dry_run)


def _new(read: Import) -> NewPair:
    table = json.loads(read.section)
    keys = [_reference(side, table[side]["api_key"]) for side in Side]
    return NewPair(read.pair.name, read.section, *keys)


def _reference(side: Side, secret: Mapping[str, str]) -> str:
    """Say by which reference a key is found; pairs with the same one share it."""
    ((kind, name),) = secret.items()
    return f"{side} {kind} {name}"


def due_of(read: Sequence[Import]) -> Due:
    """Return what says when an imported pair is due.

    New pairs follow each other, a second apart or less: spread over their interval at
    most, so that thousands do not begin at once. One whose times have changed is due by
    the new ones; any other change leaves it where it was.
    """
    pairs = {one.pair.name: one.pair for one in read}
    places = {name: number for number, name in enumerate(pairs)}

    def due(new: NewPair, before: str | None, moment: int) -> int | None:
        times, at = timetable(pairs[new.pair]), moment_of(moment)
        coming = times.after(at)
        if before is None:
            second = times.after(coming) if coming else None
            interval = _micros(second) - _micros(coming) if second and coming else 0
            window = min(interval, len(places) * APART)
            return moment + window * places[new.pair] // len(places)
        if _times(before) == _times(new.section):
            return None
        return moment if coming is None else _micros(coming)

    return due


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def _times(section: str) -> list[Any]:
    stated = json.loads(section)
    return [stated.get(name) for name in TIMES]
