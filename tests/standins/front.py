"""The stand-ins with faults in front: plain ASGI around the product's own gate.

A request that no fault strikes goes through untouched. A struck one is answered here,
or by a gate of its own (which may see an older world) whose answer is spoilt on its
way out. The log is the one of the site in either case.
"""

import asyncio
import gzip
import socket
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from connector.sandbox import server
from connector.sandbox.gate import JSON, Gate, api_at
from connector.sandbox.site import RequestLog
from connector.sandbox.wire import Refused, Reply
from tests.standins import edits
from tests.standins.faults import HTML, Faults, page_trouble


class Sandbox(server.Sandbox):
    """The sandbox of the product, with faults that a test switches on."""

    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.faults = Faults()
        self.server.config.app = Front(self.server.config.app, self.faults)
        self._marked = 0

    def mark(self) -> None:
        """Begin to count requests anew; none is forgotten."""
        self._marked = len(self.requests)

    @property
    def asked(self) -> RequestLog:
        """The requests since the last mark, which the begin of a run is."""
        assert self._marked <= len(self.requests), "the log was cleared in between"
        return RequestLog(self.requests[self._marked :])


class Dropped(Exception):
    """The client gets no answer."""


class Front:
    """Stands between the sockets and the gate."""

    def __init__(self, gate: Gate, faults: Faults) -> None:
        self.gate, self.faults = gate, faults

    async def __call__(self, scope, receive, send) -> None:
        if not self.faults.active:
            await self.gate(scope, receive, send)
            return
        scope["path"] = scope["raw_path"].decode("latin-1").partition("?")[0]
        request = Request(scope, receive)
        raw = await request.body()
        text = raw.decode("utf-8", "replace")
        row = self.gate.site.requests.note(request, text)
        struck = self.faults.hit(row.method, _target(scope), text)
        try:
            answer = await self._answer(scope, raw, receive, row.is_write, struck)
            row.status = answer.status
            await _deliver(answer, struck, send)
        except Dropped:
            await _drop(scope, receive, reset=any(fault.reset for fault in struck))
        self._edit(struck)

    async def _answer(self, scope, raw, receive, is_write, struck) -> Reply:
        api = api_at(scope["path"])
        for fault in struck:
            if api and (early := self._instead(fault, api)):
                return early
        world = self.gate.site.world
        if is_write:
            self.faults.remember(world)
        else:
            world = self.faults.world_for(struck, world)
        times = 2 if any(fault.kind == "doubled" for fault in struck) else 1
        asked = _ignore_limit(scope, struck)
        asking = [self._ask(dict(asked), raw, receive, world) for _ in range(times)]
        answer, *_ = await asyncio.gather(*asking)
        if any(fault.kind == "lost_after" for fault in struck):
            raise Dropped
        for fault in struck:
            if fault.kind == "status_after":
                answer = self._error(fault, api)
        return self._spoil_page(answer, scope, struck)

    async def _ask(self, scope, raw, receive, world) -> Reply:
        """What the gate says about this world."""
        inner = Gate(replace(self.gate.site, world=world, requests=RequestLog()))
        inner.limiter = self.gate.limiter
        waiting = [{"type": "http.request", "body": raw, "more_body": False}]
        said = []

        async def hand_over():
            return waiting.pop() if waiting else await receive()

        async def keep(message) -> None:
            said.append(message)

        await inner(scope, hand_over, keep)
        if not said:
            raise Dropped
        headers = {k.decode(): v.decode("latin-1") for k, v in said[0]["headers"]}
        return Reply(said[0]["status"], said[1]["body"], headers)

    def _instead(self, fault, api) -> Reply | None:
        """The answer of a fault that keeps the handler from running."""
        if fault.kind == "lost_before":
            raise Dropped
        if fault.kind == "status":
            return self._error(fault, api)
        page = {**self._date(), "content-type": "text/html"}
        if fault.kind == "html":
            return Reply(200, HTML, page)
        if fault.kind == "redirect":
            return Reply(301, HTML, {"location": fault.location, **page})
        return None

    def _error(self, fault, api) -> Reply:
        switches, status = self.gate.site.switches, fault.status
        headers = {**self._date(), **JSON, **fault.headers}
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

    def _date(self) -> dict[str, str]:
        now = self.gate.site.world.now().astimezone(UTC)
        return {"date": format_datetime(now, usegmt=True)}

    def _spoil_page(self, answer, scope, struck) -> Reply:
        path, pages = scope["path"], self.faults.pages
        for fault in struck:
            if fault.kind in ("empty_page", "foreign_next"):
                answer.body = page_trouble(fault, answer.body)
            elif fault.kind == "repeat_page" and path in pages:
                answer.body = pages[path]
        if self.faults.wants("repeat_page") and scope["method"] == "GET":
            pages[path] = answer.body
        return answer

    def _edit(self, struck) -> None:
        site = self.gate.site
        for fault in struck:
            if isinstance(fault.edit, Mapping):
                edits.apply(site.world, site.switches, fault.edit)
            elif fault.edit:
                with site.world.lock:
                    fault.edit(site.world)


def _target(scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _ignore_limit(scope, struck):
    for fault in struck:
        if fault.kind == "ignore_limit":
            pairs = parse_qsl(scope["query_string"].decode("latin-1"), True)
            kept = [(name, value) for name, value in pairs if name != "limit"]
            query = urlencode([*kept, ("limit", str(fault.size))])
            scope = {**scope, "query_string": query.encode("latin-1")}
    return scope


async def _deliver(answer, struck, send) -> None:
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


async def _drip(body, seconds, send) -> bytes:
    """Send all but the last piece slowly; hand back the rest."""
    steps = 10
    size = max(len(body) // steps, 1)
    for step in range(steps):
        part = body[step * size : (step + 1) * size]
        if part:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(seconds / steps)
    return body[steps * size :]


async def _drop(scope, receive, *, reset: bool) -> None:
    """Cut the connection and wait until the server has noticed."""
    transport = scope["state"]["transport"]
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
