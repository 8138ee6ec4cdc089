"""The file that names the codes of one wave of a migration, a line each."""

import re
from pathlib import Path

from connector.config.files import Unreadable, read_text
from connector.errors import Misconfigured

LARGEST = 64 * 1024 * 1024
"""Bytes."""
_COMMENT = re.compile(r"(?:^|\s)#.*")
"""A code may hold a "#" itself; a comment begins the line, or follows a blank."""


def read_codes(path: Path) -> tuple[str, ...]:
    """Return the codes of a file, each once; Misconfigured where there is none."""
    try:
        lines = read_text(path, LARGEST).splitlines()
    except Unreadable as error:
        raise Misconfigured(f"--codes {path} cannot be read: {error}") from None
    codes = (_COMMENT.sub("", line).strip() for line in lines)
    named = tuple(dict.fromkeys(filter(None, codes)))
    if not named:
        raise Misconfigured(f"--codes {path} names no code: it has one a line")
    return named
