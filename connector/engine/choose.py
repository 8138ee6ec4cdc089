"""Which changes are meant by a choice of ids."""

from collections.abc import Collection, Iterable

from connector.engine.change import Change


def chosen_of(changes: Iterable[Change], ids: Collection[str]) -> frozenset[str]:
    """Return the ids of these changes and of what they need.

    A change that several proposals became one of is chosen by all of their ids; what
    a change needs (a coupon), and what that needs, goes with it: it is of no use alone.
    """
    every = {change.id: change for change in changes}
    meant = [
        change
        for change in every.values()
        if change.id in ids or (change.parts and {*change.parts} <= {*ids})
    ]
    chosen: set[str] = set()
    while meant:
        change = meant.pop()
        if change.id not in chosen:
            chosen.add(change.id)
            meant += [every[id_] for id_ in change.needs if id_ in every]
    return frozenset(chosen)
