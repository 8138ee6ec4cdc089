"""The processes of a system without /proc, which is macOS: asked by sysctl and ps.

Both are part of every macOS and tell of all users' processes, so that no compiled
package has to be installed for one question in a run. Each boot has an id of its own,
and there are no process namespaces. Where one of both tools does not answer, nothing is
known, and a lease runs out as it does from another machine.
"""

import os
import subprocess
from collections.abc import Callable, Sequence
from functools import cache

Ask = Callable[[Sequence[str]], str]
ONE_SPACE = "macos"
"""There is only one: it stands for the namespaces that Linux has."""
_PATIENCE = 5.0


def boot(ask: Ask | None = None) -> str:
    """Return what tells this boot from every other one; "" is unknown."""
    return ask(["sysctl", "-n", "kern.bootsessionuuid"]) if ask else _own_boot()


def status(pid: int, ask: Ask | None = None) -> tuple[str, str] | None:
    """Return a process's state (a letter) and when it began, to the second, in UTC."""
    line = (ask or asked)(["ps", "-o", "state=", "-o", "lstart=", "-p", str(pid)])
    words = line.split()  # R, Mon, Nov, 30, 15:53:45, 2026
    return (words[0][0], "-".join(words[1:])) if len(words) == 6 else None


@cache
def _own_boot() -> str:
    return boot(asked)


def asked(command: Sequence[str]) -> str:
    """Return what a tool of the system answers; "" where it does not."""
    plain = {**os.environ, "LC_ALL": "C", "TZ": "UTC0"}  # one text for one time
    try:
        ended = subprocess.run(  # noqa: S603 (fixed words and a number)
            command,
            capture_output=True,
            encoding="ascii",
            errors="replace",
            env=plain,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""
