"""The pairs of a fleet, a row each with when it is due and who has it; its workers.

Where there is no fleet both tables stay empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TEXTS = (
    "section",
    "imported_at",
    "imported_by",
    "partnero_key",
    "tolt_key",
    "key_group",
)
LATER = ("paused_at", "paused_by", "note", "worker")
IDLE, CLAIMED = sa.text("queued IS NULL AND NOT paused"), sa.text("queued IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "fleet_pair",
        sa.Column("pair", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        *(
            sa.Column(name, sa.String(), nullable=False, server_default="")
            for name in LATER
        ),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.BigInteger()),
        sa.Column("begun", sa.BigInteger()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("pair", name=op.f("pk_fleet_pair")),
    )
    op.create_table(
        "fleet_worker",
        sa.Column("worker", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("slots", "running", "passes")
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_fleet_worker")),
    )
    _index("due", "due", "pair", where=IDLE)
    _index("queued", "queued", where=CLAIMED)
    op.create_index("ix_fleet_pair_group", "fleet_pair", ["key_group", "due", "pair"])


def _index(name: str, *columns: str, where: sa.TextClause) -> None:
    op.create_index(
        f"ix_fleet_pair_{name}",
        "fleet_pair",
        list(columns),
        postgresql_where=where,
        sqlite_where=where,
    )
