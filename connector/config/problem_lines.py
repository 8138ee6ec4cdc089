"""Problems as lines: each once, and no more than anybody reads."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MOST = 100
"""Problems that are told one by one."""


class Told(NamedTuple):
    """Problems, a line each, and how many more there are."""

    lines: Sequence[str]
    left: int = 0


def listed(every: Iterable[Told]) -> str:
    """Return all problems as one text, each once, and no more than can be read."""
    parts = list(every)
    lines = list(dict.fromkeys(line for part in parts for line in part.lines))
    left = max(0, len(lines) - MOST) + sum(part.left for part in parts)
    return "\n".join([*lines[:MOST], *([f"and {left} more"] if left else [])])
