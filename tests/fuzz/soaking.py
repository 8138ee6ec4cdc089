"""`run` for a long time in a short one: a process that soaks, and tells how it grows.

The scheduler, the passes, the state, the notices and the web server are the real ones;
only the clock is moved, from one due time to the next. Each line that comes in on
standard input is a number of passes; each line that goes out is a sample.

    python soaking.py connector.toml
"""

import gc
import json
import os
import re
import sys
import tempfile
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import stamina
import time_machine

from connector.commands.background import web
from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.config.load import load
from connector.service.job import Background
from connector.terminal.log import configure

STEP = timedelta(minutes=15)


class Soak:
    """The background job under a clock that is moved by hand."""

    def __init__(self, path: Path, clock: Any, stack: ExitStack) -> None:
        self.folder, self.clock, self.passes = path.parent, clock, 0
        self.config = load(path)
        self.keeper = Keeper(Context(path, format="json"), self.config)
        self.background = Background(self.keeper.pairs, self.keeper)
        stack.enter_context(web(self.keeper, self.background))
        self.keeper.heard.append(self._heard)
        self.background.start()
        stack.callback(self.background.stop, 60)

    def _heard(self, *_: object) -> None:
        self.passes += 1

    def go(self, times: int) -> None:
        """Do so many passes, each at its own time."""
        scheduler = self.background._scheduler
        for _ in range(times):
            aim = self.passes + 1
            self.clock.shift(STEP)
            scheduler.wakeup()
            for _ in range(100_000):
                if self.passes >= aim and not self._busy():
                    break
                threading.Event().wait(0.002)
            else:
                raise AssertionError("a pass does not come to its end")

    def _busy(self) -> bool:
        executors = self.background._scheduler._executors.values()
        return any(sum(one._instances.values()) for one in executors)

    def sample(self) -> dict[str, Any]:
        """Return what a process and its folders may not grow by."""
        host = self.config.file.serve.listen
        for path in ("healthz", "readyz", "metrics"):
            with urlopen(f"http://{host}/{path}") as answer:
                answer.read()
        gc.collect()  # what nobody holds any more is no growth
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return {
            "passes": self.passes,
            "memory": int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024,
            "threads": int(re.search(r"Threads:\s+(\d+)", status)[1]),
            "open": len(list(Path("/proc/self/fd").iterdir())),
            "files": sorted(one.name for one in self.folder.rglob("*")),
            "aside": len(list(Path(tempfile.gettempdir()).rglob("*"))),
            "state": sum(one.stat().st_size for one in self.folder.glob("*.db*")),
            "runs": [each.run.status for each in self.keeper.known.runs("acme", 10)],
        }


def main() -> None:
    told = sys.stdout
    with ExitStack() as stack:
        # What the passes say is not what is asked here.
        quiet = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        sys.stdout = sys.stderr = quiet
        configure("info")
        stack.enter_context(stamina.set_testing(True, attempts=2))
        start = datetime.now(UTC)
        clock = stack.enter_context(time_machine.travel(start, tick=True))
        soak = Soak(Path(sys.argv[1]), clock, stack)
        for line in sys.stdin:
            soak.go(int(line))
            told.write(json.dumps(soak.sample()) + "\n")
            told.flush()


if __name__ == "__main__":
    main()
