"""What one answer says of one record: there, gone by the product's own word, or not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple, TypeVar

from connector.errors import Rejected, Unavailable, Unclear
from connector.providers.addresses import path_to
from connector.providers.http import ReadOnly
from mappings.answers import Dialect, is_absence, record_in
from mappings.rows import decode_row, may_be, shown_name
from mappings.tolerant_json import Unparsed
from mappings.wire import Json, Malformed, Row, mapping

T = TypeVar("T")


def record(
    http: ReadOnly,
    dialect: Dialect,
    collection: str,
    name: str,
    is_it: Callable[[Row], bool],
) -> Row | None:
    """Ask for one record; None where the product itself says that it is not there.

    Unclear where the answer is neither: of something in between, of another record,
    or nothing that anybody documented.
    """
    return _record(http, dialect, _Asked(path_to(collection, name), {}, name), is_it)


def found_by(
    http: ReadOnly,
    dialect: Dialect,
    path: str,
    query: Mapping[str, str],
    is_it: Callable[[Row], bool],
) -> Row | None:
    """Ask for one record by what is known of it, likewise."""
    asked = _Asked(path, query, " ".join(query.values()))
    return _record(http, dialect, asked, is_it)


class _Asked(NamedTuple):
    path: str
    query: Mapping[str, str]
    name: str


def _record(
    http: ReadOnly, dialect: Dialect, what: _Asked, is_it: Callable[[Row], bool]
) -> Row | None:
    noun = what.path.partition("/")[0]
    asked = f"{http.access.name}: {noun} {shown_name(what.name)}"
    try:
        row = record_in(http.get(what.path, what.query or None), dialect)
    except Rejected as refused:
        if refused.status == 404 and is_absence(refused.body, dialect, what.name):
            return None
        raise Unclear(f"{asked}: the answer tells nothing of it: {refused}") from None
    except Malformed as error:
        raise Unclear(f"{asked}: the answer tells nothing of it: {error}") from None
    if not is_it(row):
        raise Unclear(f"{asked}: the answer is about another one")
    return row


def whole_row(asked: str, row: Row | None) -> Row | None:
    """Return a row to be kept; Unclear where it could not be made again from that."""
    if row and any(isinstance(value, Unparsed) for value in row.values()):
        raise Unclear(f"{asked} cannot be read as a whole")
    return row


def clear(asked: str, decode: Callable[[Row], T], row: Row) -> T:
    """Return what one record says; Unclear where it cannot be understood."""
    try:
        return decode_row(decode, row)
    except Malformed as error:
        raise Unclear(f"{asked} cannot be understood: {error}") from None


@contextmanager
def understood(asked: str) -> Iterator[None]:
    """Make an answer about no record, which cannot be understood, one that failed."""
    try:
        yield
    except Malformed as error:
        raise Unavailable(f"{asked} cannot be understood: {error}") from None


def those(
    asked: str,
    decode: Callable[[Row], T],
    rows: Iterable[Json],
    may_be: Callable[[Json], bool],
) -> list[T]:
    """Return what rows say; Unclear where one that may be meant says nothing."""
    values: list[T] = []
    for row in rows:
        try:
            values.append(decode_row(decode, row))
        except Malformed as error:
            if may_be(row):
                why = f"{asked}: a row that may be it cannot be understood: {error}"
                raise Unclear(why) from None
    return values


def data_of(body: Json) -> Row:
    """Return ``data`` (an object, or a list of one), or a body that has none.

    For answers that prove nothing: of a write, or of who is there.
    """
    whole = mapping(body)
    return mapping(whole["data"]) if "data" in whole else whole


def named(field: str, name: str) -> Callable[[Json], bool]:
    """Return what says of a row that it may be the one with this name."""
    return partial(_named, field, name)


def _named(field: str, name: str, row: Json) -> bool:
    return may_be(row, field, name)
