"""The stand-ins behind a socket of our own: every byte of an answer can be spoilt.

A server of the usual kind refuses to send what a fuzzer wants to send. This one asks
the product's own gate for the right answer, hands it to whoever spoils, and writes what
comes back as it is: bytes, pauses and the end of the connection.
"""

import asyncio
import contextlib
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from connector.sandbox.gate import Gate
from connector.sandbox.site import Site
from connector.sandbox.world import World

SIDES = {"partnero": "partnero", "tolt": "tolt"}
VOLATILE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """One request, named so that the same one of another run has the same name."""

    method: str
    target: str
    nth: int

    @property
    def side(self) -> str:
        return self.target.split("/")[1]

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says, in parts."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def head(self, reason: str = "OK") -> bytes:
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


Piece = bytes | float
"""Bytes to send, or seconds to wait before the next ones."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is sent instead of an answer, in words and in pieces; then it hangs up.

    ``kept`` leaves the connection open for the next request.
    """

    told: str
    pieces: Sequence[Piece]
    kept: bool = False


Spoil = Callable[[Asked, Answer], Script | None]
"""Say what is sent instead; None sends the right answer."""


@dataclass
class Wire:
    """Both stand-ins on one port of loopback, in a thread."""

    world: World
    spoil: Spoil | None = None
    hidden: frozenset[str] = frozenset()
    asked: list[Asked] = field(default_factory=list)
    said: dict[Asked, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site = Site(self.world)
        self.site.switches.tolt_rate_limit = 0
        self._gate = Gate(self.site)
        # Named as TCP, else asyncio leaves Nagle on: 40 ms for every answer.
        self._socket = socket.socket(
            socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._seen: Counter[tuple[str, str]] = Counter()

    # -- life ------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._talk, sock=self._socket)
        await self._ended.wait()
        server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()
        self.said.clear()
        self._seen.clear()
        self.site.requests.clear()

    # -- one connection --------------------------------------------------------

    async def _talk(self, reader: Any, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or all is over
        finally:
            writer.close()

    async def _one(self, reader: Any, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False where the connection is to end."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [line.partition(": ")[::2] for line in lines if line]
        length = {k.lower(): v for k, v in headers}.get("content-length", "0")
        raw = await reader.readexactly(int(length))
        method, target, _ = first.split(" ")
        asked = self._name(method, target)
        answer = self._veiled(
            asked, await self._gate_says(method, target, headers, raw)
        )
        self.said[asked] = answer
        script = self.spoil(asked, answer) if self.spoil else None
        pieces = script.pieces if script else [answer.head() + answer.body]
        for piece in pieces:
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            else:
                writer.write(piece)
                await writer.drain()
        return script is None or script.kept

    def _name(self, method: str, target: str) -> Asked:
        path, _, query = target.partition("?")
        shown = VOLATILE.sub("<time>", "&".join(sorted(unquote(query).split("&"))))
        name = f"{path}?{shown}" if query else path
        self._seen[method, name] += 1
        asked = Asked(method, name, self._seen[method, name])
        self.asked.append(asked)
        return asked

    async def _gate_says(
        self, method: str, target: str, headers: Iterable[tuple[str, str]], raw: bytes
    ) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers],
            "state": {},
        }
        said: list[Any] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await self._gate(scope, receive, send)
        names = ((k.decode(), v.decode("latin-1")) for k, v in said[0]["headers"])
        return Answer(said[0]["status"], said[1]["body"], tuple(names))

    def _veiled(self, asked: Asked, answer: Answer) -> Answer:
        """Leave the hidden codes out of a listing, as one that lags would."""
        path, _, query = asked.target.partition("?")
        if not self.hidden or not path.endswith("/promotion-codes") or not query:
            return answer
        page = json.loads(answer.body)
        page["data"] = [row for row in page["data"] if row["code"] not in self.hidden]
        body = json.dumps(page, ensure_ascii=False).encode()
        kept = [(k, v) for k, v in answer.headers if k != "content-length"]
        return Answer(answer.status, body, (*kept, ("content-length", str(len(body)))))


def framed(answer: Answer, body: bytes, status: int | None = None) -> list[Piece]:
    """Return an answer with another body or status, sound in every other way."""
    kept = [(k, v) for k, v in answer.headers if k != "content-length"]
    length = ("content-length", str(len(body)))
    close = ("connection", "close")
    said = Answer(status or answer.status, body, (*kept, length, close))
    return [said.head() + (b"" if said.status in (204, 304) else body)]


def query_of(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.target.partition("?")[2]))
