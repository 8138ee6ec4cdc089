"""Reading JSON that may come in several shapes, without trusting any of it.

PHP prints an empty map as ``[]``; Tolt v1 wraps single objects in a list and one
list in ``data.data``; numbers come as numbers or as strings. Whatever cannot be
understood raises Malformed: the caller then treats the row as unknown, which is
neither there as it was nor gone (rows.py).
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from mappings.errors import SyncError

Json = Any
Row = Mapping[str, Json]


class Malformed(SyncError, ValueError):
    """An answer, or a row of it, that does not have the documented shape."""

    reason = "bad_answer"


def mapping(value: Json) -> Row:
    """Return the object; ``[]`` and null are the empty one, ``[x]`` is x."""
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return {}
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0]
    raise Malformed(f"expected an object, got {kind(value)}")


def rows(value: Json) -> list[Row]:
    """Return a list of objects; ``{"data": [...]}`` is unwrapped, a lone one listed."""
    if isinstance(value, dict):
        value = value.get("data", [value])
    if value is None:
        return []
    if not isinstance(value, list) or not set(map(type, value)) <= {dict}:
        raise Malformed(f"expected a list of objects, got {kind(value)}")
    return value


def as_text(value: Json, field: str) -> str:
    """Return a required, non-empty string (a number is taken as its digits)."""
    if type(value) is int:
        return str(value)
    if type(value) is not str or not value:
        raise Malformed(f"{field} should be a text, got {kind(value)}")
    return value


def as_optional_text(value: Json, field: str) -> str | None:
    """Return a string, or None where it is null or empty."""
    return None if value is None or value == "" else as_text(value, field)


def text(row: Row, field: str) -> str:
    """Return a required, non-empty string of an object."""
    return as_text(row.get(field), field)


def optional_text(row: Row, field: str) -> str | None:
    """Return a string of an object, or None where it is absent, null or empty."""
    return as_optional_text(row.get(field), field)


_TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}


def flag(value: Json) -> bool:
    """Return a truth value in any shape that a column without a cast has.

    What is none of them is malformed: taken for False, it would lift a restriction.
    """
    if value is True or value is False:
        return value
    if value is None:
        return False
    if type(value) is int and value in (0, 1):
        return value == 1
    truth = _TRUTHS.get(value.lower()) if type(value) is str else None
    if truth is None:
        raise Malformed(f"expected true or false, got {kind(value)}: {value!r:.40}")
    return truth


def is_off(active: Json) -> bool:
    """Say whether ``active`` is off; what is not told is unknown, and not off."""
    return active is not None and not flag(active)


def number(value: Json) -> Decimal | None:
    """Return a number given as a number or as text; None stays None."""
    if value is None or value == "":
        return None
    if type(value) is int and abs(value) < 10**30:
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | float):
        raise Malformed(f"expected a number, got {kind(value)}")
    try:
        parsed = Decimal(str(value))
    except InvalidOperation:
        raise Malformed(f"expected a number, got {value!r:.40}") from None
    if not parsed.is_finite() or parsed.adjusted() > 30 or parsed.adjusted() < -30:
        raise Malformed(f"expected a usable number, got {value!r:.40}")
    return parsed


def whole(value: Json) -> int | None:
    """Return a whole number, or None where it is absent."""
    if value is None or (type(value) is int and abs(value) < 10**30):
        return value
    parsed = number(value)
    if parsed is None:
        return None
    if parsed != parsed.to_integral_value():
        raise Malformed(f"expected a whole number, got {value!r:.40}")
    return int(parsed)


def json_number(value: Decimal) -> int | float:
    """Return what prints as exactly this number in JSON; ValueError where none does."""
    if value == value.to_integral_value():
        return int(value)
    printed = float(value)
    if Decimal(repr(printed)) != value:
        raise ValueError(f"{value} has too many digits for a JSON number")
    return printed


def kind(value: Json) -> str:
    """Name the type of a JSON value for a message, never its content."""
    names = {dict: "an object", list: "a list", str: "a text", type(None): "nothing"}
    return names.get(type(value), "a number or a truth value")
