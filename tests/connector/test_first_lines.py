"""The first lines that are logged, by several threads at a time, as by a job."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import structlog

from connector.logs import Log


def test_no_line_of_any_thread_is_told_before_the_log_is_configured(monkeypatch):
    """Unconfigured, it would go to standard output, keys and addresses in it."""
    told, together, log = [], Barrier(4), Log()

    class Told:
        def log(self, _level, _event, **_about):
            told.append("ready" in told)

    def configure():
        time.sleep(0.1)
        told.append("ready")

    monkeypatch.setattr(structlog, "get_logger", Told)
    log.begin(logging.INFO, lambda: None)
    log._configure[:] = [configure]

    def say():
        together.wait()
        log.info("a line")

    with ThreadPoolExecutor(4) as threads:
        for said in [threads.submit(say) for _ in range(4)]:
            said.result()

    assert told == ["ready", True, True, True, True]
