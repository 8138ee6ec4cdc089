"""One pass of one pair, the very one that a worker makes, and no engine around it."""

import time
from pathlib import Path

from connector.commands.context import Context
from connector.commands.fleet_passes import FleetPasses
from connector.fleet.passes import Stop
from connector.fleet.timing import due_again
from state.fleet import SECOND, FleetPair

NOTHING = {
    **dict.fromkeys(("imported_at", "imported_by", "paused_at", "paused_by"), ""),
    **dict.fromkeys(("note", "partnero_key", "tolt_key", "key_group", "worker"), ""),
}


class Worked:
    """The configuration of a folder, and how a pass of one of its rows is made."""

    def __init__(self, folder: Path) -> None:
        context = Context(folder / "connector.toml")
        config = context.of_the_file()
        context.read.several = True
        self.url = config.location.state_url.replace("+psycopg", "")
        self._passes = FleetPasses(context, config)

    def done(self, pair: str, section: str) -> int:
        """Make a pass of a row; return when its pair is due again."""
        now = int(time.time() * SECOND)
        row = FleetPair(
            pair=pair,
            section=section,
            paused=False,
            due=now,
            queued=now,
            begun=now,
            failures=0,
            **NOTHING,
        )
        due, _ = due_again(self._passes.work(row, Stop()), now, 0)
        return due
