"""The ledger of redemptions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "redemption",
        sa.Column("pair", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("logged", sa.Integer(), nullable=False),
        sa.Column("logged_at", sa.String(), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=True),
        sa.Column("sold", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("sold_at", sa.String(), nullable=False),
        sa.Column("charges", sa.String(), nullable=False),
        sa.Column("charged", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("charged_at", sa.String(), nullable=False),
        sa.Column("refunded", sa.Boolean(), nullable=False),
        sa.Column("pushed", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pair", "code", "key", name=op.f("pk_redemption")),
    )
    op.create_index("ix_redemption_standing", "redemption", ["pair", "standing", "at"])
    op.create_index("ix_redemption_key", "redemption", ["pair", "key"])
    op.create_table(
        "redemption_total",
        sa.Column("pair", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("partnero", sa.BigInteger(), nullable=False),
        sa.Column("tolt", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "pair", "code", "standing", "currency", name=op.f("pk_redemption_total")
        ),
    )
    op.create_table(
        "redemption_mark",
        sa.Column("pair", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pair", "name", name=op.f("pk_redemption_mark")),
    )
