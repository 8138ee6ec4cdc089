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

from connector.sandbox.fields import MOMENT
from connector.sandbox.table import Key, Sort, Table, fold
from connector.sandbox.tolt import TCall, invalid, ok, problem
from connector.sandbox.tolt_rows import Resource, find, in_path, show, value_of
from connector.sandbox.tolt_store import Organization
from connector.sandbox.wire import Handler, Refused, Reply, no_route

EPOCH = datetime.fromtimestamp(0, UTC)
STEP = timedelta(milliseconds=1)  # the finest that Tolt prints
FEW = 1000
SALES = "transactions"  # the one table whose new rows may be read late
WORDS = {"order": ("asc", "desc"), "sort": ("created_at", "updated_at")}
CURSORS = ("starting_after", "ending_before")
# Per parameter: the time that it bounds, and whether as start (0) or as end (1).
V1_WINDOW = {"created_gte": ("created_at", 0), "created_lte": ("created_at", 1)}
V2_WINDOW = {
    "created_after": ("created_at", 0),
    "created_before": ("created_at", 1),
    "updated_after": ("updated_at", 0),
    "updated_before": ("updated_at", 1),
}
Window = list[datetime | None]
Keep = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Scan:
    """One walk along one sorted index, inside windows, behind a mark."""

    sort: Sort
    down: bool
    limit: int
    windows: dict[str, Window]
    after: Key | None
    before: Key | None = None  # instead of `after`: the page that ends there


def read_scan(call: TCall, table: str) -> Scan:
    """The common parameters of a list; every bad one is named."""
    query, bad = call.query, list[tuple[str, str]]()
    limit = query.get("limit", "10")
    if not re.fullmatch(r"\d{1,9}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        bad.append(("limit", "Must be between 1 and 100"))
    windows = _windows(call, bad)
    if not call.old:
        _check_words(call, bad)
    if bad:
        raise invalid(bad)
    by_change = query.get("sort") == "updated_at" and not call.old
    sort: Sort = "updated_at" if by_change else "created_at"
    down = query.get("order") != "asc"
    after, before = (_mark(call, table, sort, name) for name in CURSORS)
    return Scan(sort, down, int(limit), windows, after, None if after else before)


def _check_words(call: TCall, bad: list[tuple[str, str]]) -> None:
    """v2 knows the words that it takes, and takes one cursor at a time."""
    for name, known in WORDS.items():
        if call.query.get(name, known[0]) not in known:
            options = "|".join(f'"{word}"' for word in known)
            bad.append((name, f"Invalid option: expected one of {options}"))
    if all(call.query.get(name) for name in CURSORS):
        bad.append((CURSORS[1], f"Cannot be combined with {CURSORS[0]}"))


def _windows(call: TCall, bad: list[tuple[str, str]]) -> dict[str, Window]:
    windows: dict[str, Window] = {"created_at": [None, None], "updated_at": [None] * 2}
    for name, (column, end) in (V1_WINDOW if call.old else V2_WINDOW).items():
        if name in call.query:
            try:
                at = MOMENT.validate_python(call.query[name].replace(" ", "+"))
            except ValueError:
                bad.append((name, "Invalid ISO datetime with offset"))
                continue
            # v1 includes the end of its window, v2 does not.
            windows[column][end] = at + STEP if call.old and end else at
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
                return EPOCH + millis * STEP, uid
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
    millis = (getattr(row, sort) - EPOCH) // STEP
    raw = json.dumps([sort, millis, row.uid]).encode()
    return "cur_" + base64.urlsafe_b64encode(raw).decode()


def run_scan(table: Table[Any], scan: Scan, keep: Keep) -> tuple[list[Any], bool]:
    """A page and whether more rows follow, or come before one that ends somewhere."""
    if scan.before:
        back = replace(scan, down=not scan.down, after=scan.before, before=None)
        rows, more = run_scan(table, back, keep)
        return rows[::-1], more
    since, until = ((at, "") if at else None for at in scan.windows[scan.sort])
    if scan.after and scan.down:
        until = min(until, scan.after) if until else scan.after
    elif scan.after:
        beyond = (scan.after[0], scan.after[1] + "\0")
        since = max(since, beyond) if since else beyond
    rows = table.walk(
        scan.sort,
        since=since,
        until=until,
        down=scan.down,
        keep=keep,
        at_most=scan.limit + 1,
    )
    return rows[: scan.limit], len(rows) > scan.limit


def keeper(call: TCall, resource: Resource, scan: Scan) -> Keep:
    """One predicate for everything that the sorted range cannot express."""
    query, old = call.query, call.old
    filters = resource.v1_filters if old else resource.filters
    exact = [(n, query[n]) for n in filters.split() if query.get(n)]
    searched = (resource.v1_search if old else resource.search).split()
    part = fold(query.get("search", "")) if searched else ""
    wants_mail = old and resource.table == "partners"
    wants_mail = wants_mail and call.switches.tolt_v1_email_filter
    email = fold(query.get("email", "")) if wants_mail else ""
    lag = call.switches.tolt_transactions_lag if resource.table == SALES else 0
    inside = _inside(scan)

    def keep(row: Any) -> bool:
        # Only onboarded partners are listed; the others exist all the same, and v1
        # finds them by their e-mail.
        if not email and not getattr(row, "completed_onboarding", True):
            return False
        if email and fold(row.email or "") != email:
            return False
        if lag and not call.seen([row], lag):
            return False
        if any(value_of(call, row, name) != text for name, text in exact):
            return False
        if not inside(row):
            return False
        texts = (value_of(call, row, name) for name in searched)
        return not part or any(part in text.casefold() for text in texts if text)

    return keep


def _inside(scan: Scan) -> Keep:
    """Return the predicate of the windows by which the rows are not sorted."""
    bounded = [(n, w) for n, w in scan.windows.items() if n != scan.sort and any(w)]

    def inside(row: Any) -> bool:
        for column, (since, until) in bounded:
            at = getattr(row, column)
            if (since and at < since) or (until and at >= until):
                return False
        return True

    return inside


def _narrowed(call: TCall, table: Table[Any]) -> Table[Any]:
    """Only the codes that a search can find, if they are few; else all.

    Clients look for one code by searching: that must not walk 100,000 rows.
    """
    part = fold(call.query.get("search", ""))
    if not part or table.key != "code":
        return table
    hits = [rows for text, rows in table.index.items() if part in text]
    if len(hits) > FEW:
        return table
    narrow: Table[Any] = Table("code")
    for row in (row for rows in hits for row in rows):
        narrow.add(row)
    return narrow


def listing(resource: Resource) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        if call.old and resource.table != "programs":
            _need_program(call)
        elif call.old and not call.switches.tolt_v1_programs:
            raise no_route()
        scan = read_scan(call, resource.table)
        table = getattr(call.owner, resource.table)
        keep = keeper(call, resource, scan)
        rows, more = run_scan(_narrowed(call, table), scan, keep)
        data: Any = [show(call, row) for row in rows]
        if call.old:
            nested = {"data": data} if resource.table == "customers" else data
            count = _count(call, table, scan, keep)
            return ok(call, nested, has_more=more, total_count=count)
        # The last page still names a next cursor; only an empty page has none.
        last, first = (cursor(scan.sort, row) if row else None for row in _ends(rows))
        return ok(call, data, has_more=more, next_cursor=last, prev_cursor=first)

    return handle


def _ends(rows: list[Any]) -> tuple[Any, Any]:
    return (rows[-1], rows[0]) if rows else (None, None)


def _need_program(call: TCall) -> None:
    if find(call, "programs", call.query.get("program_id")) is None:
        text = "is required" if "program_id" not in call.query else "unknown"
        raise problem("validation_error", "program_id", text)


def _count(call: TCall, table: Table[Any], scan: Scan, keep: Keep) -> int:
    """All matching rows; without further filters that is the size of the table."""
    plain = set(call.query) <= {"limit", "order", "starting_after", "program_id"}
    late = table is call.owner.transactions and call.switches.tolt_transactions_lag
    whole = table is not call.owner.partners and not late
    if plain and len(call.owner.programs) == 1 and whole:
        return len(table)
    return len(
        run_scan(table, replace(scan, after=None, before=None, limit=len(table)), keep)[
            0
        ]
    )


def getting(table: str) -> Handler[Organization]:
    def handle(call: TCall) -> Reply:
        row, lag = in_path(call, table), call.switches.tolt_transactions_lag
        if table == SALES and not call.seen([row], lag):
            raise Refused(404, "not_found", f"No such id in {table}")
        return ok(call, show(call, row, "single"))

    return handle
