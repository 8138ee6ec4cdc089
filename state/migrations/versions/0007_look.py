"""The last complete look at both sides: when it was, and what can be said to it.

What waits is kept with what each answer would do, so that a person can decide without
both sides being read. Of an earlier look that is not known: it counts as none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "look",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("pair", "as_of", "run", "config")
        ),
        sa.PrimaryKeyConstraint("pair", name=op.f("pk_look")),
    )
    with op.batch_alter_table("waiting") as batch:
        batch.add_column(
            sa.Column("people", sa.String(), nullable=False, server_default="")
        )
