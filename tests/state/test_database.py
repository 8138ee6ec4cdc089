"""A file that cannot be trusted is refused untouched; upgrades race without harm."""

import multiprocessing
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

import state
from state.database import (
    HEAD,
    KNOWN,
    StateProblem,
    backup,
    integrity,
    open_to_read,
    open_to_write,
)
from state.store import Store
from tests.harness.takers import begin


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def filled(path):
    store = Store(open_to_write(_url(path)), "acme")
    store.identity("2026-01-01T00:00:00Z")
    store.save_coupons({f"CODE{n}": "COUPON" * 20 for n in range(400)}, "t")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def _scripts() -> Config:
    config = Config()
    folder = Path(state.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    return config


def _by_scripts(path: Path) -> None:
    """Make a state step by step, as one of the first days has come to be."""
    with create_engine(_url(path), poolclass=NullPool).begin() as connection:
        config = _scripts()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _schema(path: Path) -> dict[str, list[object]]:
    """Return the columns and indexes of each table, whatever their order is."""
    schema: dict[str, list[object]] = {}
    with closing(sqlite3.connect(path)) as opened:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in opened.execute(tables).fetchall():
            columns = opened.execute(f"PRAGMA table_info('{table}')").fetchall()
            parts: list[object] = [row[1:] for row in columns]
            for _, name, *kind in opened.execute(f"PRAGMA index_list('{table}')"):
                info = opened.execute(f"PRAGMA index_info('{name}')").fetchall()
                named = [column for _, _, column in info]
                made = "SELECT sql FROM sqlite_master WHERE name = ?"
                parts += [(name, kind, named, opened.execute(made, (name,)).fetchall())]
            schema[table] = sorted(parts, key=str)
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
    return schema


def test_a_new_file_has_just_what_the_scripts_make_of_an_empty_one(path, tmp_path):
    open_to_write(_url(path))
    old = tmp_path / "old.db"
    _by_scripts(old)

    assert _schema(path) == _schema(old)
    for one in (path, old):
        with closing(sqlite3.connect(one)) as opened:
            revision = opened.execute("SELECT * FROM alembic_version").fetchall()
        assert revision == [(HEAD,)]


def test_the_scripts_make_just_the_tables_that_the_models_name(path):
    _by_scripts(path)
    engine = create_engine(_url(path), poolclass=NullPool)
    config = _scripts()

    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_the_known_revisions_are_those_of_the_scripts():
    scripts = ScriptDirectory.from_config(_scripts())

    assert scripts.get_current_head() == HEAD
    assert {script.revision for script in scripts.walk_revisions()} == set(KNOWN)


def test_four_processes_that_race_on_a_fresh_file_all_get_in(path):
    spawn = multiprocessing.get_context("spawn")
    report = spawn.Queue()
    workers = [spawn.Process(target=begin, args=(_url(path), report)) for _ in range(4)]
    for worker in workers:
        worker.start()
    said = {report.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join(timeout=60)

    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(said) == 1, said
    assert "Error" not in said.pop()
    assert integrity(path) == []


def test_threads_write_beside_each_other(path):
    store = Store(open_to_write(_url(path)), "acme")
    problems = []

    def write(number: int) -> None:
        try:
            for turn in range(20):
                store.save_coupons({f"{number}-{turn}": "x"}, "t")
                store.coupons()
        except StateProblem as problem:
            problems.append(problem)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert len(store.coupons()) == 160


def test_what_is_committed_is_synced_to_the_disk(path):
    """D11: an intent must outlive a loss of power, so FULL and not NORMAL."""
    engine = open_to_write(_url(path))

    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def _garbage(path):
    path.write_bytes(b"this is no database at all" * 400)


def _truncated(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _wrong_magic(path):
    path.write_bytes(b"SQLite format 9\x00" + path.read_bytes()[16:])


def _scribbled(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 9000] = b"\xff" * 9000
    path.write_bytes(bytes(content))


def _foreign(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE photos (id INTEGER)")
        opened.commit()


def _newer(path):
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
        opened.commit()
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize(
    "spoil", [_garbage, _truncated, _wrong_magic, _scribbled, _foreign, _newer]
)
@pytest.mark.parametrize("opening", [open_to_read, open_to_write])
def test_a_file_that_cannot_be_trusted_is_refused_and_not_touched(
    filled, spoil, opening
):
    """G6, G10: garbage, truncated, wrong magic, damaged, foreign, newer."""
    spoil(filled)
    before = filled.read_bytes()

    with pytest.raises(StateProblem, match="not touched"):
        opening(_url(filled))

    assert filled.read_bytes() == before


def test_a_report_does_not_create_a_state(path):
    assert open_to_read(_url(path)) is None
    assert not path.exists()


def test_a_report_leaves_the_file_as_it_is_to_the_byte(filled):
    before = filled.read_bytes()

    engine = open_to_read(_url(filled))
    found = Store(engine, "acme").coupons()

    assert len(found) == 400
    assert filled.read_bytes() == before


def test_a_report_in_the_middle_of_a_write_sees_what_was_before(filled):
    """G5: a consistent snapshot, no "database is locked"."""
    writer = Store(open_to_write(_url(filled)), "acme")
    reader = Store(open_to_read(_url(filled)), "acme")

    with writer.transactions.writing() as connection:
        connection.exec_driver_sql("DELETE FROM coupon")
        during = len(reader.coupons())

    assert during == 400
    assert reader.coupons() == {}


def test_only_its_owner_may_read_the_state(filled):
    """G13: it holds e-mails and a salt; a wider mode is narrowed."""
    assert stat.S_IMODE(filled.stat().st_mode) == 0o600
    filled.chmod(0o644)

    open_to_write(_url(filled))

    assert stat.S_IMODE(filled.stat().st_mode) == 0o600


def test_a_folder_where_nothing_can_be_written_is_refused(tmp_path):
    """D16: also where the path itself is impossible."""
    blocked = tmp_path / "file"
    blocked.write_text("")

    with pytest.raises(StateProblem, match="Nothing was sent"):
        open_to_write(_url(blocked / "state.db"))


def test_a_full_disk_is_told_in_words(filled):
    """D14: the page limit stands for a full disk."""
    store = Store(open_to_write(_url(filled)), "acme")

    writing = store.transactions.writing
    with pytest.raises(StateProblem, match="full"), writing() as connection:  # noqa: PT012 (a transaction)
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        rows = [
            {"pair": "acme", "code": f"X{n}", "uuid": "y" * 500} for n in range(500)
        ]
        for row in rows:
            connection.execute(
                text(
                    "INSERT INTO coupon (pair, code, uuid) VALUES (:pair, :code, :uuid)"
                ),
                row,
            )

    assert len(store.coupons()) == 400
    assert integrity(filled) == []


def test_a_copy_taken_while_it_is_written_is_whole(filled, tmp_path):
    store = Store(open_to_write(_url(filled)), "acme")
    copy = tmp_path / "copy.db"

    with store.transactions.writing() as connection:
        connection.exec_driver_sql("DELETE FROM coupon")
        backup(filled, copy)

    assert integrity(copy) == []
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert len(Store(open_to_read(_url(copy)), "acme").coupons()) == 400


def test_damage_is_named(filled):
    assert integrity(filled) == []
    _scribbled(filled)

    assert integrity(filled) != []


def test_a_state_whose_upgrade_was_cut_short_is_as_it_was(filled, tmp_path):
    """D9: the schema changes in one transaction, or not at all."""
    half = tmp_path / "half.db"
    shutil.copy(filled, half)
    engine = open_to_write(_url(half))

    with pytest.raises(ZeroDivisionError), engine.begin() as connection:  # noqa: PT012 (a transaction)
        connection.exec_driver_sql("ALTER TABLE coupon ADD COLUMN more TEXT")
        connection.exec_driver_sql("DROP TABLE link")
        raise ZeroDivisionError

    store = Store(open_to_write(_url(half)), "acme")
    assert len(store.coupons()) == 400
    assert store.links() == []
