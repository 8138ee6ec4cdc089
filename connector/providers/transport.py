"""One exchange over HTTP, whole and in time: the only module that knows httpx.

No redirect is followed, no ``.netrc`` is read, and certificates are always checked:
without TLS there is loopback alone. Everything that can go wrong is one of three
words: not sent, broken, too large.
"""

import os
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import httpcore

from connector.engine.causes.requests import Hindered
from connector.errors import Misconfigured
from connector.providers.deadline import Deadline, Hindrance, Network, Stream
from connector.providers.httpx_alone import httpx
from connector.providers.leaving import Watch
from connector.providers.proxies import SOCKS, Proxy, proxy_of
from connector.providers.unpacking import Body, Untrusted, packed

LARGEST_ANSWER = 128 * 1024 * 1024
MOST_HEADERS = 200
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0")
PAUSE, CONNECTING = 30.0, 10.0
"""Seconds that one wait may take; all of them together have the deadline."""
CONNECTIONS = 100
KEPT = 5.0
"""Seconds that a connection is kept for the next request."""
STOPPED = "the program was asked to stop, and did not wait for the answer"
_NOT_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
)


class NotSent(Exception):
    """There was no connection, so surely nothing arrived.

    ``why`` is one of few kinds, ``host`` whom it was meant for, where that is known.
    """

    def __init__(self, text: str, why: Hindered = "", host: str = "") -> None:
        super().__init__(text)
        self.why, self.host = why, host


class Broken(Exception):
    """It may have arrived; there is no answer that can be trusted."""


class Late(Broken):
    """There is no whole answer after all the time that it had."""


class TooLarge(Broken):
    """The answer is larger than any that is meant."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``query`` is escaped already, and follows ``url``.

    ``watch`` is what hears of each step on the wire, and may end it by raising.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    watch: Mapping[str, Watch] = field(default_factory=dict, repr=False)
    query: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, headers by names in small letters, the unpacked body."""

    status: int
    headers: Mapping[str, str]
    content: bytearray


class Line:
    """The connections to one address."""

    def __init__(self, url: str, deadline: float) -> None:
        self.proxy = proxy_of(url)
        self._seconds = deadline
        self._deadline = Deadline()
        secure = url.lower().startswith("https:")
        # On loopback there is no TLS, and loading the certificates takes longest.
        certificates = _certificates() if secure else None
        self._pool = _pool(self.proxy, certificates, Network(self._deadline))

    def close(self) -> None:
        self._pool.close()

    def exchange(
        self,
        request: Request,
        *,
        whole: bool = True,
        stop: threading.Event | None = None,
    ) -> Answer:
        """Send one request and return the whole answer; NotSent, Broken, TooLarge.

        After ``stop`` its answer is waited for no longer than a few seconds.
        """
        self._deadline.begin(self._seconds, stop)
        try:
            return self._answer(_built(request), whole=whole)
        except Hindrance as error:
            raise NotSent(error.detail, error.why, error.host) from None
        except httpcore.ProxyError as error:
            place = self.proxy.place if self.proxy else ""
            raise NotSent(str(error), "proxy", place) from None
        except _NOT_SENT as error:
            raise NotSent(str(error)) from None
        except httpcore.TimeoutException:
            text = f"no whole answer within {self._seconds:g} seconds"
            raise Late(STOPPED if self._deadline.is_hurried else text) from None
        except httpcore.ProtocolError as error:
            raise Broken(_words(error)) from None
        except (httpcore.NetworkError, Untrusted) as error:
            raise Broken(str(error) or type(error).__name__) from None
        except (ValueError, OverflowError, OSError) as error:
            text = f"the answer is no proper HTTP ({type(error).__name__})"
            raise Broken(text) from None

    def _answer(self, request: httpcore.Request, *, whole: bool) -> Answer:
        response = self._pool.handle_request(request)
        try:
            stream = response.extensions.get("network_stream")
            if isinstance(stream, Stream) and not stream.answered:
                raise Untrusted("the answer was there before the request")
            if response.extensions.get("http_version", VERSIONS[0]) not in VERSIONS:
                raise Untrusted("the answer is of no version of HTTP known here")
            if len(response.headers) > MOST_HEADERS:
                raise Untrusted(f"the answer has more than {MOST_HEADERS} headers")
            headers = _told(response.headers)
            content = self._content(response, headers) if whole else bytearray()
            return Answer(response.status, headers, content)
        finally:
            response.close()

    def _content(
        self, response: httpcore.Response, headers: Mapping[str, str]
    ) -> bytearray:
        """Read a body, bounded by time and by size, packed and unpacked."""
        body = Body(gzip=packed(headers.get("content-encoding", "")))
        content, received = bytearray(), 0
        for chunk in response.iter_stream():
            received += len(chunk)
            for piece in body.fed(chunk):
                content += piece
                self._deadline.left(httpcore.ReadTimeout)
                if max(len(content), received) > LARGEST_ANSWER:
                    raise TooLarge("the answer is larger than 128 MB")
        content += body.rest()
        return content


def _built(request: Request) -> httpcore.Request:
    """Return a request as it goes onto the wire."""
    try:
        place = _place(request.url)
        headers = [(b"Host", place.header), *_encoded(request.headers)]
    except (httpx.InvalidURL, ValueError):
        raise NotSent("its address cannot be one of the web") from None
    if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"Content-Length", b"%d" % len(request.body or b"")))
    target = place.target
    if request.query:
        target += b"?" + request.query.encode("ascii")
    waits = {"connect": CONNECTING, "read": PAUSE, "write": PAUSE, "pool": PAUSE}
    return httpcore.Request(
        request.method,
        httpcore.URL(
            scheme=place.scheme, host=place.host, port=place.port, target=target
        ),
        headers=headers,
        content=request.body,
        extensions={"timeout": waits, **request.watch},
    )


class _Place(NamedTuple):
    """An address, taken apart and escaped; ``header`` is what ``Host`` says."""

    scheme: bytes
    host: bytes
    port: int | None
    target: bytes
    header: bytes


@lru_cache(maxsize=64)  # the pages of a listing have one address
def _place(url: str) -> _Place:
    parsed = httpx.URL(url)
    whole = (parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.raw_path)
    return _Place(*whole, parsed.netloc)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [
        (name.encode("ascii"), text.encode("ascii")) for name, text in headers.items()
    ]


def _told(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in small letters; what comes twice is joined."""
    told: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("ascii").lower(), _text(value)
        told[name] = f"{told[name]}, {text}" if name in told else text
    return told


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _words(error: Exception) -> str:
    """Say what is wrong with an answer, without a byte of it."""
    text = str(error)
    if "disconnected" in text or "peer closed" in text:
        return "the connection was closed before the whole answer was there"
    words = text.partition(":")[0].partition("b'")[0].partition("(")[0].strip()
    return f"the answer is no proper HTTP ({words[:60]})"


def _pool(
    proxy: Proxy | None, certificates: ssl.SSLContext | None, network: Network
) -> httpcore.ConnectionPool:
    if proxy is None:
        return httpcore.ConnectionPool(
            certificates,
            max_connections=CONNECTIONS,
            keepalive_expiry=KEPT,
            network_backend=network,
        )
    kind = httpcore.SOCKSProxy if proxy.scheme in SOCKS else httpcore.HTTPProxy
    return kind(
        proxy.place,
        proxy_auth=proxy.auth,
        ssl_context=certificates,
        max_connections=CONNECTIONS,
        keepalive_expiry=KEPT,
        network_backend=network,
    )


def _certificates() -> ssl.SSLContext:
    """Return what certificates are checked by; Misconfigured where it is not there."""
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        named = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.getenv(name)]
        raise Misconfigured(
            f"the certificates of {' or '.join(named) or 'this machine'} cannot be "
            "read, so nobody's identity could be checked. Nothing was sent. Name a "
            f"file of certificates there, or: unset {' '.join(named)}"
        ) from None
