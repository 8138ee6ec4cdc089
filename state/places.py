"""Where the state lies: its URL, its files, and how it is named to people."""

import os
from pathlib import Path
from urllib.parse import quote, unquote

from state.problems import StateProblem, unusable

SQLITE = "sqlite:///"
BESIDE = ("", "-wal", "-shm", "-journal")
"""The endings of the files that SQLite keeps for one database."""


def is_server(url: str) -> bool:
    """Say whether a state lies in a server's database, and in no file."""
    return url.startswith("postgresql")


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite URL, or None for a server's database.

    Only percent signs mean something in it: a folder may be called anything.
    """
    if not url.startswith("sqlite:"):
        return None
    return Path(unquote(url.removeprefix(SQLITE)) or "connector.db").absolute()


def is_there(path: Path) -> bool:
    """Say whether a file holds anything; StateProblem where it is no file."""
    try:
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "no plain file"
            raise StateProblem(
                f"{path} is {what}. Nothing was read or written. Name a file in "
                '[state] url: "sqlite:///connector.db"'
            )
        return path.exists() and path.stat().st_size > 0
    except OSError as error:
        raise unusable(str(path), error.strerror or str(error)) from None


def url_of(path: Path) -> str:
    """Return the SQLite URL of a file."""
    return SQLITE + quote(str(path), safe="/ #&+,;=@:~!$'()*[]")


def files_of(url: str) -> list[Path]:
    """Return every file that a SQLite state may have."""
    path = file_of(url)
    if path is None:
        return []
    real = Path(os.path.realpath(path))
    every = [
        place.with_name(place.name + end) for place in (path, real) for end in BESIDE
    ]
    return list(dict.fromkeys(every))


def public_name(url: str) -> str:
    """Return how a state is named to people: never with a password in it."""
    path = file_of(url)
    if path is not None:
        return str(path)
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return "the state's database"
    where = f"{parsed.host or 'this machine'}{f':{parsed.port}' if parsed.port else ''}"
    return f"the database {parsed.database or ''} on {where}"
