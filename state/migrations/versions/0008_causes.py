"""Why a run was not complete is a column of its own, in words and in one of few.

What earlier versions have printed of their runs is read for it once.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

GOOD = ("confirmed", "adopted")
AT_ONCE = 200


def upgrade() -> None:
    with op.batch_alter_table("run") as batch:
        for name in ("error", "reason"):
            text = sa.Column(name, sa.String(), nullable=False, server_default="")
            batch.add_column(text)
    names = ("id", "status", "document", "error", "reason")
    run = sa.table("run", *(sa.column(name) for name in names))
    for id_, document in _documents(run):
        if values := _caused(document):
            op.execute(sa.update(run).where(run.c.id == id_).values(**values))


def _documents(run: sa.TableClause) -> Iterator[tuple[str, str]]:
    """Yield what was printed of runs that were not complete, a few at a time."""
    connection, last = op.get_bind(), ""
    query = sa.select(run.c.id, run.c.document).where(run.c.status != "complete")
    query = query.order_by(run.c.id).limit(AT_ONCE)
    while rows := connection.execute(query.where(run.c.id > last)).all():
        last = rows[-1].id
        yield from ((row.id, row.document) for row in rows if row.document)


def _caused(text: str) -> dict[str, str]:
    """Return what a printed run says of its cause; nothing where it says none."""
    try:
        document: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    refused = document.get("refused") or {}
    error = document.get("error") or refused.get("message") or ""
    if not error:
        outcomes = document.get("outcomes") or ()
        bad = [one for one in outcomes if one.get("outcome") not in GOOD]
        error = "; ".join(f"{one.get('code')}: {one.get('detail')}" for one in bad[:1])
    guard = refused.get("guard") or ""
    return {"error": " ".join(str(error).split()), "reason": guard} if error else {}
