"""A server of bare sockets on loopback, for answers that no HTTP library would send."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

PATIENCE = 60
"""Seconds after which a script gives up, whatever the test does."""


class Raw:
    """Serves each connection by the next script, the last one again and again."""

    def __init__(self, *scripts, context=None):
        self.scripts = scripts
        self.context = context
        self.over = threading.Event()
        self.heard = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1/"
        self._threads = []
        self._start(self._accept)

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                last = len(self.scripts) - 1
                script = self.scripts[min(len(self._threads) - 1, last)]
                self._start(self._serve, script, connection)

    def _serve(self, script, connection):
        connection.settimeout(PATIENCE)
        with suppress(OSError), connection:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                script(self, connection)

    def request(self, connection):
        """Read one request: its head, and as much of a body as it announces."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                raise OSError
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += connection.recv(65536)
        self.heard.append(head + b"\r\n\r\n" + body)

    def drip(self, connection, data, pause=0.02):
        """Send a byte at a time, without end: when all is sent, from the beginning."""
        end = time.monotonic() + PATIENCE
        while not self.over.is_set() and time.monotonic() < end:
            for byte in data:
                connection.sendall(bytes([byte]))
                if self.over.wait(pause):
                    return

    def close(self):
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)


@contextmanager
def raw(*scripts, context=None):
    served = Raw(*scripts, context=context)
    try:
        yield served
    finally:
        served.close()


def answering(data):
    """Return a script that answers each request of a connection with these bytes."""

    def script(served, connection):
        while True:
            served.request(connection)
            connection.sendall(data)

    return script


def once(data):
    """Return a script that answers one request and closes."""

    def script(served, connection):
        served.request(connection)
        connection.sendall(data)

    return script


def ok(body, *headers):
    head = [b"HTTP/1.1 200 OK", b"Content-Type: application/json", *headers]
    head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body
