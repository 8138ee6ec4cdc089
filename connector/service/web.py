"""The web server of ``run``: probes, metrics, webhooks, and the desk for people.

On loopback by default, and only under names of its own, so that no web page can read it
through a borrowed one; beyond it everything but the probes and the signed webhooks
needs a token. What may be changed here, and by whom, is decided in ``desk/access``.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.service.answers import HEADERS, PATIENCE, Crowd, body_of, plain
from connector.service.desk.access import Refused
from connector.service.desk.gate import Gate
from connector.service.desk.known import Known
from connector.service.desk.site import Desk
from connector.service.door import Tally
from connector.service.exposition import KIND
from connector.service.job import Background
from connector.service.metrics import Changed, Metrics
from connector.service.server import listening, serving_app
from connector.service.signing import Signing
from connector.service.webhooks import LARGEST, SIGNED, Hints, secrets_of
from state.database import StateProblem

FRESH = 1.0
"""Seconds for which an answer about the state is good."""


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
    """Probes, metrics, webhooks; probes are answered whatever else goes on."""

    def __init__(
        self,
        gate: Gate,
        background: Background[Any],
        known: Known,
        signings: Callable[[], Sequence[Signing]],
        metrics: Metrics,
    ) -> None:
        self.background, self.metrics, self.signings = background, metrics, signings
        self.hints = Hints(background.hint, known.is_new)
        self.crowd = Crowd()
        self.desk = Desk(gate, known, self.crowd, running=background.running)
        self.ready = Ready(known.touch)
        self._unsigned = Tally("webhook messages without a good signature are refused")

    async def healthz(self, _request: Request) -> Response:
        ailing = self.background.ailing()
        return plain(f"{ailing or 'ok'}\n", 503 if ailing else 200)

    async def readyz(self, _request: Request) -> Response:
        problem = await self.ready.problem()
        return plain(f"{problem or 'ok'}\n", 503 if problem else 200)

    def numbers(self, request: Request) -> Response:
        visitor = self.desk.gate.judge(request)
        if isinstance(visitor, Refused):
            return self.desk.refused(request, visitor)
        return Response(self.metrics.text(), media_type=KIND, headers=HEADERS)

    async def webhook(self, request: Request) -> Response:
        product = request.path_params["product"]
        if product not in SIGNED:
            return plain("there is no such webhook\n", 404)
        body = await body_of(request, LARGEST)
        if isinstance(body, Response):
            return body
        secrets = secrets_of(self.signings(), product)
        heard = self.hints.heard
        if await run_in_threadpool(heard, product, secrets, request.headers, body):
            return Response(status_code=204, headers=HEADERS)
        self._unsigned.add(product=product)
        return plain("the signature is not good\n", 401)

    def app(self) -> Starlette:
        among = self.crowd.among
        return Starlette(
            routes=[
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", among(self.numbers)),
                Route("/webhooks/{product}", among(self.webhook), methods=["POST"]),
                *self.desk.routes(),
            ]
        )


@contextmanager
def serving(
    address: tuple[str, int],
    gate: Gate,
    background: Background[Any],
    known: Known,
    signings: Callable[[], Sequence[Signing]],
    *,
    changed: Changed,
) -> Iterator[None]:
    """Serve while the block runs."""
    metrics = Metrics(known.standings, changed)
    site = Site(gate, background, known, signings, metrics)
    with serving_app(site.app(), listening(*address)):
        yield
