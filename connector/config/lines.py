"""In which line of a TOML file a key stands; no line rather than a wrong one.

A statement of TOML ends with its line. So the first lines that are a whole document
by themselves are one statement, however many lines an array or a text in it takes.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

Path = tuple[str | int, ...]
MOST = 10_000_000
"""Characters that are looked at, again and again where a statement is long."""
DEEPEST = 20
"""Tables in tables, far beyond what a person would nest."""
NOWHERE: Path = ("\0",)


@lru_cache(maxsize=2)  # every key of every pair is looked for in the same text
def lines_of(text: str) -> Mapping[Path, int]:
    """Return the line of every key and table, by its path (``pairs``, 0, ``name``)."""
    lines: dict[Path, int] = {}
    here: Path = ()
    counts: dict[Path, int] = {}
    for number, source, parsed in _statements(text):
        if source.lstrip().startswith("["):
            here = _table(parsed, counts)
            lines.setdefault(here, number)
        else:
            for path in _paths(parsed):
                lines.setdefault(here + path, number)
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a key, or of the nearest table around it that is there."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    begun, source, looked_at = 1, "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not source:
            begun = number
        source += line + "\n"
        looked_at += len(source)
        if looked_at > MOST:
            return
        try:
            parsed = tomllib.loads(source)
        except (ValueError, RecursionError):
            continue  # it goes on in the next line
        if parsed:
            yield begun, source, parsed
        source = ""


def _table(parsed: dict[str, Any], counts: dict[Path, int]) -> Path:
    """Return the path of ``[a.b]`` or ``[[a.b]]``, with the place in each list."""
    path: Path = ()
    inner: Any = parsed
    while isinstance(inner, dict) and inner:
        if len(path) > DEEPEST:
            return NOWHERE
        ((name, inner),) = inner.items()
        path += (name,)
        if isinstance(inner, list):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
    return path


def _paths(parsed: dict[str, Any]) -> Iterator[Path]:
    """Yield the path of everything in a statement, as deep as a person would nest."""
    left: list[tuple[Path, Any]] = [((), parsed)]
    while left:
        path, value = left.pop()
        if path:
            yield path
        if len(path) > DEEPEST:
            continue
        if isinstance(value, dict):
            left += [((*path, name), item) for name, item in value.items()]
        elif isinstance(value, list):
            left += [((*path, number), item) for number, item in enumerate(value)]
