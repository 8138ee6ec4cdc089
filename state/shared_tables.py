"""The tables of what all processes of a state share: private to state/.

A run over a state in a file does not ask for them, and does not load them.
"""

from sqlalchemy import ARRAY, BigInteger, Index, Text
from sqlmodel import Field, SQLModel

import state.columns  # noqa: F401 (names the constraints)

TIMES = ARRAY(BigInteger).with_variant(Text(), "sqlite")


class KeyWindowRow(SQLModel, table=True):
    """When the last requests with a key left, in microseconds; ``key`` is a digest.

    ``given`` says whether the last who asked got a place, at ``used``. On a server
    alone: beside a state in a file this lies in a file of its own.
    """

    __tablename__ = "key_window"
    key: str = Field(primary_key=True)
    taken: list[int] = Field(sa_type=TIMES)
    used: int = Field(sa_type=BigInteger)
    given: bool


class HintRow(SQLModel, table=True):
    """A text that makes the next reading quicker, and that nothing trusts."""

    __tablename__ = "hint"
    name: str = Field(primary_key=True)
    text: str
    used: int = Field(sa_type=BigInteger)


class WebhookSeenRow(SQLModel, table=True):
    """A signed message that has woken its pair; ``at`` is in microseconds."""

    __tablename__ = "webhook_seen"
    __table_args__ = (Index("ix_webhook_seen_newest", "pair", "at"),)
    pair: str = Field(primary_key=True)
    mark: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)


class CounterRow(SQLModel, table=True):
    """What all processes together have counted of a pair; ``labels`` as JSON.

    ``changed`` is when, in seconds: who has read it before reads what is new.
    """

    __tablename__ = "counter"
    __table_args__ = (Index("ix_counter_changed", "changed"),)
    pair: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    labels: str = Field(primary_key=True)
    value: float
    changed: int = Field(sa_type=BigInteger)


KEY_WINDOW, HINT, WEBHOOK_SEEN, COUNTER = SHARED = tuple(
    SQLModel.metadata.tables[name]
    for name in ("key_window", "hint", "webhook_seen", "counter")
)
