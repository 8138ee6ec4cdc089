"""A page of a listing from its bytes straight to rows.

What ``msgspec`` will not take, and what holds a text that no database takes, is read by
the tolerant reader instead (tolerant_json.py), whose rows then become the same structs:
the outcome is the same, and only slower. Names that nobody documented are looked for
in a sample of the pages, the 1st, 2nd, 4th, 8th, ...: a page tells them all at once.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Generic

import msgspec
from msgspec import UNSET, Struct

from mappings.answers import failure, rows_in
from mappings.shapes import S, Shape, has, row_of
from mappings.tolerant_json import TOO_MUCH, parse
from mappings.wire import Json, Malformed

_NUL = b"\\u0000"


class Nested(Struct, Generic[S]):
    """``data.data``, where Tolt v1 has its customers."""

    data: list[S]


class Listed(Shape, Generic[S], gc=False):
    """An answer that is a listing, with what both products say beside the rows."""

    data: list[S] | Nested[S]
    success: Json = True
    status: Json = None
    links: Json = None
    has_more: Json = None
    next_cursor: Json = UNSET
    prev_cursor: Json = UNSET
    total_count: Json = UNSET

    @property
    def rows(self) -> list[S]:
        return self.data.data if isinstance(self.data, Nested) else self.data


class _Names(Struct):
    """The names of the members of a page's rows, and nothing of what they hold."""

    data: list[dict[str, msgspec.Raw]] | Nested[dict[str, msgspec.Raw]]  # type: ignore[type-var]


class Paged(Generic[S]):
    """Reads the pages of one listing, and keeps what their rows are called.

    ``unknown`` are names that are not ``documented``; ``absent`` those of the
    ``needed`` ones that no row has had, as far as there were rows.
    """

    def __init__(
        self,
        shape: type[S],
        documented: frozenset[str] = frozenset(),
        needed: frozenset[str] = frozenset(),
    ) -> None:
        self.shape = shape
        self.unknown: set[str] = set()
        self._documented = documented
        self._missing = set(needed)
        self._any = False
        self._pages = 0
        decoder = msgspec.json.Decoder(Listed[shape], float_hook=Decimal)  # type: ignore[valid-type]
        self._decode = decoder.decode

    @property
    def absent(self) -> set[str]:
        return self._missing if self._any else set()

    def read(self, content: bytearray) -> Json:
        """Return a page as it was read; ValueError where it is no JSON at all."""
        self._pages += 1
        try:
            if _NUL in content:
                return parse(content)
            answer = self._decode(content)
            if self._documented and not self._pages & (self._pages - 1):
                self._look_at_names(content)
        except (msgspec.MsgspecError, *TOO_MUCH):
            return parse(content)
        return answer

    def listed(self, answer: Json) -> Listed[S]:
        """Return what was read as a listing; Malformed where it is none."""
        listed: Listed[S]
        listed = answer if isinstance(answer, Listed) else self._made_of(answer)
        if why := failure(listed.success, listed.status):
            raise Malformed(why)
        self._miss(listed.rows)
        return listed

    def _made_of(self, body: Json) -> Listed[S]:
        """Return the listing in an object; a row that is none stays what it is."""
        rows = rows_in(body)
        objects = [row for row in rows if isinstance(row, dict)]
        if self._documented:
            self.unknown |= set().union(*objects) - self._documented
        made = [row_of(self.shape, r) if isinstance(r, dict) else r for r in rows]
        beside = Listed.__struct_fields__[1:]
        return Listed(made, **{name: body[name] for name in beside if name in body})

    def _look_at_names(self, content: bytearray) -> None:
        data = _NAMES.decode(content).data
        rows = data.data if isinstance(data, Nested) else data
        self.unknown |= set().union(*rows) - self._documented

    def _miss(self, rows: Sequence[Shape]) -> None:
        self._any = self._any or bool(rows)
        if self._missing:
            self._missing -= {
                name for name in self._missing if any(has(row, name) for row in rows)
            }


_NAMES = msgspec.json.Decoder(_Names)
