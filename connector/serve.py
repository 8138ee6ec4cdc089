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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import structlog
import uvicorn
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connector.background import Background
from connector.errors import Failed, Misconfigured
from connector.health import Standing, said_age
from connector.look import iso
from connector.metrics import Metrics
from connector.providers.http import is_loopback
from connector.reports.safe import inert
from connector.webhooks import LARGEST, SIGNED, Hints
from state.model import RunRecord

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
log = structlog.get_logger()


class Known(Protocol):
    """What can be asked about the pairs."""

    def standings(self) -> list[Standing]: ...

    def fact(self, pair: str, name: str) -> Any: ...  # noqa: ANN401 (JSON)

    def runs(self, pair: str) -> list[RunRecord]: ...


@dataclass(slots=True)
class Site:
    """The pages; each is a method of its own."""

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
        except Failed:
            return _plain("the state cannot be read\n", 503)
        return _plain("ok\n")

    def numbers(self, request: Request) -> Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return self._guard(request) or Response(
            self.metrics.text(), media_type=kind, headers=HEADERS
        )

    def style(self, _request: Request) -> Response:
        text = (FOLDER / "status.css").read_text(encoding="utf-8")
        return Response(text, media_type="text/css", headers=HEADERS)

    def page(self, request: Request) -> Response:
        refused = self._guard(request)
        if refused:
            return refused
        try:
            found = self.known.standings()
        except Failed as error:
            return _plain(f"{error}\n", 503)
        shown = _TEMPLATE.get_template("status.html").render(
            now=iso(datetime.now(UTC)),
            stale=sum(one.stale for one in found),
            pairs=[self._pair(one) for one in found],
        )
        return Response(shown, media_type="text/html", headers=HEADERS)

    def _pair(self, one: Standing) -> dict[str, Any]:
        latest = self.known.fact(one.pair, "latest") or {}
        runs = self.known.runs(one.pair)
        never = "never"
        age = never if one.age is None else f"{said_age(one.age)} ago"
        return {
            "name": one.pair,
            "running": one.pair in self.background.running,
            "stale": one.stale,
            "success": age,
            "due": iso(one.due) if one.due else never,
            "held": one.held or 0,
            "waiting": [_inert(change) for change in latest.get("waiting", ())],
            "findings": [_inert(finding) for finding in latest.get("findings", ())],
            "runs": runs,
            "report": _report(runs),
        }

    async def webhook(self, request: Request) -> Response:
        product = request.path_params["product"]
        if product not in SIGNED:
            return _plain("there is no such webhook\n", 404)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return _plain("too large\n", 413)
        secrets = _secrets(self.background, product)
        if self.hints.heard(product, secrets, request.headers, bytes(body)):
            return Response(status_code=204, headers=HEADERS)
        return _plain("the signature is not good\n", 401)

    def _guard(self, request: Request) -> Response | None:
        """Return the refusal of a request that may not look."""
        if not self.token:
            host = request.url.hostname or ""
            return None if is_loopback(host) else _plain("not by this name\n", 421)
        if hmac.compare_digest(_presented(request).encode(), self.token.encode()):
            return None
        asked = {"WWW-Authenticate": 'Basic realm="partnero-tolt"'}
        return _plain("the token is missing or wrong\n", 401, asked)

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


_TEMPLATE = Environment(
    loader=PackageLoader("connector"), autoescape=True, undefined=StrictUndefined
)


def _plain(
    text: str, status: int = 200, more: Mapping[str, str] | None = None
) -> Response:
    return PlainTextResponse(text, status, headers={**HEADERS, **(more or {})})


def _inert(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: inert(v) if isinstance(v, str) else v for k, v in row.items()}


def _report(runs: list[RunRecord]) -> str:
    """Return the newest run's document as people can read it."""
    text = next((run.document for run in runs if run.document), "")
    return inert(json.dumps(json.loads(text), indent=2)) if text else ""


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


def _secrets(background: Background, product: str) -> dict[str, str]:
    """Return the signing secret of each pair that has one for this product."""
    found: dict[str, str] = {}
    for name, pair in background.pairs.items():
        secret = pair.webhooks.tolt if product == "tolt" else pair.webhooks.partnero
        if secret is None:
            continue
        where = f"pairs.{name}.webhooks.{product}"
        try:
            found[name] = secret.read(background.config.folder, where)
        except Misconfigured as error:
            log.warning("no webhook secret", error=str(error))
    return found


@contextmanager
def serving(background: Background, known: Known) -> Iterator[Callable[..., None]]:
    """Serve while the block runs; yields what wants to hear of finished runs."""
    section, config = background.config.file.serve, background.config
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
