"""One sliding window per API key, shared by all threads and processes of a machine.

The window lives in a small SQLite file in the temporary folder, named after a
digest of host and key, so that two jobs with one key never exceed its rate together.
"""

import hashlib
import os
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Protocol

from filelock import FileLock
from pyrate_limiter import Rate, RateItem
from pyrate_limiter.buckets import InMemoryBucket, SQLiteBucket

MARGIN = 1.02
"""Sent a second apart may arrive a little closer: the window is stretched by this."""


class Pace(Protocol):
    """Something that makes a caller wait for its turn."""

    def wait(self) -> None: ...

    def answered(self, *, throttled: bool) -> None:
        """Hear whether the provider complained about the pace."""


class Unhurried:
    """No limit at all: for a reader that is given its pages."""

    def wait(self) -> None:
        return None

    def answered(self, *, throttled: bool) -> None:
        del throttled


class Window:
    """At most so many requests in any second, over all processes with this key."""

    def __init__(self, requests_per_second: float, key: str, host: str) -> None:
        if requests_per_second >= 1:
            rate = Rate(int(requests_per_second), int(1000 * MARGIN))
        else:
            rate = Rate(1, int(1000 * MARGIN / requests_per_second))
        self._rate = rate
        self._threads = threading.Lock()
        self._processes: FileLock | None = None
        self._bucket: SQLiteBucket | InMemoryBucket = InMemoryBucket([rate])
        path = file_of(key, host)
        if path is not None:
            self._share(path.with_suffix(".db"))

    def _share(self, path: Path) -> None:
        """Keep the window in a file; a file that cannot be used is done without."""
        lock = FileLock(f"{path}.lock", thread_local=False)
        try:
            with lock:
                bucket = SQLiteBucket.init_from_file(
                    [self._rate], table="pace", db_path=str(path)
                )
                bucket.conn.execute("PRAGMA synchronous=OFF")
        except (sqlite3.Error, OSError):
            return
        self._bucket, self._processes = bucket, lock

    def wait(self) -> None:
        """Return as soon as one more request is allowed."""
        while (pause := self._try()) > 0:
            time.sleep(pause)

    def answered(self, *, throttled: bool) -> None:
        """A published limit does not move."""
        del throttled

    def _try(self) -> float:
        with self._threads:
            if self._processes is None:
                return self._take()
            try:
                with self._processes:
                    return self._take()
            except (sqlite3.Error, OSError):
                # A full disk must not stop a run between a write and its verdict.
                self._bucket, self._processes = InMemoryBucket([self._rate]), None
                return self._take()

    def _take(self) -> float:
        """Take a place in the window, or return the seconds until one is free."""
        now = time.time_ns() // 1_000_000
        item = RateItem("request", now)
        self._bucket.leak(now)
        if self._bucket.put(item):
            return 0.0
        waiting = self._bucket.waiting(item)
        if not isinstance(waiting, int):
            return MARGIN
        if waiting > 2 * self._rate.interval:  # the clock was set back
            self._bucket.flush()
        return min(max(waiting, 1), self._rate.interval) / 1000


def file_of(key: str, host: str) -> Path | None:
    """Return where the pace of a key is kept, without an ending."""
    folder = _folder()
    name = hashlib.sha256(f"{host}\n{key}".encode()).hexdigest()[:20]
    return None if folder is None else folder / name


def _folder() -> Path | None:
    """Return a private folder for the windows, or None where none can be had."""
    folder = Path(tempfile.gettempdir()) / f"partnero-tolt-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    private = folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK)
    return folder if private else None
