"""Prometheus metrics: what the passes did, and how the pairs stand when asked."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from connector.engine.outcome import Run
from connector.errors import Failed
from connector.health import Standing

Look = Callable[[], Sequence[Standing]]


class Metrics:
    """The counters of this process, and gauges that are read from the state."""

    def __init__(self, look: Look) -> None:
        self.registry = CollectorRegistry()
        self._runs = Counter(
            "partnero_tolt_runs",
            "Finished runs.",
            ["pair", "status"],
            registry=self.registry,
        )
        self._seconds = Summary(
            "partnero_tolt_run_seconds",
            "How long runs took.",
            ["pair"],
            registry=self.registry,
        )
        self._requests = Counter(
            "partnero_tolt_requests",
            "Requests sent.",
            ["pair", "side"],
            registry=self.registry,
        )
        self._changes = Counter(
            "partnero_tolt_changes",
            "Changes tried.",
            ["pair", "target", "action", "outcome"],
            registry=self.registry,
        )
        self._codes = Gauge(
            "partnero_tolt_codes",
            "Codes seen by the last reading.",
            ["pair", "side"],
            registry=self.registry,
        )
        self.registry.register(_Standings(look))

    def heard(self, run: Run, seconds: float) -> None:
        """Count one finished run."""
        self._runs.labels(run.pair, run.status).inc()
        self._seconds.labels(run.pair).observe(seconds)
        for side, count in run.requests.items():
            self._requests.labels(run.pair, side).inc(count)
        for one in run.outcomes:
            labels = (run.pair, one.target, one.action, one.outcome)
            self._changes.labels(*labels).inc()
        for side, report in run.plan.sides.items() if run.plan else ():
            if report.complete:
                self._codes.labels(run.pair, side).set(report.codes)

    def text(self) -> bytes:
        """Return all metrics as Prometheus reads them."""
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
        readable = GaugeMetricFamily("partnero_tolt_state_readable", "1: it can be.", 1)
        try:
            found = self._look()
        except Failed:
            found = ()
            readable = GaugeMetricFamily("partnero_tolt_state_readable", "0: not.", 0)
        for one in found:
            if one.success:
                success.add_metric([one.pair], one.success.timestamp())
            stale.add_metric([one.pair], float(one.stale))
            if one.held is not None:
                held.add_metric([one.pair], one.held)
        yield from (success, stale, held, readable)


def _gauge(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"partnero_tolt_{name}", text, labels=["pair"])
