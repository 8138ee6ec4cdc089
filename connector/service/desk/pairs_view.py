"""One page of the pairs: what was asked for, and all that is shown of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from connector.service.health import Standing

PAGE = 50
"""Pairs of one page."""
NEAR = 20
"""Names that are shown where one was typed that no pair has."""


@dataclass(frozen=True, slots=True)
class PairsPage:
    """What is shown: ``rows`` is one page of what matches ``query``.

    ``total``, ``stale``, ``failed``, ``running`` and ``paused`` count all pairs,
    ``waits`` what waits in them, ``found`` what matches.
    """

    query: str
    number: int
    pages: int
    total: int
    found: int
    stale: int
    failed: int
    running: int
    paused: int
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
        failed=sum(_has_failed(one) for one in standings),
        running=sum(one.running is not None for one in standings),
        paused=sum(one.paused for one in standings),
        waits=sum(one.kept.waits for one in standings),
        rows=ordered[(number - 1) * PAGE : number * PAGE],
    )


def _has_failed(one: Standing) -> bool:
    """Say whether the last run that has ended was not complete."""
    if one.kept.status == "complete":  # of thousands most are
        return False
    return one.last is not None and one.last.status != "complete"


def near(names: Sequence[str], typed: str) -> list[str]:
    """Return the pairs whose names hold what was typed: a few of them."""
    words = typed.casefold().split()
    if not words:
        return []
    found = (n for n in names if all(word in n.casefold() for word in words))
    return list(islice(found, NEAR))


def _place(one: Standing) -> tuple[bool, str]:
    return not one.stale, one.success_at if one.stale else ""


def _says(one: Standing, words: Sequence[str]) -> bool:
    """Say whether a pair's name holds every word; "stale" also finds those that are.

    So do "paused" and "failed".
    """
    name = one.pair.casefold()
    return all(word in name or _is(one, word) for word in words)


def _is(one: Standing, word: str) -> bool:
    states = {"stale": one.stale, "paused": one.paused}
    return states.get(word, False) or (word == "failed" and _has_failed(one))
