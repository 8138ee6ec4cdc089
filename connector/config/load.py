"""The configuration: one TOML file, checked once, with errors that can be acted on.

Relative paths are relative to the file itself.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from connector.config.allowed import kind_and_amount
from connector.config.files import Missing, Unreadable, read_text
from connector.config.problems import MOST, Places, nearest, problems, unusable
from connector.config.schema import File, PairSection
from connector.engine.change import digest
from connector.engine.partners import Alias
from connector.engine.policy import Limits, Policy
from connector.errors import Misconfigured
from connector.reports.typed import command
from mappings.canonical import Discount, Side, fixed_major, percentage
from mappings.discreet import looks_like_key, shown, shown_key, without_keys
from mappings.masking import hide
from state.places import SQLITE, file_of, url_of

_HEADER = re.compile("(partnero|tolt)(?:[ _-]+[a-z]+)*")
"""A column's name; without a digit, which an id has."""
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
LARGEST = 1024 * 1024
"""Bytes: some thousand pairs."""
MOST_ALIASES = 64 * LARGEST
DOTS = 1000
"""In a line; a key of so many parts is nobody's."""
WHEN = ("schedule", "timezone", "jitter", "full_read_every", "webhooks")
"""What says only when a pair is looked at."""


@dataclass(frozen=True, slots=True)
class Config:
    """The checked file and where it lies; ``text`` is what stands in it."""

    path: Path
    file: File
    text: str = field(default="", repr=False, compare=False)

    @property
    def folder(self) -> Path:
        return self.path.resolve().parent

    @property
    def home(self) -> Path:
        """The folder in which the file was named, whatever it is a link to."""
        return self.path.absolute().parent

    @property
    def state_url(self) -> str:
        """The state's URL, a relative file made absolute against what was named.

        A link that moves with each release must not take the state away.
        """
        return self._state_in(self.home)

    @property
    def left_behind(self) -> Path | None:
        """The state's file where the link to this file leads, if it is another one."""
        there = file_of(self._state_in(self.folder))
        return None if there == file_of(self.state_url) else there

    @property
    def moves(self) -> bool:
        """Whether the state lies in a folder that is only reached through a link."""
        relative = self._state_in(self.home) != self._state_in(Path("/"))
        return relative and self.home.resolve() != self.home

    def _state_in(self, folder: Path) -> str:
        url = self.file.state.url
        if not url.startswith(SQLITE) or url.startswith(SQLITE + "/"):
            return url
        return url_of(folder / unquote(url.removeprefix(SQLITE)))

    def pair(self, name: str) -> PairSection:
        """Return a pair by name; Misconfigured where there is none of it."""
        for pair in self.file.pairs:
            if pair.name == name:
                return pair
        names = [pair.name for pair in self.file.pairs]
        close = nearest(name, names).partition(";")[0]
        raise Misconfigured(
            f"{self.path}: there is no pair {shown(name)}{close}; "
            f"there are: {', '.join(names)}"
        )

    def where(self, pair: PairSection, *key: str) -> str:
        """Name a setting of a pair: ``connector.toml:12: pair acme: tolt.api_key``."""
        names = (one.name for one in self.file.pairs)
        number = next((n for n, name in enumerate(names) if name == pair.name), 0)
        places = Places(self.path, self.text, {})
        return places.named(("pairs", number, *key), pair=pair.name)


def load(path: Path) -> Config:
    """Read and check the file; Misconfigured, and nothing else, with every problem."""
    text = _text(path)
    raw = _parsed(path, text)
    places = Places(path, text, raw)
    wrong = [f"{places.named(key)}: {told}" for key, told in unusable(raw)][:MOST]
    try:
        checked = File.model_validate(raw)
        if not wrong:
            _hide_tokens(checked)
            return Config(path, checked, text)
    except ValidationError as error:
        wrong += problems(places, error)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        wrong += [f"{path}: something in it cannot be understood"]
    raise Misconfigured("\n".join(wrong))


def _hide_tokens(file: File) -> None:
    """Let the tokens of addresses stand in nothing that leaves the program.

    A password that is a word is not looked for in texts: it would be found in many.
    """
    state = file.state.url
    urls = [*file.notify.urls, file.notify.heartbeat_url or ""]
    for url in urls if state.startswith("sqlite") else [state, *urls]:
        for part in re.split("[/:@?&=#]", url):
            if looks_like_key(part):
                hide(part)


def _text(path: Path) -> str:
    try:
        return read_text(path, LARGEST)
    except Missing:
        line = command("--config", str(path), "init")
        told = f"{path} does not exist. Write one with: {line}"
    except Unreadable as error:
        told = f"{path} cannot be read: {error}"
    raise Misconfigured(told)


def _parsed(path: Path, text: str) -> dict[str, Any]:
    """Return what the TOML says; nothing of what stands in it is repeated."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > DOTS:  # tomllib takes minutes over such a key
            raise Misconfigured(f"{path}:{number}: is nested too deep")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Misconfigured(f"{path} cannot be read: it is nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        told = str(error)
    except (ArithmeticError, ValueError):
        told = "a number or a date in it is too long"
    place = _LINE.search(told)
    where = f"{path}:{place[1]}" if place else f"{path}"
    raise Misconfigured(f"{where}: cannot be read, it is no TOML: {_plainly(told)}")


def _plainly(told: str) -> str:
    """Return a complaint of tomllib without place, keys and values."""
    told = re.sub(r"\(.*\)", "", told, flags=re.DOTALL)
    return " ".join(without_keys(told).split())


def policy_of(pair: PairSection) -> Policy:
    """Return the pair's permissions in the engine's words."""
    stated = pair.policy
    limits = pair.limits.model_dump(exclude={"attempts", "settle_seconds"})
    return Policy(
        **stated.model_dump(exclude={"redemptions_since"}),
        direction=pair.direction,
        redemptions_stated="redemptions" in stated.model_fields_set,
        redemptions_since=str(stated.redemptions_since or ""),
        duration=pair.coupons.canonical_duration,
        coupons=dict(_coupon_map(pair)),
        limits=Limits(**limits),
    )


def config_digest(pair: PairSection, aliases: Iterable[Alias]) -> str:
    """Return the mark of everything in the configuration that makes a plan."""
    without: dict[str, bool | set[str]] = dict.fromkeys(WHEN, True)
    without |= {side.value: {"api_key", "requests_per_second"} for side in Side}
    content = pair.model_dump(mode="json", exclude=without)
    return digest([content, sorted(alias[:2] for alias in aliases)])[:16]


def aliases_of(config: Config, pair: PairSection) -> list[Alias]:
    """Return the alias file's lines: each side named by e-mail or by id."""
    if pair.partners.aliases is None:
        return []
    path = config.folder / pair.partners.aliases
    where = f"{config.where(pair, 'partners', 'aliases')}: {path}"
    try:
        reader = csv.reader(io.StringIO(read_text(path, MOST_ALIASES), newline=""))
        found = [(reader.line_num, [c.strip() for c in row]) for row in reader]
    except (Unreadable, csv.Error) as error:
        raise Misconfigured(f"{where} cannot be read: {error}") from None
    lines = [(n, row) for n, row in found if any(row) and not row[0].startswith("#")]
    columns = _columns(lines[0][1], f"{where}: line {lines[0][0]}") if lines else None
    about = lines[1:] if columns else lines
    return [_alias(where, number, row, columns) for number, row in about]


def _columns(first: list[str], where: str) -> tuple[int, int] | None:
    """Return where a header puts Partnero and Tolt; None for a line about partners."""
    named = [_HEADER.fullmatch(cell.lower()) for cell in first]
    if not any(named) or any("@" in cell for cell in first):
        return None
    places = [
        [place for place, name in enumerate(named) if name and name[1] == side]
        for side in Side
    ]
    if any(len(one) != 1 for one in places):
        raise Misconfigured(
            f"{where}: a header names both sides once, partnero_email,tolt_email in "
            f"either order; this one is: {','.join(map(shown_key, first))}"
        )
    return places[0][0], places[1][0]


def _alias(
    where: str, line: int, row: list[str], columns: tuple[int, int] | None
) -> Alias:
    left, right = (row[n] if n < len(row) else "" for n in columns or (0, 1))
    if not (left and right):
        raise Misconfigured(
            f"{where}: line {line}: each line names two partners, "
            "partnero_email,tolt_email (or as a first line says); this one names "
            f"{bool(left) + bool(right)}"
        )
    return Alias(left, right, line)


def _coupon_map(pair: PairSection) -> Iterable[tuple[Discount, str]]:
    for name, uuid in pair.coupons.map.items():
        kind, amount = kind_and_amount(name)
        if kind == "percentage":
            yield percentage(amount), uuid
        else:
            yield fixed_major(amount, pair.currency), uuid
