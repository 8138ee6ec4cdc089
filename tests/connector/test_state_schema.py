"""[state] schema: in which schema of a PostgreSQL database the tables are."""

import pytest

from connector.config.load import load
from connector.errors import Misconfigured
from state import servers
from state.database import open_to_write
from state.store import Store
from state.urls import names_schema, with_schema

SERVER = "postgresql+psycopg://user:s3s%40me@127.0.0.1:1/db"


@pytest.fixture
def stated(tmp_path):
    """Return what loads a configuration with these lines in [state]."""

    def loaded(*lines):
        file = tmp_path / "connector.toml"
        pair = '[[pairs]]\nname = "acme"\n[pairs.partnero]\napi_key = { env = "A" }\n'
        pair += '[pairs.tolt]\napi_key = { env = "B" }\nprogram_id = "prg_x"\n'
        file.write_text("\n".join(("[state]", *lines, pair)))
        return load(file)

    return loaded


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((f'url = "{SERVER}"', 'schema = "a b"'), "allowed are letters, digits and _"),
        ((f'url = "{SERVER}"', "schema = 'a\"; DROP'"), "is no name of a schema"),
        ((f'url = "{SERVER}"', 'schema = "1st"'), "is no name of a schema"),
        ((f'url = "{SERVER}"', f'schema = "{"a" * 64}"'), "up to 63"),
        ((f'url = "{SERVER}"', 'schema = ""'), "is no name of a schema"),
        ((f'url = "{SERVER}"', 'schema = "pg_Toast"'), "of PostgreSQL itself"),
        (
            (f'url = "{SERVER}"', 'schema = "information_schema"'),
            "of PostgreSQL itself",
        ),
        (('schema = "ours"',), "schema is of a PostgreSQL database; a file has none"),
        (
            (f'url = "{SERVER}?options=-csearch_path%3Done"', 'schema = "two"'),
            "schema is named twice",
        ),
        (
            (f'url = "{SERVER}?options=--search-path%3Done"', 'schema = "one"'),
            "schema is named twice",
        ),
    ],
)
def test_a_schema_that_cannot_be_is_refused_with_a_sentence(stated, lines, words):
    with pytest.raises(Misconfigured) as refused:
        stated(*lines)

    told = str(refused.value)
    assert words in told
    assert "connector.toml:" in told
    assert "s3s" not in told


def test_without_one_the_url_is_what_it_was(stated):
    assert stated(f'url = "{SERVER}"').location.state_url == SERVER


def test_other_options_of_the_url_stay():
    url = with_schema(f"{SERVER}?options=-cwork_mem%3D4MB&connect_timeout=3", "Ours")

    assert names_schema(url)
    assert "s3s%40me" in url
    assert "connect_timeout=3" in url
    assert "-cwork_mem" in url


@pytest.mark.parametrize("name", ["ours", "Ours", "select", "public", "_1", "a" * 63])
def test_the_tables_are_in_the_schema_that_is_named(stated, postgres, name):
    url = stated(
        f'url = "{postgres.database()}"', f'schema = "{name}"'
    ).location.state_url

    Store(open_to_write(url), "acme").identity("2026-01-01T00:00:00Z")

    with postgres.connected(url.rpartition("/")[2].partition("?")[0]) as asked:
        rows = asked.execute(
            "SELECT DISTINCT table_schema FROM information_schema.tables "
            "WHERE table_name IN ('link', 'run', 'key_window', 'alembic_version')"
        )
        assert rows.fetchall() == [(name,)]
    servers.dispose(url)


def test_two_schemas_of_one_database_are_two_states(stated, postgres):
    database = postgres.database()
    urls = [
        stated(f'url = "{database}"', f'schema = "{name}"').location.state_url
        for name in ("one", "One")
    ]

    first, second = (
        Store(open_to_write(url), "acme").identity("2026-01-01T00:00:00Z")
        for url in urls
    )

    assert first != second
    for url in urls:
        servers.dispose(url)
