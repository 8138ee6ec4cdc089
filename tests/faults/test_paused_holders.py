"""A run that was stopped on any line, and taken over meanwhile, never writes again.

The run is a real process that stops itself (SIGSTOP) when it comes to one of its own
functions; another run takes the pair over once the hold has run out; and then it goes
on (SIGCONT). Lines at which another of its threads may be in a commit are left out: the
state is in use then, which has tests of its own.
"""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest

STOPS = """
import os, signal, sys, threading, time
where, name = sys.argv[1].split(":")
left = [1]

def is_meant(frame):
    if frame.f_code.co_name != name or where not in frame.f_code.co_filename:
        return False
    known = frame.f_locals
    if "method" in known:
        return known["method"] == "POST"
    return "request" not in known or known["request"].method in ("POST", b"POST")

def watch(frame, event, _):
    if event == "call" and left[0] and is_meant(frame):
        left[0] = 0
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(1)  # the signal may reach another thread a little earlier

threading.settrace(watch)
sys.settrace(watch)
sys.argv = ["partnero-tolt", *sys.argv[2:]]
from connector.cli import main
main()
"""
QUICK = ("state/journal.py:begin", "providers/http.py:_exchange")
LINES = [
    "connector/run/apply.py:apply",
    "state/journal.py:begin",
    "connector/run/code_writes.py:send",
    "providers/http.py:_once",
    "providers/writing.py:_allow",
    "connector/run/settle.py:fence",
    "state/journal.py:leave",
    "providers/http.py:_exchange",
    "_sync/connection_pool.py:handle_request",
    "_sync/http11.py:_send_request_headers",
]
CASES = [
    pytest.param(line, marks=() if line in QUICK else pytest.mark.slow)
    for line in LINES
]


def _new(place):
    options = {"coupon": "PCT20", "partner": "ben@example.com"}
    place.edit("partnero", "create_code", code="NEW", **options)


@contextmanager
def _started(place, line):
    """Start a run that stops itself at a line; it is never left stopped."""
    words = [sys.executable, "-c", STOPS, line, "--config", str(place.config)]
    with subprocess.Popen(
        [*words, "--format", "json", "sync"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **place.sandbox.environment},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _hold_runs_out(place):
    """Let the minute pass in which nobody renewed it."""
    with closing(sqlite3.connect(place.database)) as opened, opened:
        opened.execute("UPDATE lease SET expires = 1")


def _posts(place):
    """Count the writes that came whole."""
    return [row for row in place.writes if row.body]


@pytest.mark.parametrize("line", CASES)
def test_a_run_that_was_paused_and_taken_over_writes_nothing_more(place, line):
    _new(place)
    with _started(place, line) as paused:
        _, status = os.waitpid(paused.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), paused.communicate()
        before = len(_posts(place))
        _hold_runs_out(place)

        taken = place.sync()
        between = len(_posts(place))
        paused.send_signal(signal.SIGCONT)
        out, err = paused.communicate(timeout=60)

    assert taken.status == "complete"
    assert (before, between) == (0, 1)
    assert len(_posts(place)) == between
    assert paused.returncode in (1, 4), err
    assert re.search("taken over", out)
    assert place.agrees()
    place.quiet()


def test_a_run_that_was_paused_before_its_verdict_leaves_it_to_the_next_one(place):
    """Its request had arrived; whoever took over has found it there."""
    _new(place)
    with _started(place, "state/journal.py:settle") as paused:
        os.waitpid(paused.pid, os.WUNTRACED)
        _hold_runs_out(place)

        taken = place.sync()
        paused.send_signal(signal.SIGCONT)
        out, _ = paused.communicate(timeout=60)

    assert taken.status == "complete"
    assert len(_posts(place)) == 1
    assert "taken over" in out
    place.quiet()
