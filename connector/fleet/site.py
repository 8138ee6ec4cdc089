"""What a worker of a fleet serves: probes, and metrics of itself and of the fleet.

Pairs are not named in them: of thousands, each worker would tell the same thousands.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.engine.outcome import Run
from connector.fleet.worker import Worker
from connector.service.answers import HEADERS, Crowd, plain
from connector.service.desk.access import Refused
from connector.service.desk.gate import Gate
from connector.service.server import listening, serving_app
from state.database import StateProblem
from state.fleet import SILENT, Fleet
from state.fleet_pairs import Counted, FleetPairs

_Q = "partnero_tolt_"
_FLEET = {
    "pairs": "Pairs of the fleet.",
    "paused": "Pairs that are paused.",
    "due": "Pairs that are due and not claimed.",
    "queued": "Pairs that are claimed and not begun.",
    "running": "Pairs that are passed now, by all workers.",
    "failing": "Pairs whose last pass ended by a bug or the time-out.",
    "stale": "Pairs that had no verified success for two due times.",
    "late": "Seconds since the longest waiting pair is due.",
}


class WorkerMetrics:
    """The counters of this worker, and what is counted in the database when asked."""

    def __init__(self, worker: Worker, fleet: Fleet, pairs: FleetPairs) -> None:
        own = self.registry = CollectorRegistry()
        self._runs = Counter(f"{_Q}worker_runs", "Ended.", ["status"], registry=own)
        ended = ["status", "reason"]
        text = "Runs that were not complete."
        self._troubles = Counter(f"{_Q}worker_troubles", text, ended, registry=own)
        self._seconds = Histogram(f"{_Q}worker_run_seconds", "Taken.", registry=own)
        slots = Gauge(f"{_Q}worker_slots", "Passes at the same time.", registry=own)
        slots.set(worker.slots)
        busy = Gauge(f"{_Q}worker_running", "Passes under way.", registry=own)
        busy.set_function(lambda: len(worker.running))
        own.register(_Counts(fleet, pairs))

    def heard(self, run: Run, seconds: float) -> None:
        self._runs.labels(run.status).inc()
        if run.trouble:
            self._troubles.labels(run.status, run.trouble.reason).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Counts(Collector):
    """Asked at every scrape; a database that does not answer is a number as well."""

    def __init__(self, fleet: Fleet, pairs: FleetPairs) -> None:
        self._fleet, self._pairs = fleet, pairs

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        try:
            counted, alive = self._look()
        except StateProblem:
            yield GaugeMetricFamily(f"{_Q}state_readable", "1: it can be.", 0)
            return
        yield GaugeMetricFamily(f"{_Q}state_readable", "1: it can be.", 1)
        for name, text in _FLEET.items():
            yield GaugeMetricFamily(f"{_Q}fleet_{name}", text, getattr(counted, name))
        yield GaugeMetricFamily(f"{_Q}fleet_workers", "Workers that live.", alive)

    def _look(self) -> tuple[Counted, int]:
        workers = self._fleet.workers()
        alive = sum(worker.silent < SILENT for worker in workers)
        return self._pairs.count(), alive


class WorkerSite:
    """Probes, which are answered whatever else goes on, and metrics."""

    def __init__(self, gate: Gate, worker: Worker, metrics: WorkerMetrics) -> None:
        self._gate, self._worker, self._metrics = gate, worker, metrics

    async def healthz(self, _request: Request) -> Response:
        ailing = self._worker.ailing()
        return plain(f"{ailing or 'ok'}\n", 503 if ailing else 200)

    async def readyz(self, _request: Request) -> Response:
        problem = self._worker.ailing() or self._worker.health.problem()
        return plain(f"{problem or 'ok'}\n", 503 if problem else 200)

    def numbers(self, request: Request) -> Response:
        visitor = self._gate.judge(request)
        if isinstance(visitor, Refused):
            return plain(f"{visitor.why}\n", visitor.status)
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(self._metrics.text(), media_type=kind, headers=HEADERS)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", Crowd().among(self.numbers)),
            ]
        )


@contextmanager
def serving(
    address: tuple[str, int],
    gate: Gate,
    worker: Worker,
    fleet: Fleet,
    pairs: FleetPairs,
) -> Iterator[Callable[[Run, float], None]]:
    """Serve while the block runs; yields what wants to hear of finished runs."""
    metrics = WorkerMetrics(worker, fleet, pairs)
    site = WorkerSite(gate, worker, metrics)
    where = "the worker's address (--listen, or else serve.listen)"
    with serving_app(site.app(), listening(*address, where)):
        yield metrics.heard
