"""A look that is under way when the program is asked to stop is given up soon (C17)."""

import threading
import time
from contextlib import closing

import pytest

from connector.errors import Unavailable
from connector.providers import deadline
from connector.providers.http import Access
from connector.providers.writing import ReadWrite
from tests.providers.raw import answering, ok, raw

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GENEROUS = 25
"""Seconds: far above what is left after a stop, far below the deadline of a minute."""


def silent(served, connection):
    served.request(connection)
    served.over.wait(60)


def dripping(served, connection):
    served.request(connection)
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n{")
    served.drip(connection, b" ")


def client(served, stop):
    return closing(ReadWrite(Access("Tolt", served.url, "key_of_tolt", stop=stop)))


@pytest.fixture
def stop():
    return threading.Event()


@pytest.mark.parametrize("script", [silent, dripping])
@pytest.mark.parametrize("before", [True, False], ids=["stopped before", "meanwhile"])
def test_an_answer_that_does_not_come_is_not_waited_for_after_a_stop(
    stop, monkeypatch, script, before
):
    monkeypatch.setattr(deadline, "HURRIED", 0.2)
    if before:
        stop.set()
    with raw(script) as served, client(served, stop) as http:
        threading.Timer(0.3, stop.set).start()
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="asked to stop"):
            http.get("programs")

    assert time.monotonic() - begun < GENEROUS
    assert len(served.heard) == 1


def test_an_answer_that_comes_in_time_is_heard_after_a_stop(stop):
    stop.set()
    with raw(answering(ok(b'{"data": 1}'))) as served, client(served, stop) as http:
        assert http.get("programs") == {"data": 1}


def test_what_a_write_did_is_waited_for_after_a_stop(stop, monkeypatch):
    """Given up, it would be uncertain, and perhaps wait for a person."""
    monkeypatch.setattr(deadline, "HURRIED", 0.1)
    monkeypatch.setattr(deadline, "LOOK", 0.05)

    def slow(served, connection):
        served.request(connection)
        served.over.wait(1)
        connection.sendall(ok(b'{"data": 1}'))

    stop.set()
    with raw(slow) as served, client(served, stop) as http:
        assert http.post("partners", {}) == {"data": 1}
