"""A request has one deadline for all of it, and its answer one size."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib

import pytest

from connector.errors import Unavailable, Uncertain, Unreachable
from connector.providers import transport
from connector.providers.http import Access, Patience, ping
from connector.providers.writing import ReadWrite
from tests.providers.raw import answering, ok, once, raw

SOON = Patience(deadline=0.3, attempts=2, first_pause=0.001, longest_backoff=0.01)
CALM = Patience(deadline=30, attempts=2, first_pause=0.001, longest_backoff=0.01)
GENEROUS = 20
"""Seconds: far above what two attempts may take, far below what a drip would."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def client_of(served, patience=SOON):
    return ReadWrite(Access("Tolt", served.url, "key_of_tolt", patience=patience))


def dripping(head, drip=b"", *, reads=True):
    def script(served, connection):
        if reads:
            served.request(connection)
        connection.sendall(head)
        served.drip(connection, drip or b" ")

    return script


def nothing_packed(served, connection):
    """Send gzip that goes on for ever and holds nothing: stored blocks of no bytes."""
    served.request(connection)
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
    connection.sendall(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
    while not served.over.is_set():
        connection.sendall(b"\x00\x00\x00\xff\xff" * 2000)


def interim(served, connection):
    served.request(connection)
    while not served.over.is_set():
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")


DRIPS = {
    "the status line": dripping(b"HTTP/1.1 2", b"0"),
    "the headers": dripping(HEAD, b"X-A: b\r\n"),
    "one header": dripping(HEAD + b"X-A: ", b"b"),
    "the body": dripping(HEAD + b"Content-Length: 100000\r\n\r\n{", b" "),
    "a body without end": dripping(HEAD + b"Connection: close\r\n\r\n{", b" "),
    "the chunks": dripping(CHUNKED, b"1\r\n \r\n"),
    "the extension of a chunk": dripping(CHUNKED + b"1;", b"a"),
    "the trailers": dripping(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-A: b\r\n"),
    "answers that are none yet": interim,
    "answers that are none yet, slowly": dripping(
        b"", b"HTTP/1.1 100 Continue\r\n\r\n"
    ),
    "packed nothing": nothing_packed,
    "nothing at all": dripping(b"", b"\r\n"),
    "an answer before the request is read": dripping(b"HTTP/1.1", b" ", reads=False),
}


@pytest.mark.parametrize("script", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_ends_with_the_deadline(script):
    """A reading is repeated as ever; a write is in doubt, and never sent again."""
    with raw(script) as served:
        client = client_of(served)
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            client.get("promotion-codes")
        reads = client.requests
        with pytest.raises(Uncertain):
            client.post("promotion-codes", {"code": "NEW"})
        taken = time.monotonic() - begun
        client.close()

    assert taken < GENEROUS
    assert reads == SOON.attempts
    assert client.requests == reads + 1


def test_a_server_that_does_not_read_our_body_ends_with_the_deadline():
    def slow(served, connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while not served.over.wait(0.05) and connection.recv(512):
            pass

    with raw(slow) as served:
        client = client_of(served)
        begun = time.monotonic()
        with pytest.raises(Uncertain):
            client.post("promotion-codes", {"note": "x" * 30_000_000})
        taken = time.monotonic() - begun
        client.close()

    assert taken < GENEROUS


def test_a_handshake_that_drips_was_surely_not_sent(monkeypatch):
    with raw(dripping(b"\x16\x03\x03\x40\x00", b"\x02", reads=False)) as served:
        served.url = served.url.replace("http:", "https:")
        client = client_of(served)
        with pytest.raises(Unreachable):
            client.post("promotion-codes", {})
        client.close()

    assert client.requests == SOON.attempts


def test_a_name_that_is_never_resolved_ends_with_the_deadline(monkeypatch):
    over = threading.Event()

    def asleep(*_, **__):
        over.wait(GENEROUS)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", asleep)
    client = ReadWrite(Access("Tolt", "https://tolt.invalid/", "key", patience=SOON))
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        client.post("promotion-codes", {})
    taken = time.monotonic() - begun
    over.set()
    client.close()

    assert taken < GENEROUS


def test_a_heartbeat_ends_with_its_deadline_and_reads_no_body():
    with raw(dripping(HEAD, b"X-A: b\r\n")) as served:
        begun = time.monotonic()
        assert "no whole answer" in (ping(served.url, 0.3) or "")
        assert time.monotonic() - begun < GENEROUS
    with raw(dripping(HEAD + b"Content-Length: 1000000\r\n\r\n")) as served:
        assert ping(served.url, 5) is None


def packed(data, *, wbits=31):
    pack = zlib.compressobj(9, wbits=wbits)
    return pack.compress(data) + pack.flush()


PLAIN = b'{"data": []}'
JUNK = {
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/0.9": PLAIN,
    "a status of words": b"HTTP/1.1 fine OK\r\n\r\n",
    "a status of one figure": b"HTTP/1.1 2 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status 000": b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\n{}",
    "another version": b"HTTP/7.3 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "a switch of protocols": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n"
    b"Connection: Upgrade\r\n\r\n{}",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n{}",
    "a length of words": HEAD + b"Content-Length: two\r\n\r\n{}",
    "a length of many figures": HEAD
    + b"Content-Length: "
    + b"9" * 5000
    + b"\r\n\r\n{}",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a negative chunk": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk of words": CHUNKED + b"two\r\n{}\r\n0\r\n\r\n",
    "a chunk that is longer than it says": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "chunks and something else": HEAD
    + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a header without a name": HEAD + b": x\r\nContent-Length: 2\r\n\r\n{}",
    "a header with a null": HEAD + b"X: \x00\r\nContent-Length: 2\r\n\r\n{}",
    "many headers": ok(PLAIN, *[b"X-%d: y" % n for n in range(300)]),
    "one long header": ok(PLAIN, b"X: " + b"y" * 500_000),
    "half a body": HEAD + b"Content-Length: 200\r\n\r\n{}",
    "deflate": ok(zlib.compress(PLAIN), b"Content-Encoding: deflate"),
    "brotli": ok(PLAIN, b"Content-Encoding: br"),
    "zstd": ok(PLAIN, b"Content-Encoding: zstd"),
    "packed twice": ok(packed(packed(PLAIN)), b"Content-Encoding: gzip, gzip"),
    "packed twice, in two headers": ok(
        packed(packed(PLAIN)), b"Content-Encoding: gzip", b"Content-Encoding: gzip"
    ),
    "no gzip": ok(PLAIN, b"Content-Encoding: gzip"),
    "half a gzip": ok(packed(PLAIN)[:-4], b"Content-Encoding: gzip"),
    "another gzip": ok(packed(PLAIN) + packed(b" "), b"Content-Encoding: gzip"),
    "bytes behind gzip": ok(packed(PLAIN) + b" ", b"Content-Encoding: gzip"),
    "a wrong checksum": ok(packed(PLAIN)[:-8] + b"\0" * 8, b"Content-Encoding: gzip"),
}


@pytest.mark.parametrize("data", JUNK.values(), ids=JUNK)
def test_an_answer_that_is_no_proper_http_is_one_error_in_words(data):
    with raw(once(data)) as served:
        client = client_of(served, CALM)
        with pytest.raises(Unavailable) as read:
            client.get("promotion-codes")
        with pytest.raises(Uncertain) as wrote:
            client.post("promotion-codes", {})
        client.close()

    for told in (str(read.value), str(wrote.value)):
        assert told.startswith("Tolt gave no usable answer to ")
        assert len(told) < 200
        assert "bytearray" not in told
        assert "b'" not in told
    # Fewer are heard where one went into a connection that was just being closed.
    assert sum(one.startswith(b"POST") for one in served.heard) <= 1
    assert len(served.heard) <= CALM.attempts + 1


@pytest.mark.parametrize("word", [b"gzip", b"GZIP", b"x-gzip", b" gzip "])
def test_one_gzip_is_understood(word):
    with raw(once(ok(packed(PLAIN), b"Content-Encoding: " + word))) as served:
        client = client_of(served, CALM)
        assert client.get("promotion-codes") == {"data": []}
        client.close()

    assert b"accept-encoding: gzip\r\n" in served.heard[0].lower()


def test_an_error_without_a_body_may_be_called_packed():
    empty = b"HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"
    with raw(once(empty)) as served:
        client = client_of(served, CALM)
        with pytest.raises(Exception, match="422"):
            client.get("promotion-codes")
        client.close()


def test_what_unpacks_to_more_than_is_meant_takes_no_more_memory(monkeypatch):
    """As small as the packed answer is, as large is what is in it."""
    most = 4 * 1024 * 1024
    monkeypatch.setattr(transport, "LARGEST_ANSWER", most)
    bomb = gzip.compress(b" " * 400_000_000, 1)
    with raw(answering(ok(bomb, b"Content-Encoding: gzip"))) as served:
        client = client_of(served, CALM)
        tracemalloc.start()
        with pytest.raises(Unavailable, match="larger than"):
            client.get("promotion-codes")
        with pytest.raises(Uncertain, match="larger than"):
            client.post("promotion-codes", {})
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        client.close()

    assert peak < 8 * most
    assert client.requests == 2


def test_an_answer_that_was_there_before_the_request_is_not_believed():
    """A second answer behind the first one would be taken for the next one's."""
    planted = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"
    with raw(answering(ok(b"{}") + planted)) as served:
        client = client_of(served, CALM)
        assert client.get("promotion-codes") == {}
        assert client.get_or_none("promotion-codes") == {}
        client.close()


def test_a_connection_that_was_closed_while_idle_makes_no_write_uncertain():
    with raw(once(ok(b"{}"))) as served:
        client = client_of(served, CALM)
        for _ in range(3):
            assert client.post("promotion-codes", {}) == {}
            time.sleep(0.1)
        client.close()

    assert len(served.heard) == 3
