"""A state that somebody holds: exit 6 everywhere, and never the advice to move it."""

import sqlite3
from contextlib import closing

import pytest

READ_WHOLE = (
    "plan",
    "verify",
    "inbox",
    "explain CODE000003",
    "status",
    "health",
    "history",
    "check",
    "state check",
    "state backup copy.db",
    "state restore before.db",
    "state export",
)
WRITE = (
    "sync",
    "apply --yes",
    "migrate --from tolt --to partnero --yes",
    "decide CODE000003 --keep",
    "state restore before.db",
)
WRITES_NOTHING = ("plan", "health", "state prune")
"""Of the commands that may run beside a writer: prune finds nothing old here."""
RUNS = ("sync", "apply", "migrate")


@pytest.fixture
def settled(place):
    place.settle(12, partners=3, coupons=2)
    assert place.run("state", "backup", "before.db").code == 0
    place.edit("tolt", "set_code", code="CODE000003", value=77)
    place.sandbox.requests.clear()
    return place


def all_at_once(place, commands):
    """Give every command while somebody holds the state; they wait side by side."""
    started = {one: place.start(*one.split(), "--format", "json") for one in commands}
    return {one: place.end(process, timeout=None) for one, process in started.items()}


def assert_busy(command, done):
    assert done.code == 6, (command, done)
    (document,) = done.documents
    told = document.get("error") or " ".join(document.get("problems", ()))
    assert "in use" in told, (command, document)
    assert "move the file" not in done.out + done.err
    if command.split()[0] in RUNS:
        assert document["status"] == "locked"


@pytest.mark.slow
def test_a_state_that_nobody_may_read_is_in_use_in_every_command(settled):
    with closing(sqlite3.connect(settled.database, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN IMMEDIATE")
        holder.execute("INSERT INTO meta VALUES ('held', '1')")

        done = all_at_once(settled, (*READ_WHOLE, *WRITE[:3]))
        holder.execute("ROLLBACK")

    for command, one in done.items():
        assert_busy(command, one)
    assert settled.writes == []
    assert settled.json("sync").code == 0


@pytest.mark.slow
def test_a_holder_that_was_stopped_in_a_commit_locks_what_writes_and_no_more(settled):
    """B10: it was called broken, with the advice to move the file away."""
    with closing(sqlite3.connect(settled.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        holder.execute("INSERT INTO meta VALUES ('held', '1')")

        done = all_at_once(settled, (*WRITE, *WRITES_NOTHING))
        holder.execute("ROLLBACK")

    for command in WRITE:
        assert_busy(command, done[command])
    assert {done[command].code for command in WRITES_NOTHING} == {0}
    assert settled.writes == []
    assert settled.json("sync").code == 0
