"""A spoilt configuration of several files is read, or told of in words; nothing else.

Only the reading is tried, so that many are cheap: test_fuzz_files.py calls the program.
"""

import random

import pytest

from connector.config.load import load
from connector.config.resolve import read_pair
from connector.errors import Misconfigured

KEY = "aB3dE5gH7jK9mN1pQ3sT5sesame"
MAIN = """\
include = ["pairs.d/*.toml"]
[defaults]
currency = "USD"
[defaults.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[defaults.tolt]
api_key = { env = "TOLT_API_KEY" }
[defaults.policy]
delete = "never"
conflicts = { discount = "tolt" }
[notify]
digest = "weekly"
"""
INCLUDED = """\
[[pairs]]
name = "acme"
[pairs.tolt]
program_id = "prg_1"
[pairs.partners]
aliases = "who.csv"
[pairs.notify]
digest = "never"
"""
SIGNS = [
    *("[", "[[", "]", "{", "}", '"', "'", "=", "\n", ".", "/", "*", "**", "~", ".."),
    *("defaults", "pairs", "include", "name", "[]", "{}", "[[1]]", "true", "-1"),
    *("1e999", "9" * 400, "inf", "nan", "1979-05-27", "a.b.c.d", '"""'),
    *("\x00", "\u2028", "\u202e", "\ufeff", KEY, f'"{KEY}"'),
]


def spoilt(text, draw):
    for _ in range(draw.randint(1, 4)):
        at, lines = draw.randrange(len(text) + 1), text.split("\n")
        match draw.randrange(4):
            case 0:
                text = text[:at] + draw.choice(SIGNS) + text[at:]
            case 1:
                text = text[:at] + text[at + draw.randint(1, 30) :]
            case 2:
                lines.insert(draw.randrange(len(lines)), draw.choice(lines))
                text = "\n".join(lines)
            case _:
                number = draw.randrange(len(lines))
                key, sign, _ = lines[number].partition("=")
                lines[number] = f"{key}{sign} {draw.choice(SIGNS)}" if sign else key
                text = "\n".join(lines)
    return text


def said(path):
    """Return what is said of a configuration; None where it can be used."""
    try:
        config = load(path)
        for section in config.file.pairs:
            read_pair(config, section)
    except Misconfigured as error:
        return str(error)
    return None


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_in_both_files_it_is_read_or_told_in_words(
    tmp_path, monkeypatch, seed
):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "b")
    draw, read = random.Random(seed), 0  # noqa: S311 (no secret)
    (tmp_path / "pairs.d").mkdir()
    (tmp_path / "pairs.d" / "who.csv").write_text("a@x.example,b@x.example\n")
    for _ in range(100):
        which = draw.randrange(3)
        main = spoilt(MAIN, draw) if which < 2 else MAIN
        inner = spoilt(INCLUDED, draw) if which else INCLUDED
        (tmp_path / "connector.toml").write_text(main, encoding="utf-8")
        (tmp_path / "pairs.d" / "acme.toml").write_text(inner, encoding="utf-8")
        told = said(tmp_path / "connector.toml")
        assert told != "", (main, inner)
        assert "sesame" not in (told or ""), (main, inner)
        read += told is None

    assert 0 < read < 100
