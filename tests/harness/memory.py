"""Where the folders of tests lie: in memory, where there is room for them.

A state has the disk keep each transaction, some milliseconds each time, and no test
asks what is left after the machine has lost its power.
"""

import os
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 (pytest and tempfile make folders of their own)
ROOM = 2 * 1024**3


def folder_in_memory() -> str | None:
    """Return a folder that is no disk, if there is one with room.

    A container has one as well, of 64 MB, in which no program may be started.
    """
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return None
    free = found.f_bavail * found.f_frsize
    usable = os.access(MEMORY, os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return str(MEMORY) if usable and free >= ROOM else None
