"""A run counts the sales that are in doubt or taken back, too.

What an earlier version has counted of them is not known, and stays unknown.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

FURTHER = ("refunded", "lookalike", "quarantined", "unproven")


def upgrade() -> None:
    with op.batch_alter_table("run") as batch:
        for name in FURTHER:
            batch.add_column(sa.Column(f"redemptions_{name}", sa.Integer()))
