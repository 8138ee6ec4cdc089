"""A state on a PostgreSQL server: its schema, many openers, words for what fails."""

import multiprocessing
import os
from itertools import count

import psycopg
import pytest
from sqlalchemy import text

from state import servers
from state.database import (
    StateProblem,
    identity_of,
    open_to_read,
    open_to_write,
)
from state.patient import connected
from state.store import Store
from tests.harness.takers import begin

AT = "2026-01-01T00:00:00Z"
_roles = count()
OTHERS = ("CREATE TABLE run (id TEXT)", "CREATE TABLE alembic_version (x TEXT)")


@pytest.fixture
def disposing():
    """Close what a test has opened."""
    urls = []

    def opened(url):
        urls.append(url)
        return url

    yield opened
    for url in urls:
        servers.dispose(url)


def _schemas(postgres, url, table="link"):
    with postgres.connected(url.rpartition("/")[2].partition("?")[0]) as asked:
        rows = asked.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = %s",
            [table],
        )
        return sorted(row[0] for row in rows)


def test_other_tables_of_the_database_are_none_of_our_business(postgres, disposing):
    url = disposing(postgres.database(*OTHERS))

    assert open_to_read(url) is None
    Store(open_to_write(url), "acme").identity(AT)

    assert _schemas(postgres, url) == [servers.SCHEMA]
    assert _schemas(postgres, url, "run") == [servers.SCHEMA, "public"]
    assert identity_of(url) is not None


def test_a_state_that_is_in_the_public_schema_already_stays_there(postgres, disposing):
    url = disposing(postgres.database())
    public = disposing(f"{url}?options=-csearch_path%3Dpublic")
    before = Store(open_to_write(public), "acme").identity(AT)

    assert Store(open_to_write(url), "acme").identity(AT) == before
    assert _schemas(postgres, url) == ["public"]


def test_the_url_may_name_another_schema(postgres, disposing):
    url = postgres.database()
    ours = disposing(f"{url}?options=-csearch_path%3Done")
    other = disposing(f"{url}?options=-csearch_path%3Dother")

    first = Store(open_to_write(ours), "acme").identity(AT)
    second = Store(open_to_write(other), "acme").identity(AT)

    assert first != second
    assert _schemas(postgres, url) == ["one", "other"]


def test_of_four_processes_on_a_fresh_database_one_makes_the_tables(postgres):
    url = postgres.database()
    spawn = multiprocessing.get_context("spawn")
    report = spawn.Queue()
    workers = [spawn.Process(target=begin, args=(url, report)) for _ in range(4)]
    for worker in workers:
        worker.start()
    said = {report.get(timeout=120) for _ in workers}
    for worker in workers:
        worker.join()

    assert len(said) == 1, said
    assert "Error" not in said.pop()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("s3same", "wrong"), "password"),
        (("/db_", "/not_there_"), "does not exist"),
        (("127.0.0.1:", "127.0.0.1:1#"), "cannot be used"),
    ],
)
def test_what_is_wrong_with_the_server_is_one_sentence(
    postgres, disposing, change, words
):
    url = postgres.database().replace(*change)
    if "#" in url:  # a port where nobody listens
        url = url.partition("#")[0] + "/db"

    for opening in (open_to_read, open_to_write, identity_of):
        with pytest.raises(StateProblem) as told:
            opening(disposing(url))
        said = str(told.value)
        assert words in said
        assert "s3same" not in said
        assert "move" not in said
        assert "\n" not in said


def test_an_engine_is_opened_once_in_a_process_and_survives_a_restart(
    postgres, disposing
):
    url = disposing(postgres.state())
    store = Store(open_to_write(url), "acme")
    store.save_coupons({"A": "first"}, AT)

    postgres.stop()
    with pytest.raises(StateProblem):
        store.coupons()
    postgres.start()

    assert store.coupons() == {"A": "first"}
    assert open_to_write(url) is store.transactions.engine


@pytest.fixture
def as_role(postgres):
    """Return the URL by which a role sees a database, and what it may do there."""

    def url(database, *rights):
        role = f"role_{os.getpid()}_{next(_roles)}"
        with postgres.connected(database.rpartition("/")[2]) as made:
            made.execute(f"CREATE ROLE {role} LOGIN PASSWORD 's3same'".encode())
            for right in rights:
                made.execute(right.format(role=role).encode())
        return database.replace("user:", f"{role}:")

    return url


def test_a_role_that_may_make_no_schema_is_told_what_it_needs(
    postgres, disposing, as_role
):
    database = postgres.database()
    url = disposing(as_role(database))

    assert open_to_read(url) is None
    with pytest.raises(StateProblem, match="CREATE SCHEMA partnero_tolt AUTHORIZATION"):
        open_to_write(url)

    given = disposing(
        as_role(database, "CREATE SCHEMA partnero_tolt AUTHORIZATION {role}")
    )
    assert Store(open_to_write(given), "acme").identity(AT)


def test_a_schema_into_which_the_role_may_not_look_is_not_one_that_is_missing(
    postgres, disposing, as_role
):
    database = disposing(postgres.state())
    Store(open_to_write(database), "acme").identity(AT)
    url = disposing(as_role(database))

    for opening in (open_to_read, open_to_write, identity_of):
        with pytest.raises(StateProblem, match="USAGE ON SCHEMA partnero_tolt"):
            opening(url)


def test_a_role_that_only_reads_can_report_and_is_told_why_it_cannot_run(
    postgres, disposing, as_role
):
    database = disposing(postgres.state())
    Store(open_to_write(database), "acme").identity(AT)
    may = (
        "GRANT USAGE ON SCHEMA partnero_tolt TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA partnero_tolt TO {role}",
    )
    url = disposing(as_role(database, *may))

    assert Store(open_to_read(url), "acme").links() == []
    store = Store(open_to_write(url), "acme")
    with pytest.raises(StateProblem, match=r"role in .state. url may not do"):
        store.leases.take("me", 60)


def test_a_server_that_only_lets_itself_be_read_is_named_as_that(postgres, disposing):
    url = f"{postgres.database()}?options=-cdefault_transaction_read_only%3Don"

    assert open_to_read(disposing(url)) is None
    with pytest.raises(StateProblem, match="name the primary one"):
        open_to_write(url)


def test_a_search_path_that_names_nothing_is_told_in_words(postgres, disposing):
    url = f"{postgres.database()}?options=-csearch_path%3D"

    with pytest.raises(StateProblem, match="names no schema"):
        open_to_write(disposing(url))


def test_an_older_schema_on_a_server_is_upgraded_by_who_writes_after_ones_own_copy(
    postgres, disposing
):
    url = disposing(postgres.database())
    open_to_write(url)
    with servers.opened(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))

    with pytest.raises(StateProblem, match=r"take a copy first \(pg_dump\)"):
        open_to_read(url)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_no_state_is_begun_where_not_every_name_can_be_stored(
    postgres, disposing, encoding
):
    url = f"{postgres.url}/db_{os.getpid()}_{encoding.lower()}"
    with postgres.connected("postgres") as admin:
        made = f"CREATE DATABASE {url.rpartition('/')[2]} ENCODING '{encoding}'"
        admin.execute(f"{made} TEMPLATE template0 LOCALE 'C'".encode())

    assert open_to_read(disposing(url)) is None
    with pytest.raises(StateProblem, match="ENCODING 'UTF8'"):
        open_to_write(url)
    assert open_to_read(url) is None


def test_a_server_that_hangs_is_told_of_and_not_waited_for_without_end(postgres):
    url = postgres.url.replace("+psycopg", "") + "/postgres"
    with connected(0.3, url, autocommit=True) as waiting:
        assert waiting.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="has not answered"):
            waiting.execute("SELECT pg_sleep(30)")
        assert waiting.closed


def test_the_connections_of_a_state_are_those(postgres, disposing):
    url = disposing(postgres.state())

    for engine in (servers.opened(url), servers.quick(url)):
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver.info.get_parameters()["tcp_user_timeout"] == "60000"
            assert type(driver).__name__ == "Patient"
