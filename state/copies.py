"""Copies of a state file: taken while it is in use, and put in its place at once."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from state import files
from state.places import BESIDE
from state.problems import WAIT, StateProblem, busy, is_busy, reason_of, refusing


def _read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=WAIT)


def backup(path: Path, target: Path) -> None:
    """Copy a SQLite state safely, also while it is in use, readable by its owner.

    The copy appears whole, and only where nothing was: a link there is not followed.
    """
    try:
        with files.beside(target) as new:
            _copy(path, new)
            files.create(target)  # FileExistsError where anything is there
            new.replace(target)
        files.sync_folder(target.parent)
    except OSError as error:
        raise StateProblem(
            f"{target} cannot be written: {error.strerror}. The state was not touched."
        ) from None


def _copy(path: Path, new: Path) -> None:
    with (
        refusing(str(path)),
        closing(_read(path)) as source,
        closing(sqlite3.connect(new)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    files.sync_file(new)


def integrity(path: Path) -> list[str]:
    """Return what SQLite finds wrong with the file; an empty list is good news."""
    try:
        with closing(_read(path)) as opened:
            verdicts = [row[0] for row in opened.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        if is_busy(error):
            raise busy(str(path), reason_of(error)) from None
        return [reason_of(error)]
    return [] if verdicts == ["ok"] else verdicts


def put_in_place(source: Path, path: Path, kept: Path) -> None:
    """Put a copy of the source in the state's place, and keep the former as ``kept``.

    At every moment the name holds one whole file or the other: what the former one
    has in its log is brought into it first, and no log is left for the new one.
    """
    real = Path(os.path.realpath(path))
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        with files.beside(real) as new:
            _copy(source, new)
            _nobody_holds(new)
            if real.exists():
                _fold_log(real)
                _keep(real, kept)
            files.sync_file(new)
            new.replace(real)
        files.sync_folder(real.parent)
    except OSError as error:
        raise StateProblem(
            f"{path} cannot be replaced: {error.strerror}. It is as it was."
        ) from None


def _nobody_holds(new: Path) -> None:
    """Let a hold end that was on when the copy was taken: it is not this file's."""
    with closing(sqlite3.connect(new)) as opened, opened:
        opened.execute("UPDATE lease SET owner = '', expires = 0")


def _fold_log(path: Path) -> None:
    """Bring the log into its file; a damaged one keeps what it has beside it."""
    try:
        with closing(sqlite3.connect(path, timeout=WAIT)) as opened:
            waits, *_ = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        if is_busy(error):
            raise busy(str(path), reason_of(error)) from None
        return
    if waits:
        raise busy(str(path), "its log is being read or written")


def _keep(path: Path, kept: Path) -> None:
    """Keep the former file under another name, and its log, if it is damaged."""
    try:
        os.link(path, kept)
    except OSError:  # a file system without second names
        shutil.copyfile(path, kept)
    kept.chmod(files.PRIVATE)
    files.sync_file(kept)
    for end in BESIDE[1:]:
        with suppress(FileNotFoundError):
            beside = path.with_name(path.name + end)
            beside.replace(kept.with_name(kept.name + end))
