"""One HTTP client for both products: the only module that knows httpx.

It authenticates, keeps the pace, limits time and size of an answer, follows no
redirect, retries by kind of request, and turns every failure into one of our
errors. ``ReadOnly`` can send GET and nothing else; what writes is in writing.py.
A GET is repeated on transport errors, 408, 429, 5xx and on answers that are no
JSON; a write only when it surely did not arrive or got 429.
"""

import json
import re
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import stamina

from connector.errors import (
    Misconfigured,
    Rejected,
    SyncError,
    Throttled,
    Unauthorised,
    Unavailable,
    Uncertain,
    Unreachable,
)
from connector.providers.leaving import Watch
from connector.providers.pace import Pace, Unhurried
from mappings.answers import is_own
from mappings.canonical import mask
from mappings.tolerant_json import parse
from mappings.wire import Json

LARGEST_ANSWER = 128 * 1024 * 1024
LONGEST_PAUSE = 300.0
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_EMAIL = re.compile(r"[^\s@<>\"',;:]+@[^\s@<>\"',;:]+")
_BEARER = re.compile(r"(?i)bearer\s+\S+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

stamina.instrumentation.set_on_retry_hooks([])  # ours goes through the log, redacted


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take, how often it is repeated, in seconds."""

    deadline: float = 60.0
    attempts: int = 5
    first_pause: float = 0.5
    longest_backoff: float = 20.0


@dataclass(frozen=True, slots=True)
class Access:
    """Where a product is and how it is asked; ``key`` never appears in a repr."""

    name: str
    base_url: str
    key: str = field(repr=False)
    pace: Pace = field(default_factory=Unhurried)
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class _Again(Exception):
    """This attempt failed and may be repeated; ``pause`` is what the server asks."""

    error: SyncError
    pause: float | None = None


class ReadOnly:
    """A client that can only look.

    ``stop`` ends the waiting between two attempts, so that a signal need not sit
    out a Retry-After of minutes.
    """

    methods = frozenset({"GET"})

    def __init__(self, access: Access) -> None:
        self.access = access
        self.stop = threading.Event()
        self.host = urlsplit(access.base_url).hostname or ""
        self.requests = 0
        self.server_date: str | None = None
        self.retired: str | None = None
        self.limit = ""
        self._client = httpx.Client(
            base_url=access.base_url,
            headers={
                "Authorization": f"Bearer {access.key}",
                "Accept": "application/json",
                "User-Agent": "partnero-tolt",
            },
            timeout=httpx.Timeout(30.0, connect=10.0),
            follow_redirects=False,
            # On loopback there is no TLS, and loading the certificates takes longest.
            verify=access.base_url.startswith("https:"),
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Json:
        """Return the JSON of a GET; Rejected, Unavailable, Unauthorised."""
        return self._repeated("GET", path, params=params, body=None)

    def get_or_none(
        self, path: str, params: Mapping[str, str | int] | None = None
    ) -> Json | None:
        """Return the JSON of a GET, or None where there may be no such path at all.

        That a record is absent is another question: see ``record`` in reading.py.
        """
        try:
            return self.get(path, params)
        except Rejected as refused:
            if refused.status == 404:
                return None
            raise

    def peek(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        body: Json = None,
    ) -> tuple[int, Mapping[str, str], Json]:
        """Send one request and return status, headers and body as they come."""
        if method not in self.methods:
            raise Misconfigured(f"this client only reads; {method} was not sent")
        self.access.pace.wait()
        self.requests += 1
        try:
            status, headers, content = self._exchange(method, path, params, body)
        except (httpx.HTTPError, TimeoutError) as error:
            shown = _short(repr(error), self.access.key)
            told = f"{self.access.name}: {method} {path}: {shown}"
            raise Unavailable(told) from None
        try:
            return status, headers, parse(content)
        except (ValueError, RecursionError):
            return status, headers, None

    def _repeated(
        self, method: str, path: str, *, params: Mapping[str, Any] | None, body: Json
    ) -> Json:
        patience = self.access.patience
        first: _Again | None = None
        try:
            return self._once(method, path, params, body)
        except _Again as error:
            first = error  # nearly all requests end above, where no retry is set up
        try:
            for attempt in stamina.retry_context(
                on=self._pause_before_next,
                attempts=patience.attempts,
                timeout=None,
                wait_initial=patience.first_pause,
                wait_max=patience.longest_backoff,
                wait_jitter=patience.first_pause,
            ):
                with attempt:
                    if first is not None:
                        failed, first = first, None
                        raise failed
                    return self._once(method, path, params, body)
        except _Again as last:
            raise last.error from None
        raise AssertionError  # pragma: no cover (the loop returns or raises)

    def _once(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Json
    ) -> Json:
        if method not in self.methods:
            raise Misconfigured(f"this client only reads; {method} was not sent")
        what = f"{self.access.name}: {method} {urlsplit(path).path}"
        self.access.pace.wait()
        self._allow(method)
        self.requests += 1
        try:
            status, headers, content = self._exchange(method, path, params, body)
        except _NOT_SENT as error:
            raise _Again(Unreachable(f"{what}: no connection ({error})")) from None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            shown = _short(str(error) or repr(error), self.access.key)
            told = f"{what}: {shown}"
            raise self._broken(method, told) from None
        self.server_date = headers.get("date", self.server_date)
        self.retired = headers.get("sunset", headers.get("deprecation", self.retired))
        self.limit = headers.get("x-ratelimit-limit", self.limit)
        if 200 <= status < 300:
            return self._decoded(method, what, content)
        raise self._classified(method, what, status, headers, content)

    def _allow(self, method: str) -> None:
        """Let a subclass have the last word before a request leaves."""

    def _watch(self, method: str) -> Mapping[str, Watch]:
        """Let a subclass have it once more, on the wire."""
        del method
        return {}

    def _pause_before_next(self, error: Exception) -> bool | float:
        """Say whether to try again; what the server asks for is waited here."""
        if not isinstance(error, _Again) or self.stop.is_set():
            return False
        if error.pause is None:
            return True
        if error.pause > LONGEST_PAUSE or self.stop.wait(error.pause):
            return False
        return 0.0

    def _exchange(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Json
    ) -> tuple[int, Mapping[str, str], bytearray]:
        """Send one request and read the whole answer, within time and size."""
        begun = time.monotonic()
        content, status = bytearray(), None
        try:
            response = self._client.send(
                self._request(method, path, params, body), stream=True
            )
            with closing(response):
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST_ANSWER:
                        told = f"{self.access.name}: the answer is larger than 128 MB"
                        raise Unavailable(told) if method == "GET" else Uncertain(told)
                    if time.monotonic() - begun > self.access.patience.deadline:
                        raise TimeoutError("the answer took too long")
            status = response.status_code
        finally:
            self.access.pace.ended(status)
        return status, response.headers, content

    def _request(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Json
    ) -> httpx.Request:
        """Build a request whose address is put together, and parsed, once."""
        url = f"{self.access.base_url.rstrip('/')}/{path.lstrip('/')}"
        url = f"{url}?{urlencode(params)}" if params else url
        headers = self._client.headers.copy()
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        extensions = {"timeout": self._client.timeout.as_dict(), **self._watch(method)}
        return httpx.Request(
            method, url, headers=headers, content=content, extensions=extensions
        )

    def _decoded(self, method: str, what: str, content: bytearray) -> Json:
        if method != "GET" and not content.strip():
            return {}
        try:
            return parse(content)
        except (ValueError, RecursionError):
            hint = "a web page" if _is_page(content) else "no whole JSON"
            raise self._broken(method, f"{what}: answered with {hint}") from None

    def _broken(self, method: str, message: str) -> Exception:
        """Return the error for an exchange that ended without a usable answer."""
        if method == "GET":
            return _Again(Unavailable(message))
        return Uncertain(message)

    def _classified(
        self,
        method: str,
        what: str,
        status: int,
        headers: Mapping[str, str],
        content: bytearray,
    ) -> Exception:
        message, word = _error_of(content, self.access.key)
        told = f"{what}: {status} {message}".strip()
        body = _json_of(content)
        if status in (401, 403):
            if not is_own(body):
                return _stopped(told, status, content)
            why = "The key was refused; this was not done."
            if status == 403:
                why = "The key is valid but not allowed to do this (its scope or "
                why += "plan); this was not done."
            return Unauthorised(f"{told}. {why}")
        if status == 429:
            return _throttled(told, headers)
        # A 404 is a proof of absence: only the product itself can give it, and it
        # answers in JSON; a web page comes from something in between. Whether a write
        # went through is not said by anything in between either.
        strange = status == 404 and _is_page(content)
        own = isinstance(body, dict)
        strange = strange or (method != "GET" and status >= 400 and not own)
        if status == 408 or status >= 500 or 300 <= status < 400 or strange:
            return self._broken(method, told)
        return Rejected(told, status=status, word=word, body=body)


def _throttled(told: str, headers: Mapping[str, str]) -> _Again:
    pause = retry_after(headers.get("retry-after"), time.time())
    return _Again(Throttled(f"{told}. Too many requests; the next run goes on."), pause)


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After asks for: a number or an HTTP date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError):
        return None


def _stopped(told: str, status: int, content: bytearray) -> Rejected:
    """Return that something in between refuses one request: it says nothing of keys."""
    with_ = "a web page" if _is_page(content) else "no words of the product's own"
    refused = Rejected(
        f"{told}, with {with_}: something in between (a firewall, a proxy) refuses "
        "this request. The key was not refused; whatever else was done stands.",
        status=status,
    )
    refused.foreign = True
    return refused


def _is_page(content: bytearray) -> bool:
    """Say whether an answer is a web page."""
    return content[:100].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _json_of(content: bytearray) -> Json:
    """Return the JSON of an error, or None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _error_of(content: bytearray, key: str) -> tuple[str, str]:
    """Return message and stable code of an error body in any of its shapes."""
    body = _json_of(content)
    if not isinstance(body, dict):
        return "", ""
    inner = body.get("error")
    told = body.get("message")
    if isinstance(inner, dict):
        told, word = inner.get("message", told), inner.get("type", "")
    else:
        told, word = told or inner, body.get("code", "")
    details = body.get("errors")
    shown = f"{told or ''} {_details(details)}".strip()
    word = _short(word, key) if isinstance(word, str) else ""
    return _short(shown, key), word


def _details(errors: Json) -> str:
    if isinstance(errors, dict):
        return "; ".join(f"{name}: {_first(why)}" for name, why in errors.items())
    if isinstance(errors, list):
        named = [one for one in errors if isinstance(one, dict)]
        return "; ".join(f"{one.get('field')}: {one.get('message')}" for one in named)
    return ""


def _first(value: Json) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value)


def _short(text: str, key: str = "") -> str:
    """Make provider text inert and short, without our key and with e-mails masked."""
    text = _BEARER.sub("Bearer ***", text)
    text = text.replace(key, "***") if key else text
    masked = _EMAIL.sub(lambda found: mask(found.group()), text)
    return _CONTROL.sub(" ", masked)[:300]


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_base_url(url: str) -> str | None:
    """Say what is wrong with a base URL, or None: https, or http on loopback."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return f"{url!r} is no web address"
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return f"{url!r} must be https: a key would travel readable"
    return None


def ping(url: str) -> str | None:
    """Call a URL and say what went wrong, or None; the answer is not read."""
    try:
        with httpx.stream("GET", url, timeout=10.0) as answer:
            return None if answer.is_success else f"it answered {answer.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _short(str(error) or repr(error))
