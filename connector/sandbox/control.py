"""Control endpoints under /_sandbox/, for tests whose client is another process.

The same things that `Sandbox` offers in the process. They take no key, pass no
fault and are not in the request log.
"""

import dataclasses
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox import edits, faults, seed
from connector.sandbox.gate import Site
from connector.sandbox.openapi import description
from connector.sandbox.partnero_store import Programme
from connector.sandbox.switches import describe
from connector.sandbox.table import Table
from connector.sandbox.tolt_store import Organization
from connector.sandbox.wire import render
from connector.sandbox.world import World

SKIPPED = {"lock", "clock", "codes", "partners_by_email"}


def effects(world: World) -> dict[str, Any]:
    """What was done, counted: the numbers that a test wants to compare."""
    left, right = world.partnero, world.tolt
    rewards = [amount for row in left.transactions for amount in row.rewards]
    redeemed = {code.code: code.times_redeemed for code in left.codes}
    used = Counter(row.promotion_code_name or "" for row in right.transactions)
    return {
        "partnero": {
            "codes": len(left.codes),
            "partners": len(left.partners),
            "customers": len(left.customers),
            "transactions": len(left.transactions),
            "rewards": len(rewards),
            "rewards_sum": str(sum(rewards, Decimal(0))),
            "redemptions": {text: n for text, n in sorted(redeemed.items()) if n},
        },
        "tolt": {
            "codes": len(right.codes),
            "partners": len(right.partners),
            "customers": len(right.customers),
            "transactions": len(right.transactions),
            "commissions": len(right.commissions),
            "commissions_sum": sum(row.amount for row in right.commissions),
            "redemptions": {text: n for text, n in sorted(used.items()) if text},
        },
        "mails": len(world.mails),
    }


def dump(value: Any, depth: int = 0) -> Any:
    """Any part of a world as JSON; a row inside a row is only its id."""
    if isinstance(value, Table):
        return [dump(row, 1) for row in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dump_fields(value, depth)
    if isinstance(value, dict):
        return {str(name): dump(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [dump(one, depth + 1) for one in value]
    if isinstance(value, datetime | date | Decimal):
        return str(value)
    return value


def _dump_fields(value: Any, depth: int) -> Any:
    if depth > 1 and hasattr(value, "uid"):
        return value.uid
    parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Programme | Organization):
        # Its maps are indexes of its tables.
        return {n: dump(v) for n, v in parts.items() if not isinstance(v, dict)}
    return {n: dump(v, depth + 1) for n, v in parts.items() if n not in SKIPPED}


def _json(body: Any, status: int = 200) -> Response:
    return Response(render(body), status, media_type="application/json")


class Control:
    """The control endpoints of one sandbox."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def list_requests(self, request: Request) -> Response:
        return _json([dump(row, 2) for row in self.site.requests])

    async def clear_requests(self, request: Request) -> Response:
        self.site.requests.clear()
        return _json({})

    async def get_switches(self, request: Request) -> Response:
        return _json({"values": self.site.switches.as_dict(), "docs": describe()})

    async def put_switches(self, request: Request) -> Response:
        self.site.switches.update(await request.json())
        return _json(self.site.switches.as_dict())

    async def add_fault(self, request: Request) -> Response:
        self.site.faults.add(faults.from_json(await request.json()))
        return _json({"active": len(self.site.faults.active)})

    async def clear_faults(self, request: Request) -> Response:
        self.site.faults.clear()
        return _json({})

    async def get_world(self, request: Request) -> Response:
        world = self.site.world
        with world.lock:
            return _json({"effects": effects(world), **dump(world)})

    async def edit(self, request: Request) -> Response:
        edits.apply(self.site.world, self.site.switches, await request.json())
        return _json({})

    async def reset(self, request: Request) -> Response:
        raw = await request.body()
        options = dict(await request.json()) if raw else {}
        self.site.world = seed.named(options.pop("seed", "small"), options)
        self.site.switches.reset()
        self.site.faults.clear()
        self.site.requests.clear()
        return _json({})

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(description())

    def routes(self) -> list[Route]:
        return [
            Route("/requests", self.list_requests, methods=["GET"]),
            Route("/requests", self.clear_requests, methods=["DELETE"]),
            Route("/switches", self.get_switches, methods=["GET"]),
            Route("/switches", self.put_switches, methods=["PUT"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/world", self.get_world, methods=["GET"]),
            Route("/edit", self.edit, methods=["POST"]),
            Route("/reset", self.reset, methods=["POST"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]


async def _misspelt(request: Request, why: Exception) -> Response:
    """A typing error in a test script: say which, and do nothing."""
    return JSONResponse({"message": str(why)}, 400)


def control_app(site: Site) -> Starlette:
    """An application of its own, so that its leniency ends with it."""
    kinds: tuple[type[Exception], ...] = (ValueError, KeyError, TypeError)
    return Starlette(
        routes=Control(site).routes(),
        exception_handlers=dict.fromkeys(kinds, _misspelt),
    )
