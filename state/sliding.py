"""A sliding window: so many places in any span of time, whoever keeps the times.

Pure: the times come in and go out, in microseconds of whatever clock they are.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

FLIGHT = 3_000_000
"""Microseconds for which a request may be under way and still counts as new."""


class Turn(NamedTuple):
    """What becomes of one who asks for a place.

    ``kept`` are the times that still count, with the new one among them; ``place`` is
    that new one, or None where there is no room for ``wait`` microseconds.
    """

    kept: list[int]
    place: int | None
    wait: int


class Move(NamedTuple):
    """A place that was taken, and by how many microseconds it counts as later."""

    place: int
    by: int


def turn(taken: Sequence[int], now: int, limit: int, span: int, flight: int) -> Turn:
    """Give a place, or say how long there is none.

    It stands ``flight`` ahead of now, until it is moved to where it belongs: a request
    that is still under way may arrive at any moment. What is further ahead than any
    can be was written by a clock that was set since.
    """
    times = sorted(taken)
    first, last = now - span, now + span + FLIGHT  # counted are those between them
    kept = times[bisect_right(times, first) : bisect_right(times, last)]
    if len(kept) < limit:
        return Turn([*kept, now + flight], now + flight, 0)
    return Turn(kept, None, until_free(kept, now, limit, span))


def until_free(kept: Sequence[int], now: int, limit: int, span: int) -> int:
    """Return the microseconds until one of so many places is free again, at the latest.

    It is sooner where a request that is under way is answered meanwhile.
    """
    return max(1, sorted(kept)[len(kept) - limit] + span - now)


def moved(taken: Sequence[int], move: Move) -> list[int]:
    """Return the times with one of them moved; one that counted no more may do again.

    As often as one time is there, it was taken: only one of them is moved.
    """
    others = list(taken)
    if move.place in others:
        others.remove(move.place)
    others.append(move.place + move.by)
    return others
