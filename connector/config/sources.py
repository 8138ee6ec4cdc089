"""The files that make up a configuration: one, and those that it includes.

An included file holds [[pairs]] and nothing else. So no file can include another one
in turn, and there are no circles.
"""

import glob
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from connector.config.files import Missing, Unreadable, read_text
from connector.config.lines import Path as Key
from connector.config.lines import line_of, lines_of
from connector.config.location import Location
from connector.errors import Misconfigured
from connector.reports.typed import command
from mappings.discreet import HIDDEN, looks_like_key, shown, without_keys

LARGEST = 4 * 1024 * 1024
"""Bytes of one file: more than ten thousand pairs."""
ALL = 32 * 1024 * 1024
"""Characters of all files together."""
MOST = 10_000
"""Files that are included."""
DOTS = 1000
"""Dots in one line: nobody writes a key of so many parts."""
_LINE = re.compile(r"\(at line (\d+), column \d+\)")


class Source:
    """One file: its path as it is named to people, its text, what the TOML says."""

    def __init__(self, path: Path, text: str, raw: Mapping[str, Any]) -> None:
        self.path, self.text, self.raw = path, text, raw

    @cached_property
    def _lines(self) -> Mapping[Key, int]:
        return lines_of(self.text)

    def place(self, key: Key) -> str:
        """Return the file, with the line of a key where that is known."""
        line = line_of(self._lines, key)
        return f"{self.path}:{line}" if line else f"{self.path}"

    @property
    def pairs(self) -> list[Any]:
        """The [[pairs]] as they stand in the file; none where they are no list."""
        pairs = self.raw.get("pairs")
        return pairs if isinstance(pairs, list) else []


class Included(NamedTuple):
    """What a file includes, and what is wrong, or strange, about that."""

    sources: list[Source]
    wrong: list[str]
    warnings: list[str]


def read_main(path: Path) -> Source:
    """Read the file that was named; Misconfigured where that cannot be done."""
    try:
        return _read(path)
    except Missing:
        line = command("--config", str(path), "init")
        problem = f"{path} does not exist. Write one with: {line}"
        raise Misconfigured(problem) from None


def read_other(path: Path) -> Source:
    """Read a further file that was named; Misconfigured where that cannot be done."""
    try:
        return _read(path)
    except Missing:
        name = HIDDEN if looks_like_key(path.name) else path
        raise Misconfigured(f"{name} does not exist") from None


def read_included(main: Source) -> Included:
    """Read all that a file includes, each file once, in the order of their names."""
    found, itself = Included([], [], []), main.path.resolve()
    seen, size = {itself}, 0
    for number, pattern in enumerate(_patterns(main.raw)):
        where = f"{main.place(('include', number))}: include[{number}]"
        for path in _matching(main, pattern, where, found):
            if len(found.sources) >= MOST or size > ALL:
                found.wrong.append(f"{where}: too much is included; {MOST} files of")
                found.wrong[-1] += f" {ALL // 2**20} MB together are the most"
                return found
            real = Path(os.path.realpath(path))  # resolve() may raise on a circle
            if real == itself:
                found.wrong.append(f"{where}: the file includes itself")
            elif real not in seen:
                size += _take(path, where, found)
            seen.add(real)
    return found


def _take(path: Path, where: str, found: Included) -> int:
    """Read one included file, and return its size.

    What is wrong with it keeps no other from being read.
    """
    try:
        source = _read(path)
    except Missing:
        name = HIDDEN if looks_like_key(path.name) else path
        found.wrong.append(f"{where}: {name} does not exist")
        return 0
    except Misconfigured as error:
        found.wrong.append(str(error))
        return 0
    found.wrong.extend(strange_in(source))
    if not source.raw:
        found.warnings.append(f"{path}: there is no pair in it")
    found.sources.append(source)
    return len(source.text)


def strange_in(source: Source) -> Iterator[str]:
    """Yield what an included file holds and may not."""
    for name, value in source.raw.items():
        if name != "pairs":
            stands = f"{source.place((name,))}: {shown(name).strip(chr(39))}"
            yield f"{stands}: an included file holds [[pairs]] only"
        elif not isinstance(value, list):
            yield f"{source.place((name,))}: pairs: allowed is [[pairs]]"


def _patterns(raw: Mapping[str, Any]) -> list[str]:
    """Return what is included; what is no list of texts is told by the schema."""
    stated = raw.get("include")
    if not isinstance(stated, list):
        return []
    return [text for text in stated if isinstance(text, str)]


def _matching(
    main: Source, pattern: str, where: str, found: Included
) -> Iterator[Path]:
    """Yield the files that a pattern means, in order; a plain path means one."""
    if not pattern.strip() or not pattern.isprintable() or "**" in pattern:
        found.wrong.append(
            f"{where}: {shown(pattern)} names no files; allowed are a path and a "
            'pattern with * and ?, like "pairs.d/*.toml"'
        )
        return
    at = Location(main.path, "")
    if not glob.has_magic(pattern):
        yield at.beside(pattern)
        return
    # Path.glob() shows hidden files as well, which editors leave about.
    names = sorted(glob.glob(pattern, root_dir=at.folder))  # noqa: PTH207
    if not names:
        found.warnings.append(f"{where}: there is no file {shown(pattern)}")
    yield from map(at.beside, names)


def _read(path: Path) -> Source:
    try:
        text = read_text(path, LARGEST)
    except Missing:
        raise
    except Unreadable as error:
        hint = " (~ is not expanded)" if "~" in path.parts else ""
        raise Misconfigured(f"{path} cannot be read: {error}{hint}") from None
    return Source(path, text, _parsed(path, text))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    """Return what the TOML says; no message repeats a value of it."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > DOTS:  # tomllib takes minutes over such a key
            raise Misconfigured(f"{path}:{number}: is nested too deep")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Misconfigured(f"{path} cannot be read: it is nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        complaint = str(error)
    except (ArithmeticError, ValueError):
        complaint = "a number or a date in it is too long"
    place = _LINE.search(complaint)
    where = f"{path}:{place[1]}" if place else f"{path}"
    raise Misconfigured(
        f"{where}: cannot be read, it is no TOML: {_plainly(complaint)}"
    )


def _plainly(complaint: str) -> str:
    """Return a complaint of tomllib without place, keys and values."""
    complaint = re.sub(r"\(.*\)", "", complaint, flags=re.DOTALL)
    return " ".join(without_keys(complaint).split())
