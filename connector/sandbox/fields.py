"""Fields of request bodies: one table drives the checks and the description.

A form names the fields that an endpoint reads. What is not in its form is unknown to
the endpoint; whether that is an error is for the API to say.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is read: `read` raises when the value does not fit."""

    expected: str
    read: Callable[[Any], Any]
    schema: Schema
    required: bool = False
    refers: str = ""  # the table that this id points into


Form = dict[str, Field]
Bad = list[tuple[str, str]]


def form(kinds: Form, names: str, **other: Field) -> Form:
    """The fields of these names; `!` marks what is required."""
    fields: Form = {}
    for word in names.split():
        name = word.removesuffix("!")
        field = other.get(name) or kinds[name]
        fields[name] = replace(field, required=word != name)
    return fields


def alike(names: str, field: Field) -> Form:
    return dict.fromkeys(names.split(), field)


def check(source: dict[str, Any], form: Form) -> tuple[dict[str, Any], Bad]:
    """What was given, and every field that does not fit; null stays None."""
    values: dict[str, Any] = {}
    bad: Bad = []
    for name, field in form.items():
        value = source.get(name)
        try:
            if value is not None:
                values[name] = field.read(value)
            elif field.required:
                bad.append((name, field.expected))
            elif name in source:
                values[name] = None
        except (ValueError, TypeError, OverflowError, OSError):
            bad.append((name, field.expected))
    return values, bad


def kind(
    expected: str,
    fits: Callable[[Any], bool],
    schema: Schema,
    into: Callable[[Any], Any] = lambda value: value,
) -> Field:
    """A field whose values pass a test."""

    def read(value: Any) -> Any:
        if not fits(value):
            raise ValueError(expected)
        return into(value)

    return Field(expected, read, schema)


def text(least: int = 0, most: int = 255, pattern: str = ".*") -> Field:
    def fits(value: Any) -> bool:
        long = isinstance(value, str) and least <= len(value) <= most
        return long and bool(re.fullmatch(pattern, value, re.DOTALL))

    schema = {"type": "string", "minLength": least, "maxLength": most}
    if pattern != ".*":
        schema["pattern"] = f"^{pattern}$"
    return kind(f"a string of {least} to {most} characters", fits, schema)


def choice(*allowed: str) -> Field:
    schema = {"type": "string", "enum": list(allowed)}
    return kind(" | ".join(allowed), lambda value: value in allowed, schema)


def refer(table: str) -> Field:
    return replace(text(), refers=table)


def number(most: int, *, texts: bool = False, whole: bool = False) -> Field:
    """An exact number from 0 to `most`; `texts` takes numeric strings too."""

    def read(value: Any) -> Decimal | int:
        if texts and isinstance(value, str) and re.fullmatch(PLAIN, value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise TypeError(value)
        if not 0 <= value <= most or (whole and value != int(value)):
            raise ValueError(value)
        return int(value) if whole else Decimal(value)

    what = "integer" if whole else "number"
    schema = {"type": what, "minimum": 0, "maximum": most}
    return Field(f"{what} from 0 to {most}", read, schema)


PLAIN = r"[0-9]{1,15}(\.[0-9]{1,12})?"


def moment(value: str) -> datetime:
    """An ISO 8601 time that carries its zone."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found.astimezone(UTC)


def _unix_time(value: Any) -> datetime:
    if isinstance(value, str):
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if type(value) is not int:
        raise TypeError(value)
    return datetime.fromtimestamp(value, UTC)


def _single(value: Any) -> Any:
    """An object, or an array that holds at most one."""
    if isinstance(value, list) and len(value) < 2:
        value = value[0] if value else {}
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


ANY = Field("anything", lambda value: value, {})
EMAIL = kind(
    "a valid email address",
    lambda value: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value)),
    {"type": "string", "format": "email", "maxLength": 255},
)
FLAG = kind("boolean", lambda value: isinstance(value, bool), {"type": "boolean"})
# PHP takes 0 and 1 for a flag, and sends an empty map as a list.
LOOSE_FLAG = kind("boolean", lambda value: value in (0, 1), FLAG.schema, bool)
MAP = kind(
    "an object",
    lambda value: value == [] or isinstance(value, dict),
    {"type": "object"},
    dict,
)
SINGLE = Field("an object", _single, {"type": "object"})
LIST = kind("an array", lambda value: isinstance(value, list), {"type": "array"})
STRINGS = kind(
    "an array of strings",
    lambda value: (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    ),
    {"type": "array", "items": {"type": "string"}},
)
AMOUNT = number(10**12, texts=True)
WHOLE = number(10**12, texts=True, whole=True)
CENTS = number(10**13 - 1, whole=True)
DATE = Field("a date", lambda value: date.fromisoformat(value[:10]), {"type": "string"})
MOMENT = Field(
    "an ISO datetime with offset", moment, {"type": "string", "format": "date-time"}
)
UNIX_TIME = Field(
    "a timestamp", _unix_time, {"type": "integer", "minimum": 0, "maximum": 2 * 10**9}
)
UNIX_SECONDS = kind(
    "an integer", lambda value: isinstance(value, int), UNIX_TIME.schema, _unix_time
)
DECIMAL = kind(
    "a decimal string",
    lambda value: bool(re.fullmatch(PLAIN, value)),
    {"type": "string", "pattern": f"^{PLAIN}$"},
    Decimal,
)
