"""Control endpoints under /_sandbox/, for tests whose client is another process.

The same things that `Sandbox` offers in the process. They take no key, pass no
fault and are not in the request log.
"""

import dataclasses
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

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


def control_routes(site: Site) -> list[Route]:
    async def list_requests(request: Request) -> Response:
        return _json([dump(row, 2) for row in site.requests])

    async def clear_requests(request: Request) -> Response:
        site.requests.clear()
        return _json({})

    async def get_switches(request: Request) -> Response:
        return _json({"values": site.switches.as_dict(), "docs": describe()})

    async def put_switches(request: Request) -> Response:
        site.switches.update(await request.json())
        return _json(site.switches.as_dict())

    async def add_fault(request: Request) -> Response:
        site.faults.add(faults.from_json(await request.json()))
        return _json({"active": len(site.faults.active)})

    async def clear_faults(request: Request) -> Response:
        site.faults.clear()
        return _json({})

    async def get_world(request: Request) -> Response:
        with site.world.lock:
            return _json({"effects": effects(site.world), **dump(site.world)})

    async def edit(request: Request) -> Response:
        edits.apply(site.world, site.switches, await request.json())
        return _json({})

    async def reset(request: Request) -> Response:
        raw = await request.body()
        options = dict(await request.json()) if raw else {}
        site.world = seed.named(options.pop("seed", "small"), options)
        site.switches.reset()
        site.faults.clear()
        site.requests.clear()
        return _json({})

    async def openapi(request: Request) -> Response:
        return JSONResponse(description())

    return [
        Route("/requests", list_requests, methods=["GET"]),
        Route("/requests", clear_requests, methods=["DELETE"]),
        Route("/switches", get_switches, methods=["GET"]),
        Route("/switches", put_switches, methods=["PUT"]),
        Route("/faults", add_fault, methods=["POST"]),
        Route("/faults", clear_faults, methods=["DELETE"]),
        Route("/world", get_world, methods=["GET"]),
        Route("/edit", edit, methods=["POST"]),
        Route("/reset", reset, methods=["POST"]),
        Route("/openapi.json", openapi, methods=["GET"]),
    ]
