"""What concerns all pairs of a state: reading them together, and which there are."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select

from state import tables as t
from state.problems import told

EVERY = "every pair"


@contextmanager
def reading(engine: Engine, what: str = EVERY) -> Iterator[Connection]:
    """Read without keeping anybody from writing; StateProblem names ``what``."""
    with told(what), engine.connect() as opened:
        yield opened.execution_options(reading=True)


@contextmanager
def writing(engine: Engine, what: str = EVERY) -> Iterator[Connection]:
    """Write in one transaction, whoever holds a pair; StateProblem names ``what``."""
    with told(what), engine.begin() as connection:
        yield connection


def pair_of_run(engine: Engine, run: str) -> str:
    """Return whose run this is, "" where there is none: of thousands of pairs."""
    with reading(engine) as connection:
        found = connection.execute(select(t.RUN.c.pair).where(t.RUN.c.id == run))
        return str(found.scalar() or "")


def pairs_of(engine: Engine) -> list[str]:
    """Return the pairs that anybody has ever held in this state."""
    with reading(engine) as connection:
        return sorted(connection.execute(select(t.LEASE.c.pair)).scalars())
