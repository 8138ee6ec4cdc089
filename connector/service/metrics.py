"""Prometheus metrics: what the passes did, and how the pairs stand when asked."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from connector.engine.adoptions import OF_THE_STATE
from connector.engine.outcome import Run
from connector.service.exposition import Family, exposition, head, labelled
from connector.service.health import Standing
from state.database import StateProblem

Look = Callable[[], Sequence[Standing]]
_Q = "partnero_tolt_"


class Metrics:
    """The counters of this process, and gauges that are read from the state.

    The state is asked at every scrape, so that silence shows without any run.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._counting = threading.Lock()
        self._runs = Family(f"{_Q}runs_total", "counter", "Finished.")
        not_complete = "Runs that were not complete."
        self._troubles = Family(f"{_Q}troubles_total", "counter", not_complete)
        self._seconds = Family(f"{_Q}run_seconds", "summary", "Taken.")
        self._requests = Family(f"{_Q}requests_total", "counter", "Sent.")
        self._changes = Family(f"{_Q}changes_total", "counter", "Tried.")
        self._codes = Family(f"{_Q}codes", "gauge", "Last seen.")

    @property
    def _families(self) -> Sequence[Family]:
        counted = (self._runs, self._troubles, self._seconds, self._requests)
        return (*counted, self._changes, self._codes)

    def heard(self, run: Run, seconds: float) -> None:
        with self._counting:
            self._count(run, seconds)

    def _count(self, run: Run, seconds: float) -> None:
        pair, ended = {"pair": run.pair}, {"pair": run.pair, "status": run.status}
        self._runs.add(ended)
        if run.trouble:
            self._troubles.add(ended | {"reason": run.trouble.reason})
        self._seconds.add(pair, part="_count")
        self._seconds.add(pair, seconds, "_sum")
        for side, count in run.requests.items():
            self._requests.add(pair | {"side": side}, count)
        for one in run.outcomes:
            what = {"action": one.action, "outcome": one.outcome, "target": one.target}
            self._changes.add(pair | what)
        if number := len(run.adopted):
            action, target = OF_THE_STATE
            what = {"action": action, "outcome": "adopted", "target": target}
            self._changes.add(pair | what, number)
        for side, report in run.plan.sides.items() if run.plan else ():
            if report.complete:
                self._codes.set(pair | {"side": side}, report.codes)

    def text(self) -> bytes:
        counted = [line for family in self._families for line in family.text()]
        try:
            standings, readable = self._look(), 1.0
        except StateProblem:
            standings, readable = (), 0.0
        known = _of_state(standings)
        state = Family(f"{_Q}state_readable", "gauge", "1: it can be.")
        state.set({}, readable)
        return exposition([*counted, *known, *state.text()])


def _of_state(standings: Sequence[Standing]) -> Iterator[str]:
    """Yield the lines about how the pairs stand, name by name."""
    named = [(_of_pair(one.pair), one) for one in standings]
    text = "The last verified success."
    yield from _gauge("last_success_timestamp_seconds", text)
    for labels, one in named:
        if success := one.success:
            at = success.timestamp()
            yield f"{_Q}last_success_timestamp_seconds{labels} {at!r}\n"
    yield from _gauge("stale", "1: no verified success for two intervals.")
    for labels, one in named:
        yield f"{_Q}stale{labels} {float(one.stale)!r}\n"
    yield from _gauge("held", "Changes that wait for a decision.")
    for labels, one in named:
        if one.held is not None:
            yield f"{_Q}held{labels} {float(one.held)!r}\n"
    yield from _gauge(
        "trouble", "1: why the last run was not complete, or the pair is stale."
    )
    for _, one in named:
        if reason := one.reason:
            yield f"{_Q}trouble{labelled({'pair': one.pair, 'reason': reason})} 1.0\n"


@lru_cache(maxsize=100_000)
def _of_pair(pair: str) -> str:
    return labelled({"pair": pair})


def _gauge(name: str, text: str) -> Iterator[str]:
    yield head(f"{_Q}{name}", "gauge", text)
