"""Opening the memory of a pair to write: it must not be lost (to read: memory_read.py).

Every command that writes into the state comes through here, so that none of them
begins another state in the place of one that was there before.
"""

import shlex
import threading
from datetime import UTC, datetime

from connector.config import marker
from connector.config.location import Location
from connector.errors import Failed
from connector.terminal.streams import warn
from mappings.moments import iso
from state.database import Engine, identity_of, open_to_write
from state.kept import keep
from state.places import is_server
from state.servers import opened
from state.store import Store

BEHIND = (
    "a state is begun in {}, which is only reached through a link. If that "
    "link moves with each release, the state stays behind: write its whole path into "
    "[state] url"
)

_opening = threading.Lock()


def open_state(
    location: Location, pair: str, *, command: str = "sync", first: bool = False
) -> Store:
    """Open to write; Failed where the state is missing that was there before.

    ``first`` is a person's word that another one may be begun. Pairs that run at the
    same time come in one after the other: what one of them begins is not missing.
    """
    with _opening:
        return _opened(location, pair, command=command, first=first)


def _opened(location: Location, pair: str, *, command: str, first: bool) -> Store:
    state = identity_of(location.state_url)
    why = marker.missing(location, state)
    if why and not first:
        advice = marker.advice(location, command)
        raise Failed(f"{why}. Nothing was read or written. {advice}")
    if why and not marker.can_be_renewed(location):
        raise Failed(
            f"{why}, and {marker.place(location)}, which says so, cannot be written: "
            "every later run would be refused again. Nothing was read or written. "
            f"Remove it first: rm {shlex.quote(str(marker.place(location)))}"
        )
    if state is None and location.moves:
        warn(BEHIND.format(location.home))
    store = Store(open_to_write(location.state_url), pair)
    marker.keep(location, store.identity(iso(datetime.now(UTC))))
    return store


def keep_open(location: Location) -> None:
    """Let the passes of this process share its connections to a server, to its end."""
    if is_server(location.state_url):
        keep(opened(location.state_url))


def open_known(location: Location) -> Engine | None:
    """Open to write what is there and is this configuration's; never begin one."""
    state = identity_of(location.state_url)
    if state is None or marker.missing(location, state):
        return None
    return open_to_write(location.state_url)
