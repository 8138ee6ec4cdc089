"""One runner per pair: a lease that is renewed while its holder lives.

The holder is named by host, process and the process's start, so that a run after a
crash on the same machine takes over at once, and a reused process number is no
holder. On another machine the lease simply runs out.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from connector.errors import Locked
from state.database import StateProblem
from state.store import LeaseLost, Store

SECONDS = 60


def me() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


@contextmanager
def holding(store: Store) -> Iterator[None]:
    """Hold the pair for the time of a run; Locked where another run has it."""
    holder = store.holder()
    dead = [holder] if holder and _is_dead(holder) else []
    taken_by = store.take_lease(me(), int(time.time()), SECONDS, dead=dead)
    if taken_by is not None:
        raise Locked(
            f"Another run holds the pair {store.pair} ({taken_by.rsplit('/', 1)[0]}). "
            "Nothing was done. Try again when it is finished; if it died on another "
            f"machine, its hold ends by itself within {SECONDS} seconds."
        )
    done = threading.Event()
    renewer = threading.Thread(target=_renew, args=(store, done), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        done.set()
        renewer.join()
        with suppress(StateProblem):  # a full disk; a dead holder is none
            store.release_lease()


def is_held(store: Store) -> bool:
    holder = store.holder()
    return bool(holder) and not _is_dead(holder)


def _renew(store: Store, done: threading.Event) -> None:
    while not done.wait(SECONDS / 3):
        try:
            store.renew_lease(int(time.time()), SECONDS)
        except LeaseLost:
            return  # the next write notices it as well, and stops the run
        except StateProblem:
            continue  # a busy or full disk: the next write says so, or it was nothing


def _is_dead(holder: str) -> bool:
    """Say whether the holder was a process of this machine that has ended."""
    host, _, rest = holder.partition("/")
    pid, _, started = rest.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """Return when a process began, in the system's own count; "" where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _alive(pid)
    after_name = fields.rpartition(")")[2].split()
    return "" if after_name[0] in "ZX" else after_name[19]  # ended, not yet reaped


def _alive(pid: int) -> str:
    """Without /proc all that can be told is whether such a process exists."""
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"
