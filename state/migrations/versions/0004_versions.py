"""Decisions and open writes know the version of Tolt's API that their ids are of.

What was noted before belongs to the version of the last complete run, or else to the
one that all links have; where neither says it, it stays unknown.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("decision") as batch:
        kind = sa.String()
        batch.add_column(sa.Column("version", kind, nullable=False, server_default=""))
    for pair, version in sorted(_spoken().items()):
        for name in ("decision", "intent"):
            names = ("pair", "version", "id")
            table = sa.table(
                name, *(sa.column(column, sa.String()) for column in names)
            )
            # An accepted finding ("f_") is about limits: no id of Tolt is in it.
            about = table.c.id.not_like("f!_%", escape="!")
            mine = sa.and_(table.c.pair == pair, table.c.version == "", about)
            op.execute(sa.update(table).where(mine).values(version=version))


def _spoken() -> dict[str, str]:
    """Return the version that each pair has spoken so far, where that is certain."""
    connection = op.get_bind()
    link = sa.table("link", sa.column("pair"), sa.column("version"))
    versions: dict[str, set[str]] = {}
    for row in connection.execute(sa.select(link).distinct()):
        versions.setdefault(row.pair, set()).add(row.version)
    spoken = {pair: min(known) for pair, known in versions.items() if len(known) == 1}
    known = sa.table("pair_state", *map(sa.column, ("pair", "name", "value")))
    prints = sa.select(known).where(known.c.name == "fingerprints")
    for row in connection.execute(prints):
        version = json.loads(row.value).get("tolt.version")
        spoken |= {row.pair: version} if version else {}
    return spoken
