"""A state that cannot be trusted is refused, untouched, and never guessed about."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from connector.sandbox import seed


@pytest.fixture
def settled(place):
    place.settle(12, partners=3, coupons=2)
    return place


def execute(place, statement, *values):
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute(statement, values)


def assert_refused(place, *said):
    """plan, sync and check say why; the file is as it was, nothing was sent."""
    before = place.database.read_bytes()

    planned = place.json("plan")
    synced = place.json("sync")
    checked = place.json("check")
    looked = place.json("state", "check")

    assert planned.code == synced.code == checked.code == looked.code == 1
    for words in said:
        assert words in planned.document["error"]
        assert words in synced.document["error"]
    assert synced.document["status"] == "failed"
    assert "connector.db" in synced.document["error"]
    assert not looked.document["ok"]
    assert place.writes == []
    assert place.database.read_bytes() == before


@pytest.mark.parametrize("kind", ["garbage", "truncated", "overwritten"])
def test_a_damaged_state_is_refused_and_kept(settled, kind):
    """G6: no write anywhere; what to do next is said."""
    whole = settled.database.read_bytes()
    damaged = {
        "garbage": b"this is no database\n" * 400,
        "truncated": whole[: len(whole) // 3],
        "overwritten": whole[:4096] + b"\xff" * (len(whole) - 4096),
    }
    settled.database.write_bytes(damaged[kind])

    assert_refused(settled, "cannot be used", "state check", "restore")


@pytest.mark.parametrize(
    "command", ["explain ANNA10", "history", "inbox", "state export", "verify"]
)
def test_no_command_answers_a_damaged_state_with_a_traceback(settled, command):
    """G6: one message, exit 1, the file as it was."""
    settled.database.write_bytes(b"this is no database\n" * 400)
    before = settled.database.read_bytes()

    failed = settled.run(*command.split(), "--format", "json")

    assert failed.code == 1
    assert "connector.db" in failed.out + failed.err
    assert len(failed.documents) == 1
    assert settled.database.read_bytes() == before


def test_a_state_of_a_newer_version_is_refused(settled):
    execute(settled, "UPDATE alembic_version SET version_num = '9999'")

    assert_refused(settled, "newer version", "9999", "Upgrade partnero-tolt")


def test_somebody_elses_database_is_refused(place):
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("CREATE TABLE accounts (name TEXT)")

    assert_refused(place, "not a state of this program", "[state] url")


def test_a_row_that_cannot_be_read_is_named(settled):
    """G7: `state check` names it; no command ends in a traceback, nothing is sent."""
    execute(
        settled,
        "UPDATE link SET tolt_discount = 'nonsense:1' WHERE key = ?",
        "code000003",
    )

    looked = settled.json("state", "check")
    planned = settled.json("plan")
    synced = settled.json("sync")

    assert looked.code == 1
    assert any("code000003" in one for one in looked.document["problems"])
    assert planned.code in {0, 1, 4}
    assert synced.code in {0, 1, 4}
    assert settled.writes == []


def test_an_empty_file_is_a_state_that_does_not_exist_yet(place):
    place.inhabit(seed.big(12, partners=3, coupons=2))
    place.database.touch()

    assert place.json("plan").code == 0
    assert place.json("sync").document["plan"]["adopt"] == 12


def test_losing_the_state_is_a_first_run_again(settled):
    """B30: all adopted, nothing written; law 12: never a deletion."""
    settled.edit("tolt", "delete_code", code="CODE000003")
    settled.database.unlink()

    planned = settled.json("plan").document
    synced = settled.json("sync", "--first")

    assert planned["summary"]["delete"] == 0
    assert planned["summary"]["adopt"] == 11
    assert synced.outcomes == {"CODE000003": "confirmed"}
    assert [row.method for row in settled.writes] == ["POST"]


@pytest.mark.parametrize(
    "url", ["sqlite:////dev/null/connector.db", "sqlite:////proc/x.db"]
)
def test_a_place_that_cannot_hold_a_state_is_refused_before_the_first_write(place, url):
    """D14, D16: what is not noted first could be done twice."""
    place.configure(url=f'"{url}"')

    planned = place.json("plan")
    synced = place.json("sync")

    assert planned.code == 0
    assert synced.code == 1
    assert "cannot be written" in synced.document["error"]
    assert "Nothing was sent to either side" in synced.document["error"]
    assert place.writes == []


@pytest.mark.parametrize(
    "url",
    ["oracle://x", "nonsense", "sqlite:///", "sqlite:///:memory:", "mysql://me:pass@x"],
)
def test_a_state_url_that_is_none_is_a_configuration_error(place, url):
    place.configure(url=f'"{url}"')

    failed = place.run("sync")

    assert failed.code == 2
    assert "state.url" in failed.err
    assert "sqlite:///FILE" in failed.err
    assert "me:pass" not in failed.err
    assert place.writes == []


def test_a_copy_of_the_state_is_as_good_as_the_state(settled):
    shutil.copy(settled.database, settled.folder / "copy.db")
    settled.configure(url='"sqlite:///copy.db"')

    assert settled.json("sync").document["outcomes"] == []
