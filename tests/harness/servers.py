"""A PostgreSQL server for tests: started on a free port, gone with its folder.

Debian's own binaries serve, of whatever version there is; they refuse to run as root,
so root lends them another user.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from state.database import open_to_write

PASSWORD = "s3same"
_numbers = count()


def binaries() -> Path | None:
    """Return the folder of the newest server that is installed, or None."""
    there = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    named = shutil.which("postgres")
    return there[-1].parent if there else Path(named).parent if named else None


@contextmanager
def running(folder: Path) -> Iterator["Server"]:
    """Run a server on a free port of loopback while the block runs."""
    bin_, port = binaries(), _free_port()
    assert bin_ is not None
    lent = _another_user()
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
    server = Server(bin_, data, port, lent)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Server:
    """One server; ``start`` and ``stop`` may follow each other."""

    def __init__(self, bin_: Path, data: Path, port: int, lent: dict[str, Any]) -> None:
        self.url = f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:{port}"
        self._lent, self._made = lent, ""
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
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)
