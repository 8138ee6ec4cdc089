"""Settling on a live programme what the documentation of both products leaves open.

Each point is asked in one way only, has an expected answer (what this program takes
for granted) and a consequence where the answer is another one. Looking needs a client
that can only read; trying needs one that can write, and makes a few objects whose
names begin with PTPROBE. What can be removed is removed, also when a trial fails.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from connector.errors import SyncError
from connector.providers.http import ReadOnly
from connector.reports.safe import cell
from mappings.wire import Json, mapping, rows

MARK = "PTPROBE"
CODES = "promotion-codes"


@dataclass(frozen=True, slots=True)
class Answer:
    """One point, numbered as in the notes on the APIs."""

    point: str
    question: str
    expected: str
    seen: str
    consequence: str

    @property
    def as_expected(self) -> bool:
        return self.seen in (self.expected, "cannot be told")


@dataclass(slots=True)
class Asked:
    """A client with the last answer, in the few forms in which it is looked at."""

    http: ReadOnly
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: Json = None

    def ask(self, method: str, path: str, body: Json = None, **query: Any) -> "Asked":  # noqa: ANN401
        self.status, self.headers, self.body = self.http.peek(method, path, query, body)
        return self

    @property
    def rows(self) -> list[dict[str, Any]]:
        found = mapping(self.body).get("data")
        return [dict(row) for row in rows(found)] if isinstance(found, list) else []

    @property
    def row(self) -> dict[str, Any]:
        found = mapping(self.body).get("data")
        return dict(found) if isinstance(found, dict) else {}

    @property
    def taken(self) -> str:
        if 200 <= self.status < 300:
            return "accepted"
        return "refused" if 400 <= self.status < 500 else f"answers {self.status}"

    @property
    def limit(self) -> str:
        """Return the rate that the headers tell."""
        told = [v for k, v in (self.headers or {}).items() if k.endswith("limit-limit")]
        return told[0] if told else "none"


def _shape(row: Mapping[str, Any], *names: str) -> str:
    if not row:
        return "cannot be told"
    return "shown" if all(name in row for name in names) else "not shown"


def look_at_partnero(http: ReadOnly) -> Iterator[Answer]:
    """Ask with GETs only."""
    on = Asked(http)
    large = on.ask("GET", CODES, limit=250)
    size = mapping(mapping(large.body).get("meta")).get("per_page")
    row = next(iter(large.rows), {})
    limit = large.limit
    yield Answer(
        "partnero.1", "published rate", "none", limit, "set requests_per_second to it"
    )
    yield Answer(
        "partnero.2", "rows on a page at most", "100", str(size), "more or fewer pages"
    )
    yield Answer(
        "partnero.14",
        "counter and log in lists",
        "shown",
        _shape(row, "times_redeemed", "additional_info"),
        "redemptions cost one GET for each code",
    )
    coupons = on.ask("GET", "coupons", limit=100).rows
    embeds = any(
        mapping(mapping(c).get("promotion_codes")).get("data") for c in coupons
    )
    yield Answer(
        "partnero.15",
        "coupon lists name their codes",
        "yes",
        ("yes" if embeds else "no") if coupons and row else "cannot be told",
        "the first reading costs one GET for each code",
    )
    people = on.ask("GET", "partners", limit=10).rows
    email = str(people[0].get("email", "")) if people else ""
    found = on.ask("GET", "partner", email=email).taken if email else "cannot be told"
    yield Answer(
        "partnero.41", "GET /partner?email=", "accepted", found, "partners are scanned"
    )


def look_at_tolt(http: ReadOnly, version: str, program: str) -> Iterator[Answer]:
    """Ask with GETs only."""
    on = Asked(http)
    first = on.ask("GET", CODES, program_id=program, limit=1)
    row = next(iter(first.rows), {})
    published = "25" if version == "v2" else "none"
    yield Answer(
        "tolt.20", "published rate", published, first.limit, "set requests_per_second"
    )
    shown = "shown" if version == "v2" else "not shown"
    yield Answer(
        "tolt.9", "active in lists", shown, _shape(row, "active"), "inactive is unknown"
    )
    headers = first.headers or {}
    ends = headers.get("sunset") or headers.get("deprecation") or "none"
    yield Answer("tolt.27", "announced end", "none", ends, "plan the move to v2")
    clock = "yes" if "date" in headers else "no"
    yield Answer("tolt.date", "tells its clock", "yes", clock, "no windows of changes")
    if version == "v2":
        late = on.ask(
            "GET", CODES, program_id=program, updated_after="2199-01-01T00:00:00Z"
        )
        kept = "yes" if late.taken == "accepted" and not late.rows else "no"
        yield Answer(
            "tolt.11", "honours updated_after", "yes", kept, "no windows of changes"
        )


def try_partnero(http: ReadOnly) -> Iterator[Answer]:
    """Make marked objects on Partnero, and remove what can be removed."""
    on, name = Asked(http), f"{MARK}-{secrets.token_hex(3)}"
    with ExitStack() as undo:
        yield from _coupon(on, name, undo)
        yield from _codes(on, name, undo)
        yield from _redeems(on, name, undo)
        other = {"code": name, "coupon": {"uuid_code": f"{name}-2"}}
        yield Answer(
            "partnero.2.5",
            "delete under another coupon",
            "refused",
            on.ask("DELETE", CODES, other).taken,
            "the coupon in a delete protects nothing",
        )
        _remove(on, name, f"{name}-1")
        gone = on.ask("GET", f"{CODES}/{name}").status
        yield Answer(
            "partnero.45", "GET after a delete", "404", str(gone), "absence is unproven"
        )
        again = on.ask("POST", CODES, _code(name, f"{name}-1")).taken
        yield Answer(
            "partnero.freed",
            "a deleted text can be used again",
            "accepted",
            again,
            "an undo of a delete fails",
        )


def _coupon(on: Asked, name: str, undo: ExitStack) -> Iterator[Answer]:
    body = {
        "name": name,
        "uuid_code": f"{name}-1",
        "coupon_discount_type": "percent",
        "coupon_discount_amount": 1,
        "coupon_duration_type": "once",
    }
    plain = on.ask("POST", "coupons", body).taken
    for number in (1, 2):
        one = {**body, "uuid_code": f"{name}-{number}", "active": True}
        on.ask("POST", "coupons", one)
        undo.callback(on.ask, "DELETE", f"coupons/{name}-{number}")
    yield Answer(
        "partnero.38", "coupon without active", "accepted", plain, "active is sent"
    )


def _code(name: str, coupon: str) -> dict[str, Json]:
    return {"code": name, "coupon_uuid": coupon, "metadata": {"made_by": MARK}}


def _remove(on: Asked, name: str, coupon: str) -> None:
    on.ask("DELETE", CODES, {"code": name, "coupon": {"uuid_code": coupon}})


def _codes(on: Asked, name: str, undo: ExitStack) -> Iterator[Answer]:
    made = on.ask("POST", CODES, _code(name, f"{name}-1"))
    undo.callback(_remove, on, name, f"{name}-1")
    yield Answer("partnero.6", "status of a create", "201", str(made.status), "none")
    for point, text, coupon, what in (
        ("partnero.8", name, f"{name}-1", "the same text twice"),
        ("partnero.8b", name, f"{name}-2", "the same text under another coupon"),
        ("partnero.9", name.lower(), f"{name}-1", "the same text in another case"),
    ):
        seen = on.ask("POST", CODES, _code(text, coupon)).taken
        if seen == "accepted":
            undo.callback(_remove, on, text, coupon)
        yield Answer(point, what, "refused", seen, "one text can be two codes: held")
    wish = {"expiration_date_status": True, "expiration_date_value": "2199-01-01"}
    taken = on.ask("PUT", CODES, {"code": name, **wish}).taken
    kept = on.ask("GET", f"{CODES}/{name}").row.get("expiration_date_status")
    seen = "applied" if kept else ("ignored" if taken == "accepted" else taken)
    yield Answer(
        "partnero.17", "PUT of an expiry", "ignored", seen, "limits could be carried"
    )


def _redeems(on: Asked, name: str, undo: ExitStack) -> Iterator[Answer]:
    def redeem(key: str) -> str:
        body = {"code": name, "redeem": True, "transaction_key": key}
        taken = on.ask("PUT", CODES, body).taken
        row = on.ask("GET", f"{CODES}/{name}").row
        log = mapping(row.get("additional_info") or {}).get("redemptions") or []
        return f"{taken}, {len(list(log)) if isinstance(log, list) else 0} in the log"

    yield Answer(
        "partnero.20",
        "redeem with an unknown key",
        "accepted, 0 in the log",
        redeem(f"{name}-unknown"),
        "a redeem is judged by the log all the same",
    )
    people = on.ask("GET", "partners", limit=10).rows
    if not people:
        return
    buyer = {"key": name, "partner": {"id": people[0].get("id")}}
    on.ask("POST", "customers", buyer)
    undo.callback(on.ask, "DELETE", f"customers/{name}")
    sale = {"customer": {"key": name}, "key": name, "amount": 1, "rewardable": False}
    on.ask("POST", "transactions", sale)
    undo.callback(on.ask, "DELETE", f"transactions/{name}")
    yield Answer(
        "partnero.31",
        "a transaction key twice",
        "accepted",
        on.ask("POST", "transactions", sale).taken,
        "keys are looked up first all the same",
    )
    for point, what in (("partnero.20b", "redeem"), ("partnero.24", "redeem again")):
        yield Answer(
            point,
            f"{what} with a known key",
            "accepted, 1 in the log",
            redeem(name),
            "redemptions are not pushed safely",
        )


def try_tolt(http: ReadOnly, program: str) -> Iterator[Answer]:
    """Make marked codes on Tolt v2, and remove them."""
    on, name = Asked(http), f"{MARK}-{secrets.token_hex(3)}"
    people = on.ask("GET", "partners", program_id=program, limit=1).rows
    if not people:
        return
    body = {"code": name, "partner_id": people[0].get("id")}
    body |= {"type": "fixed", "value": "25.50"}
    with ExitStack() as undo:

        def make(text: str) -> Asked:
            made = on.ask("POST", CODES, {**body, "code": text})
            if made.row.get("id"):
                undo.callback(on.ask, "DELETE", f"{CODES}/{made.row['id']}")
            return made

        made = make(name)
        row, status = made.row, str(made.status)
        at = f"{CODES}/{row.get('id')}"
        value, duration = str(row.get("value")), str(row.get("duration"))
        yield Answer("tolt.18", "status of a create", "201", status, "none")
        yield Answer("tolt.3", "form of 25.50", "25.5", value, "none: it is decimal")
        yield Answer("tolt.8", "duration", "forever", duration, "named in the report")
        same, other = make(name).status, make(name.lower()).status
        yield Answer("tolt.5", "the same text twice", "409", str(same), "twins: held")
        yield Answer("tolt.6", "in another case", "409", str(other), "twins: held")
        unknown = on.ask("PUT", at, {"ptprobe": 1}).taken
        yield Answer("tolt.24", "unknown field", "accepted", unknown, "none is sent")
        on.ask("DELETE", at)
        gone = str(on.ask("GET", at).status)
        yield Answer("tolt.10", "GET after a delete", "404", gone, "absence unproven")
        again = make(name).taken
        yield Answer("tolt.10b", "text used again", "accepted", again, "undo fails")


def all_of(looks: Mapping[str, Callable[[], Iterator[Answer]]]) -> Iterator[Answer]:
    """Give all answers; a product that cannot be asked is one answer, too."""
    for name, look in looks.items():
        try:
            yield from look()
        except SyncError as error:
            seen = cell(str(error))
            yield Answer(name, "can be asked", "yes", seen, "the rest is not settled")
