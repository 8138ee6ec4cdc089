"""Runs are counted, so that the newest is so by its number, whatever a clock said."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("run") as batch:
        for name in ("seq", "passes"):
            number = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            batch.add_column(number)
        text = sa.Column("since", sa.String(), nullable=False, server_default="")
        batch.add_column(text)
    op.create_index("ix_run_newest", "run", ["pair", "seq"])
    _number()


def _number() -> None:
    """Number what is there as it was written, or, on a server, as it is dated."""
    table = sa.table("run", sa.column("id"), sa.column("seq"), sa.column("started_at"))
    connection = op.get_bind()
    dated = (table.c.started_at, table.c.id)
    order = (sa.text("rowid"),) if connection.dialect.name == "sqlite" else dated
    known = connection.execute(sa.select(table.c.id).order_by(*order)).scalars().all()
    for number, id_ in enumerate(known, start=1):
        change = sa.update(table).where(table.c.id == id_).values(seq=number)
        connection.execute(change)
