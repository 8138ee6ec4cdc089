"""Something in between: passes requests on, and may answer otherwise than the product.

A rule is given the method, the path with its query, the status and the body, and
returns another status and body, or None where it leaves the answer alone.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGE = b"<!doctype html><title>Blocked</title><p>Your request was blocked.</p>"
Rule = Callable[[str, str, int, bytes], "tuple[int, bytes] | None"]


Block = Callable[[str, str, bytes], "tuple[int, bytes] | None"]
"""Answers a request, by method, path and body, which then goes no further."""


class Spoiler(ThreadingHTTPServer):
    """A server on loopback in front of another one."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(behind).netloc
        self.rules: list[Rule] = []
        self.blocks: list[Block] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spoil_rows(self, path: str, edit: Callable[[dict], object]) -> None:
        """Let ``edit`` change each row of the listing of a path, in place or anew.

        What it returns takes the row's place: bytes as they are, None for the row.
        """

        def rule(method, asked, status, body):
            if method != "GET" or urlsplit(asked).path != path or status != 200:
                return None
            page = json.loads(body)
            nested = isinstance(page["data"], dict)
            rows = page["data"]["data"] if nested else page["data"]
            texts = []
            for row in rows:
                new = edit(row)
                whole = row if new is None else new
                texts.append(
                    whole if isinstance(whole, bytes) else json.dumps(whole).encode()
                )
            mark = "-the-rows-go-here-"
            page["data"] = {"data": mark} if nested else mark
            return status, json.dumps(page).encode().replace(
                f'"{mark}"'.encode(), b"[" + b",".join(texts) + b"]"
            )

        self.rules.append(rule)

    def spoil_single(self, path: str, edit: Callable[[dict], object]) -> None:
        """Let ``edit`` change the record of every single answer below a path."""

        def rule(method, asked, status, body):
            below = urlsplit(asked).path.startswith(f"{path}/")
            if method != "GET" or not below or status != 200:
                return None
            whole = json.loads(body)
            edit(whole["data"])
            return status, json.dumps(whole).encode()

        self.rules.append(rule)

    def answer(self, path: str, status: int, body: object, method: str = "GET") -> None:
        """Answer a path, and what is asked of it, with this instead."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.blocks.append(
            lambda how, asked, _body: (
                (status, content)
                if how == method and urlsplit(asked).path == path
                else None
            )
        )

    def clear(self) -> None:
        self.rules.clear()
        self.blocks.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Spoiler

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        sent = self.rfile.read(length) if length else None
        self.server.asked.append(f"{self.command} {self.path}")
        for block in self.server.blocks:
            if found := block(self.command, self.path, sent or b""):
                self._send(*found, {})
                return
        kept = {k: v for k, v in self.headers.items() if k.lower() != "host"}
        behind = http.client.HTTPConnection(self.server.behind, timeout=30)
        behind.request(self.command, self.path, sent, kept)
        answer = behind.getresponse()
        status, body = answer.status, answer.read()
        behind.close()
        for rule in self.server.rules:
            if found := rule(self.command, self.path, status, body):
                status, body = found
        self._send(status, body, {"date": answer.headers.get("date", "")})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        page = body.lstrip()[:1] == b"<"
        self.send_header("content-type", "text/html" if page else "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815 (names of the library)


@contextmanager
def spoiling(behind: str) -> Iterator[Spoiler]:
    """Run one in front of an address until the end."""
    server = Spoiler(behind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
