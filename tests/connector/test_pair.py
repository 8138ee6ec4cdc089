"""What a run is given of the configuration: plain values, its keys never shown."""

import subprocess
import sys

import pytest

from connector.config.load import load
from connector.config.pair import Pair
from connector.config.resolve import Keys, pair_of
from mappings.canonical import Side

FILE = """\
[[pairs]]
name = "acme"
currency = "USD"
partnero = { api_key = { env = "A" } }
tolt = { api_key = { env = "B" }, program_id = "prg_1" }
"""
OTHER = """
[[pairs]]
name = "beta"
partnero = { api_key = { env = "C" } }
tolt = { api_key = { env = "D" }, program_id = "prg_2" }
"""


@pytest.fixture
def made(tmp_path):
    def make(text: str = FILE, keys: Keys | None = None) -> Pair:
        path = tmp_path / "connector.toml"
        path.write_text(text)
        config = load(path)
        keys = keys or Keys("pk_sesame", "tlt_sesame")
        return pair_of(config, config.file.pairs[0], keys)

    return make


def test_no_key_stands_in_what_a_pair_looks_like(made):
    assert "sesame" not in repr(made())
    assert "sesame" not in repr(Keys("pk_sesame", "tlt_sesame"))
    assert made().apis.of(Side.TOLT).key == "tlt_sesame"


def test_a_setting_is_named_by_its_file_line_and_pair(made):
    pair = made()

    assert pair.where("currency") == f"{pair.location.path}:3: pair acme: currency"


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ('schedule = "@daily"', True),
        ("jitter = 7", True),
        ('full_read_every = "1h"', True),
        ('policy = { update = "hold" }', False),
        ('direction = "to-tolt"', False),
        ("limits = { creates = 7 }", False),
    ],
)
def test_the_digest_changes_with_what_makes_a_plan_and_with_nothing_else(
    made, line, same
):
    before = made().digest
    after = made(FILE.replace("currency", f"{line}\ncurrency")).digest

    assert (after == before) is same


def test_the_digest_says_nothing_of_keys_and_rates(made):
    rate = FILE.replace("program_id", "requests_per_second = 7, program_id")

    assert made(rate, Keys("other", "other")).digest == made().digest


def test_a_command_names_the_pair_only_where_there_are_several(made):
    assert (made().named, made(FILE + OTHER).named) == ("", "acme")


def test_the_pairs_that_have_a_programme_of_this_one_are_known_without_their_keys(
    made,
):
    (mine,) = made(FILE + OTHER).programmes
    same = FILE.split("program_id")[1]
    _, other = made(FILE + OTHER.replace(OTHER.split("program_id")[1], same)).programmes

    assert (mine.pair, other.pair) == ("acme", "beta")
    assert mine.shared_with(other) is Side.TOLT


def test_a_run_does_not_load_the_sections_of_the_file():
    code = (
        "import sys, connector.run.run, connector.run.idle, connector.config.clients\n"
        "sys.exit('connector.config.schema' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
