"""Both sides of several pairs, read at the same time for one who decides about them."""

from collections.abc import Mapping, Sequence

from connector.commands.plans import seen_whole
from connector.commands.together import in_order
from connector.config.pair import Pair
from connector.errors import Misconfigured, Problem
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.progress import progress

AT_ONCE = 4
"""So many pairs are read at the same time."""


def seen_each(pairs: Sequence[Pair]) -> Mapping[str, Prepared | Problem]:
    """Return what both sides of each pair show, or why that cannot be told."""
    with progress() as shown:

        def one(pair: Pair) -> Prepared | Problem:
            try:
                return seen_whole(pair, shown=shown)
            except Misconfigured:
                raise
            except Problem as error:
                return error

        seen = list(in_order(pairs, one, AT_ONCE))
    return {pair.name: each for pair, each in zip(pairs, seen, strict=True)}


def all_seen(pairs: Sequence[Pair]) -> dict[str, Prepared]:
    """Return the same where all of them could be read; else raise the first problem."""
    found: dict[str, Prepared] = {}
    for name, seen in seen_each(pairs).items():
        if isinstance(seen, Problem):
            raise seen
        found[name] = seen
    return found
