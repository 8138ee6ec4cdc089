"""Prometheus metrics: what the passes did, and how the pairs stand when asked.

Both are read from the state, so that every process of it tells the same.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from connector.service.exposition import Family, exposition, head, labelled
from connector.service.health import Standing
from state.database import StateProblem
from state.tallies import Number

Look = Callable[[], Sequence[Standing]]
Changed = Callable[[], Iterable[Number]]
"""Returns the numbers that have changed since it was called last."""
_Q = "partnero_tolt_"
_OF_SIDE = ("side",)
LABELS = {
    "runs": ("status",),
    "troubles": ("status", "reason"),
    "run_seconds_count": (),
    "run_seconds_sum": (),
    "requests": _OF_SIDE,
    "changes": ("target", "action", "outcome"),
    "codes": _OF_SIDE,
}
"""What the labels of a number are called, after its pair."""


class Metrics:
    """What is counted, and gauges of the pairs.

    The state is asked at every scrape, so that silence shows without any run.
    """

    def __init__(self, look: Look, changed: Changed) -> None:
        self._look, self._changed = look, changed
        self._telling = threading.Lock()
        not_complete = "Runs that were not complete."
        seconds = Family(f"{_Q}run_seconds", "summary", "Taken.")
        self._families = {
            "runs": Family(f"{_Q}runs_total", "counter", "Finished."),
            "troubles": Family(f"{_Q}troubles_total", "counter", not_complete),
            "run_seconds_count": seconds,
            "run_seconds_sum": seconds,
            "requests": Family(f"{_Q}requests_total", "counter", "Sent."),
            "changes": Family(f"{_Q}changes_total", "counter", "Tried."),
            "codes": Family(f"{_Q}codes", "gauge", "Last seen."),
        }

    def _counted(self) -> list[str]:
        """Return the lines of the numbers: those that have changed are made anew."""
        with self._telling:
            for (pair, name, words), number in self._changed():
                if name in LABELS:
                    part = name.removeprefix("run_seconds")
                    ending = part if part != name else ""
                    named = zip(LABELS[name], words, strict=False)
                    labels = {"pair": pair, **dict(named)}
                    self._families[name].set(labels, number, ending)
            each = dict.fromkeys(self._families.values())
            return list(chain.from_iterable(family.text() for family in each))

    def text(self) -> bytes:
        counted = self._counted()
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
