"""schema and init: what there is before there is a configuration."""

import io
import json
import re
import sys
import tomllib

import pytest
from jsonschema_rs import Draft202012Validator, meta

from connector.commands import setup
from connector.commands.context import Context
from connector.config.json_schema import json_schema
from connector.config.load import load
from connector.errors import Misconfigured
from mappings.canonical import Both

TEMPLATE = setup.TEMPLATE.read_text("utf-8")
VALID = Draft202012Validator(json_schema())
HEAD = '[[pairs]]\nname = "acme"\n'


class Terminal(io.StringIO):
    """A keyboard at which somebody has already typed."""

    def isatty(self):
        return True


def is_valid(text):
    document = json.loads(json.dumps(tomllib.loads(text), default=str))
    return VALID.is_valid(document)


# --- schema -----------------------------------------------------------------------


def test_the_schema_is_printed_by_itself(place):
    place.config.unlink()

    said = place.run("schema")

    assert said.code == 0
    assert json.loads(said.out) == json_schema()
    assert said.err == ""


def test_the_schema_is_one(place):
    meta.validate(json_schema())

    assert is_valid(place.config.read_text())
    assert is_valid(TEMPLATE)


def test_the_template_with_all_that_is_commented_out_is_valid_as_well():
    """Its sections, its keys in comments; what is prose is no line of TOML."""
    text = re.sub(r"(?m)^# (\[?\[?[a-z_.]+\]|[a-z_]+ = )", r"\1", TEMPLATE)
    heads = ("defaults", "defaults.policy", "notify", "report", "serve")

    assert all(f"\n[{head}]" in text for head in heads)
    assert is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        HEAD,  # [defaults] may say all the rest
        "include = ['pairs.d/*.toml']\n[defaults.policy]\ndelete = 'never'\n",
        f"{HEAD}[pairs.coupons]\nduration = {{ months = 12 }}\n",
        f"{HEAD}[pairs.policy]\nredemptions_since = 2026-01-31\n",
        f"{HEAD}[pairs.limits]\nshare = 0.5\nsettle_seconds = 1\n",
        f"{HEAD}[pairs.notify]\nheartbeat_url = ''\ndigest = 'never'\n",
        f"{HEAD}[pairs.webhooks]\ntolt = {{ file = 'x' }}\n",
    ],
)
def test_what_can_be_said_is_valid(text):
    assert is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "[[pairs]]\ncurrency = 'USD'\n",
        "[defaults]\nname = 'x'\n",
        "[defaults.notify]\nurls = []\n",
        "[notice]\nurls = []\n",
        f"{HEAD}currency = 'dollars'\n",
        f"{HEAD}schedule = 'often'\n",
        f"{HEAD}jitter = 4000\n",
        f"{HEAD}direction = 'sideways'\n",
        f"{HEAD}[pairs.policy]\nreplace = 'auto'\n",
        f"{HEAD}[pairs.policy]\ndeletes = 'auto'\n",
        f"{HEAD}[pairs.policy.conflicts]\nprice = 'tolt'\n",
        f"{HEAD}[pairs.limits]\nshare = 1.5\n",
        f"{HEAD}[pairs.limits]\ncreates = -1\n",
        f"{HEAD}[pairs.tolt]\napi_key = 'tlt_x'\n",
        f"{HEAD}[pairs.tolt]\napi_key = {{ env = 'A', file = 'b' }}\n",
        f"{HEAD}[pairs.tolt]\napi_key = {{}}\n",
        f"{HEAD}[pairs.coupons]\nduration = {{ months = 1, days = 2 }}\n",
        f"{HEAD}[pairs.coupons]\nmap = {{ 'percent:20' = 'X' }}\n",
        "[state]\nkeep_runs = '90'\n",
        "[state]\nurl = 'mysql://h/d'\n",
        "[serve]\nuser_header = 'X Y'\n",
        "include = 'x.toml'\n",
    ],
)
def test_what_is_refused_is_not_valid_either(tmp_path, text):
    path = tmp_path / "connector.toml"
    path.write_text(text)

    assert not is_valid(text)
    with pytest.raises(Misconfigured):
        load(path)


# --- init -------------------------------------------------------------------------


def test_init_writes_the_schema_beside_the_configuration_and_names_it(place):
    place.config.unlink()

    made = place.run("init")

    first = place.config.read_text().splitlines()[0]
    beside = place.folder / "connector.schema.json"
    assert made.code == 0
    assert first == "#:schema ./connector.schema.json"
    assert json.loads(beside.read_text()) == json_schema()
    assert "connector.schema.json" in made.out


def test_init_leaves_a_schema_that_is_there_as_it_is(place):
    place.config.unlink()
    beside = place.folder / "connector.schema.json"
    beside.write_text("mine")

    made = place.run("init")

    assert made.code == 0
    assert beside.read_text() == "mine"
    assert "was left as it is" in made.out


@pytest.mark.parametrize("there", ["a folder", "a link to nothing", "a pipe"])
def test_init_overwrites_nothing_whatever_it_is(place, there):
    import os

    place.config.unlink()
    if there == "a folder":
        place.config.mkdir()
    elif there == "a pipe":
        os.mkfifo(place.config)
    else:
        place.config.symlink_to("elsewhere.toml")

    refused = place.run("init")

    assert refused.code == 2
    assert "exists and was left as it is" in refused.err
    assert not (place.folder / "elsewhere.toml").exists()
    assert not (place.folder / "connector.schema.json").exists()


def test_without_a_terminal_nobody_is_asked(place):
    place.config.unlink()

    place.run("init")

    assert len(place.sandbox.requests) == 0
    assert 'program_id = "prg_..."' in place.config.read_text()


@pytest.fixture
def begun(place, monkeypatch, capfd):
    """Call init at a terminal, with both stand-ins in the products' places."""

    def begin(typed="", **addresses):
        place.config.unlink(missing_ok=True)
        (place.folder / "connector.schema.json").unlink(missing_ok=True)
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        url = place.sandbox.url
        both = Both(
            addresses.get("partnero", f"{url}/partnero/v1/"),
            addresses.get("tolt", f"{url}/tolt/v2"),
        )
        assert setup.init(Context(place.config), both) == 0
        out, err = capfd.readouterr()
        for key in place.sandbox.environment.values():
            assert key not in out + err + place.config.read_text()
        return out, err, place.config.read_text()

    return begin


def test_on_a_terminal_programme_and_currency_are_filled_in(place, begun):
    mine = f"prg_{place.world.tolt.program.uid}"

    out, _, text = begun()

    assert f'program_id = "{mine}"' in text
    assert f"Filled in: programme {mine} (" in out
    assert "Now export both keys, and type: " in out
    assert place.sandbox.requests.writes == []
    assert len(place.sandbox.requests) == 2
    config = load(place.config)
    assert config.file.pairs[0].tolt.program_id == mine
    assert config.file.pairs[0].currency == place.world.partnero.currency
    longest = max(
        len(line.partition("#")[0]) for line in text.splitlines() if "# " in line
    )
    assert longest < 60


def test_a_currency_that_is_another_one_is_filled_in(place, begun):
    place.world.tolt.program.currency = "EUR"
    place.world.partnero.currency = "EUR"

    out, _, text = begun()

    assert re.search(r'(?m)^currency = "EUR" +# of the programme', text)
    assert "currency EUR" in out


def test_two_currencies_are_told_and_none_is_filled_in(place, begun):
    place.world.partnero.currency = "EUR"

    _, err, text = begun()

    assert 'currency = "USD"' in text
    assert "Partnero's programme is in EUR, Tolt's" in err


@pytest.mark.parametrize(
    ("typed", "filled"), [("2\n", True), ("\n", False), ("9\n", False), ("x\n", False)]
)
def test_of_several_programmes_a_person_says_which(place, begun, typed, filled):
    listing = {
        "success": True,
        "data": [
            {"id": "prg_one", "name": "One", "currency_code": "EUR"},
            {"id": "prg_two", "name": "\x1b[31mTwo", "currency_code": "USD"},
            {"id": 'prg_"\nx = 1', "name": "Three"},
            {"name": "of no id"},
        ],
        "has_more": False,
    }
    place.fault("status", path="/tolt/v2/programs", status=200, answer=listing)

    out, err, text = begun(typed)

    assert "Which of Tolt's programmes? [1-2, none] " in err
    assert "\x1b" not in out + err
    assert ('program_id = "prg_two"' in text) is filled
    assert ('program_id = "prg_..."' in text) is not filled
    tomllib.loads(text)


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (None, "the environment variable TOLT_API_KEY is not set"),
        ('"quoted"', "TOLT_API_KEY holds quotes"),
        ("tlt_wrong", "The key was refused"),
    ],
)
def test_a_key_that_does_not_work_is_said_and_leaves_the_place_free(
    place, begun, monkeypatch, variable, said
):
    if variable is None:
        monkeypatch.delenv("TOLT_API_KEY")
    else:
        monkeypatch.setenv("TOLT_API_KEY", variable)

    out, err, text = begun()

    assert 'program_id = "prg_..."' in text
    assert "Now fill in program_id, export both keys, and type: " in out
    assert sum("TOLT_API_KEY" in one for one in err.splitlines()) == 1
    assert said in err
    assert "Traceback" not in err


def test_without_any_key_nothing_is_asked(place, begun, monkeypatch):
    for name in place.sandbox.environment:
        monkeypatch.delenv(name)

    out, err, text = begun()

    assert len(place.sandbox.requests) == 0
    assert "PARTNERO_API_KEY is not set" in err
    assert "TOLT_API_KEY is not set" in err
    assert "Nothing was filled in." in out
    assert text == TEMPLATE


def test_a_product_that_cannot_be_reached_is_said_and_the_other_is_asked(place, begun):
    _, err, text = begun(partnero="https://partnero.invalid/v1/")

    assert "partnero.invalid" in err
    assert f'program_id = "prg_{place.world.tolt.program.uid}"' in text
