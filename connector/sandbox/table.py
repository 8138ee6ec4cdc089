"""A table that stays sorted by creation and by change.

Listings must cost a page and not the whole table, also with 100,000 rows, so each
order is a sorted list of (time, id) kept by bisection. No general query engine:
one range, one direction, one predicate is all that the two APIs offer.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Generic, Literal, Protocol, TypeVar

Sort = Literal["created_at", "updated_at"]
Key = tuple[datetime, str]


def fold(text: str) -> str:
    """The form in which codes and e-mails are compared."""
    return text.strip().casefold()


class Row(Protocol):
    """What every stored record has."""

    uid: str
    created_at: datetime
    updated_at: datetime


R = TypeVar("R", bound=Row)


@dataclass(slots=True)
class Table(Generic[R]):
    """Rows by id, in two sorted orders."""

    rows: dict[str, R] = field(default_factory=dict)
    by_created: list[Key] = field(default_factory=list)
    by_updated: list[Key] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter([self.rows[uid] for _, uid in self.by_created])

    def add(self, row: R) -> R:
        self.rows[row.uid] = row
        insort(self.by_created, (row.created_at, row.uid))
        insort(self.by_updated, (row.updated_at, row.uid))
        return row

    def remove(self, row: R) -> None:
        del self.rows[row.uid]
        _take(self.by_created, (row.created_at, row.uid))
        _take(self.by_updated, (row.updated_at, row.uid))

    def touch(self, row: R, now: datetime) -> None:
        """Record that a row changed."""
        _take(self.by_updated, (row.updated_at, row.uid))
        row.updated_at = now
        insort(self.by_updated, (now, row.uid))

    def backdate(self, row: R, created_at: datetime) -> None:
        _take(self.by_created, (row.created_at, row.uid))
        row.created_at = created_at
        insort(self.by_created, (created_at, row.uid))

    def slice(self, start: int, stop: int, *, newest_first: bool = False) -> list[R]:
        """Rows by position in order of creation."""
        keys = self.by_created
        if newest_first:
            size = len(keys)
            keys = keys[max(size - stop, 0) : max(size - start, 0)][::-1]
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


def _take(keys: list[Key], key: Key) -> None:
    del keys[bisect_left(keys, key)]
