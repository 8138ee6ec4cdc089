"""One row at a time: a row that cannot be understood is told, and costs itself alone.

This is the one place where a decoder's failures become a value. Whatever a row holds,
a decoder returns what it says or raises Malformed.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NamedTuple, TypeVar, TypeVarTuple

from mappings.canonical import fold, mask
from mappings.shapes import S, Shape, member, row_of
from mappings.wire import Json, Malformed, Row, kind

More = TypeVarTuple("More")
T = TypeVar("T")
LONGEST_NAME = 100
_FAILURES = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class Unread(NamedTuple):
    """A row that could not be understood: what it is of, which one it is, and why.

    ``name`` is its id, "" where that cannot be read either; ``text`` the text of a
    promotion code, or a partner's e-mail, where it can be read.
    """

    noun: str
    name: str
    place: str
    why: str
    text: str = ""

    @property
    def shown(self) -> str:
        """Name the row for people."""
        if not self.name:
            return f"{self.noun} in {self.place}"
        text = f" ({shown_name(self.text)})" if self.text != self.name else ""
        return f"{self.noun} {shown_name(self.name)}{text if self.text else ''}"


def decoder(
    shape: type[S],
) -> Callable[[Callable[[S, *More], T]], Callable[[Row | S, *More], T]]:
    """Let a decoder of rows take objects too, and fail in one way only: Malformed."""

    def wrapped(
        decode: Callable[[S, *More], T],
    ) -> Callable[[Json, *More], T]:
        @wraps(decode)
        def decoded(row: Json, /, *more: *More) -> T:
            try:
                read = row if type(row) is shape else row_of(shape, row)
                return decode(read, *more)
            except Malformed:
                raise
            except _FAILURES as error:
                text = f"a value that cannot be used ({type(error).__name__})"
                raise Malformed(text) from None

        return decoded

    return wrapped


def decode_row(decode: Callable[[Any], T], row: Json) -> T:
    """Return what a row says; Malformed where it is no object, or says nothing."""
    if not isinstance(row, Shape | dict):
        raise Malformed(f"expected an object, got {kind(row)}")
    return decode(row)


def understood(
    decode: Callable[[Any], T], rows: Iterable[Json]
) -> tuple[list[T], list[tuple[int, Json, str]]]:
    """Return what rows say, and those that cannot be understood with their numbers."""
    good: list[T] = []
    bad: list[tuple[int, Json, str]] = []
    for number, row in enumerate(rows, 1):
        try:
            good.append(decode_row(decode, row))
        except Malformed as error:
            bad.append((number, row, str(error)))
    return good, bad


def told(row: Json, field: str) -> str:
    """Return what a row that cannot be understood says in one field, or ""."""
    value = member(row, field)
    if type(value) is int and abs(value) < 10**LONGEST_NAME:
        return str(value)
    return value if isinstance(value, str) else ""


def may_be(row: Json, field: str, *names: str) -> bool:
    """Say whether a row that cannot be understood may be one of these.

    It is none of them only where it tells another name.
    """
    there = told(row, field)
    return not there or fold(there) in {fold(name) for name in names}


def shown_name(name: str) -> str:
    """Return a name for people: a provider's text, which may be long or an address."""
    short = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
    return mask(short) if "@" in short else short
