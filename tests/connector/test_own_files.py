"""No result ever takes the place of what the program rests on; restore is safe."""

import os
import shutil
import time
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from state.database import integrity, open_to_write
from state.store import Store

BEFORE = Path(__file__).parents[1] / "state" / "older" / "schema-0005.sql"


@pytest.fixture
def settled(place):
    place.settle(12, partners=3, coupons=2)
    return place


def store(place):
    return Store(open_to_write(f"sqlite:///{place.database}"), "acme")


def contents(place):
    return {
        one.name: one.read_bytes() for one in place.folder.glob("*") if one.is_file()
    }


SPELLINGS = {
    "the state": lambda p: "connector.db",
    "its log": lambda p: "connector.db-wal",
    "a link": lambda p: _link(p, "connector.db"),
    "a twin": lambda p: _twin(p, "connector.db"),
    "another spelling": lambda p: f"../{p.folder.name}/connector.db",
    "the configuration": lambda p: "connector.toml",
    "an included file": lambda p: "more.toml",
    "a link to the configuration": lambda p: _link(p, "connector.toml"),
    "the marker": lambda p: ".connector.toml.state",
    "the alias file": lambda p: "aliases.csv",
    "a webhook's secret": lambda p: "hook.key",
    "the web server's token": lambda p: "serve.key",
    "its token to look": lambda p: "view.key",
    "a copy of the state": lambda p: _copy(p, "connector.db.20261130T000000Z.backup"),
}


def _copy(place, name):
    shutil.copy(place.database, place.folder / name)
    return name


def _link(place, name):
    (place.folder / "out.json").symlink_to(place.folder / name)
    return "out.json"


def _twin(place, name):
    os.link(place.folder / name, place.folder / "out.json")
    return "out.json"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_plan_is_never_written_over_what_the_program_rests_on(settled, spelling):
    """E27: --out connector.db overwrote the state."""
    (settled.folder / "aliases.csv").write_text("anna@example.com,anna@example.com\n")
    (settled.folder / "more.toml").write_text("# pairs to come\n")
    text = settled.config.read_text()
    settled.config.write_text(f'include = ["more.toml"]\n{text}')
    with settled.config.open("a") as opened:
        opened.write('\n[pairs.partners]\naliases = "aliases.csv"\n')
        opened.write('[pairs.webhooks]\npartnero = { file = "hook.key" }\n')
        opened.write(
            '[serve]\nlisten = "127.0.0.1:9"\ntoken = { file = "serve.key" }\n'
            'view_token = { file = "view.key" }\n'
        )
    for name in ("hook.key", "serve.key", "view.key"):
        (settled.folder / name).write_text("a secret that is long enough to sign")
    out = SPELLINGS[spelling](settled)
    before = contents(settled)

    refused = settled.run("plan", "--out", out)

    assert refused.code == 2
    assert "Name another file" in refused.err
    assert contents(settled) == before
    assert list(settled.sandbox.requests) == []


@pytest.mark.parametrize(
    "command",
    [
        "verify --out connector.db",
        "migrate --from tolt --to partnero --yes --out connector.db",
        "undo r_x --out connector.db",
        "state backup connector.db-shm",
    ],
)
def test_neither_is_any_other_result(settled, command):
    before = settled.database.read_bytes()

    refused = settled.run(*command.split())

    assert refused.code == 2
    assert "the state, or a part of it" in refused.err
    assert settled.database.read_bytes() == before
    assert settled.writes == []


# -- restore --------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["the state", "a link", "a twin"])
def test_a_state_is_not_restored_from_itself(settled, spelling):
    """E27: nothing was left."""
    source = SPELLINGS[spelling](settled)

    refused = settled.run("state", "restore", source)

    assert refused.code == 2
    assert "is the state itself" in refused.err
    assert len(store(settled).links()) == 12


def test_a_restore_is_refused_while_a_run_is_alive_and_not_after_its_hold(settled):
    settled.run("state", "backup", "copy.db")
    other = Store(store(settled).transactions.engine, "a pair that was renamed")
    other.leases.take("elsewhere/1/1", 60)

    refused = settled.run("state", "restore", "copy.db")
    assert refused.code == 6
    assert "elsewhere/1" in refused.err

    other.leases.renew(60, now=int(time.time()) - 61)
    assert settled.run("state", "restore", "copy.db").code == 0
    assert integrity(settled.database) == []
    assert settled.json("sync").document["outcomes"] == []


def test_a_hold_from_a_clock_that_was_ahead_forbids_a_restore_for_a_minute(settled):
    """It is cut to its length when it is first seen, and not believed until then."""
    settled.run("state", "backup", "copy.db")
    store(settled).leases.take("elsewhere/1/1", 60, now=4_000_000_000)

    assert settled.run("state", "restore", "copy.db").code == 6

    with closing(connect(settled.database)) as opened:
        ((expires,),) = opened.execute("SELECT expires FROM lease").fetchall()
    assert expires <= time.time() + 61


def test_a_damaged_state_can_be_restored_over(settled):
    settled.run("state", "backup", "copy.db")
    settled.database.write_bytes(b"rubbish" * 900)

    assert settled.run("state", "restore", "copy.db").code == 0

    assert len(store(settled).links()) == 12
    (kept,) = settled.folder.glob("*.replaced")
    assert kept.read_bytes().startswith(b"rubbish")


def test_a_file_that_is_no_state_is_not_restored(settled):
    shutil.copy(settled.config, settled.folder / "copy.db")
    (settled.folder / "empty.db").touch()

    for source in ("copy.db", "empty.db", "nowhere.db"):
        assert settled.run("state", "restore", source).code in {1, 2}

    assert len(store(settled).links()) == 12


def _tables(opened):
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return {name for (name,) in opened.execute(names)}


def _columns(database, table):
    rows = database.execute(f"PRAGMA table_info({table})")
    return {name for _, name, *_ in rows}


def _indexes(opened):
    """Return the names of indexes by the statements that make them."""
    rows = opened.execute("SELECT sql, name FROM sqlite_master WHERE type = 'index'")
    return {sql: name for sql, name in rows if sql}


def test_a_copy_of_the_schema_before_can_be_restored(settled):
    """As an upgrade leaves it; the next run upgrades it again."""
    settled.run("state", "backup", "copy.db")
    with (
        closing(connect(":memory:")) as older,
        closing(connect(settled.folder / "copy.db")) as copy,
        copy,
    ):
        older.executescript(BEFORE.read_text(encoding="utf-8"))
        copy.execute("UPDATE alembic_version SET version_num = '0005'")
        for table in _tables(copy) - _tables(older):
            copy.execute(f'DROP TABLE "{table}"')
        for index in _indexes(copy).keys() - _indexes(older).keys():
            copy.execute(f'DROP INDEX IF EXISTS "{_indexes(copy)[index]}"')
        for table in _tables(older):
            for column in _columns(copy, table) - _columns(older, table):
                copy.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
        for statement in _indexes(older).keys() - _indexes(copy).keys():
            copy.execute(statement)

    assert settled.run("state", "restore", "copy.db").code == 0
    assert settled.json("sync").code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_copy_of_a_state_and_is_not_waited_for(settled):
    os.mkfifo(settled.folder / "pipe")

    refused = settled.process("state", "restore", "pipe")

    assert refused.code == 2
    assert "pipe is no file; nothing was restored" in refused.err
