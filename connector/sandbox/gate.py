"""The way every request takes: log, faults, handler, faults again, wire.

Plain ASGI around the routes, so that a fault can replace an answer, spoil it, or cut
the connection for real. The control endpoints do not pass through here.
"""

import asyncio
import gzip
import json
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, overload
from urllib.parse import parse_qsl, unquote, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox import edits
from connector.sandbox.faults import HTML, Fault, Faults, page_trouble
from connector.sandbox.partnero import PartneroApi
from connector.sandbox.switches import Switches
from connector.sandbox.tolt_v1 import ToltV1
from connector.sandbox.tolt_v2 import ToltV2
from connector.sandbox.wire import Limiter, Refused, fingerprint, render
from connector.sandbox.world import World

APIS: dict[str, PartneroApi | ToltV1 | ToltV2] = {
    "/partnero/": PartneroApi(),
    "/tolt/v1": ToltV1(),
    "/tolt/v2": ToltV2(),
}
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "payload_too_large",
    429: "rate_limited",
}


@dataclass(slots=True)
class LoggedRequest:
    """One request; status 0 means that no answer was (or is yet) given."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    at: datetime
    key_fingerprint: str
    status: int = 0
    faults: tuple[str, ...] = ()

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")


class RequestLog(Sequence[LoggedRequest]):
    """Requests in order of arrival; safe to read while others are running."""

    def __init__(self) -> None:
        self._rows: list[LoggedRequest] = []
        self._lock = threading.Lock()

    def add(self, row: LoggedRequest) -> None:
        with self._lock:
            self._rows.append(row)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[LoggedRequest]:
        with self._lock:
            return iter(list(self._rows))

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...
    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        with self._lock:
            return self._rows[index]

    @property
    def writes(self) -> list[LoggedRequest]:
        return [row for row in self if row.is_write]


@dataclass(slots=True)
class Site:
    """What one running sandbox is made of."""

    world: World
    switches: Switches = field(default_factory=Switches)
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)
    limiter: Limiter = field(default_factory=Limiter)


@dataclass(slots=True)
class Answer:
    """What would go over the wire if nothing went wrong."""

    status: int
    headers: dict[str, str]
    body: bytes


class Dropped(Exception):
    """The client gets no answer."""


class Gate:
    """The ASGI application in front of the routes."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        raw = await _read(receive)
        row = _logged(scope, raw, self.site.world.now())
        self.site.requests.add(row)
        target = _target(scope)
        text = raw.decode("utf-8", "replace")
        struck = self.site.faults.hit(row.method, target, text)
        row.faults = tuple(fault.kind for fault in struck)
        try:
            answer = await self._answer(scope, raw, row, struck)
            await _deliver(answer, row, struck, scope, send)
        except Dropped:
            await _drop(scope, receive, reset=any(fault.reset for fault in struck))
        self._edit(struck)

    async def _answer(
        self, scope: Scope, raw: bytes, row: LoggedRequest, struck: list[Fault]
    ) -> Answer:
        for fault in struck:
            if early := self._instead(fault, scope["path"]):
                return self._dated(early)
        world = self.site.world
        if row.is_write:
            self.site.faults.remember(world)
        else:
            world = self.site.faults.world_for(struck, world)
        _ignore_limit(scope, struck)
        scope["sandbox.world"], scope["sandbox.switches"] = world, self.site.switches
        answer = await _run(self.app, scope, raw)
        if scope.get("sandbox.lost") or any(f.kind == "lost_after" for f in struck):
            raise Dropped
        for fault in struck:
            if fault.kind == "status_after":
                answer = self._error(fault, scope["path"])
        return self._dated(self._spoil_page(answer, scope, struck))

    def _instead(self, fault: Fault, path: str) -> Answer | None:
        """The answer of a fault that keeps the handler from running."""
        if fault.kind == "lost_before":
            raise Dropped
        if fault.kind == "status":
            return self._error(fault, path)
        if fault.kind == "html":
            return Answer(200, {"content-type": "text/html"}, HTML.encode())
        if fault.kind == "redirect":
            headers = {"location": fault.location, "content-type": "text/html"}
            return Answer(301, headers, HTML.encode())
        return None

    def _error(self, fault: Fault, path: str) -> Answer:
        headers = {"content-type": "application/json", **fault.sent_headers}
        if isinstance(fault.answer, str):
            return Answer(fault.status, headers, fault.answer.encode())
        if fault.answer is not None:
            return Answer(fault.status, headers, render(fault.answer))
        api = next(api for mount, api in APIS.items() if path.startswith(mount))
        html = self.site.switches.partnero_html_errors and api.name == "partnero"
        if html and fault.status >= 500:
            headers["content-type"] = "text/html"
            return Answer(fault.status, headers, HTML.encode())
        code = CODES.get(fault.status, "internal_error")
        refused = Refused(fault.status, code, "Something went wrong.")
        body = api.refusal(self.site.switches, refused).body
        return Answer(fault.status, headers, render(body))

    def _spoil_page(self, answer: Answer, scope: Scope, struck: list[Fault]) -> Answer:
        path, pages = scope["path"], self.site.faults.pages
        for fault in struck:
            if fault.kind in ("empty_page", "foreign_next"):
                answer.body = page_trouble(fault, _target(scope), answer.body)
            elif fault.kind == "repeat_page" and path in pages:
                answer.body = pages[path][1]
        if self.site.faults.wants("repeat_page") and scope["method"] == "GET":
            pages[path] = (_target(scope), answer.body)
        return answer

    def _dated(self, answer: Answer) -> Answer:
        now = self.site.world.now().astimezone(UTC)
        answer.headers["date"] = format_datetime(now, usegmt=True)
        return answer

    def _edit(self, struck: list[Fault]) -> None:
        for fault in struck:
            if fault.kind != "edit" or fault.edit is None:
                continue
            with self.site.world.lock:
                if callable(fault.edit):
                    fault.edit(self.site.world)
                else:
                    edits.apply(self.site.world, self.site.switches, fault.edit)


# --- helpers of the wire ----------------------------------------------------------


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path: str = scope["path"]
    return f"{path}?{query}" if query else path


def _logged(scope: Scope, raw: bytes, now: datetime) -> LoggedRequest:
    # Ids with a slash must stay one path segment, so routes see the raw path.
    scope["path"] = scope["raw_path"].decode("latin-1").partition("?")[0]
    headers = dict(scope["headers"])
    key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")[2]
    body: Any = None
    if raw:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = raw.decode("utf-8", "replace")
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), True))
    path = unquote(scope["path"])
    return LoggedRequest(scope["method"], path, query, body, now, fingerprint(key))


def _ignore_limit(scope: Scope, struck: list[Fault]) -> None:
    for fault in struck:
        if fault.kind == "ignore_limit":
            size = fault.size if fault.size < 1000 else 15
            pairs = parse_qsl(scope["query_string"].decode("latin-1"), True)
            kept = [(name, value) for name, value in pairs if name != "limit"]
            query = urlencode([*kept, ("limit", str(size))])
            scope["query_string"] = query.encode("latin-1")


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _run(app: ASGIApp, scope: Scope, raw: bytes) -> Answer:
    """Run the routes and catch their answer before it reaches the wire."""
    answer = Answer(500, {}, b"")

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            pairs = message.get("headers", [])
            answer.headers = {k.decode(): v.decode("latin-1") for k, v in pairs}
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


async def _deliver(
    answer: Answer, row: LoggedRequest, struck: list[Fault], scope: Scope, send: Send
) -> None:
    kinds = {fault.kind: fault for fault in struck}
    body, headers = answer.body, dict(answer.headers)
    headers.pop("content-length", None)
    if "truncated" in kinds:
        body = body[: len(body) // 2]
    if huge := kinds.get("huge"):
        body = body.rstrip()[:-1] + b" " * huge.size + body.rstrip()[-1:]
        if huge.gzip:
            body = gzip.compress(body, 1)
            headers["content-encoding"] = "gzip"
    missing = 1000 if "cut" in kinds else 0
    headers["content-length"] = str(len(body) + missing)
    pairs = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    row.status = answer.status
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": pairs}
    )
    if slow := kinds.get("slow"):
        body = await _drip(body, slow.seconds, send)
    more = bool(missing)
    await send({"type": "http.response.body", "body": body, "more_body": more})
    if missing:
        raise Dropped


async def _drip(body: bytes, seconds: float, send: Send) -> bytes:
    """Send all but the last piece slowly; hand back the rest."""
    steps = 10
    size = max(len(body) // steps, 1)
    for step in range(steps):
        part = body[step * size : (step + 1) * size]
        if part:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(seconds / steps)
    return body[steps * size :]


async def _drop(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Cut the connection and wait until the server has noticed."""
    transport: asyncio.Transport = scope["state"]["transport"]
    if reset:
        # Lingering for no time turns the close into a reset.
        linger = struct.pack("ii", 1, 0)
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
