"""How a place in the file is named to people: file, line, pair, key."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from connector.config.lines import line_of, lines_of
from mappings.discreet import shown_key

Key = tuple[int | str, ...]


class Places:
    """Names the places of one file; ``raw`` is what its TOML says."""

    def __init__(self, path: Path, text: str, raw: Mapping[str, Any]) -> None:
        self._path = path
        self._text = text
        self._raw = raw

    @cached_property
    def _lines(self) -> Mapping[Key, int]:
        return lines_of(self._text)

    def named(self, key: Key, *, pair: str = "") -> str:
        """Return ``connector.toml:12: pair acme: policy.delete``."""
        line = line_of(self._lines, key)
        where = f"{self._path}:{line}" if line else f"{self._path}"
        if key[:1] == ("pairs",) and len(key) > 1 and isinstance(key[1], int):
            where += f": pair {pair or _pair_name(self._raw, key[1])}"
            key = key[2:]
        return f"{where}: {_dotted(key)}" if key else where


def _dotted(key: Iterable[int | str]) -> str:
    """Return a key's path as it is written: ``notify.urls[0]``."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part != "[key]":  # pydantic's word for the name of a table's entry
            text += f".{shown_key(part)}" if text else shown_key(part)
    return text


def _pair_name(raw: Mapping[str, Any], number: int) -> str:
    """Return the pair's name, or its number where it has none to be called by."""
    pairs = raw.get("pairs")
    pair = pairs[number] if isinstance(pairs, list) and number < len(pairs) else None
    name = pair.get("name") if isinstance(pair, dict) else None
    usable = isinstance(name, str) and name and shown_key(name) == name
    return str(name) if usable else f"number {number + 1}"
