"""The web server of ``run``: probes, metrics, webhooks, and one page for people.

On loopback by default, and then only under a loopback name, so that no web page can
read it through a borrowed one; beyond it everything but the probes and the signed
webhooks needs the token. Nothing can be changed here: no scripts, no forms.
"""

import asyncio
import base64
import binascii
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import uvicorn
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connector.background import Background
from connector.config import Config
from connector.engine.outcome import Run
from connector.errors import Misconfigured
from connector.health import Standing, said_age
from connector.look import iso
from connector.metrics import Metrics
from connector.providers.http import is_loopback
from connector.reports.documents import Document
from connector.reports.safe import inert
from connector.sections import PairSection
from connector.webhooks import LARGEST, SIGNED, Hints, secrets_of
from mappings.masking import masked
from state.database import StateProblem
from state.model import RunRecord

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TEMPLATE = Environment(
    loader=PackageLoader("connector"), autoescape=True, undefined=StrictUndefined
)
_TEMPLATE.filters["inert"] = inert


class Known(Protocol):
    config: Config
    pairs: Sequence[PairSection]

    def standings(self) -> list[Standing]: ...
    def runs(self, pair: str) -> list[RunRecord]: ...
    def latest(self, pair: str) -> Document: ...


@dataclass(slots=True)
class Site:
    background: Background
    known: Known
    metrics: Metrics
    hints: Hints
    token: str

    def healthz(self, _request: Request) -> Response:
        alive = self.background.alive
        return _plain("ok\n" if alive else "stopping\n", 200 if alive else 503)

    def readyz(self, _request: Request) -> Response:
        try:
            self.known.standings()
        except StateProblem:
            return _plain("the state cannot be read\n", 503)
        return _plain("ok\n")

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
            found = self.known.standings()
            runs = {one.pair: self.known.runs(one.pair) for one in found}
            latest = {one.pair: self.known.latest(one.pair) for one in found}
        except StateProblem as error:
            return _plain(f"{error}\n", 503)
        shown = _TEMPLATE.get_template("status.html").render(
            now=datetime.now(UTC),
            stale=sum(one.stale for one in found),
            pairs=found,
            runs=runs,
            latest=latest,
            report=_report,
            running=self.background.running,
            iso=iso,
            said_age=said_age,
        )
        return Response(masked(shown), media_type="text/html", headers=HEADERS)

    async def webhook(self, request: Request) -> Response:
        product = request.path_params["product"]
        if product not in SIGNED:
            return _plain("there is no such webhook\n", 404)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return _plain("too large\n", 413)
        secrets = secrets_of(self.known.config, self.known.pairs, product)
        if self.hints.heard(product, secrets, request.headers, bytes(body)):
            return Response(status_code=204, headers=HEADERS)
        return _plain("the signature is not good\n", 401)

    def _refused(self, request: Request) -> Response | None:
        """Return the refusal of a request that may not look."""
        if not self.token:
            host = request.url.hostname or ""
            return None if is_loopback(host) else _plain("not by this name\n", 421)
        if hmac.compare_digest(_presented(request).encode(), self.token.encode()):
            return None
        refused = _plain("the token is missing or wrong\n", 401)
        refused.headers["WWW-Authenticate"] = 'Basic realm="partnero-tolt"'
        return refused

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/style.css", self.style),
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", self.numbers),
                Route("/webhooks/{product}", self.webhook, methods=["POST"]),
            ]
        )


def _report(runs: Sequence[RunRecord]) -> str:
    """Return the newest run's document as people can read it."""
    text = next((run.document for run in runs if run.document), "")
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
    except (binascii.Error, UnicodeDecodeError):
        return ""


@contextmanager
def serving(
    config: Config, background: Background, known: Known
) -> Iterator[Callable[[Run, float], None]]:
    """Serve while the block runs; yields what wants to hear of finished runs."""
    section = config.file.serve
    token = section.token.read(config.folder, "serve.token") if section.token else ""
    metrics = Metrics(known.standings)
    site = Site(background, known, metrics, Hints(background.hint), token)
    listener = _listen(*section.address)
    server = uvicorn.Server(
        uvicorn.Config(
            site.app(),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            limit_concurrency=100,
        )
    )
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


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        told = f"serve.listen: {host}:{port} cannot be had: {error.strerror}"
        raise Misconfigured(told) from None
