"""A layer before the stand-ins: notes effects, and kills a run at one of its steps."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Step = tuple[int, Literal["before", "after"]]
Facts = Counter[tuple[str, ...]]
WRITES = ("POST", "PUT", "DELETE")


@dataclass(slots=True)
class Tripwire:
    """Stands in front of the stand-ins: counts, notes effects, kills at one step."""

    app: ASGIApp
    step: Step | None = None
    child: subprocess.Popen[bytes] | None = None
    methods: list[str] = field(default_factory=list)
    effects: Facts = field(default_factory=Counter)

    def set(self, step: Step | None) -> None:
        self.step, self.child = step, None
        self.methods.clear()
        self.effects.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.methods.append(scope["method"])
        moment = self.step[1] if self.step and len(self.methods) == self.step[0] else ""
        if moment == "before":
            await self._kill(receive)
            return
        answer = _swallow if moment else send  # an answer that is lost
        body, status = await self._carried_out(scope, receive, answer)
        if scope["method"] in WRITES and 200 <= status < 300:
            self.effects[_effect(scope, body)] += 1
        if moment:
            await self._kill(receive)

    async def _carried_out(
        self, scope: Scope, receive: Receive, send: Send
    ) -> tuple[bytes, int]:
        """Let a request through; return its body and the status of its answer."""
        body, status = bytearray(), 0

        async def listen() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.app(scope, listen, answer)
        return bytes(body), status

    async def _kill(self, receive: Receive) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
        while (await receive())["type"] != "http.disconnect":
            pass


async def _swallow(_message: Message) -> None:
    return None


def _effect(scope: Scope, body: bytes) -> tuple[str, ...]:
    """Name what was done, without ids: those differ from run to run."""
    sent = json.loads(body) if body else {}
    resource = "/".join(scope["path"].split("/")[:4])
    names = ("code", "uuid_code", "charge_id", "key", "email")
    name = next((str(sent[field]) for field in names if sent.get(field)), "None")
    return scope["method"], resource, name, str(sent.get("transaction_key"))
