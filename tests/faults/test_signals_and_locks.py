"""Signals, two runs at once, dead holders, and the disk (D10, D14, D16, G1, G2, G5)."""

import json
import resource
import signal
import subprocess
import sys
import time

import pytest

from connector.reports.runs import error_of
from connector.run.holder import named, surroundings
from connector.run.lease import holding

SLOW_POST = {"kind": "slow", "method": "POST", "seconds": 0.6, "count": None}


def _many(place, count=20):
    for number in range(count):
        place.edit(
            "partnero",
            "create_code",
            code=f"NEW{number:02d}",
            coupon="PCT20",
            partner="ben@example.com",
        )


def _when(place, method, then, count=1):
    """Do something to the child as soon as the first such request has come."""
    until = time.monotonic() + 30
    while sum(r.method == method for r in list(place.sandbox.requests)) < count:
        assert time.monotonic() < until
        time.sleep(0.01)
    then()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_finishes_what_is_on_its_way_and_skips_the_rest(place, number, code):
    """D10: the calls in flight are recorded, the exit says interrupted."""
    _many(place)
    place.fault(**SLOW_POST)

    with place.start("sync", "--format", "json") as run:
        _when(place, "POST", lambda: run.send_signal(number))
        out, _ = run.communicate(timeout=30)

    document = json.loads(out)
    told = {
        o["code"]: o["outcome"] for o in document["outcomes"] if o["target"] == "tolt"
    }
    assert run.returncode == code
    assert document["status"] == "interrupted"
    assert set(told.values()) == {"confirmed", "skipped"}
    assert {c for c, o in told.items() if o == "confirmed"} == place.right().keys() - {
        "SAME",
        "TWIN",
    }
    assert place.store().journal.open_intents() == []
    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    place.quiet()


def test_a_second_signal_stops_at_once_and_is_still_consistent(place):
    """D10, TestTest_DoubleInterrupt."""
    _many(place)
    place.fault(**{**SLOW_POST, "seconds": 20.0})

    with place.start("sync", "--format", "json") as run:
        _when(place, "POST", lambda: run.send_signal(signal.SIGTERM))
        time.sleep(0.3)
        begun = time.monotonic()
        # Two that come before a busy machine has heard one are heard as one.
        while run.poll() is None and time.monotonic() - begun < 3:
            run.send_signal(signal.SIGTERM)
            time.sleep(0.1)
        assert run.poll() == 143
        run.communicate(timeout=30)

    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    assert place.agrees()
    place.quiet()


def test_a_signal_need_not_sit_out_a_long_retry_after(place):
    """The request was not sent; it is not waited for, and nothing is lost."""
    _many(place, 3)
    place.fault("status", "POST", status=429, retry_after="200", count=None)

    with place.start("sync", "--format", "json") as run:
        _when(place, "POST", lambda: time.sleep(0.2))
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=15)

    assert run.returncode in (143, 4)
    place.sandbox.faults.clear()
    assert place.sync().status == "complete"
    place.quiet()


def test_of_two_runs_one_waits_outside_and_writes_nothing(place):
    """G1: the other exits with 6; G5: a report goes on beside it."""
    _many(place, 3)

    with holding(place.store()):
        second = place.process("sync", "--format", "json")
        report = place.process("plan", "--format", "json")

    assert (second.code, second.document["status"]) == (6, "locked")
    assert (report.code, report.document["sides"]["tolt"]["complete"]) == (0, True)
    assert "locked" not in report.err
    assert place.writes == []
    assert place.sync().status == "complete"


def test_a_killed_run_is_taken_over_at_once(place):
    """G2: dead holder on the same machine; nobody waits for the lease to end."""
    _many(place, 2)
    place.fault(**{**SLOW_POST, "seconds": 20.0})
    with place.start("sync", "--format", "json") as run:
        _when(place, "POST", run.kill)
        run.communicate(timeout=10)
    assert place.store().leases.holder() != ""
    place.sandbox.faults.clear()

    done = place.sync()

    assert done.status == "complete"
    assert place.agrees()
    place.quiet()


def test_a_holder_that_is_a_zombie_is_dead(place):
    """A container without an init never reaps it; its pid is still there."""
    store = place.store()
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        time.sleep(0.3)  # it has ended, and nobody has waited for it
        owner = named(child.pid, surroundings())
        assert store.leases.take(owner, 60) is None

        with holding(place.store()):
            pass


def test_a_paused_run_cannot_write_after_it_was_taken_over(place):
    """A fencing token: asked right before every request, and with every commit."""
    _many(place, 4)

    def take_over(_world):
        other = place.store()
        assert (
            other.leases.take("elsewhere/1/1", 60, now=int(time.time()) + 120) is None
        )

    place.fault("edit", "GET", "search=NEW", nth=2, edit=take_over)

    done = place.sync()

    assert done.status == "failed"
    assert "taken over" in error_of(done)
    assert {o.outcome for o in done.outcomes if o.target == "tolt"} <= {
        "uncertain",
        "failed",
        "skipped",
        "confirmed",
    }
    sent = len(place.writes)
    assert sent <= 2


@pytest.mark.parametrize("size", [0, 60_000, 120_000])
def test_a_full_disk_sends_nothing_and_the_next_run_goes_on(place, size):
    """D14: no intent, no request; a clear error; nothing to mend."""
    _many(place, 5)

    result = place.process(
        "sync",
        "--format",
        "json",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )

    assert result.code in (1, 4)
    done = [o for o in place.right() if o.startswith("NEW")]
    noted = [i for i in _journal(place) if i.action == "create"]
    assert len(place.writes) <= len(noted)
    assert len(done) == len(place.writes)
    assert place.sync().status == "complete"
    assert place.agrees()
    place.quiet()


def _journal(place):
    journal = place.store().journal
    return [intent for run in journal.runs() for intent in journal.intents(run.id)]
