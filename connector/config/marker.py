"""The marker beside the configuration: a state was here once, and must not be missing.

A state that is lost (a volume that is not mounted, a folder that was cleared) looks
like one that never was, and a first run would make everything anew. So the first run
that writes leaves a small file, which says whose state it was and since when. What
follows is decided in ``missing``; docs/decisions/0007 says why.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connector.config.location import Location
from connector.engine.marks import ID_LENGTH
from state import files
from state.places import file_of, public_name

LARGEST = 4096
ABOUT = (
    "# partnero-tolt keeps a state for the configuration beside this file. Where that\n"
    "# state is missing, no run begins another one by itself. Do not copy this file.\n"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """Whose state it was, and since when; "" where that cannot be read any more."""

    state: str
    since: str


def place(location: Location) -> Path:
    return location.home / f".{location.path.name}.state"


def read(location: Location) -> Marker | None:
    """Return the marker; None where there is none."""
    path = place(location)
    try:
        opened = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None
    except OSError:
        return Marker("", "")  # something is there, and says nothing
    with os.fdopen(opened, "rb") as file:
        text = file.read(LARGEST).decode("utf-8", "replace")
    lines = [line.partition("=") for line in text.splitlines()]
    values = {name.strip(): value.strip() for name, _, value in lines}
    return Marker(values.get("state", ""), values.get("since", ""))


def keep(location: Location, state: tuple[str, str]) -> None:
    """Leave the marker of the state that is used from now on, if that is news.

    Where the folder cannot be written nothing is left: `check` says so.
    """
    marker = Marker(state[0][:ID_LENGTH], state[1])
    if read(location) != marker:
        with suppress(OSError):
            text = f"{ABOUT}state = {marker.state}\nsince = {marker.since}\n"
            files.write_private(place(location), text)


def can_be_kept(location: Location) -> bool:
    return place(location).exists() or os.access(location.home, os.W_OK)


def can_be_renewed(location: Location) -> bool:
    """Say whether the marker can name another state from now on."""
    return os.access(location.home, os.W_OK)


def missing(location: Location, state: tuple[str, str] | None) -> str:
    """Say that the state that is there is not the one that should be; "" if it is."""
    marker, where = read(location), public_name(location.state_url)
    if state is None:
        left = location.left_behind
        if left is not None and left.exists():
            return (
                f"{where} holds no state, but one lies at {left}, where the link "
                f"{location.path} leads: a state lies beside the file as it was named"
            )
        since = f"there was one since {marker.since}" if marker else ""
        return f"{where} holds no state, but {since}" if marker else ""
    if marker is None or marker.state in ("", state[0][:ID_LENGTH]):
        return ""
    return (
        f"{where} holds another state (begun {state[1]}) than the one that belongs to "
        f"{location.path.name} since {marker.since}"
    )


def advice(location: Location, command: str) -> str:
    """Say how to go on: put the state back, or begin anew."""
    left, path = location.left_behind, file_of(location.state_url)
    back = "Put it back by the server's own backup"
    if path is not None:
        back = "Is its disk mounted? Put it back: partnero-tolt state restore FILE"
        if left is not None and left.exists() and not path.exists():
            back = f"Move it: mv {left} {path}"
    return (
        f"{back}. Or begin anew, which remembers what is equal, asks about the rest "
        f"and deletes nothing: partnero-tolt {command} --first"
    )
