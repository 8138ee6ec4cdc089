"""The web server of ``run``: probes, metrics, webhooks, and one page for people.

On loopback by default, and then only under a loopback name, so that no web page can
read it through a borrowed one; beyond it everything but the probes and the signed
webhooks needs the token. Nothing can be changed here: no scripts, no forms.
"""

import asyncio
import base64
import hmac
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import uvicorn
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connector.engine.outcome import Run
from connector.errors import Misconfigured
from connector.providers.http import is_loopback
from connector.reports.safe import inert
from connector.service.door import BACKLOG, Door, Tally, quiet_loggers
from connector.service.health import (
    Standing,
    said_age,
)
from connector.service.job import Background
from connector.service.metrics import Metrics
from connector.service.signing import Signing
from connector.service.webhooks import LARGEST, SIGNED, Hints, secrets_of
from mappings.masking import masked
from mappings.moments import iso
from state.database import StateProblem
from state.model import LastReading, RunSummary

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
BUSY = 60
"""Requests for pages and webhooks at the same time; the door has room for more."""
PATIENCE = 5.0
"""Seconds for the state to answer a probe, and for the body of a webhook to come."""
FRESH = 1.0
"""Seconds for which an answer about the state is good."""
_TEMPLATE = Environment(
    loader=PackageLoader("connector.service"),
    autoescape=True,
    undefined=StrictUndefined,
)
_TEMPLATE.filters["inert"] = inert


class Known(Protocol):
    @property
    def signings(self) -> Sequence[Signing]: ...
    def standings(self) -> list[Standing]: ...
    def runs(self, pair: str) -> list[RunSummary]: ...
    def printed(self, pair: str) -> str: ...
    def last_reading(self, pair: str) -> LastReading: ...


class Ready:
    """Whether the state can be read: one look for all who ask at the same time."""

    def __init__(self, look: Callable[[], object], patience: float = PATIENCE) -> None:
        self._look = look
        self._patience = patience
        self._looking: asyncio.Future[object] | None = None
        self._since = 0.0

    async def problem(self) -> str:
        """Return what is wrong, or ""."""
        now = time.monotonic()
        looking = self._looking
        if looking is None or (looking.done() and now - self._since > FRESH):
            looking = asyncio.ensure_future(run_in_threadpool(self._look))
            self._looking, self._since = looking, now
        try:
            await asyncio.wait_for(asyncio.shield(looking), self._patience)
        except TimeoutError:
            return "the state does not answer"
        except (StateProblem, OSError, MemoryError):
            return "the state cannot be read"
        return ""


class Site:
    """The pages; probes are answered whatever else goes on."""

    def __init__(
        self,
        background: Background[Any],
        known: Known,
        metrics: Metrics,
        hints: Hints,
        token: str,
    ) -> None:
        self.background, self.known, self.metrics = background, known, metrics
        self.hints, self.token = hints, token
        self.ready = Ready(known.standings)
        self._busy = 0
        self._unsigned = Tally("webhook messages without a good signature are refused")

    async def healthz(self, _request: Request) -> Response:
        ailing = self.background.ailing()
        return _plain(f"{ailing or 'ok'}\n", 503 if ailing else 200)

    async def readyz(self, _request: Request) -> Response:
        problem = await self.ready.problem()
        return _plain(f"{problem or 'ok'}\n", 503 if problem else 200)

    def among(
        self, answer: Callable[[Request], Response | Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Let one page be asked for while not too many are: probes need room."""

        async def answered(request: Request) -> Response:
            if self._busy >= BUSY:
                return _plain("too many requests at once\n", 503)
            self._busy += 1
            try:
                if iscoroutinefunction(answer):
                    return cast(Response, await answer(request))
                return cast(Response, await run_in_threadpool(answer, request))
            finally:
                self._busy -= 1

        return answered

    def numbers(self, request: Request) -> Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return self._refused(request) or Response(
            self.metrics.text(), media_type=kind, headers=HEADERS
        )

    def style(self, _request: Request) -> Response:
        text = (FOLDER / "status.css").read_text(encoding="utf-8")
        return Response(text, media_type="text/css", headers=HEADERS)

    def page(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        try:
            known, pairs = self.known, self.known.standings()
            runs = {each.pair: known.runs(each.pair) for each in pairs}
            printed = {each.pair: _report(known.printed(each.pair)) for each in pairs}
            latest = {each.pair: known.last_reading(each.pair) for each in pairs}
        except StateProblem as error:
            return _plain(f"{error}\n", 503)
        shown = _TEMPLATE.get_template("status.html").render(
            now=datetime.now(UTC),
            stale=sum(each.stale for each in pairs),
            pairs=pairs,
            runs=runs,
            latest=latest,
            printed=printed,
            running=self.background.running,
            iso=iso,
            said_age=said_age,
        )
        return Response(masked(shown), media_type="text/html", headers=HEADERS)

    async def webhook(self, request: Request) -> Response:
        product = request.path_params["product"]
        if product not in SIGNED:
            return _plain("there is no such webhook\n", 404)
        try:
            async with asyncio.timeout(PATIENCE):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return _plain("the message did not come in time\n", 408)
        if body is None:
            return _plain("too large\n", 413)
        secrets = secrets_of(self.known.signings, product)
        if self.hints.heard(product, secrets, request.headers, body):
            return Response(status_code=204, headers=HEADERS)
        self._unsigned.add(product=product)
        return _plain("the signature is not good\n", 401)

    def _refused(self, request: Request) -> Response | None:
        """Return the refusal of a request that may not look."""
        if not self.token:
            return (
                None
                if is_loopback(_host(request))
                else _plain("not by this name\n", 421)
            )
        if hmac.compare_digest(_presented(request).encode(), self.token.encode()):
            return None
        refused = _plain("the token is missing or wrong\n", 401)
        refused.headers["WWW-Authenticate"] = 'Basic realm="partnero-tolt"'
        return refused

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.among(self.page)),
                Route("/style.css", self.among(self.style)),
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", self.among(self.numbers)),
                Route(
                    "/webhooks/{product}", self.among(self.webhook), methods=["POST"]
                ),
            ]
        )


def _report(text: str) -> str:
    """Return the newest run's document as people can read it."""
    return json.dumps(json.loads(text), indent=2) if text else ""


def _plain(text: str, status: int = 200) -> Response:
    return PlainTextResponse(masked(text), status, headers=HEADERS)


def _presented(request: Request) -> str:
    """Return the token of a request: as a bearer, or as the password of a browser."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except ValueError:  # no base64, or no text
        return ""


def _host(request: Request) -> str:
    """Return the name under which we were asked; "" where it is rubbish."""
    named = request.headers.get("host")
    try:
        return (urlsplit(f"//{named}") if named else request.url).hostname or ""
    except ValueError:
        return ""


async def _body(request: Request) -> bytes | None:
    """Return the body, or None where it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    return bytes(body)


@contextmanager
def serving(
    address: tuple[str, int], token: str, background: Background[Any], known: Known
) -> Iterator[Callable[[Run, float], None]]:
    """Serve while the block runs; yields what wants to hear of finished runs."""
    quiet_loggers()
    metrics = Metrics(known.standings)
    site = Site(background, known, metrics, Hints(background.hint), token)
    listener = _listen(*address)
    server = _server(site.app())
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), name="serve"
    )
    thread.start()
    try:
        yield metrics.heard
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


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


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Misconfigured(
            f"serve.listen: {host}:{port} cannot be had: {error.strerror}"
        ) from None
