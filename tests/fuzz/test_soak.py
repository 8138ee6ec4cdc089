"""`run` for weeks: nothing of it grows, neither where all is well nor in an outage.

Weeks of passes are done by the real job in a process of its own, whose clock is moved
from one due time to the next (tests/fuzz/soaking.py).
"""

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.config.schema import StateSection
from connector.sandbox import seed
from tests.fuzz.mutations import HTML
from tests.fuzz.wire import Script, Wire, framed

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024


@dataclass
class Soak:
    """A process that does passes when it is told to."""

    process: subprocess.Popen[str]

    def passes(self, number):
        """Let it do so many, and return how it looks afterwards."""
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()[-4000:]
        return json.loads(line)


@pytest.fixture
def wire():
    with Wire(seed.big(12, partners=3)) as served:
        yield served


@pytest.fixture
def soak(tmp_path, wire):
    folder, aside = tmp_path / "work", tmp_path / "aside"
    folder.mkdir()
    aside.mkdir()
    config = folder / "connector.toml"
    config.write_text(text(wire), encoding="utf-8")
    with running(config, aside) as started:
        yield started


@contextmanager
def running(config, aside):
    keys = {"SOAK_PARTNERO": seed.PARTNERO_KEY, "SOAK_TOLT": seed.TOLT_KEY}
    environment = {**os.environ, **keys, "PYTHONPATH": str(ROOT), "TMPDIR": str(aside)}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests/fuzz/soaking.py"), str(config)],
        env=environment,
        cwd=config.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Soak(process)
        process.stdin.close()
        assert process.wait(60) == 0, process.stderr.read()[-4000:]


def text(wire):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    keep = 'keep_runs = "1d"' if "keep_runs" in StateSection.model_fields else ""
    host = wire.url.removeprefix("http://")
    return f"""\
[state]
{keep}
[notify]
heartbeat_url = "{wire.url}/ping"
urls = ["json://{host}/notice"]
[serve]
listen = "127.0.0.1:{port}"
[[pairs]]
name = "acme"
currency = "USD"
jitter = 0
partnero.api_key = {{ env = "SOAK_PARTNERO" }}
partnero.base_url = "{wire.url}/partnero/v1"
partnero.requests_per_second = 5000
tolt.api_key = {{ env = "SOAK_TOLT" }}
tolt.base_url = "{wire.url}/tolt/v2"
tolt.program_id = "prg_{wire.world.tolt.program.uid}"
tolt.requests_per_second = 5000
"""


class Outage:
    """Trouble of changing kinds: a web page, a revoked key, errors, no answer."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, asked, answer):
        self.asked += 1
        wrong = framed(answer, b'{"success": false, "message": "no"}', 401)
        kinds = [framed(answer, HTML, 200), wrong, framed(answer, HTML, 503), [b""]]
        return Script("outage", kinds[self.asked // 7 % len(kinds)])


def grown(before, after):
    """Return by what a process has grown that it may not grow by."""
    found = []
    if (more := after["memory"] - before["memory"]) > 12 * MEGABYTE:
        found.append(f"memory: {more // 1024} kB")
    for name, most in (("threads", 4), ("open", 8), ("aside", 4)):
        if after[name] > before[name] + most:
            found.append(f"{name}: {before[name]}, then {after[name]}")
    if new := set(after["files"]) - set(before["files"]) - {"connector.db-wal"}:
        found.append(f"files: {sorted(new)}")
    if after["state"] > before["state"] * 1.1 + 128 * 1024:
        found.append(f"the state: {before['state']} bytes, then {after['state']}")
    return found


def soaked(soak, *, warm, idle, failing):
    """Return how a process has grown through idle passes, then through failing ones."""
    first = soak.passes(warm)
    assert set(first["runs"]) == {"complete"}
    then = soak.passes(idle - warm)
    assert set(then["runs"]) == {"complete"}
    found = [f"idle: {one}" for one in grown(first, then)]
    yield from found
    soak.wire.spoil = Outage()
    begin = soak.passes(failing // 5)
    end = soak.passes(failing - failing // 5)
    assert end["runs"][0] != "complete"
    yield from [f"failing: {one}" for one in grown(begin, end)]
    soak.wire.spoil = None
    assert soak.passes(2)["runs"][0] == "complete"


def test_some_passes_leave_nothing_behind(soak, wire):
    soak.wire = wire

    assert list(soaked(soak, warm=10, idle=30, failing=10)) == []


@pytest.mark.slow
def test_2000_idle_and_500_failing_passes_leave_nothing_behind(soak, wire):
    soak.wire = wire

    assert list(soaked(soak, warm=400, idle=2000, failing=500)) == []
