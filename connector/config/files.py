"""Reading a file that somebody named: whatever it is, and without ever waiting for it.

A pipe would be waited for, a device never ends, a file of gigabytes fills the memory:
only a regular file of a usable size is read, and what it is instead is said in words.
"""

import os
import stat
from pathlib import Path

SMALL = 4 * 1024 * 1024
"""More than any configuration, key or alias file needs."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):
    """The file cannot be read; the text says what is wrong, without naming it."""


class Missing(Unreadable):
    """There is no such file."""


def read_text(path: Path, most: int = SMALL) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark."""
    content = _content(path, most)
    if content.startswith(_UTF16):
        raise Unreadable("it is UTF-16; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"it is no UTF-8 text (line {line}), but perhaps Latin-1 or Windows-1252; "
            "save it as UTF-8"
        ) from None
    if "\0" in text:
        raise Unreadable(
            "it holds NUL characters: it is no text, or UTF-16; save it as UTF-8"
        )
    return text


def _content(path: Path, most: int) -> bytes:
    try:
        _check(path.stat(), most)  # before it is opened: that alone can wait
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as opened:
            _check(os.fstat(handle), most)
            content = opened.read(most + 1)
    except FileNotFoundError as error:
        raise Missing(str(error.strerror)) from None
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from None
    except ValueError:  # NUL, or half a character
        raise Unreadable("no file can have such a name") from None
    if len(content) > most:
        raise Unreadable(_too_large(most))
    return content


def _check(status: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable("it is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("it is no regular file, but a pipe or a device")
    if status.st_size > most:
        raise Unreadable(_too_large(most))


def _too_large(most: int) -> str:
    return f"it is larger than {most // (1024 * 1024)} MB"
