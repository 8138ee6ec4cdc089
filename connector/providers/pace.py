"""One sliding window per API key, shared by all threads and processes of a machine.

The window lives in a small SQLite file in the temporary folder, named after a
digest of host and key, so that two jobs with one key never exceed its rate together.
"""

import hashlib
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Protocol

from filelock import FileLock
from pyrate_limiter import Rate, RateItem
from pyrate_limiter.buckets import InMemoryBucket, SQLiteBucket

MARGIN = 1.01
"""Sent a second apart may arrive a little closer: the window is stretched by this."""


class Pace(Protocol):
    """Something that makes a caller wait for its turn."""

    def wait(self) -> None: ...


class Unhurried:
    """No limit at all: for a reader that is given its pages."""

    def wait(self) -> None:
        return None


class Window:
    """At most so many requests in any second, over all processes with this key."""

    def __init__(self, requests_per_second: float, key: str, host: str) -> None:
        if requests_per_second >= 1:
            rate = Rate(int(requests_per_second), int(1000 * MARGIN))
        else:
            rate = Rate(1, int(1000 * MARGIN / requests_per_second))
        self._threads = threading.Lock()
        self._processes: FileLock | None = None
        self._bucket: SQLiteBucket | InMemoryBucket = InMemoryBucket([rate])
        folder = _folder()
        if folder is not None:
            name = hashlib.sha256(f"{host}\n{key}".encode()).hexdigest()[:20]
            path = folder / f"{name}.db"
            self._processes = FileLock(f"{path}.lock", thread_local=False)
            with self._processes:
                self._bucket = SQLiteBucket.init_from_file(
                    [rate], table="pace", db_path=str(path)
                )
                self._bucket.conn.execute("PRAGMA synchronous=OFF")

    def wait(self) -> None:
        """Return as soon as one more request is allowed."""
        while (pause := self._try()) > 0:
            time.sleep(pause)

    def _try(self) -> float:
        with self._threads:
            if self._processes is None:
                return self._take()
            with self._processes:
                return self._take()

    def _take(self) -> float:
        """Take a place in the window, or return the seconds until one is free."""
        now = time.time_ns() // 1_000_000
        item = RateItem("request", now)
        self._bucket.leak(now)
        if self._bucket.put(item):
            return 0.0
        waiting = self._bucket.waiting(item)
        return max(waiting, 1) / 1000 if isinstance(waiting, int) else MARGIN


def _folder() -> Path | None:
    """Return a private folder for the windows, or None where none can be had."""
    folder = Path(tempfile.gettempdir()) / f"partnero-tolt-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    private = folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK)
    return folder if private else None
