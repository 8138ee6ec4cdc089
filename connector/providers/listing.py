"""One listing: page after page, in windows, and never without its proven end.

Windows of ``created_at`` are several parts of one listing, read at the same time.
Facts: docs.tolt.com, v2 lists: ``created_after`` is inclusive, ``created_before``
exclusive. Where the windows lie is known from the last reading, and each begins where
a page began then: as long as nothing changes, they take as many requests as one walk
through all pages. None of this is trusted: a row outside its window, or a window that
does not begin with the row that it began with, means that the listing is read whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from connector.providers.http import Read, ReadOnly
from connector.providers.kept import Kept
from mappings.rows import told
from mappings.wire import Json

MOST = 8
"""Windows at the same time: with so many, answers of 300 ms still fill Tolt's rate."""
LONGEST = 512
"""Characters of the text: a time for each window, and no more."""
SMALLEST = 5
"""Pages; below twice this, one walk is as good."""
REFUSED = "refused"
"""Kept in place of the windows where a provider does not take their filters."""
Span = tuple[str | None, str | None]
Query = Mapping[str, str | int]


class NotAsked(Exception):
    """The provider answered something else than the window that was asked for."""


class Page(NamedTuple):
    """One page: its rows, what asks for the following one (None: it is the last).

    ``broken`` is why nobody can say what follows; its rows were seen all the same.
    """

    rows: list[Json]
    following: Query | None = None
    broken: Exception | None = None


def walk(
    http: ReadOnly, path: str, first: Query, read: Read, decode: Callable[[Json], Page]
) -> Iterator[list[Json]]:
    """Yield the rows of each page, until one is proven to be the last.

    A plan asks for the pages that there are and for no other.
    """
    following: Query | None = first
    while following is not None:
        page = decode(http.get(path, following, read))
        yield page.rows
        if page.broken is not None:
            raise page.broken
        following = page.following


def starts_of(pages: Iterable[list[Json]]) -> Iterator[tuple[list[Json], str | None]]:
    """Yield each page with the time at which a window might begin with it, or None."""
    before: str | None = None
    for rows in pages:
        first = told(rows[0], "created_at") if rows else None
        apart = bool(first and before) and first != before
        yield rows, first if apart else None  # rows of one moment stay together
        before = told(rows[-1], "created_at") if rows else before


class Windows:
    """Where the windows of a programme's codes begin, kept for next time.

    It is no state: without the text, or with a wrong one, a reading only takes longer.
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.refused = False

    def spans(self) -> list[Span]:
        """Return the windows, the first and the last one open; [] for one walk.

        The first one is a single page: whether its filter is heeded shows in it, and if
        it is not, the walk that it began is the one through the whole listing.
        """
        begins = self._kept.read(LONGEST).split()
        self.refused = begins == [REFUSED]
        # Whoever wrote it: each window is read by a thread of its own.
        if not begins or len(begins) > MOST or not _rise(begins):
            return []
        return list(pairwise((None, *begins, None)))

    def remember(self, starts: Sequence[str]) -> None:
        """Choose from the times at which pages began, all in the order of the pages."""
        pages = len(starts) + 1
        count = min(MOST, pages // SMALLEST) if _rise(starts) else 0
        begins = [starts[pages * part // count - 1] for part in range(1, count)]
        lines = [REFUSED] if self.refused else [*starts[:1], *begins] if begins else []
        self._kept.write("\n".join(lines))


def _rise(starts: Sequence[str]) -> bool:
    """Say whether times can be read and each is later than the one before."""
    try:
        times = [datetime.fromisoformat(at) for at in starts]
        return all(a < b for a, b in pairwise(times))
    except (ValueError, TypeError):
        return False


def passed(starts: Sequence[str], span: Span) -> bool:
    """Say whether pages began behind the end of the window that was asked for."""
    end = datetime.fromisoformat(span[1] or "9999-12-31T00:00:00Z")
    try:
        return any(datetime.fromisoformat(at) >= end for at in starts)
    except (ValueError, TypeError):
        raise NotAsked from None


def filters(span: Span) -> dict[str, str]:
    """Return the filters that ask for a window."""
    named = zip(("created_after", "created_before"), span, strict=True)
    return {name: at for name, at in named if at is not None}


def checked(pages: Iterable[list[Json]], span: Span) -> Iterator[list[Json]]:
    """Yield the pages of a window; NotAsked where they are not what was asked for."""
    begin, _ = span
    low, high = (at and datetime.fromisoformat(at) for at in span)
    expected = begin
    for rows in pages:
        if expected and (not rows or told(rows[0], "created_at") != expected):
            raise NotAsked
        expected = None
        try:
            times = [datetime.fromisoformat(row.created_at) for row in rows]
            outside = any((low and at < low) or (high and at >= high) for at in times)
        except (
            AttributeError,
            ValueError,
            TypeError,
        ):  # no time, or none that can be read
            raise NotAsked from None
        if outside:
            raise NotAsked
        yield rows
