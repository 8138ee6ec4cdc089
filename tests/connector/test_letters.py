"""Terminals that do not know every letter: the report appears all the same."""

import codecs
import json

import pytest

from connector.reports.safe import escaped
from connector.terminal.letters import REPLACED

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def french(place):
    """A code with an accent."""
    place.edit("tolt", "create_code", code="ÉTÉ20", partner="anna@example.com")
    return place


def test_an_ascii_terminal_gets_the_report_replaced_letters_and_all(
    french, monkeypatch
):
    for name, value in ASCII.items():
        monkeypatch.setenv(name, value)

    shown = french.process("plan")

    assert shown.code == 0, shown.err
    assert shown.out.isascii()
    assert "\\u00c9T\\u00c920" in shown.out
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "koi8-r"])
@pytest.mark.parametrize("text", ["ÉTÉ20", "€", "\ud800", "😀", "\u202e", "ключ"])
def test_every_letter_becomes_its_escape_in_json_where_it_is_not_known(encoding, text):
    shown = codecs.encode(json.dumps(text, ensure_ascii=False), encoding, REPLACED)

    assert json.loads(shown.decode(encoding)) == text


def test_a_letter_beyond_the_first_plane_is_two_escapes():
    assert escaped("😀") == "\\ud83d\\ude00"


@pytest.mark.parametrize("form", ["json", "html", "csv"])
def test_other_formats_appear_there_too_and_json_loses_no_letter(french, form):
    shown = french.run("plan", "--format", form, encoding="ascii")

    assert shown.code == 0
    assert shown.out.isascii()
    if form == "json":
        assert "ÉTÉ20" in [one["code"] for one in shown.document["changes"]]
