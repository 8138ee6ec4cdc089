"""Who holds a pair, and whether that process has surely ended.

A host's name and a process number say little: containers on one host share a name,
and each counts its processes from 1. So a holder is dead only where the boot, the
process namespace and the process itself say so. What cannot be seen is not gone: a
unit may hide the processes of others. Everything unknown lets the lease run out.
Linux tells it in /proc; where there is none, holder_macos asks.
"""

import os
import secrets
import socket
from pathlib import Path
from typing import NamedTuple

from connector.run import holder_macos

PROC = Path("/proc")


class Here(NamedTuple):
    """What tells this process's surroundings from others; "" is unknown."""

    host: str
    boot: str
    space: str


def me() -> str:
    """Return the name of one hold of this process: no two holds share it."""
    pid, here = os.getpid(), surroundings()
    return f"{named(pid, here)}/{secrets.token_hex(4)}"


def named(pid: int, here: Here) -> str:
    """Return how a process of these surroundings is named."""
    _, started = _status(pid) or ("", "")
    return f"{here.host}/{pid}/{started}/{here.boot}/{here.space}"


def shown(holder: str) -> str:
    """Return host and process, which is all that people need."""
    return "/".join(holder.split("/")[:2])


def surroundings(proc: Path = PROC) -> Here:
    host = socket.gethostname().replace("/", "-")
    if not proc.is_dir():
        return Here(host, holder_macos.boot(), holder_macos.ONE_SPACE)
    boot = _text(proc / "sys/kernel/random/boot_id")
    own = _status("self", proc, whose=os.getpid())  # a borrowed /proc tells of others
    return Here(host, boot, _space(proc) if own else "")


def is_dead(holder: str, proc: Path = PROC) -> bool:
    """Say whether the holder was a process of this very system that has ended."""
    parts = holder.split("/")
    if len(parts) < 5:
        return False  # an earlier version's, which says too little
    host, pid, started, boot, space = parts[:5]
    here, number = surroundings(proc), pid.isascii() and pid.isdigit()
    known = all((here.boot, here.space, started, number))
    same = known and Here(host, boot, space) == here
    return same and _is_gone(int(pid), started, proc)


def _is_gone(pid: int, started: str, proc: Path) -> bool:
    """Say whether a process has provably ended: hidden is not gone."""
    seen = _status(pid, proc)
    if seen is None:
        return not _exists(pid)
    state, began = seen
    return state in "ZX" or began != started  # ended and not reaped, or another one


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # it is there, and another user's; or no number of a process
    return True


def _status(
    pid: int | str, proc: Path = PROC, whose: int | None = None
) -> tuple[str, str] | None:
    """Return a process's state and when it began, in the system's own count."""
    if not proc.is_dir():
        return holder_macos.status(int(pid))
    before, _, after = _text(proc / str(pid) / "stat").rpartition(")")
    fields = after.split()
    if len(fields) < 20 or (whose and before.partition(" ")[0] != str(whose)):
        return None
    return fields[0], fields[19]


def _space(proc: Path) -> str:
    """Return the process namespace; times are counted in one of their own."""
    spaces = [_number(proc / f"self/ns/{kind}") for kind in ("pid", "time")]
    return "-".join(spaces) if spaces[0] else ""


def _number(link: Path) -> str:
    try:
        return "".join(filter(str.isdigit, str(link.readlink())))
    except OSError:
        return ""  # an older system has no times of its own


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
