"""A plan of codes with a change for each of what it remembers in bulk.

The engine makes them itself where a record is looked at singly; what a plan names in
bulk has to be the very same.
"""

from dataclasses import replace

from connector.engine.adoptions import NOTHING_ADOPTED
from connector.engine.change import order
from connector.engine.plan import make_plan


def singly(decided, facts, policy):
    keys = {left.values.code for left, _ in decided.adopted.pairs}
    if not keys:
        return decided
    own = make_plan(facts, policy, keys).changes
    changes = tuple(sorted((*decided.changes, *own), key=order))
    return replace(decided, changes=changes, adopted=NOTHING_ADOPTED)
