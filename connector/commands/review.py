"""review: the desk in a browser of this machine, opened by a link that is good once."""

import os
import queue
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from connector.commands.context import (
    INTERRUPTED,
    TERMINATED,
    Context,
    dumped,
    emit,
    note,
)
from connector.commands.gates import gate_of_review
from connector.commands.remembered import Remembered
from connector.commands.whoami import whoami
from connector.config.load import Config
from connector.providers.web_addresses import is_loopback
from connector.reports.documents import titled
from connector.service.answers import Crowd
from connector.service.desk.sessions import LINK_GOOD_FOR, Link
from connector.service.desk.site import Desk, app_of
from connector.service.server import listening, listening_near, serving_app
from connector.terminal.signals import handling

HERE = "127.0.0.1"


def review(context: Context, port: int, *, opens: bool) -> int:
    """Serve the desk until Ctrl-C or SIGTERM."""
    context.wants("text", "json")
    config = context.config()
    again = None if context.pairs_named else context.config_again(config)
    known = Remembered(config, context.sections(config), again)
    came: queue.SimpleQueue[int] = queue.SimpleQueue()
    listener = _listener(config, port)
    host, taken = listener.getsockname()[:2]
    link = Link()
    gate = gate_of_review(config, taken)
    desk = Desk(gate, known, Crowd(), link=link, suggested=whoami())
    with (
        handling(lambda number, _frame: came.put(number)),
        serving_app(app_of(desk), listener),
    ):
        _say(context, f"http://{_written(host)}:{taken}/open/{link.word}", opens=opens)
        number = _until_told(came)
    return TERMINATED if number == signal.SIGTERM else INTERRUPTED


def _listener(config: Config, port: int) -> socket.socket:
    """Listen as configured, where that is this machine itself and free, or anywhere."""
    if port:
        return listening(HERE, port, "--port")
    if config.file.serve.listen is None or not is_loopback(
        config.file.serve.address[0]
    ):
        return listening(HERE, 0)
    return listening_near(*config.file.serve.address)


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(context: Context, address: str, *, opens: bool) -> None:
    """Print the link, and open it where there is a browser."""
    document = titled("review", link=address)
    emit(dumped(document, lines=True) if context.format == "json" else address)
    minutes = int(LINK_GOOD_FOR // 60)
    note(
        f"This link opens the desk once, within {minutes} minutes. Nothing there "
        "writes to a product. Ctrl-C ends it."
    )
    if opens and _has_browser():
        _open(address)


def _open(address: str) -> None:
    """Open a browser beside this process: what it says is no output of ours."""
    with suppress(OSError):
        subprocess.Popen(  # noqa: S603 (Python's own module)
            [sys.executable, "-m", "webbrowser", address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _has_browser() -> bool:
    """Say whether a window can be opened here: none through a plain remote login."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _until_told(came: "queue.SimpleQueue[int]") -> int:
    """Wait for the signal; now and then awake, or a handler would not run."""
    while True:
        with suppress(queue.Empty):
            return came.get(timeout=0.5)
