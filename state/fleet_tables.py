"""The tables of a fleet: its pairs, and its workers. Private to state/."""

from sqlalchemy import BigInteger, Index, Table, text
from sqlmodel import Field, SQLModel

from state.columns import EMPTY, NO, ZERO

_IDLE, _CLAIMED = text("queued IS NULL AND NOT paused"), text("queued IS NOT NULL")


class FleetPairRow(SQLModel, table=True):
    """A pair of a fleet: its section of the file, and when it is due.

    ``section`` is JSON, secrets in it are references. Pairs that share a key have the
    same ``key_group``. ``due``, ``queued`` and ``begun`` are microseconds since 1970 by
    the database's clock; ``queued`` is null while nobody has claimed the pair.
    """

    __tablename__ = "fleet_pair"
    __table_args__ = (
        Index(
            "ix_fleet_pair_due",
            *("due", "pair"),
            postgresql_where=_IDLE,
            sqlite_where=_IDLE,
        ),
        Index(
            "ix_fleet_pair_queued",
            "queued",
            postgresql_where=_CLAIMED,
            sqlite_where=_CLAIMED,
        ),
        Index("ix_fleet_pair_group", "key_group", "due", "pair"),
    )
    pair: str = Field(primary_key=True)
    section: str
    imported_at: str
    imported_by: str
    paused: bool = Field(default=False, sa_column_kwargs=NO)
    paused_at: str = Field(default="", sa_column_kwargs=EMPTY)
    paused_by: str = Field(default="", sa_column_kwargs=EMPTY)
    note: str = Field(default="", sa_column_kwargs=EMPTY)
    partnero_key: str
    tolt_key: str
    key_group: str
    due: int = Field(sa_type=BigInteger)
    queued: int | None = Field(default=None, sa_type=BigInteger)
    begun: int | None = Field(default=None, sa_type=BigInteger)
    worker: str = Field(default="", sa_column_kwargs=EMPTY)
    failures: int = Field(default=0, sa_column_kwargs=ZERO)


class FleetWorkerRow(SQLModel, table=True):
    """A worker of a fleet: its slots, what it does, and when it last said so.

    ``since`` and ``seen`` are microseconds since 1970 by the database's clock.
    """

    __tablename__ = "fleet_worker"
    worker: str = Field(primary_key=True)
    slots: int
    running: int
    passes: int
    since: int = Field(sa_type=BigInteger)
    seen: int = Field(sa_type=BigInteger)


FLEET_PAIR: Table = SQLModel.metadata.tables["fleet_pair"]
FLEET_WORKER: Table = SQLModel.metadata.tables["fleet_worker"]
