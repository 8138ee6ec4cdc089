"""Every block of a page is of a kind, and each kind has what tries it.

Commands of the program are parsed and typed in tests/test_commands_of_the_pages.py,
CONTRIBUTING's steps are walked in tests/packaging/test_first_change.py.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime

import pytest
import yaml
from cronsim import CronSim
from jsonschema_rs import Draft202012Validator

from connector.config.json_schema import json_schema
from tests.harness.pages import PAGES, ROOT, blocks, lines, resolved, words

CONFIGURATION = Draft202012Validator(json_schema())
TRIED = {
    "partnero-tolt": "tests/test_commands_of_the_pages.py",
    "make": "below",
    "export": "tests/test_commands_of_the_pages.py",
    "pipx": "tests/packaging/test_installers.py",
    "curl": "tests/test_commands_of_the_pages.py",
}
OF_THE_SYSTEM = {
    "createdb",
    "createuser",
    "docker",
    "groupadd",
    "install",
    "ssh",
    "tail",
}
"""Words of others, with nothing of ours but names; deploy/ has tests of its own."""


def of(*kinds: str):
    """Return (page, block) of the blocks of these kinds, CONTRIBUTING's steps apart."""
    return [
        pytest.param(block, id=f"{page.stem}-{number}")
        for page in PAGES
        if page.name != "CONTRIBUTING.md"
        for number, (kind, block) in enumerate(blocks(page))
        if kind in kinds
    ]


def test_every_fenced_block_says_what_it_is():
    known = {"sh", "console", "toml", "yaml", "json", "cron", "text"}
    other = [
        (page.name, kind, block[:40])
        for page in PAGES
        for kind, block in blocks(page)
        if kind not in known
    ]

    assert other == []


@pytest.mark.parametrize("block", of("sh", "console"))
def test_every_command_is_of_a_kind_that_is_tried(block):
    typed = lines(block)
    subprocess.run(["bash", "-n"], input="\n".join(typed), text=True, check=True)
    first = {shlex.split(line, comments=True)[0] for line in typed}

    assert first
    assert first - TRIED.keys() - OF_THE_SYSTEM == set()


def test_what_no_page_says_any_more_needs_no_test():
    said = {
        line.split()[0] for row in of("sh", "console") for line in lines(row.values[0])
    }

    assert {*TRIED, *OF_THE_SYSTEM} - said == set()


@pytest.mark.parametrize("block", of("text"))
def test_no_command_stands_in_a_block_of_text(block):
    first = {line.split()[0] for line in block.splitlines() if line[:1].strip()}

    assert first & ({*TRIED, *OF_THE_SYSTEM} - {"install"}) == set()


def made() -> set[str]:
    """Return what is made on any page, with its settings."""
    targets = set()
    for page in PAGES:
        for _, block in blocks(page):
            targets |= {
                *re.findall(r"(?m)^make ([^#\n]+?)(?: {2,}.*| the .*)?$", block)
            }
        text = page.read_text(encoding="utf-8")
        targets |= {*re.findall(r"`make ([a-z][a-z-]+(?: [A-Z]+=[^`]+)?)`", text)}
    return {target.strip() for target in targets}


@pytest.mark.parametrize("target", sorted(made()))
def test_every_target_of_a_page_can_be_made(target):
    if target.split()[0] == "lock" and not shutil.which("uv"):
        pytest.skip("make lock needs uv")
    told = subprocess.run(
        ["make", "--dry-run", *shlex.split(target)],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("block", of("toml"))
def test_every_piece_of_a_configuration_is_one(block):
    # What is shown of the tables of a pair belongs to one.
    pair = '[[pairs]]\nname = "acme"\n'
    alone = re.search(r"(?m)^\[pairs\.", block) and "[[pairs]]" not in block
    CONFIGURATION.validate(tomllib.loads(pair + block if alone else block))


@pytest.mark.parametrize("block", of("yaml"))
def test_every_piece_of_yaml_is_read(block):
    assert yaml.safe_load(block)


@pytest.mark.parametrize("block", of("json"))
def test_every_piece_of_json_is_read(block):
    assert json.loads(block)


@pytest.mark.parametrize("block", of("cron"))
def test_every_line_of_a_crontab_names_a_time_and_a_command(block):
    for line in block.splitlines():
        *when, command = line.split(maxsplit=5)
        CronSim(" ".join(when), datetime.now(UTC))
        typed = command.partition("&& ")[2].replace(".venv/bin/", "")
        assert resolved(words(typed))[0] == "sync"
