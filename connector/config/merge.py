"""One document out of several files: what [defaults] says, and what is included.

Tables merge key by key; a list, a number, a text is replaced. So are a secret and a
duration, which are one value although they are written as tables.
"""

import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from connector.config.sources import Source

Raw = dict[str, Any]
NOT_FOR_ALL = ("name", "notify")
"""What [defaults] cannot hold: a name is one pair's, and [notify] is for all."""
_WHOLE = frozenset(
    {
        ("partnero", "api_key"),
        ("tolt", "api_key"),
        ("webhooks", "partnero"),
        ("webhooks", "tolt"),
        ("coupons", "duration"),
    }
)
_FILES = (
    ("partnero", "api_key", "file"),
    ("tolt", "api_key", "file"),
    ("webhooks", "partnero", "file"),
    ("webhooks", "tolt", "file"),
    ("partners", "aliases"),
)
"""The settings that name a file."""


def merged(main: Source, included: Sequence[Source]) -> Raw:
    """Return the whole document; what is no table is left for the schema to refuse."""
    document = {key: value for key, value in main.raw.items() if key != "defaults"}
    defaults = defaults_of(main.raw)
    own = main.raw.get("pairs", [])
    if not isinstance(own, list):
        return document
    home = main.path.resolve().parent
    others = chain.from_iterable(_moved(source, home) for source in included)
    pairs = [_over(defaults, pair) for pair in (*own, *others)]
    return {**document, "pairs": pairs} if pairs else document


def defaults_of(raw: Mapping[str, Any]) -> Raw:
    """Return what is said for all pairs; nothing where that is no table."""
    stated = raw.get("defaults")
    if not isinstance(stated, dict):
        return {}
    return {key: value for key, value in stated.items() if key not in NOT_FOR_ALL}


def is_default(own: Any, defaults: Any, key: Sequence[str | int]) -> bool:  # noqa: ANN401 (raw TOML)
    """Say whether a pair's value at a key is the one of [defaults]."""
    for end, part in enumerate(key, start=1):
        if not isinstance(defaults, dict) or part not in defaults:
            return False
        if not isinstance(own, dict):
            return False
        if part not in own:
            return True
        if tuple(key[:end]) in _WHOLE:
            return False
        own, defaults = own[part], defaults[part]
    return False


def _over(defaults: Raw, own: Any, at: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
    """Return a table with the defaults of what it does not say itself."""
    if not isinstance(own, dict):
        return own
    table = dict(defaults)
    for name, value in own.items():
        base, here = defaults.get(name), (*at, name)
        joined = isinstance(base, dict) and here not in _WHOLE
        table[name] = _over(base or {}, value, here) if joined else value
    return table


def _moved(source: Source, home: Path) -> list[Any]:
    """Return a file's pairs, their relative paths said as seen from the main file."""
    folder = source.path.resolve().parent
    if folder == home:
        return source.pairs
    inside = folder.is_relative_to(home)
    prefix = str(folder.relative_to(home) if inside else folder)
    return [_with_paths(pair, prefix) for pair in source.pairs]


def absolute(pair: Raw, folder: Path) -> Raw:
    """Return a pair whose relative paths, meant from a folder, are whole ones."""
    moved: Raw = _with_paths(pair, str(folder))
    return moved


def _with_paths(pair: Any, prefix: str) -> Any:  # noqa: ANN401 (raw TOML)
    for key in _FILES:
        pair = _moved_path(pair, key, prefix)
    return pair


def _moved_path(table: Any, key: Sequence[str], prefix: str) -> Any:  # noqa: ANN401
    """Return a table in which one path, where it is there, is another."""
    if not isinstance(table, dict) or key[0] not in table:
        return table
    value = table[key[0]]
    if len(key) > 1:
        moved = _moved_path(value, key[1:], prefix)
    elif isinstance(value, str) and value.strip() and not value.startswith("~"):
        moved = os.path.join(prefix, value)  # noqa: PTH118 (a text of the file)
    else:
        moved = value
    return {**table, key[0]: moved}
