"""The configuration: one TOML file, checked once, with errors that can be acted on.

Relative paths are relative to the file itself.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.config.files import Missing, Unreadable, read_text
from connector.config.location import Location
from connector.config.places import Places
from connector.config.problems import MOST, nearest, problems, unusable
from connector.config.schema import File, PairSection
from connector.errors import Misconfigured
from connector.reports.typed import command
from mappings.discreet import looks_like_key, shown, without_keys
from mappings.masking import hide

_LINE = re.compile(r"\(at line (\d+), column \d+\)")
LARGEST = 1024 * 1024
"""Bytes: some thousand pairs."""
DOTS = 1000
"""Dots in one line: nobody writes a key of so many parts."""


@dataclass(frozen=True, slots=True)
class Config:
    """The checked file and where it lies; ``text`` is what stands in it."""

    location: Location
    file: File
    text: str = field(default="", repr=False, compare=False)

    def pair(self, name: str) -> PairSection:
        """Return a pair by name; Misconfigured where there is none of that name."""
        for pair in self.file.pairs:
            if pair.name == name:
                return pair
        names = [pair.name for pair in self.file.pairs]
        close = nearest(name, names).partition(";")[0]
        raise Misconfigured(
            f"{self.location.path}: there is no pair {shown(name)}{close}; "
            f"there are: {', '.join(names)}"
        )

    def number(self, name: str) -> int:
        """Return which pair of the file has this name."""
        return [pair.name for pair in self.file.pairs].index(name)

    @property
    def places(self) -> Places:
        return Places(self.location.path, self.text, {})

    def where(self, pair: str, *key: str) -> str:
        """Name a setting of a pair: ``connector.toml:12: pair acme: tolt.api_key``."""
        return self.places.named(("pairs", self.number(pair), *key), pair=pair)


def load(path: Path) -> Config:
    """Read and check the file; Misconfigured, and nothing else, with every problem."""
    text = _text(path)
    raw = _parsed(path, text)
    places = Places(path, text, raw)
    wrong = [f"{places.named(key)}: {problem}" for key, problem in unusable(raw)][:MOST]
    try:
        checked = File.model_validate(raw)
        if not wrong:
            _hide_tokens(checked)
            return Config(Location(path, checked.state.url), checked, text)
    except ValidationError as error:
        wrong += problems(places, error)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        wrong += [f"{path}: something in it cannot be understood"]
    raise Misconfigured("\n".join(wrong))


def _hide_tokens(file: File) -> None:
    """Mask the tokens of addresses in everything that leaves the program.

    A password that is a word is not looked for in texts: it would be found in many.
    """
    state = file.state.url
    told = [file.notify, *(pair.notify for pair in file.pairs)]
    urls = [url for one in told for url in (*one.urls, one.heartbeat_url or "")]
    for url in urls if state.startswith("sqlite") else [state, *urls]:
        for part in re.split("[/:@?&=#]", url):
            if looks_like_key(part):
                hide(part)


def _text(path: Path) -> str:
    try:
        return read_text(path, LARGEST)
    except Missing:
        line = command("--config", str(path), "init")
        problem = f"{path} does not exist. Write one with: {line}"
    except Unreadable as error:
        problem = f"{path} cannot be read: {error}"
    raise Misconfigured(problem)


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
