"""Calls to the outside that may hang: each has its end, and never two of one name.

A thread that does not come back is left alone; it holds nothing that anybody waits for,
and until it has ended nothing more is tried under its name.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from connector.logs import log

Answer = TypeVar("Answer")


class Bounded(Generic[Answer]):
    """Makes calls by name, side by side, and waits for them no longer than agreed."""

    def __init__(self) -> None:
        self._under_way: dict[str, threading.Thread] = {}

    def call(
        self, calls: Mapping[str, Callable[[], Answer]], seconds: float
    ) -> dict[str, Answer]:
        """Return the answers by name of the calls that ended in time, and well."""
        answers: dict[str, Answer] = {}
        begun = [self._begin(name, made, answers) for name, made in calls.items()]
        until = time.monotonic() + seconds
        for thread in begun:
            if thread is not None:
                thread.join(max(0.0, until - time.monotonic()))
        return dict(answers)

    def _begin(
        self, name: str, made: Callable[[], Answer], answers: dict[str, Answer]
    ) -> threading.Thread | None:
        former = self._under_way.get(name)
        if former is not None and former.is_alive():
            return None

        def work() -> None:
            try:
                answers[name] = made()
            except Exception as error:  # noqa: BLE001 (plug-ins of strangers)
                log.warning("a notice ended in an error", kind=type(error).__name__)

        thread = threading.Thread(target=work, name="outside", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no room for one more
            return None
        self._under_way[name] = thread
        return thread
