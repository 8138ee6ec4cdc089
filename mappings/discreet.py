"""What may be shown of something that a person typed: never what could be a secret.

A value "looks like a key" if it begins as keys are known to begin, or if it is 20
characters and more of mixed letters and digits. Words and short numbers that are joined
by ``_`` or ``-`` (``PARTNERO_API_KEY_2``, ``acme-eu-1``) are names, at any length.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

HIDDEN = "***"
LONGEST = 40
"""Characters of a value that a message repeats."""
_KNOWN = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:tlt|pk|sk|rk|whsec|ghp|gho|github_pat|glpat|xox[a-z])[_-]"
    r"[A-Za-z0-9]|eyJ[A-Za-z0-9_-]{5})"
)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_OURS = re.compile(r"c_[0-9a-f]{12}|r_\d{8}T\d{6}_[0-9a-f]{6}")
"""Ids of changes and runs."""
_THEIRS = re.compile(r"(?:part|prt|prg|pc|promo|cust|cus|txn|org|lnk)_[A-Za-z0-9]+")
"""Ids of both products."""
_NAME = re.compile(r"[A-Za-z]{1,15}\d{0,2}|\d{1,4}")
_SERVER = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)?(?::\d{1,5})?")
_FOLDER = re.compile(r"(?:/[A-Za-z0-9._~-]*)*")
_ADDRESS = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*)://[^\s\"'<>]+")


def looks_like_key(text: str) -> bool:
    """Say whether any part of a text could be a key."""
    if _KNOWN.search(text):
        return True
    return any(_is_mixed(word) for word in _WORD.findall(text))


def _is_mixed(word: str) -> bool:
    if len(word) < 20 or _OURS.fullmatch(word) or _THEIRS.fullmatch(word):
        return False
    if not (re.search("[A-Za-z]", word) and re.search("[0-9]", word)):
        return False
    pieces = [piece for piece in re.split("[_-]+", word) if piece]
    return len(pieces) < 2 or not all(map(_NAME.fullmatch, pieces))


def without_keys(text: str) -> str:
    """Return a text in which nothing stands that could be a key or a password."""
    text = _ADDRESS.sub(lambda match: shown_url(match.group()), text)
    return _WORD.sub(
        lambda match: HIDDEN if looks_like_key(match.group()) else match.group(), text
    )


def shown(value: Any) -> str:  # noqa: ANN401 (whatever stands in a file)
    """Return as much of a configured value as a message may repeat."""
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        small = isinstance(value, float) or abs(value) < 10**9
        return f"{value!r}" if small else "a long number"
    if isinstance(value, datetime | date | time):
        return "a date or time"
    if isinstance(value, Mapping):
        return _shown_table(value)
    return "a list" if isinstance(value, list | tuple) else "something else"


def _shown_text(text: str) -> str:
    secret = looks_like_key(text) or "://" in text or "@" in text
    secret = secret or (len(text) >= 20 and any(sign.isdigit() for sign in text))
    return HIDDEN if secret else f"{text!r:.{LONGEST}}"


def _shown_table(table: Mapping[str, Any]) -> str:
    plain = all(isinstance(value, str | bool | int | float) for value in table.values())
    if len(table) > 3 or not plain:
        return "a table"
    inner = ", ".join(f"{_shown_text(k)}: {shown(v)}" for k, v in table.items())
    return f"{{{inner}}}"


def shown_key(part: str) -> str:
    """Return one part of a key's path as a message may repeat it."""
    if len(part) > LONGEST or looks_like_key(part) or "@" in part or "://" in part:
        return HIDDEN
    return part if part.isprintable() and part else repr(part)


def shown_url(url: str) -> str:
    """Return a URL without user, password, query and fragment.

    What cannot be told apart for certain (an ``@`` behind a ``?``) is left out whole.
    """
    scheme, sep, rest = url.partition("://")
    if not sep or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return HIDDEN
    place, *more = re.split("[?#]", rest, maxsplit=1)
    if more and "@" in more[0]:
        return f"{scheme}://{HIDDEN}"
    if scheme == "sqlite":
        return f"{scheme}://{place}"
    server, slash, folder = place.rpartition("@")[2].partition("/")
    plain = _SERVER.fullmatch(server) and _FOLDER.fullmatch(slash + folder)
    if not plain or looks_like_key(place.rpartition("@")[2]):
        return f"{scheme}://{HIDDEN}"
    return f"{scheme}://{server}{slash}{folder}"
