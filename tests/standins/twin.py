"""What a stand-in would have answered under other switches, asked at every request.

So a test of a switch can tell whether the switch was at work: some answer, or what a
write left behind, is another one than it would have been. Requests come one at a time
here, because the two answers are compared on the same world.
"""

import asyncio
from typing import Any

from starlette.requests import Request

from connector.sandbox.gate import Gate
from connector.sandbox.site import RequestLog, Site
from connector.sandbox.switches import Switches
from connector.sandbox.world import World
from tests.standins.front import Front


class Twin:
    """Stands before the faults and lets a second gate answer every request as well."""

    def __init__(self, front: Front, usual: Switches) -> None:
        self.front = front
        self.differing: list[str] = []
        self.struck: list[Any] = []
        self._other = Gate(Site(front.gate.site.world, usual, RequestLog()))
        self._turn = asyncio.Lock()

    async def __call__(self, scope, receive, send) -> None:
        raw, asked = await Request(scope, receive).body(), dict(scope)
        async with self._turn:
            self._other.site.world = self._before(scope["method"])
            said: list[Any] = []
            usual: list[Any] = []
            struck = self._hits()
            await self.front(scope, _again(raw, receive), _heard(said, send))
            if self._hits() != struck:
                # The answer is the fault's, and says nothing of the switch.
                self.struck.append(_told(said))
                return
            await self._other(asked, _again(raw, receive), _heard(usual))
            if _told(said) != _told(usual):
                self.differing.append(f"{scope['method']} {scope['path']}")

    def _before(self, method: str) -> World:
        """The world as it is now; for a write a copy, since the write changes it."""
        world = self.front.gate.site.world
        if method == "GET":
            return world
        copied = world.snapshot()
        copied.counter = world.counter
        return copied

    def _hits(self) -> int:
        return sum(fault.hits for fault in self.front.faults.active)


def _again(raw: bytes, receive):
    """The body once more, and after that what the socket says."""
    waiting = [{"type": "http.request", "body": raw, "more_body": False}]

    async def hand_over():
        return waiting.pop() if waiting else await receive()

    return hand_over


def _heard(said: list[Any], send=None):
    async def keep(message) -> None:
        said.append(message)
        if send:
            await send(message)

    return keep


def _told(said: list[Any]) -> Any:
    """Status, headers and body; a budget of requests is counted for each gate."""
    if not said:
        return None
    kept = [
        (name, value)
        for name, value in said[0]["headers"]
        if not name.lower().startswith((b"x-ratelimit", b"date"))
    ]
    return said[0]["status"], kept, said[1]["body"]
