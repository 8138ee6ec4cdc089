"""Every command of README and docs is one: it is parsed, and run on the stand-ins.

A page may name codes of another world than theirs: then the program says so, by exit
code 2 and a sentence. What may not happen is that it does not understand a command,
fails, or finds a bug.
"""

import functools
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from typer.main import get_command

from connector.cli import app, hoisted
from tests.connector.conftest import place, sandbox, states_made_once  # noqa: F401

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
)
PROGRAM = r"(?:\.venv/bin/)?partnero-tolt"
SERVING = ("sandbox", "run", "review", "fleet worker")
"""Commands that go on until somebody stops them."""
MINUTES = ("demo", "probe --write")
"""Commands that have tests of their own, and take minutes."""
PATIENCE = 60


@functools.cache
def program():
    return get_command(app)


def blocks(page: Path) -> list[str]:
    """Return the code blocks of a page: fenced ones, and those that are indented."""
    text = page.read_text(encoding="utf-8")
    fence = r"(?ms)^( *)```\w*\n(.*?)^ *```"
    fenced = [dedent(block) for _, block in re.findall(fence, text)]
    indented = re.findall(r"(?m)(?:^    \S.*\n)+", re.sub(fence, "", text))
    return fenced + [dedent(block) for block in indented]


def commands(page: Path) -> list[str]:
    """Return the lines of its blocks that call the program, each once, as one line."""
    lines = []
    for block in blocks(page):
        whole = re.sub(r"\\\n\s*", "", block)
        lines += re.findall(rf"(?m)^(?:\$ )?({PROGRAM}\b.*)$", whole)
    lines = [re.sub(r"\s+#( .*)?$", "", line).strip() for line in lines]
    return [*dict.fromkeys(line.replace(".venv/bin/", "") for line in lines)]


def words(line: str) -> list[str]:
    """Return what the program is given of a line: not what the shell does with it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|><&;")
    lexer.whitespace_split = True
    given = []
    for word in lexer:
        if set(word) <= set("|><&;"):
            break
        given.append(word)
    return given[1:]


def resolved(arguments: list[str]):
    """Return the command that is called, and its name; typer refuses what is wrong."""
    group, left, name = program(), hoisted(arguments), []
    with group.make_context("x", left) as context:
        left = context._protected_args + context.args
        while hasattr(group, "get_command"):
            word, group, left = group.resolve_command(context, left)
            name.append(word)
            if not hasattr(group, "get_command"):
                group.make_context(word, left, parent=context)
        return " ".join(name), group


WITH_COMMANDS = [page for page in PAGES if commands(page)]
named = pytest.mark.parametrize(
    "page", WITH_COMMANDS, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def test_the_commands_of_many_pages_are_found():
    assert len(WITH_COMMANDS) > 7
    assert sum(len(commands(page)) for page in WITH_COMMANDS) > 35


@named
def test_every_command_of_a_block_is_understood(page):
    for line in commands(page):
        arguments = words(line)
        if arguments and "--help" not in arguments:
            resolved(arguments)


def test_every_option_beside_a_command_in_a_sentence_is_one_of_its():
    inline = r"`((?:partnero-tolt )?[a-z]+ [^`\n]*--[^`\n]*)`"
    wrong = []
    for page in PAGES:
        for text in re.findall(inline, page.read_text(encoding="utf-8")):
            options = re.findall(r"(?<!\S)(--[a-z][a-z-]*)", text)
            known = options_of(text.removeprefix("partnero-tolt ").split())
            wrong += [(page.name, text, o) for o in options if known and o not in known]
    assert wrong == []


def options_of(line: list[str]) -> set[str]:
    """Return the options of the command that a line begins with; none: it is none."""
    group = program()
    known = {"--help", *(option for one in group.params for option in one.opts)}
    for word in line:
        if not hasattr(group, "commands") or word not in group.commands:
            break
        group = group.commands[word]
    if hasattr(group, "commands"):
        return set()
    return known | {option for one in group.params for option in one.opts}


# --- run ------------------------------------------------------------------------------


@pytest.fixture
def folder(place, tmp_path):  # noqa: F811
    """A folder in which the commands of a page are typed, after a first look."""
    place.configure(policy='redemptions = "report"')
    work = tmp_path / "typed"
    work.mkdir()
    text = place.config.read_text(encoding="utf-8")
    (work / "connector.toml").write_text(text, encoding="utf-8")
    for name in ("first.txt", "codes.txt"):
        (work / name).write_text("ANNA10\nONLYTOLT20\n", encoding="utf-8")
    program = work / "bin" / "partnero-tolt"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m connector "$@"\n')
    program.chmod(0o755)
    typed(place, work, "partnero-tolt inbox --fresh")
    return work


def typed(place, work: Path, line: str) -> subprocess.CompletedProcess[str]:  # noqa: F811
    environment = {
        **os.environ,
        **place.sandbox.environment,
        "PATH": f"{work / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    serving = any(re.search(rf"^partnero-tolt.* {word}\b", line) for word in SERVING)
    with subprocess.Popen(
        ["/bin/bash", "-c", f"exec {line}" if serving else line],
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=8 if serving else PATIENCE)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(line, process.returncode, out, err)


def filled(place, work: Path, line: str) -> str:  # noqa: F811
    """Return a line with what its placeholders stand for."""
    change = next(iter(place.json("plan").document["changes"]))["id"]
    line = re.sub(r"\bc_[0-9a-f]{12}\b|\bID\b", change, line)
    line = re.sub(r"\bCODE\b", "DISCOUNTDIFF", line)
    line = re.sub(r"\bplan FILE\b|\bapply FILE\b", "apply plan.json", line)
    return re.sub(r"--pair acme --pair beta|--pair beta", "--pair acme", line)


@pytest.mark.slow
@named
def test_every_command_of_a_page_can_be_typed(page, place, folder):  # noqa: F811
    wrong = []
    for line in commands(page):
        if any(word in line for word in MINUTES):
            continue
        ended = typed(place, folder, filled(place, folder, line))
        if is_wrong(ended):
            wrong.append((line, ended.returncode, ended.stderr[-300:]))
    assert wrong == []


def is_wrong(ended: subprocess.CompletedProcess[str]) -> bool:
    """Say whether a command was not understood, failed, or came upon a bug."""
    odd = "Traceback" in ended.stderr or "a bug:" in ended.stderr
    usage = "Usage:" in ended.stderr
    return odd or usage or ended.returncode not in (0, 2, 3, 4, 5, 6, 143)
