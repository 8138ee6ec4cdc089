"""Files of our own, made so that nobody can put another one in their place.

A new file gets a random name that nothing has yet, is whole and on the disk before it
takes its own name, and takes it at once. Personal data is readable by its owner alone.
"""

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def create(path: Path, mode: int = PRIVATE) -> None:
    """Make an empty file where there is none; no link is followed."""
    os.close(os.open(path, _NEW, mode))


@contextmanager
def beside(path: Path, mode: int = PRIVATE) -> Iterator[Path]:
    """Give a new file in the same folder, which is gone after the block."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    create(new, mode)
    try:
        yield new
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def write_private(path: Path, text: str) -> None:
    """Write a file of our own whole; a link in its place is replaced, not followed."""
    with beside(path) as new:
        _fill(new, text)
        new.replace(path)
    sync_folder(path.parent)


def write_result(path: Path, text: str) -> None:
    """Write a result where a person wants it, whole or not at all.

    A link stays a link, and a file keeps its mode; what is no file (a terminal, a
    pipe) is written to as it is.
    """
    real = Path(os.path.realpath(path))
    try:
        status = real.stat()
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        real.write_text(text, encoding="utf-8")
        return
    with beside(real, 0o666) as new:
        if status is not None:
            new.chmod(stat.S_IMODE(status.st_mode))
        _fill(new, text)
        new.replace(real)
    sync_folder(real.parent)


def _fill(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def sync_file(path: Path) -> None:
    """Bring a file that was written by somebody else to the disk."""
    with path.open("rb") as opened:
        os.fsync(opened.fileno())


def sync_folder(folder: Path) -> None:
    """Bring a change of names to the disk, where the system can do so."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def same_as(path: Path, others: Iterable[Path]) -> Path | None:
    """Return which of the others a path means, by whatever spelling, link or twin."""
    wanted = _meant(path)
    return next((other for other in others if wanted & _meant(other)), None)


def _meant(path: Path) -> frozenset[tuple[object, ...]]:
    """Return what identifies a file: itself where it is there, its place in any case.

    Nothing is opened: to close a database file would take its locks from others.
    """
    real = Path(os.path.realpath(path))
    names: set[tuple[object, ...]] = {("at", str(real))}
    with suppress(OSError):
        there = real.stat()
        if stat.S_ISREG(there.st_mode):
            names.add(("is", there.st_dev, there.st_ino))
    with suppress(OSError):
        folder = real.parent.stat()
        names.add(("in", folder.st_dev, folder.st_ino, real.name))
    return frozenset(names)
