"""Where one record is asked for: the only place that puts an id into a path.

An id that a client, a proxy or a server would take for another address, a collection
or another record's, is never asked for. Dots cannot be escaped (``%2e%2e`` is taken for
``..`` on the way), and an escaped slash is undone by many a server.
"""

import unicodedata
from urllib.parse import quote, unquote

from connector.errors import Unclear
from mappings.rows import shown_name

LONGEST = 4000
"""Characters of an escaped id; addresses of more than 8,000 are refused everywhere."""


def path_to(collection: str, *names: str) -> str:
    """Return the path of a record; Unclear where it cannot be asked for as itself."""
    for name in names:
        if why := why_unaddressable(name):
            raise Unclear(
                f"{collection}: {shown_name(name)!r} cannot be asked for by its own "
                f"address ({why}). It was not asked for and not written to, and "
                "nothing is known of it."
            )
    return "/".join([collection, *(quote(name, safe="") for name in names)])


def why_unaddressable(name: str) -> str:
    """Say why a path with this id in it would lead elsewhere, or ""."""
    try:
        if len(quote(name, safe="")) > LONGEST:
            return "it is too long"
    except UnicodeEncodeError:
        return "it holds half a character"
    if name != name.strip():
        return "a server may cut off the blanks at its ends"
    while True:
        if why := _why_elsewhere(name):
            return why
        plain = unquote(name)
        if plain == name:
            return ""
        name = plain  # escaped already: some undo that more than once


def _why_elsewhere(name: str) -> str:
    if not name.partition(";")[0].strip("."):
        return "it is empty, or dots"
    if "/" in name or "\\" in name:
        return "it holds a slash"
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "it holds a control character"
    return ""
