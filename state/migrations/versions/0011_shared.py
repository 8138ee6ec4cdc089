"""What processes share: the window of a key and hints, webhooks, counters.

The window of a key is about the last second: on a server it needs no log.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TIMES = sa.ARRAY(sa.BigInteger()).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    server = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "key_window",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("taken", TIMES, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_key_window"),
        prefixes=["UNLOGGED"] if server else [],
    )
    op.create_table(
        "hint",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hint"),
    )
    op.create_table(
        "webhook_seen",
        sa.Column("pair", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair", "mark", name="pk_webhook_seen"),
    )
    op.create_index("ix_webhook_seen_newest", "webhook_seen", ["pair", "at"])
    op.create_table(
        "counter",
        sa.Column("pair", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("labels", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair", "name", "labels", name="pk_counter"),
    )
    op.create_index("ix_counter_changed", "counter", ["changed"])
