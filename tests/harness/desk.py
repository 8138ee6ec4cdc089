"""A desk over a state that a look has filled, asked without a server."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from connector.commands.remembered import Remembered
from connector.config.load import load
from connector.service.answers import Crowd
from connector.service.desk.access import Role, Rules
from connector.service.desk.gate import Gate
from connector.service.desk.sessions import Link
from connector.service.desk.site import Desk, app_of
from state.database import open_to_write
from state.model import Decision, Look, Waiting
from state.store import Store

HERE = "http://127.0.0.1"
AT = "2026-11-30T10:00:00Z"
PAIR = """
[[pairs]]
name = "{name}"
partnero.api_key = {{ env = "NOT_SET" }}
tolt.api_key = {{ env = "NOT_SET" }}
tolt.program_id = "prg_{name}"
"""


def waits(number: int, **members: Any) -> dict[str, Any]:
    """Return the document of a code with a limit that would be lost on Tolt."""
    code = members.get("code", f"CODE{number:02d}")
    return {
        "id": f"c_{number:012x}",
        "code": code,
        "action": "create",
        "target": "tolt",
        "status": "held",
        "reason": "lossy",
        "message": f"{code} is only on Partnero. Tolt cannot hold: a limit.",
        "fields": [{"field": "discount", "base": None, "partnero": "10%",
                    "tolt": None, "new": "10%"}],
        "lost": ["a limit"],
        "partner": "a***@example.com (prt_1)",
        "sights": {"partnero": "discount 10%", "tolt": "not there"},
        "options": {
            "partnero": option("partnero", f"{code} is made on Tolt."),
            "tolt": {"why": "it is not there"},
            "keep": option("keep", f"{code}: it stays on one side."),
            "delete": option("delete", f"{code} is deleted for good on Partnero.",
                             destroys=True, lost=["its log"]),
            "proposed": option("proposed", f"{code} is made on Tolt."),
        },
    } | members  # fmt: skip


def option(take: str, effect: str, *, destroys: bool = False, lost=()) -> dict:
    decision = {"take": take, "seen": "m", "action": "create", "target": "tolt",
                "fields": ["discount"], "lost": list(lost), "version": ""}  # fmt: skip
    return {
        "effects": [effect],
        "lost": list(lost),
        "destroys": destroys,
        "decision": decision,
    }


@dataclass
class Town:
    """A state with pairs in which things wait, and the desk over it."""

    folder: Path
    names: tuple[str, ...]
    app: Starlette
    link: Link | None
    known: Remembered
    stores: dict[str, Store] = field(default_factory=dict)

    def wait(self, *documents: dict[str, Any], pair: str = "acme") -> None:
        """Let a look have found these."""
        rows = [
            Waiting(
                *(each["id"], each["code"], each["code"], "r_1", AT, json.dumps(each)),
                part="acceptable" if "kind" in each else each["status"],
                reason=each.get("kind") or each["reason"],
            )
            for each in documents
        ]
        self.stores[pair].save_look(Look(AT, "r_1"), rows)

    def decided(self, pair: str = "acme") -> dict[str, Decision]:
        return self.stores[pair].decisions()


def town(
    folder: Path,
    *names: str,
    rules: Rules | None = None,
    link: Link | None = None,
    user_header: str = "",
    public_url: str = "",
) -> Town:
    names = names or ("acme",)
    config = folder / "connector.toml"
    config.write_text("".join(PAIR.format(name=name) for name in names), "utf-8")
    loaded = load(config)
    engine = open_to_write(loaded.location.state_url)
    stores = {name: Store(engine, name) for name in names}
    stores[names[0]].identity(AT)
    known = Remembered(loaded, loaded.file.pairs)
    gate = Gate(
        rules or Rules(token="decide-it", view_token="look-at-it"),
        cookie="desk",
        user_header=user_header,
        public_url=public_url,
    )
    desk = Desk(gate, known, Crowd(), link=link, suggested="sam@here")
    return Town(folder, names, app_of(desk), link, known, stores)


class Visitor:
    """Somebody with a browser: keeps cookies, and sends what a browser sends."""

    def __init__(self, app: Starlette, password: str = "", **headers: str) -> None:
        auth = ("me", password) if password else None
        self.client = httpx.Client(
            transport=InProcess(app),
            base_url=HERE,
            auth=auth,
            headers={"Origin": HERE, "Sec-Fetch-Site": "same-origin"} | headers,
        )

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, fields: dict[str, Any], **more: Any) -> httpx.Response:
        return self.client.post(path, data=fields, **more)

    def mark(self) -> str:
        return marks(self.get("/inbox").text)[0]

    def decide(self, take: str, *keys: str, **fields: Any) -> httpx.Response:
        """Select, look at the question, and say yes."""
        asked = self.post("/ask", {"form": self.mark(), "take": take, "pick": keys})
        assert asked.status_code == 200, asked.text
        sent = {"form": marks(asked.text)[0], "take": take, "pick": keys, "by": "Sam"}
        return self.post("/decide", sent | fields)


def marks(page: str) -> list[str]:
    return re.findall(r'name="form" value="([^"]*)"', page)


def text_of(page: str) -> str:
    """Return what a page says, without its marks."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


class InProcess(httpx.BaseTransport):
    """Asks an application without a socket; each request in a loop of its own."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        async def asked() -> httpx.Response:
            body = await asyncio.to_thread(request.read)
            sent = httpx.Request(
                request.method, request.url, headers=request.headers, content=body
            )
            answer = await self.inner.handle_async_request(sent)
            content = b"".join([part async for part in answer.stream])
            return httpx.Response(
                answer.status_code, headers=answer.headers, content=content
            )

        # A browser test leaves a loop in the thread that it ran in.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(lambda: asyncio.run(asked())).result()


@contextmanager
def visiting(*visitors: Visitor) -> Iterator[None]:
    try:
        yield
    finally:
        for visitor in visitors:
            visitor.client.close()


LINKED = Rules(password=False)
LOOKING = Rules(everybody=Role.LOOK)
