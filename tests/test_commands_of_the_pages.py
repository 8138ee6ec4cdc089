"""Every command of README and docs is one: it is parsed, and run on the stand-ins.

A page may name codes of another world than theirs: then the program says so, by exit
code 2 and a sentence. What may not happen is that it does not understand a command,
fails, or finds a bug.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.connector.conftest import place, sandbox  # noqa: F401
from tests.harness.pages import (
    PAGES,
    ROOT,
    blocks,
    commands,
    lines,
    program,
    resolved,
    words,
)

SERVING = ("sandbox", "run", "review", "fleet worker")
"""Commands that go on until somebody stops them."""
MINUTES = ("demo", "probe --write")
"""Commands that have tests of their own, and take minutes."""
PATIENCE = 60
INBOX = "partnero-tolt inbox --format json"


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


def surroundings(place, work: Path) -> dict[str, str]:  # noqa: F811
    return {
        **os.environ,
        **place.sandbox.environment,
        "PATH": f"{work / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PARTNERO_TOLT_TOKEN": "a-token-of-some-length",
    }


def typed(place, work: Path, line: str) -> subprocess.CompletedProcess[str]:  # noqa: F811
    serving = any(re.search(rf"^partnero-tolt.* {word}\b", line) for word in SERVING)
    with subprocess.Popen(
        ["/bin/bash", "-c", f"exec {line}" if serving else line],
        cwd=work,
        env=surroundings(place, work),
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


# --- what asks the program from outside -----------------------------------------------


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def served(place, folder):  # noqa: F811
    """The port at which the desk of the folder is served, with a token."""
    port = free_port()
    config = folder / "connector.toml"
    serve = (
        f'[serve]\nlisten = "127.0.0.1:{port}"\n'
        'token = { env = "PARTNERO_TOLT_TOKEN" }\n'
    )
    config.write_text(serve + config.read_text(encoding="utf-8"), encoding="utf-8")
    with subprocess.Popen(
        ["/bin/bash", "-c", "exec partnero-tolt run"],
        cwd=folder,
        env=surroundings(place, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_a_script_decides_by_the_words_of_the_page(place, folder, served):  # noqa: F811
    page = ROOT / "docs/desk.md"
    typed_there = [line for _, block in blocks(page) for line in lines(block)]
    (line,) = [one for one in typed_there if one.startswith("curl")]
    told = typed(place, folder, INBOX).stdout
    held = next(one for one in json.loads(told)["held"] if "keep" in one["options"])
    line = line.replace("9464", str(served)).replace("c_4f0c21aa83d1", held["id"])

    ended = typed(place, folder, f"{line} --silent --include")

    assert ended.returncode == 0, ended.stderr
    assert re.match(r"HTTP/1\.1 (200|303)\b", ended.stdout), ended.stdout
    assert "1 decision is stored." in ended.stdout
    told = json.loads(typed(place, folder, f"{INBOX} --kept").stdout)
    known = [one.get("decision") or one for one in (*told["kept"], *told["decided"])]
    assert {one["by"] for one in known} == {"nightly"}
