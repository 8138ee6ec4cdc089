"""Pairs that stand in the state's database: how they are kept, and read back."""

import json
from datetime import date
from pathlib import Path

import pytest

from connector.config.importing import read_imports
from connector.config.load import load
from connector.config.resolve import read_pair
from connector.config.row import Row
from connector.config.table import joined
from connector.errors import Misconfigured

SERVER = '[state]\nurl = "postgresql+psycopg://user@127.0.0.1:1/fleet"\n'
FOR_ALL = """
timezone = "Europe/Berlin"
[defaults]
schedule = "@hourly"
[defaults.policy]
delete = "never"
"""
PAIR = """
[[pairs]]
name = "NAME"
[pairs.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[pairs.tolt]
api_key = { file = "keys/tolt.key" }
program_id = "prg_NAME"
[pairs.partners]
aliases = "aliases.csv"
[pairs.policy]
redemptions_since = 2026-01-01
"""


def pair(name, **lines):
    text = PAIR.replace("NAME", name)
    for key, value in lines.items():
        text = text.replace(f'{name}"\n', f'{name}"\n{key} = {value}\n', 1)
    return text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a configuration of a fleet, which has no pair of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "tolt.key").write_text("tolt-key")
    (tmp_path / "aliases.csv").write_text("partnero_email,tolt_email\n")
    (tmp_path / "connector.toml").write_text(FOR_ALL_OF_SERVER)
    return tmp_path


FOR_ALL_OF_SERVER = FOR_ALL.replace("\n[defaults]", f"\n{SERVER}[defaults]", 1)


def config():
    return load(Path("connector.toml"))


def imports(*files):
    return read_imports(config(), [Path(file) for file in files])


def refused(*files):
    with pytest.raises(Misconfigured) as error:
        imports(*files)
    *problems, last = str(error.value).splitlines()
    assert last == "No pair was imported."
    return problems


def rows(*files):
    return [Row(one.pair.name, one.section) for one in imports(*files).pairs]


def test_a_configuration_of_a_server_may_have_no_pair(folder):
    assert config().file.pairs == []


def test_a_pair_of_a_file_is_kept_with_its_defaults_and_its_time_zone(folder):
    (folder / "acme.toml").write_text(pair("acme"))

    (kept,) = imports("acme.toml").pairs

    table = json.loads(kept.section)
    assert kept.place == "acme.toml:3"
    assert table["schedule"] == "@hourly"
    assert table["timezone"] == "Europe/Berlin"
    assert table["policy"] == {"delete": "never", "redemptions_since": "2026-01-01"}
    assert table["partnero"]["api_key"] == {"env": "PARTNERO_API_KEY"}


def test_what_is_kept_means_the_same_as_what_was_read(folder):
    (folder / "acme.toml").write_text(
        pair("acme", jitter=30)
        + "[pairs.limits]\nshare = 0.25\n[pairs.notify]\nheartbeat_url ="
        ' "https://hc.example/1"\n'
    )
    (read,) = imports("acme.toml").pairs

    (back,) = joined(config(), rows("acme.toml")).file.pairs

    whole = json.loads(read.section)
    tolt = read.pair.tolt.model_copy(update={"api_key": back.tolt.api_key})
    partners = read.pair.partners.model_copy(
        update={"aliases": whole["partners"]["aliases"]}
    )
    same = read.pair.model_copy(update={"tolt": tolt, "partners": partners})
    assert back == same
    assert back.policy.redemptions_since == date(2026, 1, 1)
    assert back.policy.model_fields_set == read.pair.policy.model_fields_set


def test_relative_paths_mean_the_file_beside_the_one_that_names_them(folder):
    (folder / "more").mkdir()
    (folder / "more" / "acme.toml").write_text(pair("acme"))

    (table,) = [json.loads(row.section) for row in rows("more/acme.toml")]

    assert table["tolt"]["api_key"]["file"] == f"{folder}/more/keys/tolt.key"
    assert table["partners"]["aliases"] == f"{folder}/more/aliases.csv"


def test_a_worker_in_another_folder_reads_the_same_files(folder, monkeypatch):
    (folder / "acme.toml").write_text(pair("acme"))
    kept = rows("acme.toml")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "connector.toml").write_text(SERVER)
    monkeypatch.chdir(elsewhere)

    found = joined(config(), kept)

    given = read_pair(found, found.pair("acme"))
    assert given.apis.right.key == "tolt-key"
    assert given.alias_file == f"{folder}/aliases.csv"


def test_a_whole_configuration_brings_its_own_defaults_and_what_it_includes(folder):
    (folder / "old").mkdir()
    (folder / "old" / "connector.toml").write_text(
        'include = ["pairs.d/*.toml"]\n[defaults]\nschedule = "@daily"\n' + pair("acme")
    )
    (folder / "old" / "pairs.d").mkdir()
    (folder / "old" / "pairs.d" / "beta.toml").write_text(pair("beta"))

    acme, beta = map(json.loads, (row.section for row in rows("old/connector.toml")))

    assert (acme["schedule"], beta["schedule"]) == ("@daily", "@daily")
    assert "delete" not in acme["policy"]
    assert acme["timezone"] == "UTC"
    assert acme["partners"]["aliases"] == f"{folder}/old/aliases.csv"
    assert beta["partners"]["aliases"] == f"{folder}/old/pairs.d/aliases.csv"


def test_the_same_pair_written_in_another_way_is_the_same_text(folder):
    (folder / "acme.toml").write_text(pair("acme", currency='"USD"', jitter=7))
    (folder / "again.toml").write_text(
        "# a note\n" + pair("acme", jitter=7, currency='"USD"')
    )

    assert rows("acme.toml") == rows("again.toml")


def test_everything_that_is_wrong_is_told_at_once_with_file_and_line(folder):
    (folder / "acme.toml").write_text(
        pair("acme").replace(
            '{ env = "PARTNERO_API_KEY" }', '"sk_live_1234567890abcdef1234"'
        )
    )
    (folder / "beta.toml").write_text(pair("beta", shedule='"@daily"'))
    (folder / "gamma.toml").write_text("[[pairs]\n")
    (folder / "delta.toml").write_text("[report]\nnames = 3\n" + pair("delta"))

    told = refused("acme.toml", "beta.toml", "gamma.toml", "delta.toml", "none.toml")

    assert len(told) == 5
    text = "\n".join(sorted(told))
    assert "acme.toml:5: pair acme: partnero.api_key: a key in the file itself" in text
    assert "beta.toml:4: pair beta: shedule: unknown key" in text
    assert "gamma.toml:1: cannot be read, it is no TOML" in text
    assert "delta.toml:2: report.names: allowed is true or false" in text
    assert "none.toml does not exist" in text
    assert "sk_live" not in text


def test_one_name_in_two_files_names_both(folder):
    (folder / "a.toml").write_text(pair("acme"))
    (folder / "b.toml").write_text("[report]\n" + pair("acme"))

    assert refused("a.toml", "b.toml") == [
        "a.toml:3: two pairs are named acme; the other one is in b.toml:4"
    ]


def test_a_file_that_is_named_twice_is_read_once(folder):
    (folder / "a.toml").write_text(pair("acme"))

    assert len(rows("a.toml", "./a.toml")) == 1


def test_a_pair_of_the_configuration_itself_is_not_imported_as_well(folder):
    (folder / "connector.toml").write_text(SERVER + pair("acme"))
    (folder / "a.toml").write_text(pair("acme"))

    (told,) = refused("a.toml")

    assert "a.toml:3: pair acme stands in connector.toml as well" in told


def test_a_placeholder_is_no_programme(folder):
    (folder / "a.toml").write_text(pair("acme").replace("prg_acme", "prg_..."))

    (told,) = refused("a.toml")

    assert told.startswith(
        "a.toml:8: pair acme: tolt.program_id: this is a placeholder"
    )


def test_a_name_in_the_file_and_in_the_database_is_refused_by_name(folder):
    (folder / "a.toml").write_text(pair("acme"))
    kept = rows("a.toml")
    (folder / "connector.toml").write_text(SERVER + pair("beta") + pair("acme"))

    with pytest.raises(Misconfigured, match=r"connector.toml:\d+: pair acme: name"):
        joined(config(), kept)


def test_what_is_wrong_with_a_row_names_the_database_and_the_pair(folder):
    with pytest.raises(Misconfigured) as error:
        joined(
            config(), [Row("acme", '{"policy": {"delete": "maybe"}}'), Row("b", "[")]
        )

    told = str(error.value).splitlines()
    assert any(t.startswith("the database: pair acme: policy.delete:") for t in told)
    assert "the database: pair acme: tolt: is missing" in told
    assert "the database: pair b: tolt: is missing" in told


def test_defaults_of_the_file_do_not_reach_what_was_imported_before(folder):
    (folder / "a.toml").write_text(pair("acme"))
    kept = rows("a.toml")
    (folder / "connector.toml").write_text(
        FOR_ALL_OF_SERVER.replace("never", "auto")
        + '[defaults.limits]\nshare = 0.9\n[notify]\ndigest = "weekly"\n'
    )

    (acme,) = joined(config(), kept).file.pairs

    assert (acme.policy.delete, float(acme.limits.share)) == ("never", 0.3)
    assert acme.notify.digest == "weekly"


def test_a_key_that_is_missing_is_told_of_the_pair_in_the_database(folder, monkeypatch):
    (folder / "a.toml").write_text(pair("acme"))
    found = joined(config(), rows("a.toml"))
    monkeypatch.delenv("PARTNERO_API_KEY")

    with pytest.raises(
        Misconfigured, match=r"^the database: pair acme: partnero.api_k"
    ):
        read_pair(found, found.pair("acme"))
