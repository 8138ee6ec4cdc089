"""Reading JSON of which a part cannot be held: one bad row costs that row alone.

What Python cannot read (5,000 digits, half a character, thousands of brackets) makes
``json`` refuse a whole page. Then the page is walked: a row that cannot be read, or the
one record of an answer, is read member by member, and ``Unparsed`` stands where a value
was.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from mappings.wire import Json

TOO_MUCH = (ValueError, RecursionError, ArithmeticError)
"""What reading a value may end in: no JSON, too deep, an exponent without end."""
_UNSTORABLE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
NUL = "it holds a NUL"
_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\[\]{}\":]+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
Walk = Callable[[str, str, int], tuple[Json, int]]
"""Reads the value of a member (by its name) that begins at a place of a text."""


@dataclass(frozen=True, slots=True)
class Unparsed:
    """What stands in the place of a value that cannot be read."""

    why: str


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


_STRICT = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def parse(content: bytes | bytearray) -> Json:
    """Return the JSON; ValueError where not even its rows can be told apart."""
    try:
        body = json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
        if _UNSTORABLE.search(content):
            _storable(body)
    except TOO_MUCH:
        return _walked(content)
    return body


def _storable(value: Json) -> None:
    """Raise where a text could neither be stored nor ever be sent back.

    No database takes half a character, and PostgreSQL takes no NUL.
    """
    printed = json.dumps(value, ensure_ascii=False, default=str)
    printed.encode()
    if _NUL.search(printed):
        raise ValueError(NUL)


def _walked(content: bytes | bytearray) -> Json:
    text = bytes(content).decode("utf-8", "surrogateescape").lstrip("\ufeff")
    body, end = _object(text, _next(text, 0), _top)
    if _next(text, end) != len(text):
        raise ValueError("something follows the JSON")
    return body


def _top(name: str, text: str, at: int) -> tuple[Json, int]:
    """Read a member of the whole answer; the rows are those of ``data``."""
    if name == "data" and text[at : at + 1] == "[":
        return _array(text, at)
    if name == "data" and text[at : at + 1] == "{":
        return _object(text, at, _inner)
    return _read(text, at)


def _inner(name: str, text: str, at: int) -> tuple[Json, int]:
    """Read a member of ``data``: of a record, or the list that Tolt v1 has in there."""
    listed = name == "data" and text[at : at + 1] == "["
    return _array(text, at) if listed else _or_not(name, text, at)


def _row(text: str, at: int) -> tuple[Json, int]:
    """Read a row: whole, else member by member, else not at all."""
    try:
        return _read(text, at)
    except TOO_MUCH as error:
        end, why = _skip(text, at), error
    try:
        row, _ = _object(text, at, _or_not)
    except TOO_MUCH:
        return Unparsed(_said(why)), end
    return row, end


def _or_not(name: str, text: str, at: int) -> tuple[Json, int]:
    """Read a member of a row, or leave it out."""
    del name
    try:
        return _read(text, at)
    except TOO_MUCH as error:
        return Unparsed(_said(error)), _skip(text, at)


def _read(text: str, at: int) -> tuple[Json, int]:
    value, end = _STRICT.raw_decode(text, at)
    _storable(value)
    return value, end


def _object(text: str, at: int, walk: Walk) -> tuple[dict[str, Json], int]:
    """Read an object whose values are read by ``walk``."""
    values: dict[str, Json] = {}
    at = _expect(text, at, "{")
    while text[at : at + 1] != "}":
        if values:
            at = _expect(text, at, ",")
        if text[at : at + 1] != '"':
            raise ValueError("a member without a name")
        name, at = _read(text, at)
        at = _expect(text, _next(text, at), ":")
        values[name], at = walk(name, text, at)
        at = _next(text, at)
    return values, at + 1


def _array(text: str, at: int) -> tuple[list[Json], int]:
    rows: list[Json] = []
    at = _expect(text, at, "[")
    while text[at : at + 1] != "]":
        if rows:
            at = _expect(text, at, ",")
        row, at = _row(text, at)
        rows.append(row)
        at = _next(text, at)
    return rows, at + 1


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"expected {sign}")
    return _next(text, at + 1)


def _next(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _skip(text: str, at: int) -> int:
    """Return where a value ends, without reading it."""
    if text[at : at + 1] not in ("{", "["):
        scalar = _STRING.match(text, at) or _SCALAR.match(text, at)
        if scalar is None:
            raise ValueError("no value")
        return scalar.end()
    depth = 0
    for token in _TOKEN.finditer(text, at):
        sign = token.group()
        depth += (sign in "{[") - (sign in "}]")
        if not depth:
            return token.end()
    raise ValueError("it has no end")


def _said(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "it holds half a character"
    return NUL if str(error) == NUL else "it cannot be read as JSON"
