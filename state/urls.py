"""Whether a URL of a database is one, said without repeating any of it."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


def can_be_parsed(url: str) -> bool:
    """Say whether a URL can be taken apart; the error itself might hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return 0 <= (parsed.port or 0) < 65536 and "@" not in (parsed.host or "")
