"""The configuration: one TOML file, checked once, with errors that can be acted on.

Relative paths are relative to the file itself.
"""

import csv
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ValidationError

from connector.engine.change import digest
from connector.engine.partners import Alias
from connector.engine.policy import Limits, Policy
from connector.errors import Misconfigured
from connector.sections import File, PairSection, kind_and_amount
from mappings.canonical import Discount, Side, fixed_major, percentage
from state.places import SQLITE, file_of, url_of

_HEADER = re.compile("(partnero|tolt)(?:[ _-]+[a-z]+)*")
"""A column's name; without a digit, which an id has."""
WHEN = ("schedule", "timezone", "jitter", "full_read_every", "webhooks")
"""What says only when a pair is looked at."""


@dataclass(frozen=True, slots=True)
class Config:
    """The checked file and where it lies."""

    path: Path
    file: File

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
        raise Misconfigured(
            f"{self.path}: there is no pair {name!r}{_nearest(name, names)}; "
            f"there are: {', '.join(names)}"
        )


def load(path: Path) -> Config:
    """Read and check the file; Misconfigured with every problem in it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured(
            f"{path} does not exist. Write one with: partnero-tolt --config {path} init"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from None
    try:
        return Config(path, File.model_validate(raw))
    except ValidationError as error:
        problems = "\n".join(f"  {line}" for line in _problems(error))
        raise Misconfigured(f"{path}:\n{problems}") from None


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
    where = f"{config.path}: pairs.{pair.name}.partners.aliases: {path}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened)
            found = [(reader.line_num, [c.strip() for c in row]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        told = getattr(error, "strerror", None) or error
        raise Misconfigured(f"{where} cannot be read: {told}") from None
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
            f"either order; this one is: {','.join(first)}"
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


def _problems(error: ValidationError) -> Iterable[str]:
    """Say each problem with its key path and what is allowed."""
    for found in error.errors():
        path = ".".join(str(part) for part in found["loc"]) or "the file"
        message = str(found["msg"]).removeprefix("Value error, ")
        if found["type"] == "extra_forbidden":
            known = _keys_beside(found["loc"])
            name = str(found["loc"][-1])
            message = f"unknown key{_nearest(name, known)}"
        elif found["type"] == "missing":
            message = "is missing"
        elif found["type"] != "value_error":
            message = f"{message}, got {found['input']!r:.40}"
        yield f"{path}: {message}"


def _keys_beside(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are known where an unknown one stands."""
    model: Any = File
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        inner = getattr(annotation, "__args__", (annotation,))
        sections = [one for one in inner if isinstance(one, type)]
        model = next((one for one in sections if issubclass(one, BaseModel)), model)
    return list(model.model_fields)


def _nearest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    allowed = "" if close else f"; allowed are: {', '.join(known)}"
    return f" (did you mean {close[0]!r}?)" if close else allowed
