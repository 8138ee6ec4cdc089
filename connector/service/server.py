"""One web server in a thread of its own: how it listens, answers, and is ended."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.applications import Starlette

from connector.errors import Misconfigured
from connector.service.door import BACKLOG, Door, quiet_loggers


@contextmanager
def serving_app(app: Starlette, listener: socket.socket) -> Iterator[None]:
    """Serve while the block runs."""
    quiet_loggers()
    server = _server(app)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), name="serve"
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def listening(host: str, port: int, where: str = "serve.listen") -> socket.socket:
    """Return what listens there; Misconfigured where the address cannot be had."""
    try:
        return _opened(host, port)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Misconfigured(f"{where}: {host}:{port} cannot be had: {why}") from None


def listening_near(host: str, port: int) -> socket.socket:
    """Return what listens there, or on another port where that one is taken."""
    with suppress(OSError):
        return _opened(host, port)
    return listening(host, 0)


def _opened(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _server(app: Starlette) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            http=Door,
            backlog=BACKLOG,
            headers=[("Connection", "close")],
        )
    )
