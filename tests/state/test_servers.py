"""A state on a PostgreSQL server: its schema, many openers, words for what fails."""

import multiprocessing

import pytest

from state import servers
from state.database import (
    StateProblem,
    identity_of,
    open_to_read,
    open_to_write,
)
from state.store import Store

AT = "2026-01-01T00:00:00Z"
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
        servers.opened(url).dispose()


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


def _begin(url, report):
    try:
        engine = open_to_write(url)
        report.put(str(Store(engine, "acme").identity(AT)))
        engine.dispose()
    except BaseException as error:  # noqa: BLE001 (what went wrong is what is asked)
        report.put(f"{type(error).__name__}: {error}")


def test_of_four_processes_on_a_fresh_database_one_makes_the_tables(postgres):
    url = postgres.database()
    spawn = multiprocessing.get_context("spawn")
    report = spawn.Queue()
    workers = [spawn.Process(target=_begin, args=(url, report)) for _ in range(4)]
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
