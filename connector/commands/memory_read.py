"""Opening the memory of a pair to read: where there is none, nothing is loaded for it.

A first look is what everybody sees first, and the toolkit of databases is half of what
a plan would load.
"""

from typing import TYPE_CHECKING

from connector.config import marker
from connector.config.location import Location
from state.places import file_of, is_there

if TYPE_CHECKING:
    from state.database import Engine


def open_memory(location: Location) -> tuple["Engine | None", str]:
    """Open to read, and say what is missing of it, in one line; "" if nothing is."""
    engine, state = _what_is_there(location.state_url)
    why = marker.missing(location, state)
    warning = f"{why}. This looks as a first run would." if why else ""
    return (None if why else engine), warning


def _what_is_there(url: str) -> tuple["Engine | None", tuple[str, str] | None]:
    """Return a state that can be read, with its id and birth."""
    path = file_of(url)
    if path is not None and not is_there(path):
        return None, None
    from state.database import identity_of, open_to_read

    engine = open_to_read(url)
    return engine, identity_of(url) if engine else None
