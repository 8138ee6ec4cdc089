"""What the three APIs share: calls, replies, refusals, routes and exact JSON.

A handler is a plain function from `Call` to `Reply`; a refusal is an exception that
each API words in its own envelope.
"""

import json
import math
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote

from starlette.datastructures import QueryParams
from starlette.routing import compile_path

from connector.sandbox.fields import Bad, Form
from connector.sandbox.switches import Switches
from connector.sandbox.world import World

OwnerT = TypeVar("OwnerT")


class Recorded(Protocol):
    """A sale, which a list may show only some time after it was recorded."""

    recorded_at: datetime


RecordedT = TypeVar("RecordedT", bound=Recorded)


@dataclass(slots=True)
class Reply:
    """A status and a body, on the wire in bytes; `lost` drops the connection."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


@dataclass(slots=True)
class Later:
    """The rest of a handler, to be run after a pause without the lock."""

    seconds: float
    then: Callable[[], Reply]


@dataclass(slots=True)
class Call(Generic[OwnerT]):
    """One authenticated request; no body, or one that is no map, has no fields."""

    owner: OwnerT
    world: World
    switches: Switches
    now: datetime
    url: str
    path: dict[str, str]
    query: QueryParams
    fields: dict[str, Any]
    old: bool  # Tolt v1

    def seen(self, rows: Iterable[RecordedT], lag: float) -> list[RecordedT]:
        """The rows that are old enough to be read."""
        latest = self.now - timedelta(seconds=lag)
        return [row for row in rows if not lag or row.recorded_at <= latest]


Handler: TypeAlias = Callable[[Call[OwnerT]], Reply | Later]


@dataclass(eq=False)
class Refused(Exception):
    """The API says no: status, stable code, text, and the fields at fault."""

    status: int
    code: str
    message: str
    fields: Bad = field(default_factory=list)


def no_route(status: int = 404) -> Refused:
    """No such path, or none with this method."""
    if status == 405:
        return Refused(405, "method", "The method is not supported for this route.")
    return Refused(404, "not_found", "The route is not found.")


@dataclass(frozen=True, slots=True)
class Route(Generic[OwnerT]):
    """One endpoint, what answers it, and the fields that it reads."""

    method: str
    path: str
    handler: Handler[OwnerT]
    form: Form | None = None


class Api(ABC, Generic[OwnerT]):
    """What differs between the three APIs."""

    product = ""  # begins the names of its switches
    old = False
    wrong_method = 404  # a path that is known, and not by this method
    max_body: int | None = None

    def __init__(self, mount: str, routes: list[Route[OwnerT]]) -> None:
        self.mount, self.routes = mount, routes
        self._patterns = [
            (compile_path(mount + route.path)[0], route) for route in routes
        ]

    @abstractmethod
    def owners(self, world: World) -> dict[str, OwnerT]:
        """The programmes by their keys."""

    @abstractmethod
    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        """The body and status of a refusal."""

    @abstractmethod
    def headers(self, switches: Switches, left: int, wait: float) -> dict[str, str]:
        """What every answer says; `left` is -1 when the limit has been passed."""

    @abstractmethod
    def plain(self, switches: Switches, value: Any) -> str:
        """The JSON form of a date or time."""

    def find(self, method: str, path: str) -> tuple[Handler[OwnerT], dict[str, str]]:
        known = False
        for pattern, route in self._patterns:
            if not (match := pattern.match(path)):
                continue
            if route.method == method:
                parts = match.groupdict().items()
                return route.handler, {name: unquote(text) for name, text in parts}
            known = True
        raise no_route(self.wrong_method if known else 404)

    def number(self, switches: Switches, value: Decimal) -> Any:
        """The JSON form of an amount."""
        whole = value.to_integral_value()
        small = value == whole and abs(whole) < 10**15
        return int(whole) if small else float(value)

    def render(self, switches: Switches, body: Any) -> bytes:
        def default(value: Any) -> Any:
            exact = isinstance(value, Decimal)
            return (self.number if exact else self.plain)(switches, value)

        return json.dumps(body, ensure_ascii=False, default=default).encode()

    def parse(self, raw: bytes) -> dict[str, Any]:
        """The fields of a body, without ever passing through a binary float."""
        if self.max_body is not None and len(raw) > self.max_body:
            raise Refused(413, "payload_too_large", "The body is larger than 1 MB.")
        try:
            body = json.loads(
                raw.decode() if raw.strip() else "{}",
                parse_float=Decimal,
                parse_constant=_no_constant,
            )
            # Lone surrogates decode, but nothing could ever be stored or sent back.
            json.dumps(body, ensure_ascii=False, default=str).encode()
        except (ValueError, RecursionError):
            raise Refused(400, "bad_request", "The body is not valid JSON.") from None
        return body if isinstance(body, dict) else {}


def _no_constant(name: str) -> Any:
    raise ValueError(name)


@dataclass(slots=True)
class Limiter:
    """A true sliding window for each key."""

    hits: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, key: str, limit: int, window: float) -> tuple[int, float]:
        """What is left of the window, or -1 and the seconds to wait."""
        now = time.monotonic()
        hits = self.hits.setdefault(key, deque())
        while hits and hits[0] <= now - window:
            hits.popleft()
        if len(hits) >= limit:
            return -1, hits[len(hits) - limit] + window - now
        hits.append(now)
        return limit - len(hits), 0.0


def retry_after(wait: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait)))}
