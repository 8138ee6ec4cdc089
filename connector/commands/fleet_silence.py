"""Silence in a fleet: one worker at a time looks for it, and tells of it once."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from connector.commands.fleet_passes import FleetPasses
from connector.errors import Misconfigured
from connector.service.schedule import timetable
from mappings.moments import instant, iso
from state.database import Engine
from state.fleet import Fleet
from state.fleet_silence import Quiet, quiet

EVERY = 60.0
"""Seconds between two looks of one worker."""
MOST = 2000
"""Pairs that are asked for at one time."""
TOLD = 60.0
"""Seconds for which the telling is waited for, so that nobody else tells it too."""
WATCHING = 0x7061_7369
"""The number of the lock under which one worker at a time looks for silence."""


class Silence:
    """Looks now and then, in turn with the other workers."""

    def __init__(self, engine: Engine, passes: FleetPasses) -> None:
        self._engine, self._passes = engine, passes
        self._looked = time.monotonic()

    def look(self) -> None:
        """Ping what was gathered, and look for silence when it is time to."""
        self._passes.beats.look()
        if time.monotonic() - self._looked >= EVERY:
            self._looked = time.monotonic()
            self.watch()

    def watch(self) -> None:
        with Fleet(self._engine).turn(WATCHING) as mine:
            if not mine:
                return
            now = datetime.now(UTC)
            found = self._quiet(iso(now))
            since = {one.pair: one.since for one in found if self._is_stale(one, now)}
            if since:
                self._passes.teller.fell_silent(since, TOLD)

    def _quiet(self, now: str) -> Iterator[Quiet]:
        """Yield all that may be silent: no pair is hidden behind many others."""
        after = ""
        while some := quiet(self._engine, now, MOST, after):
            yield from some
            after = some[-1].pair

    def _is_stale(self, one: Quiet, now: datetime) -> bool:
        """Say whether two due times have passed, by the timetable of the row."""
        try:
            _, section = self._passes.section_of(one.pair, one.section)
        except Misconfigured:
            return False  # each pass of it fails, and says why
        ends = timetable(section).stale_at(instant(one.since))
        return ends is not None and ends <= now
