"""Small files of our own in folders that others may write to, too.

A link, a pipe, another user's file or folder, and one that is open to others is not
used: what lies there may be anybody's.
"""

import os
import stat
import tempfile
from pathlib import Path

import structlog

from connector.errors import Failed

log = structlog.get_logger()
_told: set[str] = set()
_TEMPORARY = ("/tmp", "/var/tmp", "/usr/tmp")  # noqa: S108 (compared, not used)


def shared_folder() -> Path | None:
    """Return this user's private folder, the same one for all processes; None: said."""
    try:
        return _private(_temporary() / f"partnero-tolt-{os.getuid()}")
    except (Failed, OSError) as error:
        why = str(error)
        if why not in _told:
            _told.add(why)
            log.warning("the pace of a key is not shared with others", reason=why)
        return None


def read_small(path: Path | None, most: int) -> str | None:
    """Return the text of a file of ours; None where it is none, or is too long."""
    try:
        opened = _opened(path, os.O_RDONLY) if path else None
        if opened is None:
            return None
        with open(opened, "rb") as file:  # noqa: PTH123 (a descriptor)
            data = file.read(most + 1)
        return data.decode("ascii") if len(data) <= most else None
    except (OSError, UnicodeDecodeError):
        return None


def write_small(path: Path, text: str) -> bool:
    """Write a file of ours; say whether that could be done."""
    try:
        opened = _opened(path, os.O_WRONLY | os.O_CREAT)
        if opened is None:
            return False
        with open(opened, "w", encoding="ascii") as file:  # noqa: PTH123
            file.truncate(0)
            file.write(text)
    except (OSError, UnicodeEncodeError):
        return False
    return True


def _opened(path: Path, how: int) -> int | None:
    """Open a plain file of ours alone, without waiting and through no link."""
    safely = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    opened = os.open(path, how | safely, 0o600)
    status = os.fstat(opened)
    plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
    if plain and status.st_uid == os.getuid() and not status.st_mode & 0o022:
        return opened
    os.close(opened)
    return None


def _temporary() -> Path:
    """Return the folder for temporary files; Failed where there is none to rely on."""
    try:
        named = tempfile.gettempdir()
    except FileNotFoundError:
        named = os.curdir
    # Where there is none, the working folder is named: that is the user's own.
    stated = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    folder = Path(named).resolve()
    places = {Path(place).resolve() for place in (*stated, *_TEMPORARY) if place}
    if folder == Path.cwd() and folder not in places:
        raise Failed("there is no temporary folder")
    status = folder.stat()
    if status.st_uid not in (0, os.getuid()):
        raise Failed(f"{folder} belongs to another user")
    if status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
        raise Failed(f"{folder} lets others replace what is not theirs")
    return folder


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise Failed(f"{folder} is no folder, but a link or a file")
    if status.st_uid != os.getuid():
        raise Failed(f"{folder} belongs to another user")
    if status.st_mode & 0o077:
        raise Failed(f"{folder} is open to others; type: chmod 700 {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Failed(f"{folder} cannot be written to")
    return folder
