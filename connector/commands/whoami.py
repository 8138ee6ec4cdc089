"""Who sits at this machine, where nobody has said another name."""

import getpass
import socket


def whoami() -> str:
    """Return user@host, the host without its domain."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return f"{user}@{socket.gethostname().partition('.')[0]}"
