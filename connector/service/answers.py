"""What every answer of the web server has in common, and bodies within bounds."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from mappings.masking import masked

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a browser would then keep the origin of our own forms to itself.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
BUSY = 60
"""Requests for pages and webhooks at the same time; the door has room for more."""
PATIENCE = 5.0
"""Seconds for the state to answer a probe, and for a body to come."""
Answer = Callable[[Request], Response | Awaitable[Response]]


def plain(text: str, status: int = 200) -> Response:
    return PlainTextResponse(masked(text), status, headers=HEADERS)


class Crowd:
    """Lets pages be asked for while not too many are: probes need room."""

    def __init__(self) -> None:
        self._busy = 0

    def among(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            if self._busy >= BUSY:
                return plain("too many requests at once\n", 503)
            self._busy += 1
            try:
                if iscoroutinefunction(answer):
                    return cast(Response, await answer(request))
                return cast(Response, await run_in_threadpool(answer, request))
            finally:
                self._busy -= 1

        return answered


async def body_of(request: Request, largest: int) -> bytes | Response:
    """Return the body, or the answer to who sends too much of it, or too slowly."""
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > largest:
                    return plain("too large\n", 413)
    except (TimeoutError, ClientDisconnect):
        return plain("the message did not come in time\n", 408)
    return bytes(body)
