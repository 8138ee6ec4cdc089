"""Every printed command works when it is pasted, whatever the code is called."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from connector.cli import app, hoisted
from connector.reports import typed

CODES = ["-SAM", "--keep", "--pair", "-h", "a b", "it's", "$HOME", "`id`", "x;y", "É&"]


def parsed(line):
    """Return the command and what it is given, as a shell and typer understand it."""
    program, *arguments = shlex.split(line)
    assert program == "partnero-tolt"
    group = get_command(app)
    with group.make_context("x", hoisted(arguments)) as context:
        words = context._protected_args + context.args
        while hasattr(group, "get_command"):
            name, group, words = group.resolve_command(context, words)
        with group.make_context(name, words, parent=context) as inner:
            return name, inner.params


@pytest.mark.parametrize("pair", [None, "acme"])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("option", ["--keep", "--take tolt", "--delete", "--withdraw"])
def test_a_decision_about_a_code_is_about_this_code(code, option, pair):
    name, given = parsed(typed.decide(code, option, pair=pair))

    assert (name, given["codes"]) == ("decide", [code])


@pytest.mark.parametrize("codes", [CODES, CODES[::-1]])
def test_a_decision_about_many_codes_is_about_all_of_them(codes):
    _, given = parsed(typed.decide_all(codes, "--keep"))

    assert given["codes"] == codes
    assert given["keep"]


@pytest.mark.parametrize("name", ["-x.json", "--out", "a b.json", "it's.json"])
def test_a_file_is_this_file(name, tmp_path):
    line = typed.command("apply", typed.file(Path(name)), "--accept", "ID")

    _, given = parsed(line)

    assert given["file"] == Path(name)


@pytest.fixture
def strange(place):
    """Codes of strange names: only here, different there, deleted since."""
    for code in ("-SAM", "--keep", "a $HOME"):
        place.edit("tolt", "create_code", code=code, partner="anna@example.com")
    return place


def test_every_command_of_a_report_is_understood_as_it_is_meant(strange):
    document = strange.json("plan").document

    items = document["changes"] + document["findings"]
    lines = [(item, line) for item in items for line in item.get("commands", ())]
    assert len(lines) > 5
    for item, line in lines:
        name, given = parsed(line)
        if name == "decide":
            named = {item.get("code"), item.get("id"), *item.get("codes", ())}
            assert set(given["codes"]) <= named


def test_every_command_in_the_sentence_of_a_refusal_is_understood(strange):
    strange.configure(limits="creates = 0")

    refused = strange.json("plan").document["refused"]

    named = re.findall(r"partnero-tolt .+?(?=[;)]|\. |\.?$)", refused["message"])
    assert [parsed(line)[0] for line in named] == ["plan", "apply"]


def test_what_is_printed_about_a_code_with_a_dash_can_be_pasted(strange):
    """The whole way once: the report's own line, through the program."""
    line = typed.command("explain", "--", "-SAM")

    explained = strange.run(*shlex.split(line)[1:])

    assert explained.code == 0
    assert "-SAM" in explained.out
