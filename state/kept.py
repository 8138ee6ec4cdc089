"""Engines of servers that stay open: who makes thousands of passes shares connections.

Everybody else gives the connections back at the end of a run.
"""

from weakref import WeakSet

from sqlalchemy import Engine

_kept: "WeakSet[Engine]" = WeakSet()


def keep(engine: Engine) -> None:
    """Keep an engine's connections open until this process ends."""
    _kept.add(engine)


def is_kept(engine: Engine) -> bool:
    """Say whether the end of a run leaves the connections of this engine open."""
    return engine in _kept
