"""A table that stays sorted by creation and by change, with one index by text.

Listings must cost a page and not the whole table, also with 100,000 rows, so each
order is a sorted list of (time, id) kept by bisection. No general query engine:
one range, one direction, one predicate is all that the two APIs offer.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Generic, Literal, TypeVar

Sort = Literal["created_at", "updated_at"]
Key = tuple[datetime, str]


def fold(text: str) -> str:
    """The form in which codes and e-mails are compared."""
    return text.strip().casefold()


def kept(text: str, rule: Literal["exact", "trim", "lower"]) -> str:
    """A key as a server keeps it that trims, or that changes letter case."""
    if rule == "exact":
        return text
    return text.strip() if rule == "trim" else text.lower()


@dataclass(slots=True)
class Row:
    """What every stored record has."""

    uid: str
    created_at: datetime
    updated_at: datetime


R = TypeVar("R", bound=Row)


@dataclass(slots=True)
class Table(Generic[R]):
    """Rows by id, in two sorted orders, and by the folded text of one field."""

    key: str = "uid"
    rows: dict[str, R] = field(default_factory=dict)
    by_created: list[Key] = field(default_factory=list)
    by_updated: list[Key] = field(default_factory=list)
    index: dict[str, list[R]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter([self.rows[uid] for _, uid in self.by_created])

    def add(self, row: R) -> R:
        self.rows[row.uid] = row
        insort(self.by_created, (row.created_at, row.uid))
        insort(self.by_updated, (row.updated_at, row.uid))
        if (text := getattr(row, self.key)) is not None:
            self.index.setdefault(fold(text), []).append(row)
        return row

    def remove(self, row: R) -> None:
        del self.rows[row.uid]
        del self.by_created[bisect_left(self.by_created, (row.created_at, row.uid))]
        del self.by_updated[bisect_left(self.by_updated, (row.updated_at, row.uid))]
        if (text := getattr(row, self.key)) is not None:
            twins = self.index[fold(text)]
            twins.remove(row)
            if not twins:
                del self.index[fold(text)]

    def change(self, row: R, **values: Any) -> None:
        """Set fields of a row and put it where it now belongs."""
        self.remove(row)
        try:
            for name, value in values.items():
                setattr(row, name, value)
        finally:
            self.add(row)

    def touch(self, row: R, now: datetime) -> None:
        self.change(row, updated_at=now)

    def named(self, text: str) -> list[R]:
        """Rows whose key is equal but for case; the exact spelling, then the oldest."""
        twins = self.index.get(fold(text), ())
        return sorted(twins, key=lambda row: (getattr(row, self.key) != text, row.uid))

    def exact(self, text: str) -> R | None:
        """The oldest row whose key is exactly so."""
        twins = self.named(text)
        return twins[0] if twins and getattr(twins[0], self.key) == text else None

    def slice(self, start: int, stop: int, *, newest: bool = False) -> list[R]:
        """Rows by position in order of creation, from either end."""
        keys = self.by_created
        if newest:
            end = len(keys)
            keys = keys[max(end - stop, 0) : max(end - start, 0)][::-1]
        else:
            keys = keys[start:stop]
        return [self.rows[uid] for _, uid in keys]

    def walk(
        self,
        sort: Sort,
        *,
        since: Key | None,
        until: Key | None,
        down: bool,
        keep: Callable[[R], bool],
        at_most: int,
    ) -> list[R]:
        """The first rows between two keys (`since` included, `until` not)."""
        keys = self.by_created if sort == "created_at" else self.by_updated
        low = bisect_left(keys, since) if since else 0
        high = bisect_left(keys, until) if until else len(keys)
        places = range(high - 1, low - 1, -1) if down else range(low, high)
        rows = (self.rows[keys[place][1]] for place in places)
        return list(islice(filter(keep, rows), at_most))
