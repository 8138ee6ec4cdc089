"""Files of our own are whole, private, and in nobody else's place."""

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

import pytest

from state import files
from state.copies import backup, put_in_place
from state.database import (
    StateProblem,
    identity_of,
    integrity,
    open_to_read,
    open_to_write,
)
from state.places import file_of, files_of, public_name, url_of
from state.store import Store


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


OLDER = Path(__file__).parent / "older" / "schema-0005.sql"


@pytest.fixture
def target(tmp_path):
    file = tmp_path / "target"
    file.write_text("mine")
    return file


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state" / "connector.db"
    store = Store(open_to_write(url_of(path)), "acme")
    store.identity("2026-01-01T00:00:00Z")
    store.save_coupons({"A": "first"}, "t")
    return path


def coupons(path):
    return Store(open_to_read(url_of(path)), "acme").coupons()


# -- writing ------------------------------------------------------------------------


def test_a_result_keeps_the_mode_of_the_file_and_the_link_that_leads_to_it(
    tmp_path, target
):
    target.chmod(0o640)
    link = tmp_path / "out.json"
    link.symlink_to(target)

    files.write_result(link, "new")

    assert link.is_symlink()
    assert (target.read_text(), mode(target)) == ("new", 0o640)
    assert {one.name for one in tmp_path.iterdir()} == {"out.json", "target"}


def test_a_result_that_cannot_be_written_whole_leaves_what_was_there(tmp_path, target):
    with pytest.raises(UnicodeEncodeError):
        files.write_result(target, "half \ud800")

    assert target.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["target"]


def test_a_result_may_go_into_what_is_no_file():
    files.write_result(Path("/dev/null"), "gone")

    assert not Path("/dev/null").is_file()


def test_a_private_file_replaces_a_link_and_does_not_follow_it(tmp_path, target):
    own = tmp_path / "own"
    own.symlink_to(target)

    files.write_private(own, "x")

    assert target.read_text() == "mine"
    assert (own.is_symlink(), own.read_text(), mode(own)) == (False, "x", 0o600)


@pytest.mark.parametrize("name", [".connector.db.probe", "connector.db.upgrade.lock"])
def test_a_link_that_waits_beside_the_state_is_not_written_through(state, target, name):
    """D26: the probe overwrote what a planted link led to."""
    older = state.with_name("older.db")
    older.with_name(name.replace("connector.db", "older.db")).symlink_to(target)
    with closing(sqlite3.connect(older)) as made, made:
        made.executescript(OLDER.read_text(encoding="utf-8"))

    open_to_write(url_of(older))

    assert target.read_text() == "mine"
    assert older.with_name(name.replace("connector.db", "older.db")).is_symlink()


@pytest.mark.parametrize("end", ["-wal", "-shm"])
def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path, target, end):
    path = tmp_path / "connector.db"
    path.with_name(path.name + end).symlink_to(target)

    with suppress(StateProblem):  # refused, or the link itself is taken away
        open_to_write(url_of(path))

    assert target.read_text() == "mine"


def test_opening_leaves_nothing_beside_the_state(state):
    open_to_write(url_of(state))

    assert {one.name for one in state.parent.iterdir()} == {"connector.db"}


def test_a_copy_never_goes_through_a_link_or_over_a_file(state, tmp_path, target):
    hanging = tmp_path / "copy.db"
    hanging.symlink_to(tmp_path / "nowhere")

    for taken in (hanging, target):
        with pytest.raises(StateProblem, match="cannot be written"):
            backup(state, taken)

    assert not (tmp_path / "nowhere").exists()
    assert target.read_text() == "mine"


# -- which file is meant --------------------------------------------------------------


def test_a_file_is_known_by_every_spelling_link_and_twin(state, tmp_path):
    link, twin, folder = (tmp_path / name for name in ("link", "twin", "folder"))
    link.symlink_to(state)
    os.link(state, twin)
    folder.symlink_to(state.parent)
    hanging = tmp_path / "hanging"
    hanging.symlink_to(f"{state}-wal")
    own = files_of(url_of(state))

    for spelled in (
        state,
        link,
        twin,
        hanging,
        folder / "connector.db",
        folder / "connector.db-wal",
        state.parent / ".." / "state" / "connector.db-shm",
    ):
        assert files.same_as(spelled, own) is not None, spelled
    assert files.same_as(state.parent / "plan.json", own) is None


def test_a_state_that_is_a_link_is_known_where_it_really_is(state, tmp_path):
    link = tmp_path / "elsewhere.db"
    link.symlink_to(state)

    own = files_of(url_of(link))

    assert files.same_as(state.with_name("connector.db-wal"), own) is not None


@pytest.mark.parametrize("name", ["a%2Fb", "a#b", "a?b", "a b", "ü", "100%", "a%zz"])
def test_a_folder_may_be_called_anything(tmp_path, name):
    path = tmp_path / name / "connector.db"

    assert file_of(url_of(path)) == path
    Store(open_to_write(url_of(path)), "acme").identity("now")
    assert identity_of(url_of(path)) is not None


def test_a_server_is_named_without_its_password():
    url = "postgresql+psycopg://me:hunter2@db.example:5433/sync?password=hunter3"

    told = public_name(url)

    assert "hunter" not in told
    assert "sync" in told
    assert "db.example" in told


# -- putting a copy in place ----------------------------------------------------------


def test_a_copy_takes_the_place_of_the_state_and_the_former_is_kept(state, tmp_path):
    copy, kept = tmp_path / "copy.db", state.with_name("kept.db")
    backup(state, copy)
    Store(open_to_write(url_of(state)), "acme").save_coupons({"A": "second"}, "t")

    put_in_place(copy, state, kept)

    assert {one.name for one in state.parent.iterdir()} == {"connector.db", "kept.db"}
    assert (coupons(state), coupons(kept)) == ({"A": "first"}, {"A": "second"})
    assert integrity(state) == integrity(kept) == []
    assert mode(state) == mode(kept) == 0o600


def test_what_stood_only_in_the_log_of_the_former_is_kept_and_not_mixed_in(
    state, tmp_path
):
    """A killed run leaves a log: to apply it to the new file would spoil it."""
    copy, kept = tmp_path / "copy.db", state.with_name("kept.db")
    backup(state, copy)
    with closing(sqlite3.connect(state)) as left_open:
        left_open.execute("SELECT 1 FROM meta").fetchone()
        Store(open_to_write(url_of(state)), "acme").save_coupons({"A": "second"}, "t")
        assert state.with_name("connector.db-wal").stat().st_size > 0

        put_in_place(copy, state, kept)

    assert coupons(state) == {"A": "first"}
    assert coupons(kept) == {"A": "second"}


def test_a_hold_that_was_on_when_the_copy_was_taken_is_none_of_the_new_state(
    state, tmp_path
):
    copy, kept = tmp_path / "copy.db", state.with_name("kept.db")
    store = Store(open_to_write(url_of(state)), "acme")
    store.leases.take("elsewhere/1/1", 60, now=4_000_000_000)
    backup(state, copy)

    put_in_place(copy, state, kept)

    restored = Store(open_to_write(url_of(state)), "acme")
    assert restored.leases.holder() == ""
    assert restored.leases.take("me", 60, now=1_800_000_000) is None


def test_a_state_that_vanished_is_not_made_anew_in_the_middle_of_a_run(state):
    store = Store(open_to_write(url_of(state)), "acme")
    state.unlink()

    with pytest.raises(StateProblem):
        store.save_coupons({"A": "x"}, "t")

    assert not state.exists()


@pytest.mark.parametrize(
    "tables",
    [
        ("alembic_version (version_num TEXT)",),
        ("alembic_version (version_num TEXT)", "run (id TEXT)", "users (id TEXT)"),
        ("meta (name TEXT, value TEXT)", "link (x)", "intent (x)", "run (x)"),
    ],
)
def test_another_programs_database_is_no_state_though_it_has_a_revision(
    tmp_path, tables
):
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as opened, opened:
        for table in tables:
            opened.execute(f"CREATE TABLE {table}")
        if "alembic" in tables[0]:
            opened.execute("INSERT INTO alembic_version VALUES ('0004')")
    before = path.read_bytes()

    for use in (identity_of, open_to_read, open_to_write):
        with pytest.raises(StateProblem, match="not a state of this program"):
            use(url_of(path))

    assert path.read_bytes() == before
