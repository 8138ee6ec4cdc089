"""Control endpoints under /_sandbox/, for tests whose client is another process.

The same things that `Sandbox` offers in the process. They take no key, pass no
fault and are not in the request log.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from connector.sandbox import edits, faults, seed
from connector.sandbox.openapi import description
from connector.sandbox.site import Site
from connector.sandbox.switches import describe
from connector.sandbox.table import Row, Table
from connector.sandbox.world import World


def effects(world: World) -> dict[str, Any]:
    """What was done, counted: the numbers that a test wants to compare."""
    left, right = world.partnero, world.tolt
    rewards = [amount for row in left.transactions for amount in row.rewards]
    used = Counter(row.promotion_code_name or "" for row in right.transactions)
    redeemed = {code.code: code.times_redeemed for code in left.codes}
    return {
        "partnero": {
            **_sizes(left, "codes partners customers transactions"),
            "rewards": len(rewards),
            "rewards_sum": str(sum(rewards, Decimal(0))),
            "redemptions": {text: n for text, n in sorted(redeemed.items()) if n},
        },
        "tolt": {
            **_sizes(right, "codes partners customers transactions commissions"),
            "commissions_sum": sum(row.amount for row in right.commissions),
            "redemptions": {text: n for text, n in sorted(used.items()) if text},
        },
        "mails": len(world.mails),
    }


def _sizes(owner: Any, names: str) -> dict[str, int]:
    return {name: len(getattr(owner, name)) for name in names.split()}


def dump(value: Any, *, inner: bool = False) -> Any:
    """Any part of a world as JSON; a row inside a row is only its id."""
    if isinstance(value, Table):
        return [dump(row) for row in value]
    if isinstance(value, Row) and inner:
        return value.uid
    if dataclasses.is_dataclass(value):
        names = [entry.name for entry in dataclasses.fields(value) if entry.repr]
        return {name: dump(getattr(value, name), inner=True) for name in names}
    if isinstance(value, dict):
        return {str(name): dump(one, inner=inner) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [dump(one, inner=True) for one in value]
    return str(value) if isinstance(value, date | Decimal) else value


def _world(site: Site, body: Any) -> Any:
    with site.world.lock:
        return {"effects": effects(site.world), **dump(site.world)}


def _switch(site: Site, body: Any) -> Any:
    site.switches.update(body)
    return site.switches.as_dict()


def _fault(site: Site, body: Any) -> Any:
    site.faults.add(faults.from_json(body))
    return {"active": len(site.faults.active)}


def _reset(site: Site, body: Any) -> Any:
    options = dict(body)
    site.world = seed.named(options.pop("seed", "small"), options)
    for part in (site.switches, site.faults, site.requests):
        part.clear()


ACTIONS: dict[str, Callable[[Site, Any], Any]] = {
    "GET requests": lambda site, body: [dump(row) for row in site.requests],
    "DELETE requests": lambda site, body: site.requests.clear(),
    "GET switches": lambda site, body: {
        "values": site.switches.as_dict(),
        "docs": describe(),
    },
    "PUT switches": _switch,
    "POST faults": _fault,
    "DELETE faults": lambda site, body: site.faults.clear(),
    "GET world": _world,
    "POST edit": lambda site, body: edits.apply(site.world, site.switches, body),
    "POST reset": _reset,
    "GET openapi.json": lambda site, body: description(),
}


def control(site: Site, method: str, path: str, raw: bytes) -> tuple[int, bytes]:
    """Status and body; a typing error of a test script is a 400 that says which."""
    action = ACTIONS.get(f"{method} {path.removeprefix('/_sandbox/')}")
    if action is None:
        return 404, b"{}"
    try:
        done = action(site, json.loads(raw) if raw else {})
    except (ValueError, KeyError, TypeError) as why:
        return 400, json.dumps({"message": str(why)}).encode()
    return 200, json.dumps({} if done is None else done).encode()
