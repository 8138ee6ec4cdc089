"""One page of the pairs: what was asked for, and all that is shown of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from connector.service.health import Standing

PAGE = 50
"""Pairs of one page."""


@dataclass(frozen=True, slots=True)
class PairsPage:
    """What is shown: ``rows`` is one page of what matches ``query``.

    ``total``, ``stale`` and ``waits`` count all pairs, ``found`` what matches.
    """

    query: str
    number: int
    pages: int
    total: int
    found: int
    stale: int
    waits: int
    rows: Sequence[Standing]

    @property
    def address(self) -> str:
        """The query of another page of the same, which goes on with its number."""
        said = f"{urlencode({'q': self.query})}&" if self.query else ""
        return f"{said}page="


def page_of(
    standings: Sequence[Standing], query: str = "", number: int = 1
) -> PairsPage:
    """Return the page that is asked for, or the nearest there is: the stale first.

    Of those the longest silent come first; the others stay in their order.
    """
    words = query.casefold().split()
    found = [one for one in standings if _says(one, words)] if words else standings
    ordered = sorted(found, key=_place)
    pages = max(1, -(-len(ordered) // PAGE))
    number = min(max(1, number), pages)
    return PairsPage(
        query=" ".join(query.split()),
        number=number,
        pages=pages,
        total=len(standings),
        found=len(found),
        stale=sum(one.stale for one in standings),
        waits=sum(one.kept.waits for one in standings),
        rows=ordered[(number - 1) * PAGE : number * PAGE],
    )


def _place(one: Standing) -> tuple[bool, str]:
    return not one.stale, one.success_at if one.stale else ""


def _says(one: Standing, words: Sequence[str]) -> bool:
    """Say whether a pair's name holds every word; "stale" also finds those that are."""
    name = one.pair.casefold()
    return all(word in name or (word == "stale" and one.stale) for word in words)
