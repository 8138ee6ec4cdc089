"""Walking Tolt's sorted tables: filters, windows and cursors of both versions.

Cursors are stateless: they hold (sort, time, id) of a row, which need not exist any
more. v1 pages by object ids instead and can only sort by creation.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.sandbox.fields import Bad, moment
from connector.sandbox.table import Key, Row, Sort, Table, fold
from connector.sandbox.tolt import in_path, ok
from connector.sandbox.tolt_forms import invalid, problem
from connector.sandbox.tolt_shapes import Resource, TCall, find, show, value_of
from connector.sandbox.tolt_store import Organization
from connector.sandbox.wire import Handler, Reply

EPOCH = datetime.fromtimestamp(0, UTC)
FEW = 1000
# Per parameter: the time that it bounds, whether it is the end, and the id beside the
# time in the key of that bound: the empty one precedes all, the other follows all.
LAST = "\U0010ffff"
V1_WINDOW = {
    "created_gte": ("created_at", 0, ""),
    "created_lte": ("created_at", 1, LAST),
}
V2_WINDOW = {
    "created_after": ("created_at", 0, ""),
    "created_before": ("created_at", 1, ""),
    "updated_after": ("updated_at", 0, ""),
    "updated_before": ("updated_at", 1, ""),
}
PAGING = ("limit", "order", "starting_after", "ending_before", "expand[]", "include[]")
EXPANDED = ("partner", "program", "group", "customer", "transaction")
Bounds = list[Key | None]
Keep = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Scan:
    """One walk along one sorted index; `other` bounds the order not walked."""

    sort: Sort
    down: bool
    limit: int
    bounds: Bounds
    other: Bounds
    after: Key | None = None
    before: Key | None = None


def read_scan(call: TCall, table: str) -> Scan:
    """The common parameters of a list; every bad one is named."""
    query, bad = call.query, list[tuple[str, str]]()
    limit = query.get("limit", "10")
    if not re.fullmatch(r"\d{1,9}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        bad.append(("limit", "Must be between 1 and 100"))
    sorts = ("created_at",) if call.old else ("created_at", "updated_at")
    for name, allowed in (("order", ("desc", "asc")), ("sort", sorts)):
        if query.get(name, allowed[0]) not in allowed:
            bad.append((name, f"Invalid option: expected {' | '.join(allowed)}"))
    windows = _windows(call, bad)
    if query.get("starting_after") and query.get("ending_before"):
        bad.append(("ending_before", "Not together with starting_after"))
    if bad:
        raise invalid(bad)
    sort: Sort = "updated_at" if query.get("sort") == "updated_at" else "created_at"
    bounds = windows.pop(sort)
    (other,) = windows.values()
    after = _mark(call, table, sort, "starting_after")
    before = _mark(call, table, sort, "ending_before")
    down = query.get("order") != "asc"
    return Scan(sort, down, int(limit), bounds, other, after, before)


def _windows(call: TCall, bad: Bad) -> dict[str, Bounds]:
    windows: dict[str, Bounds] = {s: [None, None] for s in ("created_at", "updated_at")}
    for name, (sort, end, mark) in (V1_WINDOW if call.old else V2_WINDOW).items():
        if name in call.query:
            try:
                at = moment(call.query[name].replace(" ", "+"))
                windows[sort][end] = (at, mark)
            except (ValueError, OverflowError):
                bad.append((name, "Invalid ISO datetime with offset"))
    return windows


def _mark(call: TCall, table: str, sort: Sort, name: str) -> Key | None:
    """Where a cursor (or, sorted by creation, an item id) points."""
    text = call.query.get(name)
    if not text:
        return None
    if text.startswith("cur_") and not call.old:
        try:
            was, millis, uid = json.loads(base64.urlsafe_b64decode(text[4:]))
            if was == sort and isinstance(uid, str):
                return EPOCH + timedelta(milliseconds=millis), uid
        except (ValueError, TypeError, binascii.Error, OverflowError):
            pass
        raise problem("invalid_cursor", name, "Invalid cursor")
    row = find(call, table, text)
    if row is None:
        raise problem("invalid_cursor", name, "No such object")
    if sort != "created_at":
        raise problem("validation_error", name, "An item id needs sort=created_at")
    return row.created_at, row.uid


def cursor(sort: Sort, row: Any) -> str:
    """The opaque text that stands for a row's place."""
    millis = (getattr(row, sort) - EPOCH) // timedelta(milliseconds=1)
    raw = json.dumps([sort, millis, row.uid]).encode()
    return "cur_" + base64.urlsafe_b64encode(raw).decode()


def run_scan(table: Table[Any], scan: Scan, keep: Keep) -> tuple[list[Any], bool]:
    """A page and whether more rows follow in the direction of travel."""
    back = scan.before is not None
    down, (since, until) = scan.down != back, scan.bounds
    mark = scan.before or scan.after
    if mark and down:
        until = min(until, mark) if until else mark
    elif mark:
        beyond = (mark[0], mark[1] + "\0")
        since = max(since, beyond) if since else beyond
    rows = table.walk(
        scan.sort,
        since=since,
        until=until,
        down=down,
        keep=keep,
        at_most=scan.limit + 1,
    )
    page = rows[: scan.limit]
    return page[::-1] if back else page, len(rows) > scan.limit


def keeper(call: TCall, resource: Resource, scan: Scan) -> Keep:
    """One predicate for everything that the sorted range cannot express."""
    query, (low, high) = call.query, scan.other
    exact = [(n, query[n]) for n in resource.filters.split() if query.get(n)]
    searched = resource.search.split()
    part = fold(query.get("search", "")) if searched else ""
    email = fold(query.get("email", "")) if resource.table == "partners" else ""
    if not (call.old and call.switches.tolt_v1_email_filter):
        email = ""

    def keep(row: Any) -> bool:
        if not resource.visible(row) or (email and fold(row.email) != email):
            return False
        if any(value_of(call, row, name) != text for name, text in exact):
            return False
        if low or high:
            at = row.created_at if scan.sort == "updated_at" else row.updated_at
            if (low and (at, row.uid) < low) or (high and (at, row.uid) >= high):
                return False
        texts = (value_of(call, row, name) for name in searched) if part else ()
        return not part or any(part in text.casefold() for text in texts if text)

    return keep


def _narrowed(call: TCall) -> Table[Any]:
    """Only the codes that a search can find, if they are few; else all.

    Clients look for one code by searching: that must not walk 100,000 rows.
    """
    part, names = fold(call.query.get("search", "")), call.owner.codes.index
    hits = [rows for text, rows in names.items() if part in text] if part else []
    if not part or len(hits) > FEW:
        return call.owner.codes
    table: Table[Any] = Table("code")
    for rows in hits:
        for row in rows:
            table.add(row)
    return table


def listing(resource: Resource) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        if call.old and resource.filters:
            _need_program(call)
        scan = read_scan(call, resource.table)
        table = getattr(call.owner, resource.table)
        keep = keeper(call, resource, scan)
        walked = _narrowed(call) if resource.table == "codes" else table
        rows, more = run_scan(walked, scan, keep)
        data: Any = [_expanded(call, row) for row in rows]
        if call.old:
            nested = {"data": data} if resource.table == "customers" else data
            count = _count(call, resource, scan, keep)
            return ok(call, nested, has_more=more, total_count=count)
        # The last page still names a next cursor; only an empty page has none.
        last, first = (
            cursor(scan.sort, edge[0]) if edge else None
            for edge in (rows[-1:], rows[:1])
        )
        return ok(call, data, has_more=more, next_cursor=last, prev_cursor=first)

    return handle


def _need_program(call: TCall) -> None:
    if find(call, "programs", call.query.get("program_id")) is None:
        text = "is required" if "program_id" not in call.query else "unknown"
        raise problem("validation_error", "program_id", text)


def _expanded(call: TCall, row: Row) -> dict[str, Any]:
    shown = show(call, row)
    for name in call.query.getlist("expand[]") if call.old else ():
        other = getattr(row, name, None) if name in EXPANDED else None
        if other is not None:
            shown[name] = show(call, other)
    return shown


def _count(call: TCall, resource: Resource, scan: Scan, keep: Keep) -> int:
    """All matching rows; without further filters that is the size of the table."""
    table = getattr(call.owner, resource.table)
    plain = set(call.query) <= {*PAGING, "program_id"}
    if plain and len(call.owner.programs) == 1 and resource.table != "partners":
        return len(table)
    whole = replace(scan, after=None, before=None, limit=len(table))
    return len(run_scan(table, whole, keep)[0])


def getting(resource: Resource) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        return ok(call, _expanded(call, in_path(call, resource.table)))

    return handle
