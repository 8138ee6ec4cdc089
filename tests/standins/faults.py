"""What can go wrong between a client and the stand-ins, switched on at run time.

A fault names the requests it hits (method, path, body, from the nth match, how many
times) and what happens to them. Kinds, by when they strike:

instead of the effect   lost_before, status, html, redirect
the effect twice        doubled: something in between sends it twice at once
after the effect        lost_after, status_after, cut, truncated, slow, huge
in what is read         stale, empty_page, repeat_page, ignore_limit, foreign_next
by somebody else        edit: a scripted edit once the request has been answered
"""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from connector.sandbox.world import World

KINDS = (
    "lost_before lost_after doubled status status_after html redirect cut truncated "
    "slow huge stale empty_page repeat_page ignore_limit foreign_next edit"
).split()
HTML = b"<!doctype html><title>Maintenance</title><p>We will be back soon.</p>"
HISTORY = 50


@dataclass(slots=True)
class Fault:
    """One trouble and the requests it strikes; a kind ignores foreign options."""

    kind: str
    method: str = ""  # regular expressions; empty matches everything
    path: str = ""  # searched in path plus query
    body: str = ""  # searched in the raw request body
    nth: int = 1  # the first matching request to be hit, from 1
    count: int | None = 1  # how many in a row; None is for ever
    status: int = 500
    answer: Any = None  # JSON body, or a string sent as it is
    retry_after: str | None = None  # as sent, or "date:3" for an HTTP date in 3 s
    seconds: float = 1.0  # slow: whole answer; stale: how long after a write
    writes: int = 0  # stale: the state before the last n writes, instead of seconds
    size: int = 15  # huge: bytes; ignore_limit: rows
    gzip: bool = False  # huge: compressed on the wire
    location: str = "https://login.example/"  # redirect, foreign_next
    reset: bool = False  # lost: TCP reset instead of an orderly close
    edit: Mapping[str, Any] | Callable[[World], object] | None = None
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are {' '.join(KINDS)}")

    def matches(self, method: str, target: str, body: str) -> bool:
        return bool(
            re.fullmatch(self.method or ".*", method)
            and re.search(self.path, target)
            and re.search(self.body, body)
        )

    def strike(self) -> bool:
        """Count one matching request and tell whether it is hit."""
        self.seen += 1
        last = None if self.count is None else self.nth + self.count
        hit = self.seen >= self.nth and (last is None or self.seen < last)
        self.hits += hit
        return hit

    @property
    def headers(self) -> dict[str, str]:
        if self.retry_after is None:
            return {}
        value = self.retry_after
        if value.startswith("date:"):
            moment = datetime.now(UTC) + timedelta(seconds=float(value[5:]))
            value = format_datetime(moment, usegmt=True)
        return {"Retry-After": value}


@dataclass(slots=True)
class Faults:
    """The faults that are switched on, and the past that stale reads show."""

    active: list[Fault] = field(default_factory=list)
    past: deque[tuple[float, World]] = field(
        default_factory=lambda: deque(maxlen=HISTORY)
    )
    pages: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        with self.lock:
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        with self.lock:
            self.active.clear()
            self.past.clear()
            self.pages.clear()

    def hit(self, method: str, target: str, body: str) -> list[Fault]:
        """Which faults strike this request."""
        with self.lock:
            matching = [f for f in self.active if f.matches(method, target, body)]
            return [fault for fault in matching if fault.strike()]

    def wants(self, kind: str) -> bool:
        return any(fault.kind == kind for fault in self.active)

    def remember(self, world: World) -> None:
        """Keep the state before a write, while anybody will want to see it."""
        if self.wants("stale"):
            with world.lock:
                self.past.append((time.monotonic(), world.snapshot()))

    def world_for(self, struck: list[Fault], live: World) -> World:
        """The world as this read shall see it."""
        fault = next((fault for fault in struck if fault.kind == "stale"), None)
        if fault is None or not self.past:
            return live
        if fault.writes:
            return self.past[-min(fault.writes, len(self.past))][1]
        start = time.monotonic() - fault.seconds
        return next((world for at, world in self.past if at > start), live)


def page_trouble(fault: Fault, body: bytes) -> bytes:
    """Rewrite the answer of a list."""
    page = json.loads(body)
    links = page.get("links") or {}
    if fault.kind == "foreign_next":
        if links.get("next"):
            path = links["next"].partition("//")[2].partition("/")[2]
            links["next"] = f"{fault.location.rstrip('/')}/{path}"
        return json.dumps(page).encode()
    # An empty page: no rows, and yet more are announced.
    page["data"] = {"data": []} if isinstance(page.get("data"), dict) else []
    if "has_more" in page:
        page["has_more"] = True
    if links and not links["next"]:
        links["next"] = links["first"].replace("page=1", "page=99")
    return json.dumps(page).encode()
