"""Two tables that are asked about all pairs at once: a row a pair, a row a side.

Private to state/, like the others.
"""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from state.columns import EMPTY, ZERO


class StandingRow(SQLModel, table=True):
    """How one pair stands: the sum of its runs, kept with the last of them.

    The newest run by its number ``seq``, also one that goes on, and ``before`` it the
    one that is asked for meanwhile, as JSON. ``success`` is when the last verified
    success ended, ``stale_at`` when it is too long ago by the timetable whose mark is
    ``schedule`` ("" where none was known), and ``held`` what waited when a run last had
    a plan. ``waits`` counts what needs a decision, ``reasons`` by reason, as JSON.
    """

    __tablename__ = "standing"
    __table_args__ = (Index("ix_standing_stale", "stale_at", "pair"),)
    pair: str = Field(primary_key=True)
    seq: int = Field(default=0, sa_column_kwargs=ZERO)
    run: str = Field(default="", sa_column_kwargs=EMPTY)
    command: str = Field(default="", sa_column_kwargs=EMPTY)
    status: str = Field(default="", sa_column_kwargs=EMPTY)
    started_at: str = Field(default="", sa_column_kwargs=EMPTY)
    finished_at: str = Field(default="", sa_column_kwargs=EMPTY)
    error: str = Field(default="", sa_column_kwargs=EMPTY)
    reason: str = Field(default="", sa_column_kwargs=EMPTY)
    before: str = Field(default="", sa_column_kwargs=EMPTY)
    success: str = Field(default="", sa_column_kwargs=EMPTY)
    stale_at: str = Field(default="", sa_column_kwargs=EMPTY)
    schedule: str = Field(default="", sa_column_kwargs=EMPTY)
    held: int | None = None
    waits: int = Field(default=0, sa_column_kwargs=ZERO)
    reasons: str = Field(default="", sa_column_kwargs=EMPTY)


class ProgrammeRow(SQLModel, table=True):
    """Which programme a pair asks on one side, by marks: no key is in here.

    ``programme`` is equal where two pairs ask the same one, ``key`` where they ask
    with the same key; ``reference`` says where the configuration had the key.
    """

    __tablename__ = "programme"
    __table_args__ = (
        Index("ix_programme_programme", "side", "programme"),
        Index("ix_programme_key", "side", "key"),
    )
    pair: str = Field(primary_key=True)
    side: str = Field(primary_key=True)
    programme: str
    key: str
    reference: str
