"""One sliding window per API key, shared by all threads and processes of a machine.

The window lives in a small SQLite file in a private folder of the temporary one, named
after a digest of host and key: wherever the jobs of a user have their configurations,
two with one key never exceed its rate together.
A request takes its place before it leaves. When the answer is there, the place is moved
by what this request took longer than the fastest one: it may have been that long on its
way, and then it stands so much closer to the requests of the next second.
"""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pyrate_limiter import Rate, RateItem
from pyrate_limiter.buckets import SQLiteBucket

from connector.providers.own_files import shared_folder

SECOND = 1005
"""Milliseconds: two clocks need not agree about a second to the last of them."""


class Pace(Protocol):
    """Something that makes a caller wait for its turn."""

    def wait(self) -> None: ...

    def ended(self, status: int | None) -> None:
        """Hear how the request for which this thread waited ended; None: no answer."""

    def close(self) -> None:
        """Give back what is held open: nothing waits here any more."""


class Unhurried:
    """No limit at all: for a reader that is given its pages."""

    def wait(self) -> None:
        return None

    def ended(self, status: int | None) -> None:
        del status

    def close(self) -> None:
        return None


class SlidingWindow:
    """At most so many requests in any second, over all processes with this key."""

    def __init__(
        self,
        requests_per_second: float,
        key: str,
        host: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep = sleep
        if requests_per_second >= 1:
            self._rate = Rate(int(requests_per_second), SECOND)
        else:
            self._rate = Rate(1, int(SECOND / requests_per_second))
        self._thread = threading.local()
        self._lock = threading.Lock()
        self._taken = 0
        self._fastest = self._rate.interval
        path = file_of(key, host)
        self._bucket = self._opened(path.with_suffix(".db") if path else None)

    def _opened(self, path: Path | None) -> SQLiteBucket:
        """Return the window in a file; a file that cannot be used is done without."""
        try:
            bucket = self._bucket_in(str(path or ":memory:"))
        except (sqlite3.Error, OSError):
            return self._bucket_in(":memory:")
        with suppress(sqlite3.Error):  # quicker, and not needed: others may be at it
            bucket.conn.execute("PRAGMA journal_mode=WAL")
        return bucket

    def _bucket_in(self, path: str) -> SQLiteBucket:
        bucket = SQLiteBucket.init_from_file([self._rate], table="pace", db_path=path)
        bucket.conn.execute("PRAGMA synchronous=OFF")
        return bucket

    def wait(self) -> None:
        """Return as soon as one more request is allowed."""
        while (pause := self._try()) > 0:
            self._sleep(pause)

    def ended(self, status: int | None) -> None:
        """Date the place anew: so late may the request have arrived."""
        place, left = self._thread.place
        now = _now()
        if status is not None:
            self._fastest = max(0, min(self._fastest, now - left))
        if now - self._fastest > left:
            dated = "UPDATE pace SET item_timestamp = ? WHERE rowid = ?"
            # Where that fails, the place stays dated with the departure.
            with self._lock, suppress(sqlite3.Error):
                self._bucket.conn.execute(dated, (now - self._fastest, place))
                self._bucket.conn.commit()

    def close(self) -> None:
        """Close the file; who still waits goes on with a window of its own."""
        with self._lock, suppress(sqlite3.Error):
            self._bucket.conn.close()

    def _try(self) -> float:
        with self._lock:
            try:
                return self._take()
            except sqlite3.Error:
                # A full disk must not stop a run between a write and its verdict.
                with suppress(sqlite3.Error):
                    self._bucket.conn.close()
                self._bucket = self._bucket_in(":memory:")
                return self._take()

    def _take(self) -> float:
        """Take a place in the window, or return the seconds until one is free."""
        bucket = self._bucket
        alone = "BEGIN IMMEDIATE"  # no other process may count meanwhile
        if self._taken % self._rate.limit == 0:
            bucket.conn.execute(alone)
            bucket.leak(_now())
        bucket.conn.execute(alone)
        now = _now()
        item = RateItem("request", now)
        try:
            if bucket.put(item):
                last = bucket.conn.execute("SELECT last_insert_rowid()")
                self._thread.place = last.fetchone()[0], now
                self._taken += 1
                return 0.0
            waiting = bucket.waiting(item)
        finally:
            bucket.conn.rollback()
        if not isinstance(waiting, int):
            return self._rate.interval / 1000
        if waiting > 2 * self._rate.interval:  # the clock was set back
            bucket.flush()
        return min(max(waiting, 1), self._rate.interval) / 1000


def _now() -> int:
    return time.time_ns() // 1_000_000


def file_of(key: str, host: str) -> Path | None:
    """Return where the pace of a key is kept, without an ending."""
    folder = shared_folder()
    return None if folder is None else folder / name_of(key, host)


def name_of(key: str, host: str) -> str:
    """Return a name for what belongs to a key; the key cannot be told from it."""
    return hashlib.sha256(f"{host}\n{key}".encode()).hexdigest()[:20]
