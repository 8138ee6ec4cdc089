"""Whether a URL of a database is one, said without repeating any of it."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import URL


def can_be_parsed(url: str) -> bool:
    """Say whether a URL can be taken apart; the error itself might hold a password."""
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = _parsed(url)
    except (ArgumentError, ValueError):
        return False
    return 0 <= (parsed.port or 0) < 65536 and "@" not in (parsed.host or "")


def names_schema(url: str) -> bool:
    """Say whether a server's URL says itself in which schema its tables are."""
    options = _parsed(url).query.get("options", "")
    return re.search("search[_-]path", str(options)) is not None


def with_schema(url: str, schema: str) -> str:
    """Return a server's URL by which its tables are in this schema, and nowhere else.

    In options, so that whatever connects by the URL finds them; quoted, because a name
    is else taken in small letters.
    """
    parsed = _parsed(url)
    stated = parsed.query.get("options", "")
    before = stated if isinstance(stated, str) else " ".join(stated)
    options = f'{before} -csearch_path="{schema}"'.strip()
    named = parsed.update_query_dict({"options": options})
    return named.render_as_string(hide_password=False)


def _parsed(url: str) -> "URL":
    """Take a URL apart; only one of a server is, so only then is this loaded."""
    from sqlalchemy import make_url

    return make_url(url)
