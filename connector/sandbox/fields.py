"""Fields of request bodies: pydantic types by name, and forms made of them.

A form names the fields that an endpoint reads. What is not in its form is unknown to
the endpoint; whether that is an error is for the API to say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic import Field as Limits

ZERO = Decimal(0)
PLAIN = r"^[0-9]{1,15}(\.[0-9]{1,12})?$"
WORD = r"^[A-Za-z0-9_-]*$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is read, and whether it must be there."""

    kind: TypeAdapter[Any]
    required: bool = False
    refers: str = ""  # the table that this id points into


Form = dict[str, Field]
Bad = list[tuple[str, str]]
Problem = Mapping[str, Any]  # what pydantic says of a value; None: it is missing
Say = Callable[[str, Field, Any, Problem | None], str]


def fields(names: str, kind: Any, *, refers: str = "") -> Form:
    """Fields of one type; `!` marks what is required."""
    adapter = TypeAdapter(kind)
    return {
        word.removesuffix("!"): Field(adapter, word.endswith("!"), refers)
        for word in names.split()
    }


def check(source: dict[str, Any], form: Form, say: Say) -> tuple[dict[str, Any], Bad]:
    """What was given, and every field that does not fit, in the words of an API.

    Null stays None.
    """
    values: dict[str, Any] = {}
    bad: Bad = []
    for name, field in form.items():
        value = source.get(name)
        try:
            if value is not None:
                values[name] = field.kind.validate_python(value)
            elif field.required:
                bad.append((name, say(name, field, value, None)))
            elif name in source:
                values[name] = None
        except ValidationError as why:
            bad.append((name, say(name, field, value, why.errors()[0])))
    return values, bad


def _in_utc(value: datetime) -> datetime:
    """A time without its zone is taken for UTC."""
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError as why:
        raise ValueError(str(why)) from why


def _map_of_php(value: Any) -> Any:
    """PHP sends an empty map as a list."""
    return {} if value == [] else value


def _list_of_php(value: Any) -> Any:
    """And old samples send an empty list as a map."""
    return [] if value == {} else value


def _single(value: Any) -> Any:
    """An object may come as an array that holds just it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _no_text(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("a number is wanted")  # noqa: TRY004 (pydantic's way to refuse)
    return value


Text = Annotated[str, StringConstraints(max_length=255)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
ShortWord = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=WORD)
]
Word = Annotated[str, StringConstraints(max_length=255, pattern=WORD)]
FreeWord = Annotated[str, StringConstraints(max_length=100, pattern=WORD)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=255)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")]
Url = Annotated[str, StringConstraints(max_length=255, pattern=r"^https?://\S+$")]
Words = list[Annotated[str, StringConstraints(max_length=255)]]
Email = Annotated[str, StringConstraints(max_length=255, pattern=EMAIL)]
Flag = Annotated[bool, Limits(strict=True)]
Map = Annotated[dict[str, Any], BeforeValidator(_map_of_php)]
Single = Annotated[Map, BeforeValidator(_single)]
Maps = Annotated[list[dict[str, Any]], BeforeValidator(_list_of_php)]
Amount = Annotated[Decimal, Limits(ge=0, le=10**12, decimal_places=12)]
Whole = Annotated[int, Limits(ge=0, le=10**13 - 1)]
Count = Annotated[int, Limits(strict=True, ge=0, le=10**13 - 1)]
Number = Annotated[Decimal, BeforeValidator(_no_text)]
Plain = Annotated[str, StringConstraints(pattern=PLAIN), AfterValidator(Decimal)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
AnyTime = Annotated[datetime, AfterValidator(_in_utc)]
MOMENT = TypeAdapter(Moment)
