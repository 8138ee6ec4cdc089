"""How a pair stands is one row, kept with each run; who asks what, one row a side.

What is there is summed up once. Of the programmes only the marks of the keys are known
from before; the next run of each pair adds the rest. What waits says in columns what it
is and why, so that it can be counted without being read.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OF_A_RUN = (
    *("run", "command", "status", "started_at", "finished_at", "error", "reason"),
)
COUNTED = ("sync", "run", "apply", "migrate")
SIDES = ("partnero", "tolt")
AT_ONCE = 200


def upgrade() -> None:
    _tables()
    with op.batch_alter_table("waiting") as batch:
        for name in ("part", "reason"):
            batch.add_column(_text(name))
    op.create_index("ix_run_ended", "run", ["pair", "finished_at"])
    op.drop_index("ix_run_pair", "run")  # another one begins with the same column
    _say_what_waits()
    _sum_up()
    _programmes()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _tables() -> None:
    op.create_table(
        "standing",
        sa.Column("pair", sa.String(), nullable=False),
        _number("seq"),
        *map(_text, (*OF_A_RUN, "before", "success", "stale_at", "schedule")),
        sa.Column("held", sa.Integer(), nullable=True),
        _number("waits"),
        _text("reasons"),
        sa.PrimaryKeyConstraint("pair", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_stale", "standing", ["stale_at", "pair"])
    names = ("pair", "side", "programme", "key", "reference")
    op.create_table(
        "programme",
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.PrimaryKeyConstraint("pair", "side", name=op.f("pk_programme")),
    )
    for name in ("programme", "key"):
        op.create_index(f"ix_programme_{name}", "programme", ["side", name])


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _say_what_waits() -> None:
    waiting = _table("waiting", "pair", "id", "document", "part", "reason")
    known, connection = waiting.c, op.get_bind()
    query = sa.select(known.pair, known.id, known.document)
    query = query.order_by(known.pair, known.id).limit(AT_ONCE)
    here, last = sa.tuple_(known.pair, known.id), ("", "")
    while rows := connection.execute(query.where(here > last)).all():
        last = (rows[-1].pair, rows[-1].id)
        for pair, id_, document in rows:
            mine = (known.pair == pair, known.id == id_)
            values = _what(document)
            connection.execute(sa.update(waiting).where(*mine).values(**values))


def _what(text: str) -> dict[str, str]:
    """Return the part of the inbox and the reason, as a document says them."""
    document = json.loads(text)
    is_finding = "kind" in document
    return {
        "part": "acceptable" if is_finding else str(document.get("status", "held")),
        "reason": str(document.get("kind") or document.get("reason") or ""),
    }


def _sum_up() -> None:
    connection = op.get_bind()
    standing = _table(
        "standing",
        *("pair", "seq", *OF_A_RUN, "before"),
        *("success", "held", "waits", "reasons"),
    )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for pair in _pairs(connection):
        row = _of_runs(connection, pair, now) | _of_waiting(connection, pair)
        connection.execute(sa.insert(standing).values(pair=pair, **row))


def _pairs(connection: sa.Connection) -> list[str]:
    asked = "SELECT pair FROM run UNION SELECT pair FROM waiting ORDER BY pair"
    return list(connection.execute(sa.text(asked)).scalars())


def _of_runs(connection: sa.Connection, pair: str, now: str) -> dict[str, Any]:
    """Return what the runs of a pair come to: the last two, the last success."""
    run = _table(
        "run",
        *("id", "pair", "seq", "ready", "outcomes", "held"),
        *OF_A_RUN[1:],
    )
    known = run.c
    columns = [known.seq, known.id.label("run"), *(known[n] for n in OF_A_RUN[1:])]
    newest = sa.select(*columns).where(known.pair == pair)
    newest = newest.order_by(known.seq.desc(), known.id.desc())
    row: dict[str, Any] = {}
    for at, found in enumerate(connection.execute(newest.limit(2))):
        columns_of = [getattr(found, column) for column in OF_A_RUN]
        if at == 0:
            row = dict(zip(OF_A_RUN, columns_of, strict=True)) | {"seq": found.seq}
        else:
            row["before"] = json.dumps(columns_of)
    good = newest.where(
        known.status == "complete",
        known.command.in_(COUNTED),
        known.finished_at.between("1", now),
        known.ready <= known.outcomes,
    )
    success = connection.execute(good.limit(1)).first()
    planned = sa.select(known.held).where(known.pair == pair, known.held.is_not(None))
    planned = planned.order_by(known.seq.desc(), known.id.desc()).limit(1)
    row["success"] = success.finished_at if success else ""
    row["held"] = connection.execute(planned).scalar()
    return row


def _of_waiting(connection: sa.Connection, pair: str) -> dict[str, Any]:
    """Count what needs a decision by its reason."""
    asked = sa.text(
        "SELECT w.reason, count(*) FROM waiting w "
        "LEFT JOIN decision d ON d.pair = w.pair AND d.id = w.id "
        "WHERE w.pair = :pair AND w.part = 'held' AND d.id IS NULL GROUP BY w.reason"
    )
    found = connection.execute(asked, {"pair": pair})
    counted = {str(reason): int(number) for reason, number in found}
    reasons = json.dumps(counted, sort_keys=True) if counted else ""
    return {"waits": sum(counted.values()), "reasons": reasons}


def _programmes() -> None:
    """Keep the marks of the keys that earlier runs have noted."""
    connection = op.get_bind()
    names = ("pair", "side", "programme", "key", "reference")
    programme = _table("programme", *names)
    rows = [
        dict(zip(names, (pair, side, "", key, ""), strict=True))
        for pair, side, key in _keys(connection)
    ]
    if rows:
        connection.execute(sa.insert(programme), rows)


def _keys(connection: sa.Connection) -> Iterator[tuple[str, str, str]]:
    asked = "SELECT pair, value FROM pair_state WHERE name = 'fingerprints'"
    for pair, value in connection.execute(sa.text(asked)).all():
        known = json.loads(value)
        for side in SIDES:
            if key := known.get(f"{side}.key"):
                yield pair, side, str(key)
