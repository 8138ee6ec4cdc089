"""The way every request takes: log, faults, key, limit, handler, faults again, wire.

Plain ASGI around the handlers, so that a fault can replace an answer, spoil it, or cut
the connection for real. Handlers run under the world's lock, one at a time, so an
effect is atomic unless a handler hands back a `Later` on purpose.
"""

import asyncio
import gzip
import socket
import struct
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from connector.sandbox import edits, partnero, tolt_writes
from connector.sandbox.faults import HTML, Fault, page_trouble
from connector.sandbox.partnero import PartneroApi
from connector.sandbox.partnero_codes import CODE_ROUTES
from connector.sandbox.partnero_sales import SALES_ROUTES
from connector.sandbox.site import LoggedRequest, Site
from connector.sandbox.tolt import ToltApi, ToltV1
from connector.sandbox.wire import Api, Call, Later, Limiter, Refused, Reply
from connector.sandbox.world import World

APIS: tuple[Api[Any], ...] = (
    PartneroApi("/partnero/v1", [*partnero.ROUTES, *CODE_ROUTES, *SALES_ROUTES]),
    ToltV1("/tolt/v1", tolt_writes.V1_ROUTES),
    ToltApi("/tolt/v2", tolt_writes.V2_ROUTES),
)
JSON = {"content-type": "application/json"}


class Dropped(Exception):
    """The client gets no answer."""


class Gate:
    """The ASGI application: all three APIs, with faults before and after."""

    def __init__(self, site: Site) -> None:
        self.site, self.limiter = site, Limiter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Ids with a slash must stay one path segment, so routes see the raw path.
        scope["path"] = scope["raw_path"].decode("latin-1").partition("?")[0]
        request = Request(scope, receive)
        raw = await request.body()
        text = raw.decode("utf-8", "replace")
        row = self.site.requests.note(request, text)
        struck = self.site.faults.hit(row.method, _target(scope), text)
        try:
            answer = await self._answer(scope, raw, row, struck)
            now = self.site.world.now().astimezone(UTC)
            answer.headers["date"] = format_datetime(now, usegmt=True)
            row.status = answer.status
            await _deliver(answer, struck, send)
        except Dropped:
            await _drop(scope, receive, reset=any(fault.reset for fault in struck))
        self._edit(struck)

    async def _answer(
        self, scope: Scope, raw: bytes, row: LoggedRequest, struck: list[Fault]
    ) -> Reply:
        path, site = scope["path"], self.site
        api = next((api for api in APIS if path.startswith(f"{api.mount}/")), None)
        if api is None:
            return Reply(404, b"{}", dict(JSON))
        for fault in struck:
            if early := self._instead(fault, api):
                return early
        world = site.world
        if row.is_write:
            site.faults.remember(world)
        else:
            world = site.faults.world_for(struck, world)
        _ignore_limit(scope, struck)
        reply = await self._respond(api, Request(scope), raw, world)
        if reply.lost or any(fault.kind == "lost_after" for fault in struck):
            raise Dropped
        headers, body = {**JSON, **reply.headers}, api.render(site.switches, reply.body)
        answer = Reply(reply.status, body, headers)
        for fault in struck:
            if fault.kind == "status_after":
                answer = self._error(fault, api)
        return self._spoil_page(answer, scope, struck)

    async def _respond(
        self, api: Api[Any], request: Request, raw: bytes, world: World
    ) -> Reply:
        """Key, rate limit, body, lock, handler, and the error envelope."""
        switches = self.site.switches
        headers: dict[str, str] = {}
        try:
            owner = self._admit(api, request, headers, world)
            fields = api.parse(raw)
            handler, path = api.find(request.method, request.scope["path"])
            url, query = str(request.url.replace(query="")), request.query_params
            call = Call(
                owner, world, switches, world.now(), url, path, query, fields, api.old
            )
            with world.lock:
                result = handler(call)
            if isinstance(result, Later):
                await asyncio.sleep(result.seconds)
                with world.lock:
                    result = result.then()
        except Refused as refused:
            result = api.refusal(switches, refused)
        result.headers.update(headers)
        return result

    def _admit(
        self, api: Api[Any], request: Request, headers: dict[str, str], world: World
    ) -> Any:
        """Whose key this is, if it may ask now."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        owners, switches = api.owners(world), self.site.switches
        known = key in owners or (key and switches.any_key)
        if scheme.lower() != "bearer" or not known:
            raise Refused(401, "unauthorized", "Unauthenticated.")
        limit = getattr(switches, f"{api.product}_rate_limit")
        window = getattr(switches, f"{api.product}_rate_window")
        left, wait = self.limiter.take(key, limit, window) if limit else (0, 0.0)
        headers.update(api.headers(switches, left, wait))
        if left < 0:
            raise Refused(429, "rate_limited", "Too Many Attempts.")
        return owners.get(key) or next(iter(owners.values()))

    def _instead(self, fault: Fault, api: Api[Any]) -> Reply | None:
        """The answer of a fault that keeps the handler from running."""
        if fault.kind == "lost_before":
            raise Dropped
        if fault.kind == "status":
            return self._error(fault, api)
        page = {"content-type": "text/html"}
        if fault.kind == "html":
            return Reply(200, HTML, page)
        if fault.kind == "redirect":
            return Reply(301, HTML, {"location": fault.location, **page})
        return None

    def _error(self, fault: Fault, api: Api[Any]) -> Reply:
        switches, status = self.site.switches, fault.status
        headers = {**JSON, **fault.headers}
        html = switches.partnero_html_errors and api.product == "partnero"
        if isinstance(fault.answer, str):
            body = fault.answer.encode()
        elif fault.answer is not None:
            body = api.render(switches, fault.answer)
        elif html and status >= 500:
            headers["content-type"], body = "text/html", HTML
        else:
            code = "rate_limited" if status == 429 else "internal_error"
            refused = Refused(status, code, "Something went wrong.")
            body = api.render(switches, api.refusal(switches, refused).body)
        return Reply(status, body, headers)

    def _spoil_page(self, answer: Reply, scope: Scope, struck: list[Fault]) -> Reply:
        path, pages = scope["path"], self.site.faults.pages
        for fault in struck:
            if fault.kind in ("empty_page", "foreign_next"):
                answer.body = page_trouble(fault, answer.body)
            elif fault.kind == "repeat_page" and path in pages:
                answer.body = pages[path]
        if self.site.faults.wants("repeat_page") and scope["method"] == "GET":
            pages[path] = answer.body
        return answer

    def _edit(self, struck: list[Fault]) -> None:
        site = self.site
        for fault in struck:
            if isinstance(fault.edit, Mapping):
                edits.apply(site.world, site.switches, fault.edit)
            elif fault.edit:
                with site.world.lock:
                    fault.edit(site.world)


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _ignore_limit(scope: Scope, struck: list[Fault]) -> None:
    for fault in struck:
        if fault.kind == "ignore_limit":
            pairs = parse_qsl(scope["query_string"].decode("latin-1"), True)
            kept = [(name, value) for name, value in pairs if name != "limit"]
            query = urlencode([*kept, ("limit", str(fault.size))])
            scope["query_string"] = query.encode("latin-1")


async def _deliver(answer: Reply, struck: list[Fault], send: Send) -> None:
    kinds = {fault.kind: fault for fault in struck}
    body, headers = answer.body, answer.headers
    if "truncated" in kinds:
        body = body[: len(body) // 2]
    if huge := kinds.get("huge"):
        body = body[:-1] + b" " * huge.size + body[-1:]
        if huge.gzip:
            body = gzip.compress(body, 1)
            headers["content-encoding"] = "gzip"
    missing = 1000 if "cut" in kinds else 0
    headers["content-length"] = str(len(body) + missing)
    pairs = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
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
