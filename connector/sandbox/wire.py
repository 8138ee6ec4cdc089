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
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from connector.sandbox.switches import Switches
from connector.sandbox.world import World

MISSING: Any = object()
OwnerT = TypeVar("OwnerT")
OwnerT_co = TypeVar("OwnerT_co", covariant=True)


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
    """One authenticated request."""

    api: str
    owner: OwnerT
    world: World
    switches: Switches
    method: str
    url: str
    path: dict[str, str]
    query: QueryParams
    body: Any
    now: datetime

    @property
    def fields(self) -> dict[str, Any]:
        """The body as a map; no body is an empty one."""
        return self.body if isinstance(self.body, dict) else {}


Handler: TypeAlias = Callable[[Call[OwnerT]], Reply | Later]


class Refused(Exception):
    """The API says no: status, stable code, text, and the fields at fault."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: list[tuple[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or []
        self.headers = headers or {}


class Api(Protocol[OwnerT_co]):
    """What differs between the three APIs."""

    @property
    def name(self) -> str: ...
    @property
    def max_body(self) -> int | None: ...

    def owner(self, world: World, key: str, *, any_key: bool) -> OwnerT_co | None: ...
    def limits(self, switches: Switches) -> tuple[int, float, str]: ...
    def refusal(self, switches: Switches, refused: Refused) -> Reply: ...
    def headers(self, switches: Switches, limit: int, left: int) -> dict[str, str]: ...


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
    if form == "seconds":
        return {"Retry-After": str(max(1, math.ceil(seconds)))}
    if form == "fraction":
        return {"Retry-After": f"{max(seconds, 0.01):.2f}"}
    if form == "date":
        # HTTP dates have whole seconds: never one that has passed already.
        moment = now + timedelta(seconds=math.ceil(seconds) + 1)
        return {"Retry-After": format_datetime(moment.astimezone(UTC), usegmt=True)}
    return {}


def bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
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


def render(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, default=_plain).encode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        whole = value.to_integral_value()
        return int(whole) if value == whole and abs(whole) < 10**15 else float(value)
    raise TypeError(f"{type(value)} has no JSON form")


def endpoint(
    api: Api[OwnerT], limiter: Limiter, handler: Handler[OwnerT]
) -> Callable[[Request], Any]:
    """Wrap a handler with key, rate limit, body, lock and error envelope."""

    async def respond(request: Request) -> Response:
        switches: Switches = request.scope["sandbox.switches"]
        world: World = request.scope["sandbox.world"]
        headers: dict[str, str] = {}
        try:
            call = await _admit(
                api,
                limiter,
                request,
                world=world,
                switches=switches,
                headers=headers,
            )
            with world.lock:
                result = handler(call)
            if isinstance(result, Later):
                await asyncio.sleep(result.seconds)
                with world.lock:
                    result = result.then()
        except Refused as refused:
            result = api.refusal(switches, refused)
        request.scope["sandbox.lost"] = result.lost
        # 204 aside, every answer of both products is JSON.
        return Response(
            render(result.body),
            result.status,
            {**headers, **result.headers},
            "application/json",
        )

    return respond


async def _admit(
    api: Api[OwnerT],
    limiter: Limiter,
    request: Request,
    *,
    world: World,
    switches: Switches,
    headers: dict[str, str],
) -> Call[OwnerT]:
    key = bearer(request)
    owner = api.owner(world, key, any_key=switches.any_key)
    if owner is None:
        raise Refused(401, "unauthorized", "Unauthenticated.")
    limit, window, form = api.limits(switches)
    left, wait = limiter.take(key, limit, window) if limit else (0, 0.0)
    headers.update(api.headers(switches, limit, max(left, 0)))
    if left < 0:
        late = retry_after(form, wait, world.now())
        raise Refused(429, "rate_limited", "Too many requests.", headers=late)
    raw = await request.body()
    if api.max_body is not None and len(raw) > api.max_body:
        raise Refused(413, "payload_too_large", "Request body is larger than 1 MB.")
    try:
        body = parse(raw) if raw.strip() else MISSING
    except (ValueError, RecursionError):
        raise Refused(400, "bad_request", "The body is not valid JSON.") from None
    return Call(
        api.name,
        owner,
        world,
        switches,
        request.method,
        str(request.url.replace(query="")),
        {name: unquote(value) for name, value in request.path_params.items()},
        request.query_params,
        body,
        world.now(),
    )
