"""What one running sandbox is made of, and its log of requests."""

import json
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

from connector.sandbox.switches import Switches
from connector.sandbox.world import World


@dataclass(slots=True)
class LoggedRequest:
    """One request, when it arrived; status 0 means that no answer was given (yet)."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int = 0
    at: float = field(default_factory=time)

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")


class RequestLog(list[LoggedRequest]):
    """Requests in order of arrival; appending while others read is safe."""

    @property
    def writes(self) -> list[LoggedRequest]:
        return [row for row in self if row.is_write]

    def note(self, request: Request, text: str) -> LoggedRequest:
        try:
            body = json.loads(text) if text else None
        except (ValueError, RecursionError):
            body = text
        path, query = unquote(request.scope["path"]), dict(request.query_params)
        row = LoggedRequest(request.method, path, query, body)
        self.append(row)
        return row


@dataclass(slots=True)
class Site:
    """The parts that the gate shares with whoever looks at its effects."""

    world: World
    switches: Switches = field(default_factory=Switches)
    requests: RequestLog = field(default_factory=RequestLog)
