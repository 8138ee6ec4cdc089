"""One HTTP client for both products.

It authenticates, keeps the pace, retries by kind of request, and turns every failure
into one of our errors; time and size of an answer are limited in transport.py.
``ReadOnly`` can send GET and nothing else; what writes is in writing.py. A GET is
repeated on transport errors, 408, 429, 5xx and on answers that are no JSON; a write
only when it surely did not arrive or got 429.
"""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

import stamina

from connector.engine.causes.requests import (
    Answered,
    AskedToWait,
    KeyRefused,
    NoAnswer,
    NoConnection,
    RequestFailed,
    Sent,
    StoppedBetween,
    UnusableAnswer,
)
from connector.errors import (
    Misconfigured,
    Rejected,
    Throttled,
    Unauthorised,
    Unavailable,
    Uncertain,
    Unreachable,
)
from connector.providers.error_words import error_of, json_of, short
from connector.providers.failures import Again, broken, decoded, failed, is_page
from connector.providers.header_values import http_date, retry_after, told_header
from connector.providers.leaving import Watch
from connector.providers.pace import Pace, Unhurried
from connector.providers.pausing import backoffs
from connector.providers.transport import (
    Broken,
    Late,
    Line,
    NotSent,
    Request,
    TooLarge,
)
from connector.providers.web_addresses import check_base_url, is_loopback
from connector.reports.messages.say import message
from mappings.answers import is_own
from mappings.key_shapes import Doubt
from mappings.masking import hide
from mappings.tolerant_json import parse
from mappings.wire import Json

__all__ = ["check_base_url", "is_loopback", "retry_after"]
Read = Callable[[bytearray], Json]
"""Makes JSON of an answer; ValueError where it is none."""
LONGEST_PAUSE = 300.0
AGENT = "partnero-tolt"

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
    """Where a product is and how it is asked; ``key`` never appears in a repr.

    ``key_place`` is where the configuration has the key from, ``doubt`` what its shape
    says of it: both are told where it is refused.
    """

    name: str
    base_url: str
    key: str = field(repr=False)
    pace: Pace = field(default_factory=Unhurried)
    patience: Patience = field(default_factory=Patience)
    stop: threading.Event = field(default_factory=threading.Event, repr=False)
    key_place: str = ""
    doubt: Doubt = "unknown"


class ReadOnly:
    """A client that can only look.

    ``stop`` ends the waiting between two attempts, so that a signal need not sit
    out a Retry-After of minutes.
    """

    methods = frozenset({"GET"})

    def __init__(self, access: Access) -> None:
        self.access = access
        self.stop = access.stop
        self.host = urlsplit(access.base_url).hostname or ""
        self.requests = 0
        self.server_date: str | None = None
        self.retired: str | None = None
        self.limit = ""
        hide(access.key)
        self._line = Line(access.base_url, access.patience.deadline)

    def close(self) -> None:
        self._line.close()
        self.access.pace.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        read: Read = parse,
    ) -> Json:
        """Return the JSON of a GET; Rejected, Unavailable, Unauthorised."""
        return self._repeated("GET", path, params=params, body=None, read=read)

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
        except (NotSent, Broken) as error:
            cause = self._unanswered(self._sent(method, path, 1), error)
            raise failed(Unavailable, cause) from None
        try:
            return status, headers, parse(content)
        except (ValueError, RecursionError):
            return status, headers, None

    def _repeated(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: Json,
        read: Read = parse,
    ) -> Json:
        patience = self.access.patience
        first: Again | None = None
        try:
            return self._once(method, path, params, body, read, tries=1)
        except Again as error:
            first = error  # nearly all requests end above, where no retry is set up
        longest = 0.0 if stamina.is_testing() else patience.longest_backoff
        pauses = backoffs(patience.attempts, patience.first_pause, longest)
        try:
            # The pauses are our own: stamina's would sleep through a stop.
            for attempt in stamina.retry_context(
                on=lambda error: self._pause_before_next(error, pauses),
                attempts=patience.attempts,
                timeout=None,
                wait_initial=0,
                wait_jitter=0,
            ):
                with attempt:
                    if first is not None:
                        before, first = first, None
                        raise before
                    tries = attempt.num
                    return self._once(method, path, params, body, read, tries=tries)
        except Again as last:
            raise last.error from None
        raise AssertionError  # pragma: no cover (the loop returns or raises)

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Json,
        read: Read,
        *,
        tries: int,
    ) -> Json:
        if method not in self.methods:
            raise Misconfigured(f"this client only reads; {method} was not sent")
        sent = self._sent(method, path, tries)
        self.access.pace.wait()
        self._allow(method)
        self.requests += 1
        try:
            status, headers, content = self._exchange(method, path, params, body)
        except NotSent as error:
            raise Again(failed(Unreachable, self._unanswered(sent, error))) from None
        except TooLarge as error:
            kind = Unavailable if method == "GET" else Uncertain
            raise failed(kind, self._unanswered(sent, error)) from None
        except Broken as error:
            raise broken(self._unanswered(sent, error)) from None
        self._note(headers)
        if 200 <= status < 300:
            return decoded(sent, content, read)
        raise self._classified(sent, status, headers, content)

    def _sent(self, method: str, path: str, tries: int) -> Sent:
        shown = short(urlsplit(path).path.strip("/"), self.access.key)
        return Sent(self.access.name, method, shown, tries)

    def _unanswered(self, sent: Sent, error: NotSent | Broken) -> RequestFailed:
        """Return why there is no answer, or none that can be used."""
        detail = short(str(error), self.access.key)
        if isinstance(error, NotSent):
            return NoConnection(sent, error.why, short(error.host), detail)
        if isinstance(error, Late):
            return NoAnswer(sent, detail)
        return UnusableAnswer(sent, detail)

    def _allow(self, method: str) -> None:
        """Let a subclass have the last word before a request leaves."""

    def _watch(self, method: str) -> Mapping[str, Watch]:
        """Let a subclass have it once more, on the wire."""
        del method
        return {}

    def _pause_before_next(
        self, error: Exception, pauses: Iterator[float]
    ) -> bool | float:
        """Say whether to try again, after the pause: what the server asks for, or ours.

        After the last attempt, and after a stop, nothing is waited for.
        """
        if not isinstance(error, Again) or (own := next(pauses, None)) is None:
            return False
        pause = own if error.pause is None else error.pause
        if pause > LONGEST_PAUSE or self.stop.wait(pause):
            return False
        return 0.0

    def _note(self, headers: Mapping[str, str]) -> None:
        """Keep what the headers of any answer say beside it."""
        self.server_date = http_date(headers.get("date")) or self.server_date
        ends = headers.get("sunset", headers.get("deprecation"))
        self.retired = told_header(ends) or self.retired
        self.limit = told_header(headers.get("x-ratelimit-limit")) or self.limit

    def _exchange(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Json
    ) -> tuple[int, Mapping[str, str], bytearray]:
        """Send one request and read the whole answer, within time and size."""
        status = None
        try:
            # What may have changed something is waited for; a look can be given up.
            stop = self.stop if method == "GET" else None
            request = self._request(method, path, params, body)
            answer = self._line.exchange(request, stop=stop)
            status = answer.status
        finally:
            self.access.pace.ended(status)
        return status, answer.headers, answer.content

    def _request(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Json
    ) -> Request:
        url = f"{self.access.base_url.rstrip('/')}/{path.lstrip('/')}"
        headers = {
            "Authorization": f"Bearer {self.access.key}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": AGENT,
        }
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        query = urlencode(params or {})
        return Request(method, url, headers, content, self._watch(method), query)

    def _classified(
        self,
        sent: Sent,
        status: int,
        headers: Mapping[str, str],
        content: bytearray,
    ) -> Exception:
        told, word = error_of(content, self.access.key)
        body = json_of(content)
        if status in (401, 403):
            return self._not_allowed(sent, status, told, content, own=is_own(body))
        if status == 429:
            pause = retry_after(headers.get("retry-after"), time.time())
            asked = AskedToWait(sent, status, told, pause)
            return Again(failed(Throttled, asked), pause)
        cause = Answered(sent, status, told)
        # A 404 is a proof of absence: only the product itself can give it, and it
        # answers in JSON; a web page comes from something in between. Whether a write
        # went through is not said by anything in between either.
        strange = status == 404 and is_page(content)
        own = isinstance(body, dict)
        strange = strange or (sent.method != "GET" and status >= 400 and not own)
        passing = status in (101, 408) or status >= 500 or 300 <= status < 400
        if passing or strange:
            return broken(cause)
        return Rejected(message((cause,)), status=status, word=word, body=body)

    def _not_allowed(
        self, sent: Sent, status: int, told: str, content: bytearray, *, own: bool
    ) -> Exception:
        """Return who refuses: the product, or something in between.

        What is in between says nothing of keys.
        """
        if own:
            place, doubt = self.access.key_place, self.access.doubt
            cause = KeyRefused(sent, status, told, place, doubt)
            return failed(Unauthorised, cause)
        between = StoppedBetween(sent, status, told, is_page(content))
        refused = Rejected(message((between,)), status=status)
        refused.foreign, refused.reason = True, between.word
        return refused


def ping(url: str, deadline: float = 10.0) -> str | None:
    """Call a URL and say what went wrong, or None; the body is not read."""
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    headers = {"User-Agent": AGENT}
    if user:
        headers["Authorization"] = f"Basic {b64encode(unquote(user).encode()).decode()}"
    bare = urlunsplit(parts._replace(netloc=place, fragment=""))
    try:
        line = Line(bare, deadline)
        try:
            status = line.exchange(Request("GET", bare, headers), whole=False).status
        finally:
            line.close()
    except NotSent as error:
        return short(f"no connection to {error.host} ({error.why or error})")
    except (Broken, Misconfigured) as error:
        return short(str(error))
    return None if 200 <= status < 300 else f"it answered {status}"
