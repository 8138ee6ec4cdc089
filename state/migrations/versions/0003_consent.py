"""Consent to one change, what waits, payments in doubt, codes left missing.

A decision of the older form keeps what it was: values and a record. Its id says so.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def upgrade() -> None:
    _decisions()
    op.create_table(
        "waiting",
        *(_key(name) for name in ("pair", "id")),
        *(_key(name) for name in ("key", "code", "run", "at", "document")),
        sa.PrimaryKeyConstraint("pair", "id", name=op.f("pk_waiting")),
    )
    op.create_table(
        "unfinished",
        *(_key(name) for name in ("pair", "key")),
        *(_key(name) for name in ("code", "target", "change", "copied")),
        *(_key(name) for name in ("detail", "at")),
        sa.PrimaryKeyConstraint("pair", "key", name=op.f("pk_unfinished")),
    )
    op.create_table(
        "customer_link",
        *(_key(name) for name in ("pair", "version", "partnero_id", "tolt_id")),
        sa.PrimaryKeyConstraint(
            "pair", "version", "partnero_id", name=op.f("pk_customer_link")
        ),
    )
    with op.batch_alter_table("partner_link") as batch:
        batch.add_column(_text("how"))
    with op.batch_alter_table("coupon") as batch:
        batch.add_column(_text("checked"))
    with op.batch_alter_table("intent") as batch:
        batch.add_column(_text("version"))
        looks = sa.Column("looks", sa.Integer(), nullable=False, server_default="0")
        batch.add_column(looks)
    with op.batch_alter_table("redemption") as batch:
        for name in ("folded", "refunds", "evidence", "linked", "doubt", "checked"):
            batch.add_column(_text(name))
    op.create_index("ix_redemption_folded", "redemption", ["pair", "folded"])
    op.create_index("ix_redemption_evidence", "redemption", ["pair", "evidence"])
    op.create_index("ix_redemption_linked", "redemption", ["pair", "linked"])
    in_turn = ["pair", "standing", "checked"]
    op.create_index("ix_redemption_checked", "redemption", in_turn)
    _fold_keys()


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def _fold_keys() -> None:
    """Give what is known already the key under which likeness is seen.

    As it was when this migration was made, so that it never does something else.
    """
    table = sa.table(
        "redemption", *(sa.column(name) for name in ("pair", "code", "key", "folded"))
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        text = unicodedata.normalize("NFKC", row.key).casefold()
        folded = "".join(unicodedata.normalize("NFKC", text).casefold().split())
        where = (table.c.pair == row.pair, table.c.code == row.code)
        change = sa.update(table).where(*where, table.c.key == row.key)
        connection.execute(change.values(folded=folded))


def _decisions() -> None:
    """Give each decision an id of its own; the old ones are about a whole record."""
    old = sa.table(
        "decision", *map(sa.column, ("pair", "key", "take", "seen", "who", "at"))
    )
    kept = op.get_bind().execute(sa.select(old)).mappings().all()
    op.drop_table("decision")  # its key's name is taken as long as it is there
    new = op.create_table(
        "decision",
        *(_key(name) for name in ("pair", "id")),
        *(_key(name) for name in ("key", "code", "take", "seen", "who", "at")),
        *(_key(name) for name in ("action", "target", "fields", "lost", "note")),
        sa.PrimaryKeyConstraint("pair", "id", name=op.f("pk_decision")),
    )
    unsaid = {"action": "", "target": "", "fields": "", "lost": "[]", "note": ""}
    rows = [
        {**row, **unsaid, "id": f"record:{row['key']}", "code": row["key"]}
        for row in kept
    ]
    op.bulk_insert(new, rows)
