"""What a run counted, and whether a failure is parked, are columns of their own.

Until here both were read back from what was printed: the counts from the document of
the run, the parked failure from the words in its detail.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

PLAN = (
    *("in_sync", "only_on_partnero", "only_on_tolt", "differ", "collisions"),
    *("unproven", "adopt", "create", "update", "replace", "delete"),
    *("ready", "held", "blocked", "findings", "accepted"),
)
REDEMPTIONS = (
    *("in_sync", "missing_on_partnero", "missing_on_tolt"),
    *("without_key", "twice", "differs"),
)
PARKED = "looked at twice"
"""What the detail of a failure said that nobody could explain."""
AT_ONCE = 200


def upgrade() -> None:
    counts = [*PLAN, *(f"redemptions_{name}" for name in REDEMPTIONS)]
    with op.batch_alter_table("run") as batch:
        number = sa.Column("outcomes", sa.Integer(), nullable=False, server_default="0")
        batch.add_column(number)
        for name in counts:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
    with op.batch_alter_table("failure") as batch:
        no = sa.false()
        batch.add_column(
            sa.Column("parked", sa.Boolean(), nullable=False, server_default=no)
        )
    names = ("id", "document", "outcomes", *counts)
    run = sa.table("run", *(sa.column(name) for name in names))
    for id_, document in _documents(run):
        if values := _counted(document):
            op.execute(sa.update(run).where(run.c.id == id_).values(**values))
    failure = sa.table(
        "failure", sa.column("detail"), sa.column("parked", sa.Boolean())
    )
    parked = failure.c.detail.contains(PARKED)
    op.execute(sa.update(failure).where(parked).values(parked=sa.true()))


def _documents(run: sa.TableClause) -> Iterator[tuple[str, str]]:
    """Yield the printed runs a few at a time: there may be thousands."""
    connection, last = op.get_bind(), ""
    query = sa.select(run.c.id, run.c.document).order_by(run.c.id).limit(AT_ONCE)
    while rows := connection.execute(query.where(run.c.id > last)).all():
        last = rows[-1].id
        yield from ((row.id, row.document) for row in rows if row.document)


def _counted(text: str) -> dict[str, int | None]:
    """Return what a printed run says; nothing where it cannot be read."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    values: dict[str, int | None] = {"outcomes": len(document.get("outcomes") or ())}
    plan: dict[str, Any] = document.get("plan") or {}
    if plan:
        values |= {name: plan.get(name) or 0 for name in PLAN}
        redemptions = plan.get("redemptions") or {}
        compared = redemptions.get(REDEMPTIONS[0]) is not None
        values |= {
            f"redemptions_{name}": (redemptions.get(name) or 0) if compared else None
            for name in REDEMPTIONS
        }
    return values
