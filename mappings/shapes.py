"""A row as a small struct: read from a page in one go, or made of an object.

Its members are those that the documentation names, and hold whatever stands there:
what they mean is for the decoders to say, so that odd shapes (numbers as text, flags as
0 and 1, ``[]`` for ``{}``) cost nothing extra. What is not there is None, or ``UNSET``
where that says something else than null. What nobody documented is passed over.
"""

from typing import TypeVar

from msgspec import UNSET, Struct

from mappings.wire import Json, Malformed, kind

S = TypeVar("S", bound="Shape")


class Shape(Struct, gc=False):  # JSON has no cycles: nothing to collect
    """What one row says, member by member."""


def row_of(shape: type[S], row: Json) -> S:
    """Return a row as its struct; Malformed where it is no object."""
    if isinstance(row, shape):
        return row
    if not isinstance(row, dict):
        raise Malformed(f"expected an object, got {kind(row)}")
    known = shape.__struct_fields__
    return shape(**{name: row[name] for name in known if name in row})


def member(row: Json, name: str) -> Json:
    """Return what a row of either kind has under a name; None where it has nothing."""
    if isinstance(row, dict):
        return row.get(name)
    value = getattr(row, name, None) if isinstance(row, Shape) else None
    return None if value is UNSET else value


def has(row: Json, name: str) -> bool:
    """Say whether a row shows a member at all; one without a default always counts."""
    if isinstance(row, dict):
        return name in row
    return isinstance(row, Shape) and getattr(row, name, UNSET) is not UNSET
