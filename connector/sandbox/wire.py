"""From an HTTP request to a handler and back, the same for all three APIs.

A handler is a plain function from `Call` to `Reply`; a refusal is an exception that
each API words in its own envelope. Handlers run under the world's lock, one at a
time, so an effect is atomic unless a handler hands back a `Later` on purpose.
"""

import asyncio
import hashlib
import json
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import unquote

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import compile_path

from connector.sandbox.fields import Bad, Form
from connector.sandbox.switches import Switches
from connector.sandbox.world import World

OwnerT = TypeVar("OwnerT")


@dataclass(slots=True)
class Reply:
    """A status and a JSON body; `lost` drops the connection instead."""

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
    url: str = ""
    path: dict[str, str] = field(default_factory=dict)
    query: QueryParams = field(default_factory=QueryParams)
    fields: dict[str, Any] = field(default_factory=dict)
    old: bool = False  # Tolt v1


Handler: TypeAlias = Callable[[Call[OwnerT]], Reply | Later]


class Refused(Exception):
    """The API says no: status, stable code, text, and the fields at fault."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Bad | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or []
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Route(Generic[OwnerT]):
    """One endpoint: what answers it, and what its description says."""

    method: str
    path: str
    handler: Handler[OwnerT]
    shows: str = ""  # a shape in `openapi`
    form: Form | None = None
    query: str = ""


class Api(Generic[OwnerT]):
    """What differs between the three APIs."""

    name = ""
    old = False
    max_body: int | None = None

    def __init__(self, mount: str, routes: list[Route[OwnerT]]) -> None:
        self.mount, self.routes = mount, routes
        self._patterns = [(compile_path(mount + one.path)[0], one) for one in routes]

    def owners(self, world: World) -> dict[str, OwnerT]:
        raise NotImplementedError

    def limits(self, switches: Switches) -> tuple[int, float, str]:
        raise NotImplementedError

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        raise NotImplementedError

    def headers(self, switches: Switches, left: int) -> dict[str, str]:
        return {}

    def plain(self, switches: Switches, value: Any) -> Any:
        """The JSON form of a date or time."""
        raise NotImplementedError

    def find(self, method: str, path: str) -> tuple[Handler[OwnerT], dict[str, str]]:
        for pattern, route in self._patterns:
            if route.method == method and (found := pattern.match(path)):
                parts = found.groupdict().items()
                return route.handler, {name: unquote(text) for name, text in parts}
        raise Refused(404, "not_found", "The route is not found.")

    def render(self, switches: Switches, body: Any) -> bytes:
        def default(value: Any) -> Any:
            if not isinstance(value, Decimal):
                return self.plain(switches, value)
            whole = value.to_integral_value()
            small = value == whole and abs(whole) < 10**15
            return int(whole) if small else float(value)

        return json.dumps(body, ensure_ascii=False, default=default).encode()


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


def retry_after(form: str, seconds: float, now: datetime) -> dict[str, str]:
    """The header in one of its legal forms, or none."""
    # HTTP dates have whole seconds: never one that has passed already.
    late = now.astimezone(UTC) + timedelta(seconds=math.ceil(seconds) + 1)
    forms = {
        "seconds": str(max(1, math.ceil(seconds))),
        "fraction": f"{max(seconds, 0.01):.2f}",
        "date": format_datetime(late, usegmt=True),
    }
    return {"Retry-After": forms[form]} if form in forms else {}


def bearer(authorization: str) -> str:
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else ""


def parse(raw: bytes) -> Any:
    """Decode JSON without ever passing through a binary float."""

    def no_constant(name: str) -> Any:
        raise ValueError(name)

    text = raw.decode("utf-8")
    value = json.loads(text, parse_float=Decimal, parse_constant=no_constant)
    # Lone surrogates decode, but nothing could ever be stored or sent back.
    json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    return value


async def respond(
    api: Api[OwnerT],
    limiter: Limiter,
    request: Request,
    raw: bytes,
    *,
    world: World,
    switches: Switches,
) -> Reply:
    """Key, rate limit, body, lock, handler, and the error envelope."""
    headers: dict[str, str] = {}
    try:
        owner = _admit(api, limiter, request, headers, world=world, switches=switches)
        fields = _body(api, raw)
        handler, path = api.find(request.method, request.scope["path"])
        url, query = str(request.url.replace(query="")), request.query_params
        now = world.now()
        call = Call(owner, world, switches, now, url, path, query, fields, api.old)
        with world.lock:
            result = handler(call)
        if isinstance(result, Later):
            await asyncio.sleep(result.seconds)
            with world.lock:
                result = result.then()
    except Refused as refused:
        result = api.refusal(switches, refused)
    result.headers = {**headers, **result.headers}
    return result


def _admit(
    api: Api[OwnerT],
    limiter: Limiter,
    request: Request,
    headers: dict[str, str],
    *,
    world: World,
    switches: Switches,
) -> OwnerT:
    """Whose key this is, if it may ask now."""
    key, owners = bearer(request.headers.get("authorization", "")), api.owners(world)
    if not key or (key not in owners and not switches.any_key):
        raise Refused(401, "unauthorized", "Unauthenticated.")
    limit, window, form = api.limits(switches)
    left, wait = limiter.take(key, limit, window) if limit else (0, 0.0)
    headers.update(api.headers(switches, max(left, 0)))
    if left < 0:
        late = retry_after(form, wait, world.now())
        raise Refused(429, "rate_limited", "Too many requests.", headers=late)
    return owners.get(key) or next(iter(owners.values()))


def _body(api: Api[OwnerT], raw: bytes) -> dict[str, Any]:
    if api.max_body is not None and len(raw) > api.max_body:
        raise Refused(413, "payload_too_large", "Request body is larger than 1 MB.")
    try:
        body = parse(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise Refused(400, "bad_request", "The body is not valid JSON.") from None
    return body if isinstance(body, dict) else {}
