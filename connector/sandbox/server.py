"""The stand-ins as a server: in a thread for tests, in the foreground for people.

Real sockets on loopback and nothing else; port 0 takes a free one. Stopping is quick
because open connections are cut and not waited for.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.sandbox import seed
from connector.sandbox.gate import Gate
from connector.sandbox.site import Site
from connector.sandbox.world import World

HOST = "127.0.0.1"


class Protocol(H11Protocol):
    """Shows the transport to the application, which must be able to cut it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """Stops within milliseconds: what is still running is cut off, not awaited."""

    loop: asyncio.AbstractEventLoop | None = None
    ended: asyncio.Event | None = None

    async def main_loop(self) -> None:
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        if not self.should_exit:
            await self.ended.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.end()

    def end(self) -> None:
        """End the main loop, from any thread."""
        self.should_exit = True
        if self.loop and self.ended and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.ended.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in self.servers:
            listener.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, Protocol):
                connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Sandbox:
    """Both stand-ins behind one address, with everything a test may look at."""

    def __init__(
        self,
        port: int = 0,
        world: World | None = None,
        switches: Mapping[str, object] | None = None,
    ) -> None:
        self.site = Site(world or seed.small())
        self.requests, self.switches = self.site.requests, self.site.switches
        self.switches.update(switches or {})
        # Named as TCP, else asyncio leaves Nagle on: 40 ms for every answer.
        self._socket = socket.socket(
            socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, port))
        self.port = int(self._socket.getsockname()[1])
        self._thread: threading.Thread | None = None
        self.server = Server(_config(self.site))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def world(self) -> World:
        return self.site.world

    @property
    def environment(self) -> dict[str, str]:
        world = self.world
        return {
            "PARTNERO_API_KEY": next(iter(world.programmes)),
            "TOLT_API_KEY": next(iter(world.organizations)),
        }

    def config_text(self, tolt_version: str = "v2") -> str:
        """A ready connector.toml for this address."""
        world = self.world
        return f"""\
[state]
url = "sqlite:///connector.db"

[[pairs]]
name = "acme"
currency = "{world.partnero.currency}"

[pairs.partnero]
api_key = {{ env = "PARTNERO_API_KEY" }}
base_url = "{self.url}/partnero/v1"
requests_per_second = 50

[pairs.tolt]
api_key = {{ env = "TOLT_API_KEY" }}
api_version = "{tolt_version}"
base_url = "{self.url}/tolt/{tolt_version}"
program_id = "prg_{world.tolt.program.uid}"
requests_per_second = 20
"""

    def start(self) -> Self:
        self._socket.listen(128)
        self._thread = threading.Thread(target=self._run, daemon=True, name="sandbox")
        self._thread.start()
        return self

    def _run(self) -> None:
        # Not Server.run: that one takes over the signals of the process.
        asyncio.run(self.server.serve(sockets=[self._socket]))

    def run(self) -> None:
        """Serve in the foreground; the address is known before."""
        self._socket.listen(128)
        with contextlib.suppress(KeyboardInterrupt):
            self.server.run(sockets=[self._socket])
        self._socket.close()

    def stop(self) -> None:
        self.server.end()
        if self._thread:
            self._thread.join(timeout=5)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()


def _config(site: Site) -> uvicorn.Config:
    return uvicorn.Config(
        Gate(site),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        # The world's clock writes the Date header, so that skew can be played.
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
