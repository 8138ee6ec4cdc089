"""check goes on, whatever is wrong: each thing has its line, both sides are asked."""

import json
import re
import sys

import pytest

from connector.config import extras
from connector.engine.currencies import Agreement, agreement

ALIASES = '[pairs.partners]\naliases = "aliases.csv"'


def lines(checked):
    return [
        (one["check"], one["ok"], one["said"]) for one in checked.document["checks"]
    ]


def bad(checked):
    return {check: said for check, ok, said in lines(checked) if not ok}


def test_a_missing_key_leaves_the_other_side_to_be_asked(place, monkeypatch):
    monkeypatch.delenv("PARTNERO_API_KEY")

    checked = place.json("check")

    assert checked.code == 1
    assert set(bad(checked)) == {"keys"}
    assert re.search(
        r"connector\.toml:\d+: pair acme: partnero\.api_key: .*PARTNERO_API_KEY is not",
        bad(checked)["keys"],
    )
    assert ("tolt", True) in [line[:2] for line in lines(checked)]
    assert {row.path.split("/")[1] for row in place.sandbox.requests} == {"tolt"}


def test_keys_aliases_currency_and_secrets_are_told_in_one_go(place, monkeypatch):
    (place.folder / "aliases.csv").write_text("one@x.example\ntwo@x.example\n")
    place.configure(
        currency='"EUR"',
        more=f'{ALIASES}\n[pairs.webhooks]\ntolt = {{ env = "NO_SUCH" }}\n'
        '[serve]\nlisten = "127.0.0.1:1"\ntoken = { file = "no-such" }\n',
    )
    monkeypatch.delenv("PARTNERO_API_KEY")

    checked = place.json("check")

    wrong = [(check, said) for check, ok, said in lines(checked) if not ok]
    assert [check for check, _ in wrong] == [
        "secrets",
        "keys",
        "secrets",
        "aliases",
        "aliases",
        "tolt currency",
    ]
    assert "serve.token: " in wrong[0][1]
    assert "webhooks.tolt: the environment variable NO_SUCH is not set" in wrong[2][1]
    assert "aliases.csv:1: pair acme: partners.aliases: " in wrong[3][1]
    assert "is USD there, EUR here" in wrong[5][1]
    assert "connector.toml:" in wrong[5][1]
    assert "x.example" not in checked.out


def test_several_pairs_are_all_told_of_in_the_order_of_the_file(place, monkeypatch):
    place.add_pair()
    monkeypatch.delenv("TOLT_API_KEY_2")

    checked = place.json("check")

    pairs = [one["pair"] for one in checked.document["checks"]]
    assert pairs == sorted(pairs, key=["connector.toml", "acme", "beta"].index)
    wrong = [one for one in checked.document["checks"] if not one["ok"]]
    assert [(one["pair"], one["check"]) for one in wrong] == [("beta", "keys")]
    assert "pair beta: tolt.api_key" in wrong[0]["said"]
    text = place.run("check").out.splitlines()
    assert [line[:4] for line in text].count("FAIL") == 1
    assert len(text) == len(pairs)


def test_the_placeholder_is_known_and_the_programmes_of_the_key_are_named(place):
    mine = f"prg_{place.world.tolt.program.uid}"
    place.configure(program_id='"prg_..."')

    checked = place.json("check")
    planned = place.json("plan")

    assert set(bad(checked)) == {"tolt"}
    assert (
        "tolt.program_id: prg_... is a placeholder; this key has: "
        in (bad(checked)["tolt"])
    )
    assert mine in bad(checked)["tolt"]
    assert "USD" in bad(checked)["tolt"]
    assert planned.code == 2
    assert "pair acme: tolt.program_id: this is a placeholder" in planned.err
    assert "partnero-tolt check" in planned.err
    assert not any("promotion-codes" in row.path for row in place.sandbox.requests)


def test_the_placeholder_is_known_without_a_key_as_well(place, monkeypatch):
    place.configure(program_id='"prg_..."')
    monkeypatch.delenv("TOLT_API_KEY")

    wrong = bad(place.json("check"))

    assert set(wrong) == {"keys", "tolt"}
    assert "is a placeholder; Tolt's settings show the id" in wrong["tolt"]


def test_the_placeholder_is_told_with_all_else_that_is_missing(place, monkeypatch):
    place.configure(program_id='"prg_..."', more=ALIASES)
    monkeypatch.delenv("TOLT_API_KEY")

    planned = place.json("plan")

    assert planned.code == 2
    assert planned.err.count("pair acme: ") == 3
    assert "TOLT_API_KEY is not set" in planned.err
    assert "aliases.csv cannot be read" in planned.err


@pytest.mark.parametrize(
    ("more", "extra", "key"),
    [
        ('[notify]\nurls = ["json://127.0.0.1:1"]', "notify", "notify.urls"),
        (
            '[pairs.notify]\nurls = ["json://127.0.0.1:1"]',
            "notify",
            "pairs.notify.urls",
        ),
        ('[serve]\nlisten = "127.0.0.1:1"', "serve", "serve.listen"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise
def test_an_extra_that_the_configuration_needs_has_a_line(
    place, monkeypatch, more, extra, key
):
    place.configure(more=more)

    there = place.json("check")
    for module in extras.MODULES[extra]:
        monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    missing = place.json("check")

    found = [line for line in lines(there) if line[0] == "extra"]
    assert found == [("extra", True, f"{extra} is there, which {key} needs")]
    said = bad(missing)["extra"]
    assert said.startswith(f"{extra} is missing, which {key} needs. Type: ")
    assert " install " in said
    assert (there.code, missing.code) == (0, 1)


def test_what_needs_no_extra_has_no_line(place):
    assert not [one for one in lines(place.json("check")) if one[0] == "extra"]


@pytest.mark.parametrize("code", ["ANNA10", "NOBODY"])
def test_a_sentinel_that_is_not_on_tolt_is_told_before_a_run_is_refused(place, code):
    place.configure(limits=f'sentinel = "{code}"')

    checked = place.json("check")

    on_tolt = [one for one in lines(checked) if "on Tolt" in one[2]]
    assert [line[1] for line in on_tolt] == [code == "ANNA10"]
    assert ("sentinel_missing" in bad(checked).get("sentinel", "")) is (
        code == "NOBODY"
    )
    if code == "NOBODY":
        assert "connector.toml:" in bad(checked)["sentinel"]
        assert "pair acme: limits.sentinel" in bad(checked)["sentinel"]


@pytest.mark.usefixtures("hurried")
def test_a_host_that_is_not_known_is_named(place):
    place.configure(base_url='"https://partnero.invalid/v1"')

    checked = place.json("check")

    assert set(bad(checked)) == {"partnero"}
    assert "partnero.invalid" in bad(checked)["partnero"]


def test_swapped_keys_are_told_with_the_variable_they_stand_in(place, monkeypatch):
    keys = place.sandbox.environment
    tolt = "tlt_live_" + keys["TOLT_API_KEY"]
    monkeypatch.setenv("PARTNERO_API_KEY", tolt)
    monkeypatch.setenv("TOLT_API_KEY", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOjF9.c2lnbmF0dXJl")

    checked = place.json("check")

    assert "PARTNERO_API_KEY" in bad(checked)["partnero"]
    assert "TOLT_API_KEY" in bad(checked)["tolt"]
    assert "swapped" in bad(checked)["tolt"] + bad(checked)["partnero"]
    assert tolt not in json.dumps(checked.document)


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("USD", "usd", Agreement.SAME),
        ("USD", "EUR", Agreement.OTHER),
        ("USD", "", Agreement.UNTOLD),
        ("USD", None, Agreement.UNTOLD),
        (None, "USD", Agreement.UNSET),
        ("", "", Agreement.UNSET),
    ],
)
def test_a_currency_agrees_or_does_not(ours, theirs, found):
    assert agreement(ours, theirs) is found
