"""What other processes do with a state; they import the state, and no test."""

import multiprocessing
import time
from dataclasses import replace
from typing import Any

from state.database import open_to_write
from state.model import Intent
from state.store import Store


def begin(url: str, report: Any) -> None:
    """Open a state that may be new, and say who it is."""
    try:
        engine = open_to_write(url)
        report.put(str(Store(engine, "acme").identity("2026-01-01T00:00:00Z")))
        engine.dispose()
    except BaseException as error:  # noqa: BLE001 (what went wrong is what is asked)
        report.put(f"{type(error).__name__}: {error}")


def take_turns(url: str, times: int, intent: Intent, report: Any) -> None:
    """Take the pair so often, write an intent each time, and say when that was."""
    store = Store(open_to_write(url), "acme")
    name = multiprocessing.current_process().name
    while times:
        if store.leases.take(name, 60) is not None:
            time.sleep(0.001)
            continue
        begun = time.monotonic()
        store.journal.begin(replace(intent, id=f"{name}{times}"))
        ended = time.monotonic()  # the next one may begin before release comes back
        store.leases.release()
        report.put((begun, ended, name))
        times -= 1
