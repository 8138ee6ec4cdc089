"""The envelopes, errors and pages of the Partnero stand-in.

One key is one programme. Errors look like Laravel's; pages are numbered, without a
total, the newest row first, so that rows shift when something is inserted or deleted
between two reads.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import urlencode

from connector.sandbox.fields import Field, Form, Problem, check
from connector.sandbox.partnero_store import Programme
from connector.sandbox.switches import Switches
from connector.sandbox.table import R, Table
from connector.sandbox.wire import Api, Call, Refused, Reply, Route, retry_after
from connector.sandbox.world import World

PCall: TypeAlias = Call[Programme]
Rows: TypeAlias = Table[Any] | list[Any]
Show: TypeAlias = Callable[[PCall, Any], dict[str, Any]]


class PartneroApi(Api[Programme]):
    """Keys, limits and errors of Partnero."""

    product = "partnero"
    wrong_method = 405

    def owners(self, world: World) -> dict[str, Programme]:
        return world.programmes

    def headers(self, switches: Switches, left: int, wait: float) -> dict[str, str]:
        tells = left < 0 and switches.partnero_retry_after == "seconds"
        return retry_after(wait) if tells else {}

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        if refused.status in (401, 429):
            wrong_key = refused.status == 401
            status = switches.partnero_wrong_key_status if wrong_key else 429
            return Reply(status, {"message": refused.message})
        body: dict[str, Any] = {"status": 0, "message": refused.message}
        if refused.fields:
            body["errors"] = {name: [text] for name, text in refused.fields}
        return Reply(refused.status, body)

    def plain(self, switches: Switches, value: Any) -> str:
        """Six digits that are always zero: Partnero keeps whole seconds."""
        timed = isinstance(value, datetime) or switches.partnero_dates_as_timestamps
        shown: date = value
        return shown.strftime("%Y-%m-%dT%H:%M:%S.000000Z" if timed else "%Y-%m-%d")

    def number(self, switches: Switches, value: Decimal) -> Any:
        as_text = switches.partnero_amounts == "text"
        return format(value, "f") if as_text else super().number(switches, value)

    def render(self, switches: Switches, body: Any) -> bytes:
        if switches.partnero_flags != "bool" and isinstance(body, dict):
            as_text = switches.partnero_flags == "text"
            body = {**body, "data": _flags(body.get("data"), as_text=as_text)}
        return super().render(switches, body)


def _flags(value: Any, *, as_text: bool) -> Any:
    """Flags as a database column without a cast shows them; metadata is kept as is."""
    if isinstance(value, bool):
        return str(int(value)) if as_text else int(value)
    if isinstance(value, list):
        return [_flags(item, as_text=as_text) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: part if name == "metadata" else _flags(part, as_text=as_text)
        for name, part in value.items()
    }


def existing(what: str, row: R | None) -> R:
    if row is None:
        raise Refused(404, "not_found", f"{what} not found.")
    return row


def invalid(name: str, text: str) -> Refused:
    return Refused(422, "invalid", "The given data was invalid.", [(name, text)])


def required(name: str) -> Refused:
    return invalid(name, f"The {name.replace('_', ' ')} field is required.")


def _say(name: str, field: Field, value: Any, error: Problem | None) -> str:
    """What is wrong with a field, as Laravel would word it."""
    del field, value
    words = name.replace("_", " ")
    if error is None:
        return f"The {words} field is required."
    return f"The {words} field is invalid: {error['msg']}."


def read_form(source: dict[str, Any], form: Form) -> dict[str, Any]:
    """The fields of a body; null counts as not given."""
    values, bad = check(source, form, _say)
    if bad:
        raise Refused(422, "invalid", "The given data was invalid.", bad)
    return {name: value for name, value in values.items() if value is not None}


def picked(row: Any, names: str) -> dict[str, Any]:
    """Fields that are shown as they are stored."""
    return {name: getattr(row, name) for name in names.split()}


def single(data: Any, message: str = "", *, status: int = 200, **more: Any) -> Reply:
    if message:
        more["message"] = f"{message} in the app successfully."
    return Reply(status, {"data": data, "status": 1, **more})


def created(call: PCall, data: Any, message: str = "", **more: Any) -> Reply:
    return single(data, message, status=call.switches.partnero_create_status, **more)


def deleted(message: str) -> Reply:
    """Of codes and coupons: the status is inside `data`."""
    text = f"{message} deleted in the app successfully"
    return Reply(200, {"data": {"status": 1, "message": text}})


def page(call: PCall, rows: Rows, show: Show, *, sortable: bool = False) -> Reply:
    """One page of a list, with Laravel's simplePaginate envelope."""
    size, number = _page_size(call), _page_number(call)
    start = (number - 1) * size
    newest = _newest_first(call, sortable=sortable)
    if isinstance(rows, Table):
        part = rows.slice(start, start + size + 1, newest=newest)
    else:
        part = (rows[::-1] if newest else rows)[start : start + size + 1]
    data = [show(call, row) for row in part[:size]]
    meta = {
        "current_page": number,
        "from": start + 1 if data else None,
        "path": call.url,
        "per_page": size,
        "to": start + len(data) if data else None,
    }
    links = {
        "first": _link(call, 1),
        "last": None,
        "prev": _link(call, number - 1) if number > 1 else None,
        "next": _link(call, number + 1) if len(part) > size else None,
    }
    return Reply(200, {"data": data, "links": links, "meta": meta, "status": 1})


def _newest_first(call: PCall, *, sortable: bool) -> bool:
    """Which end a list begins with; only some lists heed `sort`."""
    asked = call.query.get("sort") if sortable else None
    if asked in ("asc", "desc"):
        return asked == "desc"
    return call.switches.partnero_order == "newest"


def reads(
    path: str,
    rows: Callable[[PCall], Rows],
    find: Callable[[PCall], Any],
    show: Show,
    listed: Show | None = None,
    *,
    sortable: bool = False,
) -> list[Route[Programme]]:
    """The list of rows, and the single read of the one that a path names."""

    def listing(call: PCall) -> Reply:
        return page(call, rows(call), listed or show, sortable=sortable)

    return [
        Route("GET", path, listing),
        Route("GET", f"{path}/{{name}}", lambda call: single(show(call, find(call)))),
    ]


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


def _program(call: PCall) -> dict[str, Any]:
    kind = call.switches.partnero_program_type
    return {**picked(call.owner, "id name currency"), "type": kind}


def _check_key(call: PCall) -> Reply:
    """The shape of GET /test is not documented, and so there are several."""
    program, shape = _program(call), call.switches.partnero_test_shape
    if shape == "program":
        return single({"program": program})
    if shape == "untyped":
        del program["type"]
    return single(program)


ROUTES = [
    Route("GET", "/test", _check_key),
    Route("GET", "/program/overview", lambda call: single(_program(call))),
]
