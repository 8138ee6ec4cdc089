"""What each failure of an exchange means: not sent, uncertain, refused, not allowed."""

import json
import socket
import time
from contextlib import closing
from dataclasses import replace

import pytest

from connector.errors import (
    Misconfigured,
    Rejected,
    Throttled,
    Unauthorised,
    Unavailable,
    Uncertain,
    Unreachable,
)
from connector.providers.http import Access, Patience, ReadOnly, retry_after
from connector.providers.writing import ReadWrite
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

QUICK = Patience(deadline=0.3, attempts=3, first_pause=0.001, longest_backoff=0.01)
BODY = {"coupon_uuid": "PCT10", "code": "NEW"}


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox):
    key = sandbox.environment["PARTNERO_API_KEY"]
    made = ReadWrite(
        Access("Partnero", sandbox.url + "/partnero/v1/", key, patience=QUICK)
    )
    yield made
    made.close()


@pytest.mark.parametrize(
    ("fault", "reading", "writing"),
    [
        (Fault("status", status=500), Unavailable, Uncertain),
        (Fault("status", status=408), Unavailable, Uncertain),
        (Fault("redirect"), Unavailable, Uncertain),
        (Fault("html"), Unavailable, Uncertain),
        (Fault("truncated"), Unavailable, Uncertain),
        (Fault("cut"), Unavailable, Uncertain),
        (Fault("slow", seconds=0.6), Unavailable, Uncertain),
        (Fault("lost_after"), Unavailable, Uncertain),
        (Fault("lost_before", reset=True), Unavailable, Uncertain),
        (Fault("status", status=404, answer="<html>Not here"), Unavailable, Uncertain),
        (Fault("status", status=429, retry_after="0"), Throttled, Throttled),
        (Fault("status", status=401), Unauthorised, Unauthorised),
        (Fault("status", status=403), Unauthorised, Unauthorised),
        (Fault("status", status=422), Rejected, Rejected),
        (Fault("status", status=404), Rejected, Rejected),
    ],
    ids=lambda one: f"{one.kind} {one.status}" if isinstance(one, Fault) else "",
)
def test_a_failure_is_told_by_what_may_have_happened(
    sandbox, client, fault, reading, writing
):
    fault.count = None
    sandbox.faults.add(fault)

    with pytest.raises(reading):
        client.get("promotion-codes")
    reads = len(sandbox.requests)
    with pytest.raises(writing):
        client.post("promotion-codes", BODY)

    again = reading in (Unavailable, Throttled)
    assert reads == (QUICK.attempts if again else 1)
    writes = len(sandbox.requests.writes)
    assert writes == (QUICK.attempts if writing is Throttled else 1)


def test_a_connection_that_was_never_made_is_surely_not_sent():
    """E5: refused, so a write may be repeated."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = ReadWrite(Access("Tolt", f"http://127.0.0.1:{port}/", "k", patience=QUICK))

    with pytest.raises(Unreachable):
        client.post("promotion-codes", {})

    assert client.requests == QUICK.attempts
    client.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_retry_after_is_read_in_every_form(value, seconds):
    assert retry_after(value, now=1000.0) == seconds


def test_half_a_character_is_no_answer(sandbox, client):
    """It could neither be stored nor sent back; a whole one in two halves can."""
    whole = json.dumps({"data": {"code": "\N{PARTY POPPER}"}})
    sandbox.faults.add(Fault("status", status=200, answer=whole))
    assert client.get("test") == {"data": {"code": "\N{PARTY POPPER}"}}
    sandbox.faults.add(
        Fault("status", status=200, answer='{"a": "\\ud83d"}', count=None)
    )

    with pytest.raises(Unavailable, match="no whole JSON"):
        client.get("test")


def test_an_answer_without_end_is_refused(sandbox, client, monkeypatch):
    sandbox.faults.add(Fault("huge", size=129 * 1024 * 1024, gzip=True, count=None))

    with pytest.raises((Unavailable, Uncertain)):
        client.get("promotion-codes")

    sandbox.faults.clear()
    with closing(ReadOnly(replace(client.access, patience=Patience()))) as patient:
        assert patient.get("test")


def test_a_client_that_only_reads_has_no_way_to_write(sandbox):
    client = ReadOnly(Access("Tolt", sandbox.url + "/tolt/v2/", "k", patience=QUICK))

    assert not hasattr(client, "post")
    with pytest.raises(Misconfigured):
        client._repeated("DELETE", "promotion-codes", params=None, body=None)
    assert len(sandbox.requests) == 0
    client.close()


def test_waiting_ends_when_it_is_asked_to(sandbox, client):
    sandbox.faults.add(Fault("status", status=429, retry_after="100", count=None))
    client.stop.set()
    begun = time.monotonic()

    with pytest.raises(Throttled):
        client.get("test")

    assert time.monotonic() - begun < 1
    assert len(sandbox.requests) == 1
