"""What a failed request says: which side, what was asked, how often, and why."""

import socket
import ssl
from contextlib import closing

import httpcore
import pytest
import stamina

from connector.errors import SyncError, Throttled, Unauthorised, Unavailable
from connector.providers.deadline import hindrance
from connector.providers.http import Access, Patience, ReadOnly
from mappings.canonical import Both, Side
from mappings.key_shapes import doubt_of
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

QUICK = Patience(deadline=5, attempts=3, first_pause=0.001, longest_backoff=0.01)
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmVk"


@pytest.fixture
def sandbox():
    with Sandbox() as running, stamina.set_testing(True, attempts=3):
        yield running


def failure(url: str, **more) -> SyncError:
    """Return what a GET of the partners fails by."""
    with closing(ReadOnly(Access("Tolt", url, "k", patience=QUICK, **more))) as client:
        with pytest.raises(SyncError) as failed:
            client.get("/partners", {"limit": 1})
        return failed.value


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_an_answer_that_says_no_names_side_request_and_tries(sandbox):
    sandbox.faults.add(Fault("status", status=503, answer="", count=None))

    failed = failure(f"{sandbox.url}/tolt/v2")

    assert str(failed) == "Tolt answered 503 to GET partners (3 tries)"
    assert failed.reason == "server_error"


def test_what_the_product_adds_stands_behind_it(sandbox):
    answer = {"success": False, "error": {"message": "Down for an hour."}}
    sandbox.faults.add(Fault("status", status=500, answer=answer, count=None))

    failed = failure(f"{sandbox.url}/tolt/v2")

    expected = "Tolt answered 500 to GET partners (3 tries): Down for an hour"
    assert str(failed) == expected


def test_a_connection_that_is_refused_names_the_host(port):
    failed = failure(f"http://127.0.0.1:{port}/v2")

    assert str(failed) == (
        "Tolt: no connection for GET partners (3 tries): "
        f"127.0.0.1:{port} refuses the connection"
    )
    assert failed.reason == "no_connection"


def test_a_host_that_cannot_be_resolved_is_named():
    failed = failure("https://api.tolt.invalid/v2")

    said = "Tolt: no connection for GET partners (3 tries): the host api.tolt.invalid "
    assert str(failed).startswith(said + "cannot be resolved (")
    assert failed.reason == "host_unknown"


def test_what_speaks_no_tls_is_not_trusted(sandbox):
    failed = failure(f"https://127.0.0.1:{sandbox.port}/v2")

    assert "127.0.0.1 cannot be proven to be who it is (TLS)" in str(failed)
    assert failed.reason == "tls"


def test_a_certificate_of_nobody_says_what_is_wrong_with_it():
    wrong = ssl.SSLCertVerificationError(1, "certificate verify failed")
    wrong.verify_message = "self-signed certificate"
    error = httpcore.ConnectError()
    error.__context__ = wrong

    found = hindrance(error, "api.tolt.com")

    assert (found.why, found.detail) == ("tls", "self-signed certificate")


def test_a_proxy_that_is_not_there_is_named(port, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")

    failed = failure("https://api.tolt.com/v2")

    assert f"127.0.0.1:{port} refuses the connection" in str(failed)


def test_an_answer_that_does_not_come_says_how_long_it_was_waited_for(sandbox):
    sandbox.faults.add(Fault("slow", seconds=2, count=None))
    hurried = Patience(deadline=0.2, attempts=1)
    access = Access("Tolt", f"{sandbox.url}/tolt/v2", "k", patience=hurried)

    with closing(ReadOnly(access)) as client, pytest.raises(Unavailable) as failed:
        client.get("/partners")

    assert str(failed.value) == (
        "Tolt gave no answer to GET partners (1 try): "
        "no whole answer within 0.2 seconds"
    )
    assert failed.value.reason == "timeout"


def test_a_pause_that_is_too_long_is_told(sandbox):
    fault = Fault("status", status=429, retry_after="3600", answer="", count=None)
    sandbox.faults.add(fault)

    failed = failure(f"{sandbox.url}/tolt/v2")

    assert isinstance(failed, Throttled)
    said = "Tolt answered 429 to GET partners (1 try)"
    assert str(failed).startswith(said)
    assert "a pause of 3600 seconds" in str(failed)
    assert failed.reason == "throttled"


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [(401, "was refused (from ", "key_refused"), (403, "(from ", "key_not_allowed")],
)
def test_a_refused_key_is_named_by_its_place(sandbox, status, said, reason):
    sandbox.faults.add(Fault("status", status=status, count=None))

    failed = failure(
        f"{sandbox.url}/tolt/v2",
        key_place="the environment variable TOLT_API_KEY",
        doubt="swapped",
    )

    assert isinstance(failed, Unauthorised)
    assert f"{said}the environment variable TOLT_API_KEY)" in str(failed)
    assert "The two keys look swapped" in str(failed)
    assert failed.reason == reason


@pytest.mark.parametrize(
    ("partnero", "tolt", "side", "expected"),
    [
        ("tlt_live_a", JWT, Side.TOLT, "swapped"),
        ("tlt_live_a", "something", Side.PARTNERO, "swapped"),
        ("something", JWT, Side.TOLT, "swapped"),
        (JWT, "tlt_live_a", Side.TOLT, "fitting"),
        ("tlt_live_a", "tlt_live_b", Side.PARTNERO, "foreign"),
        ("tlt_live_a", "tlt_live_b", Side.TOLT, "unknown"),
        (JWT, JWT, Side.TOLT, "same"),
        ("something", "else", Side.TOLT, "unknown"),
    ],
)
def test_the_shapes_of_two_keys_tell_whether_they_are_swapped(
    partnero, tolt, side, expected
):
    assert doubt_of(Both(partnero, tolt), side) == expected
