"""Every wait is woken by the stop: of the cheap look, of retries, of the pace (C17)."""

import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connector.config.clients import access_of, open_writers
from connector.config.resolve import Keys, pair_of
from connector.errors import Unavailable
from connector.providers.base import Remembered
from connector.providers.http import Access, Patience, ReadOnly
from connector.providers.pausing import LAST, backoffs, pausing
from mappings.canonical import Side

LONG = "250"
"""Seconds that are asked for: nobody who is stopped sits them out."""


def ended(process, seconds: float = 60) -> int:
    process.wait(timeout=seconds)
    return process.returncode


def test_a_cheap_look_that_is_told_to_wait_ends_with_the_first_signal(town, until):
    town.settle("* * * * *")
    ago = datetime.now(UTC) - timedelta(minutes=5)  # by now the next one is due
    with time_machine.travel(ago, tick=True):
        assert town.call("sync")[0] == 0  # a pair without a state gets no cheap look
    fault = town.fault(
        "status", path="/tolt/", status=429, retry_after=LONG, count=None
    )
    running = town.begin("run")
    until(lambda: fault.hits, 120)

    running.signal(signal.SIGTERM)

    assert ended(running.process) == 143
    assert [run.status for run in town.runs()] == ["complete", "interrupted"]


def test_a_full_pass_that_is_told_to_wait_ends_with_the_second_signal(town, until):
    """The first one lets it finish; with two it is over between two requests."""
    town.settle("@yearly", each='full_read_every = "0"')
    fault = town.fault("status", status=429, retry_after=LONG, count=None)
    running = town.begin("run")
    until(lambda: fault.hits)

    running.signal(signal.SIGTERM)
    running.says("stops")
    running.signal(signal.SIGTERM)

    assert ended(running.process) == 143
    assert [run.status for run in town.runs()] == ["interrupted"]


def test_a_sync_that_waits_before_it_asks_again_ends_with_a_signal(
    town, until, receiver
):
    town.settle("@hourly", more=receiver.notify)
    fault = town.fault("status", status=429, retry_after=LONG, count=None)
    running = town.begin("sync")
    until(lambda: fault.hits)

    running.signal(signal.SIGTERM)

    assert ended(running.process) == 143
    assert receiver.notices == []  # an interrupted run is no trouble of its pair


@pytest.mark.slow
def test_a_pace_of_minutes_is_not_sat_out(town, until):
    town.settle("@hourly")
    text = town.config.read_text(encoding="utf-8")
    slow = text.replace("requests_per_second = 2000", "requests_per_second = 0.01")
    town.config.write_text(slow, encoding="utf-8")
    running = town.begin("sync")
    until(lambda: len(town.sandbox.requests) >= 1)

    running.signal(signal.SIGTERM)

    assert ended(running.process) == 143


def test_a_pause_ends_with_the_stop_and_sends_nothing_that_would_wait_on():
    stop, begun = threading.Event(), threading.Event()
    raised = []

    def waiting() -> None:
        begun.set()
        try:
            pausing(stop)(3600)
        except Unavailable as error:
            raised.append(error)

    thread = threading.Thread(target=waiting)
    thread.start()
    begun.wait()
    stop.set()
    thread.join(30)

    assert not thread.is_alive()
    assert len(raised) == 1


def test_after_the_stop_a_short_turn_is_still_waited_for():
    stop = threading.Event()
    stop.set()
    begun = time.monotonic()

    pausing(stop)(0.05)
    with pytest.raises(Unavailable):
        pausing(stop)(LAST + 1)

    assert time.monotonic() - begun >= 0.05


def test_pauses_grow_stay_below_the_longest_and_are_one_fewer_than_attempts():
    pauses = list(backoffs(12, 0.5, 20.0))

    assert len(pauses) == 11
    assert all(0.5 * 2**n <= pause for n, pause in enumerate(pauses[:5]))
    assert max(pauses) == 20.0


def test_nothing_is_waited_for_after_the_last_attempt(town):
    """What would be asked no more is not waited for either."""
    town.settle("@hourly")
    town.fault("status", status=429, retry_after=LONG, count=None)
    url = f"{town.sandbox.url}/tolt/v2/"
    client = ReadOnly(Access("Tolt", url, "tlt_0", patience=Patience(attempts=1)))

    with pytest.raises(Unavailable):  # a wait of four minutes would end no test
        client.get("partners")
    client.close()


def test_every_client_of_a_run_hears_of_its_stop(town):
    town.settle("@hourly")
    section, keys = town.loaded.file.pairs[0], Keys("pk_0", "tlt_0")
    pair, stop = pair_of(town.loaded, section, keys), threading.Event()
    stop.set()
    town.fault("status", status=503, count=None)

    writers = open_writers(pair, stop=stop)
    for side in Side:
        writer = writers.of(side)
        assert access_of(pair, side, stop=stop).stop is stop
        assert not writer.read(Remembered()).complete
        writer.close()

    assert len(town.sandbox.requests) <= 2 * len(Side)
