"""A state that somebody holds is busy: an error of its own, and never broken."""

import sqlite3
from contextlib import closing

import pytest

from state.database import StateBusy, StateProblem, open_to_write
from state.problems import busy, is_busy, refusing, told, unusable
from state.store import Store


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "state.db"
    Store(open_to_write(f"sqlite:///{file}"), "acme").identity("2026-01-01T00:00:00Z")
    return file


@pytest.fixture
def holder(path):
    """Somebody who is in the middle of a commit, for as long as it takes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        opened.execute("INSERT INTO meta VALUES ('x', 'y')")
        yield opened
        opened.execute("ROLLBACK")


def _impatient(path):
    return closing(sqlite3.connect(path, timeout=0, isolation_level=None))


def _begin(opened):
    opened.execute("BEGIN IMMEDIATE")


def _journal(opened):
    opened.execute("PRAGMA journal_mode=DELETE")


def _schema(opened):
    opened.execute("CREATE TABLE more (x)")


@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("act", [_begin, _journal, _schema])
@pytest.mark.parametrize("words", [refusing, told])
def test_what_is_only_locked_is_never_called_broken(path, act, words):
    with _impatient(path) as opened, pytest.raises(StateBusy) as found, words("it"):
        act(opened)

    assert "move the file" not in str(found.value)
    assert "Leave" in str(found.value)


def test_a_database_that_nobody_may_even_read_is_busy(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("PRAGMA locking_mode=EXCLUSIVE")
        opened.execute("BEGIN IMMEDIATE")
        opened.execute("INSERT INTO meta VALUES ('x', 'y')")

        with (
            closing(
                sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)
            ) as reader,
            pytest.raises(StateBusy),
            refusing("it"),
        ):
            reader.execute("SELECT * FROM meta").fetchall()


class Sent(Exception):
    def __init__(self, sqlstate):
        super().__init__("canceling statement due to lock timeout\nLINE 1: ...")
        self.sqlstate = sqlstate


@pytest.mark.parametrize("sqlstate", ["55P03", "40001", "40P01"])
def test_postgresql_says_busy_in_its_own_way(sqlstate):
    assert is_busy(Sent(sqlstate))
    assert not is_busy(Sent("28P01"))


def test_what_is_broken_is_not_busy(tmp_path):
    file = tmp_path / "garbage.db"
    file.write_bytes(b"no database at all" * 300)

    with (
        closing(sqlite3.connect(file)) as opened,
        pytest.raises(StateProblem) as found,
        refusing("it", unused=lambda: True),
    ):
        opened.execute("SELECT * FROM meta")

    assert not isinstance(found.value, StateBusy)
    assert "move the file away" in str(found.value)


def test_a_broken_file_that_somebody_holds_is_not_to_be_moved(tmp_path):
    file = tmp_path / "garbage.db"
    file.write_bytes(b"no database at all" * 300)

    with (
        closing(sqlite3.connect(file)) as opened,
        pytest.raises(StateProblem) as found,
        refusing("it", unused=lambda: False),
    ):
        opened.execute("SELECT * FROM meta")

    assert "move the file away" not in str(found.value)


def test_only_what_is_broken_is_ever_advised_to_be_moved():
    assert "move the file" not in str(unusable("it", "disk I/O error"))
    assert "move the file" not in str(busy("it", "database is locked"))
    assert "move the file" in str(unusable("it", "malformed", broken=True))


def test_a_state_that_is_written_can_be_opened_and_read_beside_it(path, holder):
    """No write lock is needed to see that the schema and the identity are there."""
    store = Store(open_to_write(f"sqlite:///{path}"), "acme")

    assert store.identity("never")[1] == "2026-01-01T00:00:00Z"
    assert holder.in_transaction


def test_a_servers_database_is_no_file_to_leave_where_it_is():
    with pytest.raises(StateBusy) as found, refusing("the database", server=True):
        raise sqlite3.OperationalError("database is locked")

    assert "file" not in str(found.value)
