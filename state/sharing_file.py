"""What is shared in a file: a small database in a private folder.

One lies beside a state in a file: whoever can use the state finds it there, a
container, a service with a temporary folder of its own, root beside the user whose
state it is. It comes into being beside a state that is there, never before one. Another
one lies in the temporary folder, for all that one user does: with other states, and
with none.
"""

import os
import sqlite3
import stat
import tempfile
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from glob import escape
from pathlib import Path

from state import files
from state.problems import reason_of
from state.sliding import Move, Turn, moved, turn
from state.unshared import KEPT, NotYet, Unshared

NAME = "pace.db"
_TEMPORARY = ("/tmp", "/var/tmp", "/usr/tmp")  # noqa: S108 (compared, not used)
WAIT = 1.0
"""Seconds for which another process is waited for; it needs some microseconds."""
_TABLES = (
    """CREATE TABLE IF NOT EXISTS key_window
       (key TEXT PRIMARY KEY, taken BLOB NOT NULL, used INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS hint
       (name TEXT PRIMARY KEY, text TEXT NOT NULL, used INTEGER NOT NULL)""",
)
_LOOK = "SELECT taken FROM key_window WHERE key = ?"
_TAKE = (
    "INSERT INTO key_window (key, taken, used) VALUES (?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET taken = excluded.taken, used = excluded.used"
)
_KEEP = (
    "INSERT INTO hint (name, text, used) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET text = excluded.text, used = excluded.used"
)


class SharedFile:
    """The windows and hints of all keys, in a private folder.

    ``prepared`` makes the folder and returns it; Unshared where that is not to be had.
    """

    def __init__(self, prepared: Callable[[], Path]) -> None:
        self._prepared = prepared
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        self._folder: Path | None = None

    def turn(
        self,
        key: str,
        limit: int,
        span: int,
        flight: int = 0,
        moves: Sequence[Move] = (),
    ) -> Turn:
        with self._alone() as opened:
            now = _now()
            taken = reduce(moved, moves, _taken(opened, key))
            found = turn(taken, now, limit, span, flight)
            if moves or found.place is not None:
                opened.execute(_TAKE, (key, _written(found.kept), now))
            return found

    def move(self, key: str, move: Move) -> None:
        with self._alone() as opened:
            taken = moved(_taken(opened, key), move)
            opened.execute(_TAKE, (key, _written(taken), _now()))

    def text(self, name: str) -> str:
        with self._alone() as opened:
            query = "SELECT text FROM hint WHERE name = ?"
            row = opened.execute(query, (name,)).fetchone()
            return str(row[0]) if row else ""

    def keep(self, name: str, text: str) -> None:
        with self._alone() as opened:
            opened.execute(_KEEP, (name, text, _now()))

    def close(self) -> None:
        with self._lock:
            self._drop()

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """Give the database while nobody else here or elsewhere has it."""
        with self._lock:
            try:
                opened = self._opened = self._opened or self._made()
                opened.execute("BEGIN IMMEDIATE")
                yield opened
                opened.execute("COMMIT")
            except (sqlite3.Error, OSError, ValueError) as error:
                self._drop()
                where = f"{self._folder}: " if self._folder else ""
                raise Unshared(f"{where}{reason_of(error)}") from None
            except BaseException:
                self._drop()
                raise

    def _drop(self) -> None:
        if self._opened is not None:
            with suppress(sqlite3.Error):
                self._opened.close()
            self._opened = None

    def _made(self) -> sqlite3.Connection:
        self._folder = self._prepared()
        path = self._folder / NAME
        opened = sqlite3.connect(
            f"{path.as_uri()}?mode=rw",
            uri=True,
            timeout=WAIT,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            opened.execute("PRAGMA journal_mode=WAL")
            opened.execute("PRAGMA synchronous=NORMAL")
            for table in _TABLES:
                opened.execute(table)
            for name, seconds in KEPT.items():
                old = _now() - seconds * 1_000_000
                opened.execute(f"DELETE FROM {name} WHERE used < ?", (old,))  # noqa: S608
        except BaseException:
            opened.close()
            raise
        return opened


def shared_beside_file(state: Path) -> SharedFile:
    """Return what is shared by all who use a state."""

    def prepared() -> Path:
        if not state.exists():
            raise NotYet
        folder = folder_of(state)
        for former in folder.parent.glob(f"{escape(state.name)}-*.windows"):
            former.unlink()  # earlier versions kept each hint in a file of its own
        return _private(folder, state.stat())

    return SharedFile(prepared)


def shared_of_user() -> SharedFile:
    """Return what is shared by all that this user does, whatever state it uses."""

    def prepared() -> Path:
        parent = _temporary()
        return _private(parent / f"partnero-tolt-{os.geteuid()}", None)

    return SharedFile(prepared)


def folder_of(state: Path) -> Path:
    """Return the folder beside a state's file, by whatever link it is named."""
    real = Path(os.path.realpath(state))
    return real.with_name(f".{real.name}-pace")


def _private(folder: Path, state: os.stat_result | None) -> Path:
    """Make the folder for its owner alone, with the file; Unshared where it is open.

    Root makes it for the user whose state it is, as SQLite does with its files.
    """
    made = not folder.exists()
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / NAME
    given = state if os.geteuid() == 0 else None
    if made and given:
        os.chown(folder, given.st_uid, given.st_gid)
    _check(folder, state.st_uid if state else os.geteuid())
    with suppress(FileExistsError):
        files.create(path)
        if given:
            os.chown(path, given.st_uid, given.st_gid)
    return folder


def _temporary() -> Path:
    """Return the folder for temporary files; Unshared where others could replace ours.

    Where there is none, Python names the working folder: that is the user's own.
    """
    folder = Path(tempfile.gettempdir()).resolve()
    stated = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    places = {Path(place).resolve() for place in (*stated, *_TEMPORARY) if place}
    if folder == Path.cwd() and folder not in places:
        raise Unshared("there is no temporary folder")
    status = folder.stat()
    if status.st_uid not in (0, os.geteuid()):
        raise Unshared(f"{folder} belongs to another user")
    if status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
        raise Unshared(f"{folder} lets others replace what is not theirs")
    return folder


def _check(folder: Path, owner: int) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise Unshared(f"{folder} is no folder, but a link or a file")
    if status.st_uid not in (os.geteuid(), owner):
        raise Unshared(f"{folder} belongs to another user")
    if status.st_mode & 0o077:
        raise Unshared(f"{folder} is open to others; type: chmod 700 {folder}")


def _taken(opened: sqlite3.Connection, key: str) -> list[int]:
    row = opened.execute(_LOOK, (key,)).fetchone()
    times = array("q")
    if row and isinstance(row[0], bytes):  # an earlier version kept a text
        times.frombytes(row[0])
    return times.tolist()


def _written(taken: list[int]) -> bytes:
    """Return the times as they lie in memory: they never leave the machine."""
    return array("q", taken).tobytes()


def _now() -> int:
    return time.time_ns() // 1000
