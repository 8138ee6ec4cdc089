"""The queue's tables are made once, whoever comes first, and upgraded afterwards."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.fleet import schema
from connector.fleet.queue import Queue
from connector.fleet.schema import migrate
from state import servers
from state.database import StateProblem


@pytest.fixture
def empty(postgres):
    url = postgres.database()
    yield url
    servers.opened(url).dispose()


def names(url):
    with Queue(url).connected() as connection:
        rows = connection.execute(
            "SELECT table_schema AS place, table_name AS name "
            "FROM information_schema.tables WHERE table_name LIKE 'procrastinate%'"
        )
        return {(row.place, row.name) for row in rows}


def test_of_four_at_once_on_a_fresh_database_one_makes_it(empty):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: migrate(Queue(empty)), range(4)))
    assert sorted(made) == [False, False, False, True]
    assert {place for place, _ in names(empty)} == {"partnero_tolt_queue"}


def test_what_is_there_already_is_left_alone(empty):
    assert migrate(Queue(empty))
    before = names(empty)
    assert not migrate(Queue(empty))
    assert names(empty) == before


def test_another_schema_has_another_queue(empty):
    assert migrate(Queue(empty))
    assert migrate(Queue(empty, "another"))
    assert {place for place, _ in names(empty)} == {"partnero_tolt_queue", "another"}


def test_a_script_that_came_later_is_applied_once(empty, monkeypatch, tmp_path):
    migrate(Queue(empty))
    newer = tmp_path / "99.00.00_01_newer.sql"
    newer.write_text("ALTER TABLE procrastinate_jobs ADD COLUMN newer text;\nSELECT 1;")
    every = [*schema.scripts(), newer]
    monkeypatch.setattr(schema, "scripts", lambda: every)
    assert migrate(Queue(empty))
    assert not migrate(Queue(empty))


def test_a_script_that_fails_is_tried_again(empty, monkeypatch, tmp_path):
    migrate(Queue(empty))
    broken = tmp_path / "99.00.00_01_broken.sql"
    broken.write_text("ALTER TABLE nowhere ADD COLUMN newer text;")
    every = [*schema.scripts(), broken]
    monkeypatch.setattr(schema, "scripts", lambda: every)
    with pytest.raises(StateProblem, match="nowhere"):
        migrate(Queue(empty))
    broken.write_text("ALTER TABLE procrastinate_jobs ADD COLUMN newer text;")
    assert migrate(Queue(empty))


def test_a_queue_of_somebody_else_is_refused_and_not_touched(postgres):
    url = postgres.database(
        "CREATE SCHEMA partnero_tolt_queue",
        "CREATE TABLE partnero_tolt_queue.procrastinate_jobs (theirs text)",
    )
    with pytest.raises(StateProblem, match="has not made"):
        migrate(Queue(url))
    assert names(url) == {("partnero_tolt_queue", "procrastinate_jobs")}


def test_a_server_that_is_not_there_is_told_without_its_password():
    queue = Queue("postgresql+psycopg://ann:s3same@127.0.0.1:1/fleet")
    with pytest.raises(StateProblem) as told:
        migrate(queue)
    assert "s3same" not in str(told.value)
    assert "cannot be used" in str(told.value)
