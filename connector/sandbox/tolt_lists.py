"""Walking Tolt's sorted tables: filters, windows and cursors of both versions.

Cursors are stateless: they hold (sort, time, id) of a row, which need not exist any
more. v1 pages by object ids instead and can only sort by creation.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.sandbox import tolt
from connector.sandbox.table import Key, Sort, Table, fold
from connector.sandbox.tolt import TCall, show_id
from connector.sandbox.tolt_store import Code
from connector.sandbox.wire import Refused

EPOCH = datetime.fromtimestamp(0, UTC)
SORTS: tuple[Sort, Sort] = ("created_at", "updated_at")
LAST = "\U0010ffff"
FEW = 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """How one resource is filtered, searched and shown."""

    kind: str
    filters: dict[str, Callable[[TCall, Any], str | None]]
    search: Callable[[TCall, Any], tuple[str | None, ...]] | None = None
    visible: Callable[[Any], bool] = lambda row: True


def _id(kind: str, read: Callable[[Any], Any]) -> Callable[[TCall, Any], str | None]:
    return lambda call, row: show_id(call, kind, read(row))


PROGRAM = _id("programs", lambda row: row.program)
PARTNER = _id("partners", lambda row: row.partner)
CUSTOMER = _id("customers", lambda row: row.customer)
LISTED = {
    "programs": Listed("programs", {}),
    "groups": Listed("groups", {"program_id": PROGRAM}),
    "partners": Listed(
        "partners",
        {
            "program_id": PROGRAM,
            "group_id": _id("groups", lambda row: row.group),
            "status": lambda call, row: str(row.status),
        },
        lambda call, row: (
            show_id(call, "partners", row),
            row.email,
            row.first_name,
            row.last_name,
            row.company_name,
        ),
        # Only onboarded partners are listed; the others exist all the same.
        lambda row: bool(row.completed_onboarding),
    ),
    "promotion-codes": Listed(
        "codes",
        {
            "program_id": PROGRAM,
            "partner_id": PARTNER,
            "type": lambda call, row: row.type,
        },
        lambda call, row: (row.code,),
    ),
    "customers": Listed(
        "customers",
        {
            "program_id": PROGRAM,
            "partner_id": PARTNER,
            "customer_id": lambda call, row: row.customer_id,
            "status": lambda call, row: str(row.status),
            "click_id": lambda call, row: row.click_id,
            "link_id": lambda call, row: row.link_id,
        },
        lambda call, row: (row.email, row.name, row.customer_id),
    ),
    "transactions": Listed(
        "transactions",
        {
            "program_id": PROGRAM,
            "partner_id": _id("partners", lambda row: row.customer.partner),
            "customer_id": CUSTOMER,
            "status": lambda call, row: row.status,
        },
        lambda call, row: (show_id(call, "transactions", row), row.charge_id),
    ),
    "commissions": Listed(
        "commissions",
        {
            "program_id": PROGRAM,
            "partner_id": PARTNER,
            "customer_id": CUSTOMER,
            "transaction_id": _id("transactions", lambda row: row.transaction),
            "status": lambda call, row: str(row.status),
        },
    ),
}


def narrowed(call: TCall) -> Table[Code]:
    """Only the codes that a search can find, if they are few; else all.

    Clients look for one code by searching: that must not walk 100,000 rows.
    """
    part, names = fold(call.query.get("search", "")), call.owner.codes_by_text
    hits = [rows for text, rows in names.items() if part in text] if part else []
    if not part or len(hits) > FEW:
        return call.owner.codes
    table: Table[Code] = Table()
    for rows in hits:
        for row in rows:
            table.add(row)
    return table


def keeper(
    call: TCall, listed: Listed, other: Callable[[Any], bool] | None = None
) -> Callable[[Any], bool]:
    """One predicate for everything that the sorted range cannot express."""
    query = call.query
    exact = [
        (read, query[name]) for name, read in listed.filters.items() if query.get(name)
    ]
    part = fold(query.get("search", "")) if listed.search else ""

    def keep(row: Any) -> bool:
        if not listed.visible(row):
            return False
        if any(read(call, row) != value for read, value in exact):
            return False
        if other and not other(row):
            return False
        if not part or not listed.search:
            return True
        return any(part in text.casefold() for text in listed.search(call, row) if text)

    return keep


@dataclass(frozen=True, slots=True)
class Scan:
    """One walk along one sorted index."""

    sort: Sort
    down: bool
    limit: int
    since: Key | None
    until: Key | None
    after: Key | None = None
    before: Key | None = None
    other: Callable[[Any], bool] | None = None


def run_scan(
    table: Table[Any], scan: Scan, keep: Callable[[Any], bool]
) -> tuple[list[Any], bool]:
    """A page and whether more rows follow in the direction of travel."""
    back = scan.before is not None
    down = scan.down != back
    since, until = scan.since, scan.until
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


def read_scan(call: TCall, table: Table[Any], kind: str) -> Scan:
    query, bad = call.query, []
    limit = query.get("limit", "10")
    if not re.fullmatch(r"\d{1,9}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        bad.append(("limit", "Must be between 1 and 100"))
    for name, allowed in (("order", ("asc", "desc")), ("sort", SORTS)):
        if query.get(name, allowed[0]) not in allowed:
            bad.append((name, f"Invalid option: expected {' | '.join(allowed)}"))
    times: dict[str, datetime] = {}
    for name in ("created_after", "created_before", "updated_after", "updated_before"):
        if name in query:
            found = tolt.moment(query[name].replace(" ", "+"))
            if found is None:
                bad.append((name, "Invalid ISO datetime with offset"))
            else:
                times[name] = found
    if query.get("starting_after") and query.get("ending_before"):
        bad.append(("ending_before", "Not together with starting_after"))
    if bad:
        text = "; ".join(f"{name}: {why}" for name, why in bad)
        raise Refused(400, "validation_error", text, bad)
    return _scan(call, table, kind, times, int(limit))


def _scan(
    call: TCall, table: Table[Any], kind: str, times: dict[str, datetime], limit: int
) -> Scan:
    query = call.query
    sort: Sort = "updated_at" if query.get("sort") == "updated_at" else "created_at"
    own, other = (
        ("updated", "created") if sort == "updated_at" else ("created", "updated")
    )
    after, before = times.get(f"{own}_after"), times.get(f"{own}_before")

    def in_other(row: Any) -> bool:
        at: datetime = getattr(row, f"{other}_at")
        low, high = times.get(f"{other}_after"), times.get(f"{other}_before")
        return (low is None or at >= low) and (high is None or at < high)

    marks = {
        name: _mark(call, kind, sort, name=name, text=query[name])
        for name in ("starting_after", "ending_before")
        if query.get(name)
    }
    return Scan(
        sort,
        query.get("order", "desc") == "desc",
        limit,
        (after, "") if after else None,
        (before, "") if before else None,
        marks.get("starting_after"),
        marks.get("ending_before"),
        in_other if any(name.startswith(other) for name in times) else None,
    )


def _mark(call: TCall, kind: str, sort: Sort, *, name: str, text: str) -> Key:
    """Where a cursor (or, sorted by creation, an item id) points."""
    if text.startswith("cur_"):
        try:
            raw = base64.urlsafe_b64decode(text.removeprefix("cur_"))
            was, millis, uid = json.loads(raw)
            if was == sort and isinstance(uid, str):
                return EPOCH + timedelta(milliseconds=millis), uid
        except (ValueError, TypeError, binascii.Error, OverflowError):
            pass
        raise problem_cursor(name)
    row = tolt.find(call, kind, text)
    if row is None:
        raise problem_cursor(name)
    if sort != "created_at":
        text = "An item id needs sort=created_at"
        raise Refused(400, "validation_error", f"{name}: {text}", [(name, text)])
    return row.created_at, row.uid


def problem_cursor(name: str) -> Refused:
    return tolt.problem("invalid_cursor", name, "Invalid cursor")


def cursor(sort: Sort, row: Any) -> str:
    """The opaque text that stands for a row's place."""
    millis = (getattr(row, sort) - EPOCH) // timedelta(milliseconds=1)
    raw = json.dumps([sort, millis, row.uid]).encode()
    return "cur_" + base64.urlsafe_b64encode(raw).decode()


def v1_scan(call: TCall, kind: str) -> Scan:
    """Sorted by creation only; both bounds are inclusive."""
    query = call.query
    limit = query.get("limit", "10")
    if not re.fullmatch(r"\d{1,9}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        raise tolt.problem("validation_error", "limit", "Must be between 1 and 100")
    marks: dict[str, Key] = {}
    for name in ("starting_after", "ending_before"):
        if query.get(name):
            row = tolt.find(call, kind, query[name])
            if row is None:
                raise tolt.problem("invalid_cursor", name, "No such object")
            marks[name] = (row.created_at, row.uid)
    bounds: dict[str, datetime] = {}
    for name in ("created_gte", "created_lte"):
        if query.get(name):
            found = tolt.moment(query[name].replace(" ", "+"))
            if found is None:
                raise tolt.problem("validation_error", name, "Invalid date")
            bounds[name] = found
    since, until = bounds.get("created_gte"), bounds.get("created_lte")
    return Scan(
        "created_at",
        query.get("order", "desc") != "asc",
        int(limit),
        (since, "") if since else None,
        (until, LAST) if until else None,
        marks.get("starting_after"),
        marks.get("ending_before"),
    )
