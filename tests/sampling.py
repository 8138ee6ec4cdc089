"""Tables of tests: the quick tests play a part of each, `make test-all` the whole."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest


def in_turn(
    first: Iterable[str], second: Sequence[Any] = ("partnero", "tolt")
) -> list[Any]:
    """Return each pair of two lists; quick is each of the first with one of the second.

    Every member of both lists is played that way; the other pairs are slow.
    """
    return [
        pytest.param(one, other, marks=_slow_unless(number % len(second) == place))
        for number, one in enumerate(first)
        for place, other in enumerate(second)
    ]


def every(
    step: int, rows: Iterable[Any], name: Callable[[Any], str | None] = lambda _: None
) -> list[Any]:
    """Return each row as a case; one of so many is quick."""
    return [
        pytest.param(row, marks=_slow_unless(number % step == 0), id=name(row))
        for number, row in enumerate(rows)
    ]


def _slow_unless(quick: bool) -> list[pytest.MarkDecorator]:
    return [] if quick else [pytest.mark.slow]
