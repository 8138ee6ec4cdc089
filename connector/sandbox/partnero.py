"""The envelopes, pages and routes of the Partnero stand-in.

One key is one programme. Errors look like Laravel's; pages are numbered, without a
total, so rows shift when something is inserted or deleted between two reads.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import urlencode

from starlette.routing import Route, Router

from connector.sandbox.partnero_store import Programme
from connector.sandbox.switches import Switches
from connector.sandbox.table import R, Table
from connector.sandbox.wire import Call, Handler, Limiter, Refused, Reply, endpoint
from connector.sandbox.world import World

PCall: TypeAlias = Call[Programme]
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True, slots=True)
class PartneroApi:
    """Keys, limits and errors of Partnero."""

    name: str = "partnero"
    max_body: int | None = None

    def owner(self, world: World, key: str, *, any_key: bool) -> Programme | None:
        if any_key and key:
            return world.programmes.get(key, world.partnero)
        return world.programmes.get(key)

    def limits(self, switches: Switches) -> tuple[int, float, str]:
        s = switches
        return s.partnero_rate_limit, s.partnero_rate_window, s.partnero_retry_after

    def headers(self, switches: Switches, limit: int, left: int) -> dict[str, str]:
        return {}

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        if refused.status == 401:
            return Reply(switches.partnero_wrong_key_status, {"message": str(refused)})
        if refused.status == 429:
            return Reply(429, {"message": "Too Many Attempts."}, refused.headers)
        body: dict[str, Any] = {"status": 0, "message": refused.message}
        if refused.fields:
            errors: dict[str, list[str]] = {}
            for name, text in refused.fields:
                errors.setdefault(name, []).append(text)
            body["errors"] = errors
        return Reply(refused.status, body)


def not_found(what: str) -> Refused:
    return Refused(404, "not_found", f"{what} not found.")


def invalid(name: str, text: str) -> Refused:
    return Refused(422, "invalid", "The given data was invalid.", [(name, text)])


def required(name: str) -> Refused:
    return invalid(name, f"The {name.replace('_', ' ')} field is required.")


def text_of(source: dict[str, Any], name: str, *, most: int = 255) -> str | None:
    """A string field, or None when it is absent or null."""
    value = source.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        raise invalid(name, f"The {name} must be a string of at most {most}.")
    return value


def flag_of(source: dict[str, Any], name: str) -> bool:
    value = source.get(name, False)
    if value is None or value in (0, 1):
        return bool(value)
    raise invalid(name, f"The {name} field must be true or false.")


def map_of(source: dict[str, Any], name: str) -> dict[str, Any]:
    """A map; PHP sends an empty one as a list."""
    value = source.get(name)
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise invalid(name, f"The {name} must be an array.")
    return value


def number_of(value: Any, name: str, *, most: int = 10**12) -> Decimal:
    """An exact decimal from a JSON number or a numeric string."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,12})?", value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(name, f"The {name} must be a number.")
    number = Decimal(value)
    if not 0 <= number <= most:
        raise invalid(name, f"The {name} must be between 0 and {most}.")
    return number


def whole_of(value: Any, name: str) -> int:
    number = number_of(value, name)
    if number != number.to_integral_value():
        raise invalid(name, f"The {name} must be an integer.")
    return int(number)


def date_of(value: Any, name: str) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise invalid(name, f"The {name} is not a valid date.") from None


def timestamp(moment: datetime | None) -> str | None:
    """Six digits that are always zero: Partnero keeps whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z") if moment else None


def show_date(call: PCall, day: date | None) -> str | None:
    if day is None:
        return None
    return (
        f"{day}T00:00:00.000000Z"
        if call.switches.partnero_dates_as_timestamps
        else (day.isoformat())
    )


def show_map(value: dict[str, Any]) -> Any:
    return value or []


def unix_time(value: Any, name: str, *, strict: bool) -> datetime:
    try:
        if isinstance(value, str) and not strict:
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise invalid(name, f"The {name} is not a valid timestamp.")


def one(data: Any, *, status: int = 200, **more: Any) -> Reply:
    return Reply(status, {"data": data, "status": 1, **more})


def created(call: PCall, data: Any, **more: Any) -> Reply:
    return one(data, status=call.switches.partnero_create_status, **more)


def page(
    call: PCall, rows: Table[R] | list[R], show: Callable[[PCall, R], Any]
) -> Reply:
    """One page of a list, with Laravel's simplePaginate envelope."""
    size, number = _page_size(call), _page_number(call)
    start = (number - 1) * size
    if isinstance(rows, Table):
        newest = call.query.get("sort") == "desc"
        found = rows.slice(start, start + size + 1, newest_first=newest)
    else:
        found = rows[start : start + size + 1]
    shown = found[:size]
    meta = {
        "current_page": number,
        "from": start + 1 if shown else None,
        "path": call.url,
        "per_page": size,
        "to": start + len(shown) if shown else None,
    }
    links = {
        "first": _link(call, 1),
        "last": None,
        "prev": _link(call, number - 1) if number > 1 else None,
        "next": _link(call, number + 1) if len(found) > size else None,
    }
    data = [show(call, row) for row in shown]
    return Reply(200, {"data": data, "links": links, "meta": meta, "status": 1})


def _page_size(call: PCall) -> int:
    wide = call.switches.partnero_limit_range == "1-250"
    low, high, usual = (1, 250, 15) if wide else (10, 100, 10)
    asked = call.query.get("limit", "")
    if not re.fullmatch(r"-?\d{1,9}", asked, re.ASCII):
        return usual
    size = int(asked)
    reject = call.switches.partnero_limit_out_of_range == "reject"
    if reject and not low <= size <= high:
        raise invalid("limit", f"The limit must be between {low} and {high}.")
    return min(max(size, low), high)


def _page_number(call: PCall) -> int:
    asked = call.query.get("page", "")
    return max(int(asked), 1) if re.fullmatch(r"\d{1,9}", asked, re.ASCII) else 1


def _link(call: PCall, number: int) -> str:
    kept = [(k, v) for k, v in call.query.multi_items() if k not in ("page", "limit")]
    if call.switches.partnero_next_keeps_limit and "limit" in call.query:
        kept.append(("limit", call.query["limit"]))
    return f"{call.url}?{urlencode([*kept, ('page', str(number))])}"


def check(call: PCall) -> Reply:
    """GET /test: the shape is not documented."""
    return one({"program": _programme(call.owner)})


def overview(call: PCall) -> Reply:
    return one(_programme(call.owner))


def _programme(programme: Programme) -> dict[str, Any]:
    return {
        "id": programme.id,
        "name": programme.name,
        "currency": programme.currency,
        "type": programme.kind,
    }


def missing_route(call: PCall) -> Reply:
    raise not_found("The route")


def router(
    limiter: Limiter, routes: list[tuple[str, str, Handler[Programme]]]
) -> Router:
    """All routes, then a JSON 404 for everything else."""
    api = PartneroApi()
    table = [
        Route(path, endpoint(api, limiter, handler), methods=[method])
        for method, path, handler in [
            ("GET", "/test", check),
            ("GET", "/program/overview", overview),
            *routes,
        ]
    ]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    rest = Route("/{rest:path}", endpoint(api, limiter, missing_route), methods=every)
    return Router([*table, rest])
