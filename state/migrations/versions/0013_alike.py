"""Which sales of the target looked like a redemption: they may vanish unjudged."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    alike = sa.Column("alike", sa.String(), nullable=False, server_default="")
    op.add_column("redemption", alike)
