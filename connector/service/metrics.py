"""Prometheus metrics: what the passes did, and how the pairs stand when asked."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from connector.engine.outcome import Run
from connector.service.health import (
    Standing,
)
from state.database import StateProblem

Look = Callable[[], Sequence[Standing]]
_Q = "partnero_tolt_"


class Metrics:
    """The counters of this process, and gauges that are read from the state."""

    def __init__(self, look: Look) -> None:
        own = self.registry = CollectorRegistry()
        of_side, changed = ["pair", "side"], ["pair", "target", "action", "outcome"]
        self._runs = Counter(f"{_Q}runs", "Finished.", ["pair", "status"], registry=own)
        ended = ["pair", "status", "reason"]
        self._troubles = Counter(
            f"{_Q}troubles", "Runs that were not complete.", ended, registry=own
        )
        self._seconds = Summary(f"{_Q}run_seconds", "Taken.", ["pair"], registry=own)
        self._requests = Counter(f"{_Q}requests", "Sent.", of_side, registry=own)
        self._changes = Counter(f"{_Q}changes", "Tried.", changed, registry=own)
        self._codes = Gauge(f"{_Q}codes", "Last seen.", of_side, registry=own)
        own.register(_Standings(look))

    def heard(self, run: Run, seconds: float) -> None:
        self._runs.labels(run.pair, run.status).inc()
        if run.trouble:
            self._troubles.labels(run.pair, run.status, run.trouble.reason).inc()
        self._seconds.labels(run.pair).observe(seconds)
        for side, count in run.requests.items():
            self._requests.labels(run.pair, side).inc(count)
        for outcome in run.outcomes:
            what = (outcome.target, outcome.action, outcome.outcome)
            self._changes.labels(run.pair, *what).inc()
        for side, report in run.plan.sides.items() if run.plan else ():
            if report.complete:
                self._codes.labels(run.pair, side).set(report.codes)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Standings(Collector):
    """Asked at every scrape, so that silence shows without any run."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        success = _gauge("last_success_timestamp_seconds", "The last verified success.")
        stale = _gauge("stale", "1: no verified success for two intervals.")
        held = _gauge("held", "Changes that wait for a decision.")
        text = "1: why the last run was not complete, or the pair is stale."
        trouble = _gauge("trouble", text, "reason")
        try:
            standings, readable = self._look(), 1
        except StateProblem:
            standings, readable = (), 0
        for standing in standings:
            if standing.success:
                success.add_metric([standing.pair], standing.success.timestamp())
            stale.add_metric([standing.pair], float(standing.stale))
            if standing.reason:
                trouble.add_metric([standing.pair, standing.reason], 1)
            if standing.held is not None:
                held.add_metric([standing.pair], standing.held)
        yield from (success, stale, held, trouble)
        yield GaugeMetricFamily(f"{_Q}state_readable", "1: it can be.", readable)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_Q}{name}", text, labels=["pair", *labels])
