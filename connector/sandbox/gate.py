"""The way every request takes: log, key, limit, handler, wire.

Plain ASGI around the handlers, so that a connection can be cut for real, and so that
a test or the crash harness can stand in front of it. Handlers run under the world's
lock, one at a time, so an effect is atomic unless a handler hands back a `Later` on
purpose.
"""

import asyncio
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from connector.sandbox import partnero, tolt_writes
from connector.sandbox.partnero import PartneroApi
from connector.sandbox.partnero_codes import CODE_ROUTES
from connector.sandbox.partnero_coupons import COUPON_ROUTES
from connector.sandbox.partnero_people import PEOPLE_ROUTES
from connector.sandbox.partnero_sales import SALES_ROUTES
from connector.sandbox.site import Site
from connector.sandbox.tolt import ToltApi, ToltV1
from connector.sandbox.wire import Api, Call, Later, Limiter, Refused, Reply

APIS: tuple[Api[Any], ...] = (
    PartneroApi(
        "/partnero/v1",
        [
            *partnero.ROUTES,
            *CODE_ROUTES,
            *COUPON_ROUTES,
            *PEOPLE_ROUTES,
            *SALES_ROUTES,
        ],
    ),
    ToltV1("/tolt/v1", tolt_writes.V1_ROUTES),
    ToltApi("/tolt/v2", tolt_writes.V2_ROUTES),
)
JSON = {"content-type": "application/json"}


def api_at(path: str) -> Api[Any] | None:
    return next((api for api in APIS if path.startswith(f"{api.mount}/")), None)


def tidied(path: str) -> str:
    """A path as web servers hand it on: without dots, and without empty segments."""
    kept: list[str] = []
    for part in path.split("/"):
        plain = part.replace("%2e", ".").replace("%2E", ".")
        if plain == "..":
            del kept[-1:]
        elif plain not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)


class Gate:
    """The ASGI application: all three APIs."""

    def __init__(self, site: Site) -> None:
        self.site, self.limiter = site, Limiter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Ids with a slash must stay one path segment, so routes see the raw path.
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        scope["path"] = tidied(path) if self.site.switches.tidy_paths else path
        request = Request(scope, receive)
        raw = await request.body()
        row = self.site.requests.note(request, raw.decode("utf-8", "replace"))
        answer = await self._answer(request, raw)
        if answer.lost:
            await _drop(scope, receive)
            return
        row.status = answer.status
        await _deliver(answer, send)

    async def _answer(self, request: Request, raw: bytes) -> Reply:
        switches, now = self.site.switches, self.site.world.now().astimezone(UTC)
        headers = {**JSON, "date": format_datetime(now, usegmt=True)}
        api = api_at(request.scope["path"])
        if api is None:
            return Reply(404, b"{}", headers)
        reply = await self._respond(api, request, raw)
        body = api.render(switches, reply.body)
        return Reply(reply.status, body, {**headers, **reply.headers}, reply.lost)

    async def _respond(self, api: Api[Any], request: Request, raw: bytes) -> Reply:
        """Key, rate limit, body, lock, handler, and the error envelope."""
        world, switches = self.site.world, self.site.switches
        headers: dict[str, str] = {}
        try:
            owner = self._admit(api, request, headers)
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

    def _admit(self, api: Api[Any], request: Request, headers: dict[str, str]) -> Any:
        """Whose key this is, if it may ask now."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        owners, switches = api.owners(self.site.world), self.site.switches
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


async def _deliver(answer: Reply, send: Send) -> None:
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    pairs = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": pairs}
    )
    await send({"type": "http.response.body", "body": answer.body})


async def _drop(scope: Scope, receive: Receive) -> None:
    """Cut the connection and wait until the server has noticed."""
    transport: asyncio.Transport = scope["state"]["transport"]
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
