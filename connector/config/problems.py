"""What is wrong with a configuration, a line each: where, which key, what is allowed.

A value is repeated only where it can be no secret: not in a section that is about
secrets, and nowhere if it looks like a key.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from connector.config.lines import DEEPEST, line_of, lines_of
from connector.config.schema import File
from mappings.discreet import HIDDEN, shown, shown_key

MOST = 100
"""Problems that are told one by one."""
Key = tuple[int | str, ...]
SECRET = frozenset(
    "api_key token view_token webhooks urls heartbeat_url url base_url listen".split()
)


class Places:
    """Names a place in the file as people look for it: file, line, pair, key."""

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
        return f"{where}: {dotted(key)}" if key else where


def dotted(key: Iterable[int | str]) -> str:
    """Return a key's path as it is written: ``notify.urls[0]``."""
    told = ""
    for part in key:
        if isinstance(part, int):
            told += f"[{part}]"
        elif part != "[key]":  # pydantic's word for the name of a table's entry
            told += f".{shown_key(part)}" if told else shown_key(part)
    return told


def _pair_name(raw: Mapping[str, Any], number: int) -> str:
    """Return the pair's name, or its number where it has none to be called by."""
    pairs = raw.get("pairs")
    pair = pairs[number] if isinstance(pairs, list) and number < len(pairs) else None
    name = pair.get("name") if isinstance(pair, dict) else None
    usable = isinstance(name, str) and name and shown_key(name) == name
    return str(name) if usable else f"number {number + 1}"


def problems(places: Places, error: ValidationError) -> list[str]:
    """Return every problem that pydantic found, in its own line."""
    found = error.errors(include_url=False)
    lines = [f"{places.named(key)}: {told}" for key, told in map(_told, found[:MOST])]
    if len(found) > MOST:
        lines.append(f"and {len(found) - MOST} more")
    return lines


def _told(found: Any) -> tuple[Key, str]:  # noqa: ANN401 (pydantic's own type)
    key: Key = found["loc"]
    message = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        name = str(key[-1])
        return key, f"unknown key{nearest(name, _keys_beside(key))}"
    if found["type"] == "missing":
        return key, "is missing"
    if found["type"] == "value_error" or SECRET.intersection(map(str, key)):
        return key, message
    return key, f"{message}, got {shown(found['input'])}"


def _keys_beside(key: Key) -> list[str]:
    """Return the keys that are known where an unknown one stands."""
    model: Any = File
    for part in key[:-1]:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        model = _inside(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _inside(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 (a type)
    candidates = (annotation, *getattr(annotation, "__args__", ()))
    sections = (one for one in candidates if isinstance(one, type))
    return next((one for one in sections if issubclass(one, BaseModel)), None)


def nearest(name: str, known: list[str]) -> str:
    """Say which known word is meant, or else which there are."""
    close = get_close_matches(name[:60], known, n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f"; allowed are: {', '.join(known)}"


def unusable(raw: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    """Yield the keys of texts that no setting can have: control characters."""
    left: list[tuple[Key, Any]] = [((), raw)]
    while left:
        key, value = left.pop()
        if len(key) > DEEPEST:
            yield key[:2], "is nested too deep"
        elif isinstance(value, str) and not _is_plain(value):
            yield key, "control characters (a line break, NUL) are not allowed"
        elif isinstance(value, dict):
            for name, one in value.items():
                if not _is_plain(name):
                    yield (*key, HIDDEN), "control characters in a key"
                left.append(((*key, name), one))
        elif isinstance(value, list):
            left += [((*key, number), one) for number, one in enumerate(value)]


def _is_plain(text: str) -> bool:
    return not any(sign < " " or "\x7f" <= sign <= "\x9f" for sign in text)
