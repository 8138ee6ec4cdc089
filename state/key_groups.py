"""Which pairs share a key: they are one group, and never run at the same time.

A pair has two keys, so that groups grow together: where a and b share Partnero's, b and
c Tolt's, all three are one.
"""

from collections.abc import Mapping


def groups(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the group of each pair, named by the least of all its keys.

    ``keys``: by what the keys of a pair are known, each with its product in it.
    """
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        above = parents.setdefault(key, key)
        while above != parents[above]:
            parents[above] = parents[parents[above]]
            above = parents[above]
        parents[key] = above
        return above

    for one in keys.values():
        roots = sorted({root(key) for key in one})
        for other in roots[1:]:
            parents[other] = roots[0]
    return {pair: root(one[0]) for pair, one in keys.items()}
