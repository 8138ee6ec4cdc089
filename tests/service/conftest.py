"""Several pairs beside one sandbox, and somebody who receives pings and notices."""

import http.server
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from connector.config.load import Config, load
from connector.logs import log
from connector.sandbox import seed
from state.database import StateProblem, open_to_read
from state.model import RunSummary
from state.store import Store
from tests.harness.ground import Ground, enter, wait_for
from tests.standins.front import Sandbox


@dataclass
class Receiver:
    """Takes what is sent to it; ``status`` is what it answers."""

    url: str
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    status: int = 200

    @property
    def pings(self) -> list[str]:
        return [path for method, path, _ in self.calls if method == "GET"]

    @property
    def notices(self) -> list[str]:
        """Return the titles of the notices."""
        sent = [body for method, _, body in self.calls if method == "POST"]
        return [json.loads(body)["title"] for body in sent]

    @property
    def notify(self) -> str:
        """Return a [notify] section that sends everything here."""
        host = self.url.partition("//")[2]
        return (
            f'[notify]\nheartbeat_url = "{self.url}/ping?job=1"\n'
            f'urls = ["json://{host}/notice"]\n'
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take("")

        def do_POST(self) -> None:
            self._take(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _take(self, body: str) -> None:
            found.calls.append((self.command, self.path, body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


class Town(Ground):
    """Pairs p0, p1, ... of small programmes, all behind one sandbox."""

    def __init__(
        self,
        folder: Path,
        sandbox: Sandbox,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        super().__init__(folder, sandbox)
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.pairs = 0

    @property
    def loaded(self) -> Config:
        return load(self.config)

    def settle(
        self, *schedules: str, more: str = "", each: str = "", **world_options: Any
    ) -> None:
        """Write a configuration with one pair for each schedule."""
        world, text = self.sandbox.world, ""
        size = world_options.pop("codes", 3)
        for number, schedule in enumerate(schedules):
            if number >= self.pairs:
                other = seed.big(size, partners=2, tag=f"t{number}", **world_options)
                world.programmes[f"pk_{number}"] = other.partnero
                world.organizations[f"tlt_{number}"] = other.tolt
            program = world.organizations[f"tlt_{number}"].program.uid
            text += f"""
[[pairs]]
name = "p{number}"
currency = "USD"
schedule = "{schedule}"
{each}
partnero.api_key = {{ env = "PK_{number}" }}
partnero.base_url = "{self.sandbox.url}/partnero/v1"
partnero.requests_per_second = 2000
tolt.api_key = {{ env = "TLT_{number}" }}
tolt.base_url = "{self.sandbox.url}/tolt/v2"
tolt.program_id = "prg_{program}"
tolt.requests_per_second = 2000
limits.settle_seconds = 0.1
"""
        self.pairs = max(self.pairs, len(schedules))
        self.config.write_text(f"{more}\n{text}", encoding="utf-8")

    @property
    def keys(self) -> dict[str, str]:
        found = {f"PK_{n}": f"pk_{n}" for n in range(self.pairs)}
        return found | {f"TLT_{n}": f"tlt_{n}" for n in range(self.pairs)}

    def runs(self, pair: str = "p0") -> list[RunSummary]:
        """Return the runs of a pair, oldest first."""
        try:
            engine = open_to_read(self.loaded.location.state_url)
        except StateProblem:  # it is just being made
            return []
        return Store(engine, pair).journal.runs(1000)[::-1] if engine else []

    def call(self, *arguments: object) -> tuple[int, str]:
        """Call the program in this process; return its exit code and its result."""
        said = self.run("--config", self.config, *arguments)
        return said.code, said.out

    def begin(self, *arguments: object) -> "Running":
        """Start the program as a process of its own."""
        return Running(self.start(*arguments))


@dataclass
class Running:
    """A process of the program."""

    process: subprocess.Popen[str]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def says(self, text: str) -> None:
        """Wait for a line on standard error; two equal signals at once are one."""
        assert self.process.stderr is not None
        while text not in (line := self.process.stderr.readline()):
            assert line, f"it ended without saying {text!r}"

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture(autouse=True)
def log_of_its_own() -> None:
    """Forget the standard error of an earlier test, which is closed."""
    structlog.reset_defaults()
    log.wanted = 0


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def town(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Town]:
    folder = enter(monkeypatch, tmp_path)
    for number in range(9):
        monkeypatch.setenv(f"PK_{number}", f"pk_{number}")
        monkeypatch.setenv(f"TLT_{number}", f"tlt_{number}")
    with Sandbox() as sandbox:
        sandbox.switches.tolt_rate_limit = 0
        made = Town(folder, sandbox, monkeypatch, capsys)
        yield made
        made.end_all()


@pytest.fixture
def port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
