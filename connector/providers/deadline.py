"""A network for httpcore on which a request has one deadline, whatever it waits for.

Each read, write, connection and handshake gets the time that is left to the request
of this thread, and no more: an answer that drips a byte a second ends with it too.
"""

import errno
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from connector.engine.causes.requests import Hindered

PIECE = 4096
"""Bytes that are sent at once: the time that is left is looked at between them."""


LOOK = 1.0
"""Seconds after which a wait looks whether the program was asked to stop."""
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
HURRIED = 5.0
"""Seconds that a request still has then, if it may be given up at all."""


class Hindrance(httpcore.ConnectError):
    """No connection, with what stood in its way.

    ``host`` is whom it was meant for: the proxy, where there is one.
    """

    def __init__(self, why: Hindered, host: str, detail: str = "") -> None:
        super().__init__(detail)
        self.why, self.host, self.detail = why, host, detail


def hindrance(error: Exception, host: str) -> Hindrance:
    """Return what an error of the network says, as one of few kinds."""
    if isinstance(error, httpcore.ConnectTimeout):
        return Hindrance("slow", host)
    own = error.__cause__ or error.__context__
    if isinstance(own, ssl.SSLCertVerificationError):
        return Hindrance("tls", host, own.verify_message)
    if isinstance(own, ssl.SSLError):
        return Hindrance("tls", host, (own.reason or "").replace("_", " ").lower())
    if isinstance(own, ConnectionRefusedError):
        return Hindrance("refused", host)
    if isinstance(own, OSError) and own.errno in _NO_WAY:
        return Hindrance("network", host, os.strerror(own.errno))
    return Hindrance("", host, str(error))


class Deadline:
    """How long the request of each thread may still take."""

    def __init__(self) -> None:
        self._of = threading.local()

    def begin(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Start anew; after ``stop``, if there is one, little is waited for."""
        self._of.end = time.monotonic() + seconds
        self._of.stop, self._of.hurried = stop, False

    @property
    def is_hurried(self) -> bool:
        """Say whether the time of this thread's request was cut short by a stop."""
        return bool(getattr(self._of, "hurried", False))

    def left(self, error: type[Exception], most: float | None = None) -> float:
        """Return the seconds that are left, or raise ``error``."""
        stop: threading.Event | None = getattr(self._of, "stop", None)
        if stop is not None and stop.is_set() and not self._of.hurried:
            self._of.end = min(self._of.end, time.monotonic() + HURRIED)
            self._of.hurried = True
        left: float = getattr(self._of, "end", 0.0) - time.monotonic()
        if left <= 0:
            raise error("the time of the request is over")
        return left if most is None else min(left, most)


class Stream(httpcore.NetworkStream):
    """A connection that looks at the deadline before it waits."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        self.answered = True
        """Says whether anything was read since the last bytes were sent."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(httpcore.ReadTimeout, timeout)
        self.answered = True
        until = time.monotonic() + left
        while True:
            try:
                return self._inner.read(max_bytes, min(left, LOOK))
            except httpcore.ReadTimeout:
                most = until - time.monotonic()
                if most <= 0:
                    raise
                left = self._deadline.left(httpcore.ReadTimeout, most)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.answered = False
        for begin in range(0, len(buffer), PIECE):
            left = self._deadline.left(httpcore.WriteTimeout, timeout)
            self._inner.write(buffer[begin : begin + PIECE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            left = self._deadline.left(httpcore.ConnectTimeout, timeout)
            inner = self._inner.start_tls(ssl_context, server_hostname, left)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise hindrance(error, server_hostname or "") from None
        return Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Network(httpcore.NetworkBackend):
    """Connections that keep to a deadline, the resolving of names included."""

    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failed = Hindrance("host_unknown", host, "the name has no address")
        for address in self._addresses(host, port, timeout):
            try:
                left = self._deadline.left(httpcore.ConnectTimeout, timeout)
                inner = self._inner.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = hindrance(error, f"{host}:{port}")
            else:
                return Stream(inner, self._deadline)
        raise failed

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, self._deadline.left(httpcore.ConnectTimeout)))

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Return where a host may be; a resolver that never answers is not awaited."""
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()
        asking = threading.Thread(
            target=_resolve, args=(host, port, answers), name="resolve", daemon=True
        )
        asking.start()
        try:
            left = self._deadline.left(httpcore.ConnectTimeout, timeout)
            resolved = answers.get(timeout=left)
        except queue.Empty:
            why = "nothing answered in time"
            raise Hindrance("host_unknown", host, why) from None
        except httpcore.ConnectTimeout:
            raise Hindrance("slow", host) from None
        if isinstance(resolved, Exception):
            told = getattr(resolved, "strerror", None) or str(resolved)
            raise Hindrance("host_unknown", host, told) from None
        return resolved


def _resolve(
    host: str, port: int, answers: "queue.SimpleQueue[list[str] | Exception]"
) -> None:
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error)
    else:
        answers.put(list(dict.fromkeys(str(info[4][0]) for info in infos)))
