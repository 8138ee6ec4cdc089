"""The password of the state's database is shown by nothing, however it goes wrong."""

import gc
import sys

import psycopg
import pytest

from connector.cli import main
from mappings.discreet import shown_url

CONFIG = """\
[state]
url = "URL"
[[pairs]]
name = "acme"
[pairs.partnero]
api_key = { env = "PARTNERO_API_KEY" }
base_url = "http://127.0.0.1:1/v1"
[pairs.tolt]
api_key = { env = "TOLT_API_KEY" }
base_url = "http://127.0.0.1:1/v2"
program_id = "prg_x"
"""
COMMANDS = (
    *("plan", "check", "sync", "apply --yes", "verify", "inbox", "explain SAM20"),
    *("status", "health", "history", "show r_1", "undo r_1", "decide SAM20 --keep"),
    *("state check", "state export", "state backup", "state restore x.db"),
    *("state claim --yes", "state prune", "migrate --from tolt --to partnero --yes"),
)
SECRETS = ("s3same", "s3s@me", "s3s%40me")


@pytest.fixture
def called(tmp_path, monkeypatch, capsys, hurried):
    """Return what a command says beside a state at this URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "a")

    def call(url, command, *more):
        (tmp_path / "connector.toml").write_text(CONFIG.replace("URL", url))
        arguments = [*command.split(), "--log-level", "debug", *more]
        monkeypatch.setattr(sys, "argv", ["partnero-tolt", *arguments])
        with pytest.raises(SystemExit) as exited:
            main()
        told = "".join(capsys.readouterr())
        assert not [one for one in SECRETS if one in told]
        assert "Traceback" not in told
        assert told.strip()
        return exited.value.code, told

    return call


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_command_shows_it_when_the_database_is_away(called, command, form):
    url = "postgresql+psycopg://user:s3same@127.0.0.1:1/db"

    code, told = called(url, command, "--format", form)

    assert code in (1, 2)
    assert "a bug" not in told


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user:s3s%40me@127.0.0.1:1/db",
        "postgresql+psycopg://user@127.0.0.1:1/db?password=s3same",
        "postgresql+psycopg://user@127.0.0.1:1/db?password=s3same&sslmode=s3",
        "postgresql+psycopg:///db?host=127.0.0.1&port=1&user=u&password=s3same",
        "postgresql+psycopg://user:s3same/@127.0.0.1:1/db",
        "postgresql+psycopg://user:s3same#x@127.0.0.1:1/db?connect_timeout=s3",
        "postgresql+psycopg://user:s3s@me@127.0.0.1:1/db",
        "postgresql+psycopg://user:s3same@127.0.0.1:s3same/db",
        "postgresql+psycopg://user:s3same@127.0.0.1:99999/db",
        "postgresql://user:s3same@127.0.0.1/db",
        "mysql://user:s3same@127.0.0.1/db",
        "sqlite://user:s3same@host/state.db",
    ],
)
@pytest.mark.parametrize("command", ["status", "plan", "state check"])
def test_no_way_of_writing_the_url_shows_it(called, url, command):
    code, _ = called(url, command)

    assert code in (1, 2)


SHOWN = {
    "postgresql+psycopg://user:s3same@host:5/db": "postgresql+psycopg://host:5/db",
    "postgresql+psycopg://user:s3same@[::1]:5/db": "postgresql+psycopg://[::1]:5/db",
    "postgresql+psycopg://u:s3s@me@host/db": "postgresql+psycopg://host/db",
    "postgresql+psycopg://u:s3same/x@host/db": "postgresql+psycopg://host/db",
    "postgresql+psycopg://u:s3same?x@host/db": "postgresql+psycopg://***",
    "postgresql+psycopg://u:s3same#x@host/db": "postgresql+psycopg://***",
    "postgresql+psycopg://host/db?password=s3same": "postgresql+psycopg://host/db",
    "postgresql+psycopg://host/db?password=a@s3same": "postgresql+psycopg://***",
    "postgresql+psycopg:///db?host=/run&password=s3same": "postgresql+psycopg:///db",
    "https://ping.example/tlt_live_s3same": "https://***",
    "https://ping.example/aB3dE5gH7jK9mN1pQ3sT5s3same": "https://***",
    "https://me:s3same@api.example/v2?key=s3same": "https://api.example/v2",
    "sqlite:////var/lib/a b/ü.db": "sqlite:////var/lib/a b/ü.db",
    "s3same": "***",
    "://s3same": "***",
    "": "***",
}


@pytest.mark.parametrize("url", SHOWN)
def test_a_url_is_shown_without_what_is_secret(url):
    assert shown_url(url) == SHOWN[url]
    assert "s3same" not in shown_url(url)


# --- a server that answers ---------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_command_shows_it_when_the_database_is_newer_or_refuses(called, postgres):
    tables = [
        f"CREATE TABLE {n} (a TEXT)" for n in "meta link intent run lease".split()
    ]
    version = "CREATE TABLE alembic_version AS SELECT '9999' AS version_num"
    newer = postgres.database(*tables, version)
    wrong = newer.replace("s3same", "wrong-s3same")

    for url, said in ((newer, "newer"), (wrong, "password")):
        for command in COMMANDS:
            code, told = called(url, command, "--format", "json")
            assert code in (1, 2), command
            assert "a bug" not in told, command
        assert said in called(url, "plan")[1]
    gc.collect()  # a process of its own would end here


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_command_shows_it_in_a_database_with_tables_of_another(called, postgres):
    """They are none of our business: ours are in a schema of our own."""
    url = postgres.database("CREATE TABLE accounts (name TEXT)")

    for command in COMMANDS:
        code, told = called(url, command, "--format", "json")
        assert "a bug" not in told, (command, code)

    tables = "SELECT schemaname || '.' || tablename FROM pg_tables"
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        names = {name for (name,) in connection.execute(tables)}
    assert {"public.accounts", "partnero_tolt.run"} <= names
    gc.collect()  # a process of its own would end here
