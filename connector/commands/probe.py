"""Settling on a live programme what the documentation of both products leaves open.

``POINTS`` says what is asked, what this program takes for granted, and what follows
where the answer is another one; the functions below it find the answers. Looking needs
a client that can only read; trying needs one that can write, and makes a few objects
whose names begin with PTPROBE. What can be removed is removed, also when a trial fails.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

from connector.providers.addresses import path_to
from connector.providers.http import ReadOnly
from mappings.wire import Json, mapping, rows

MARK = "PTPROBE"
CODES = "promotion-codes"
UNTOLD = "cannot be told"
Found = Iterator[tuple[str, str]]
"""Points, numbered as in the notes on the APIs, each with what was seen."""


class Point(NamedTuple):
    """What is open, the answer that is taken for granted, what else would follow."""

    question: str
    expected: str
    consequence: str


POINTS = {
    "partnero.1": Point("published rate", "none", "set requests_per_second to it"),
    "partnero.2": Point("rows on a page at most", "100", "more or fewer pages"),
    "partnero.14": Point("counter and log in lists", "shown", "a GET for each code"),
    "partnero.15": Point("coupons name their codes", "yes", "a GET for each code"),
    "partnero.41": Point("GET /partner?email=", "accepted", "partners are scanned"),
    "partnero.38": Point("coupon without active", "accepted", "active is sent"),
    "partnero.6": Point("status of a create", "201", "none"),
    "partnero.8": Point("the same text twice", "refused", "one text, two codes: held"),
    "partnero.8b": Point("it under another coupon", "refused", "two codes: held"),
    "partnero.9": Point("the text in another case", "refused", "two codes: held"),
    "partnero.17": Point("PUT of an expiry", "ignored", "limits could be carried"),
    "partnero.20": Point(
        "redeem with an unknown key", "accepted, 0 in the log", "the log still judges"
    ),
    "partnero.31": Point("a transaction key twice", "accepted", "still looked up"),
    "partnero.20b": Point(
        "redeem with a known key", "accepted, 1 in the log", "pushing is not safe"
    ),
    "partnero.24": Point(
        "redeem with it again", "accepted, 1 in the log", "pushing is not safe"
    ),
    "partnero.2.5": Point(
        "delete under another coupon", "refused", "its coupon protects nothing"
    ),
    "partnero.45": Point("GET after a delete", "404", "absence is unproven"),
    "partnero.freed": Point("a deleted text again", "accepted", "undo fails"),
    "tolt.20": Point("published rate", "25", "set requests_per_second to it"),
    "tolt.9": Point("active in lists", "shown", "inactive is unknown"),
    "tolt.27": Point("announced end", "none", "plan the move to v2"),
    "tolt.date": Point("tells its clock", "yes", "no cheap passes"),
    "tolt.11": Point("honours updated_after", "yes", "no cheap passes"),
    "tolt.18": Point("status of a create", "201", "none"),
    "tolt.3": Point("form of 25.50", "25.5", "none: it is decimal"),
    "tolt.8": Point("duration", "forever", "named in the report"),
    "tolt.5": Point("the same text twice", "409", "twins: held"),
    "tolt.6": Point("it in another case", "409", "twins: held"),
    "tolt.24": Point("unknown field", "accepted", "none is sent"),
    "tolt.10": Point("GET after a delete", "404", "absence is unproven"),
    "tolt.10b": Point("a deleted text again", "accepted", "undo fails"),
}
ON_V1 = {"tolt.20": "none", "tolt.9": "not shown"}
"""What is expected of Tolt v1 where it differs."""


class Asked:
    """A client with the last answer, in the few forms in which it is looked at."""

    def __init__(self, http: ReadOnly) -> None:
        self.http = http
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.body: Json = None

    def ask(self, method: str, path: str, body: Json = None, **query: Any) -> "Asked":  # noqa: ANN401
        self.status, self.headers, self.body = self.http.peek(method, path, query, body)
        return self

    @property
    def rows(self) -> list[dict[str, Any]]:
        data = mapping(self.body).get("data")
        return [dict(row) for row in rows(data)] if isinstance(data, list) else []

    @property
    def row(self) -> dict[str, Any]:
        data = mapping(self.body).get("data")
        return dict(data) if isinstance(data, dict) else next(iter(self.rows), {})

    @property
    def taken(self) -> str:
        if 200 <= self.status < 300:
            return "accepted"
        return "refused" if 400 <= self.status < 500 else f"answers {self.status}"

    @property
    def limit(self) -> str:
        limits = (v for k, v in self.headers.items() if k.endswith("limit-limit"))
        return next(limits, "none")

    def shown(self, *names: str) -> str:
        """Say whether a row of the answer has these members."""
        if not self.row:
            return UNTOLD
        return "shown" if all(name in self.row for name in names) else "not shown"


def look_at_partnero(http: ReadOnly) -> Found:
    """Ask with GETs only."""
    on = Asked(http).ask("GET", CODES, limit=250)
    yield "partnero.1", on.limit
    yield "partnero.2", str(mapping(mapping(on.body).get("meta")).get("per_page"))
    yield "partnero.14", on.shown("times_redeemed", "additional_info")
    any_code = bool(on.row)
    coupons = on.ask("GET", "coupons", limit=100).rows
    named = any(mapping(mapping(c).get("promotion_codes")).get("data") for c in coupons)
    answer = "yes" if named else "no"
    yield "partnero.15", answer if coupons and any_code else UNTOLD
    email = str(on.ask("GET", "partners", limit=10).row.get("email", ""))
    taken = on.ask("GET", "partner", email=email).taken if email else UNTOLD
    yield "partnero.41", taken


def look_at_tolt(http: ReadOnly, version: str, program: str) -> Found:
    """Ask with GETs only."""
    on = Asked(http).ask("GET", CODES, program_id=program, limit=1)
    yield "tolt.20", on.limit
    yield "tolt.9", on.shown("active")
    ends = on.headers.get("sunset") or on.headers.get("deprecation")
    yield "tolt.27", ends or "none"
    yield "tolt.date", "yes" if "date" in on.headers else "no"
    if version == "v2":
        late = "2199-01-01T00:00:00Z"
        on.ask("GET", CODES, program_id=program, updated_after=late)
        yield "tolt.11", "yes" if on.taken == "accepted" and not on.rows else "no"


def try_partnero(http: ReadOnly) -> Found:
    """Make marked objects on Partnero, and remove what can be removed."""
    on, name = Asked(http), f"{MARK}-{secrets.token_hex(3)}"
    with ExitStack() as undo:
        yield from _coupons(on, name, undo)
        yield from _codes(on, name, undo)
        yield from _redeems(on, name, undo)
        yield "partnero.2.5", _delete(on, name, f"{name}-2").taken
        _delete(on, name, f"{name}-1")
        yield "partnero.45", str(on.ask("GET", f"{CODES}/{name}").status)
        yield "partnero.freed", _create(on, name, f"{name}-1").taken


def _coupons(on: Asked, name: str, undo: ExitStack) -> Found:
    body = {
        "name": name,
        "uuid_code": f"{name}-1",
        "coupon_discount_type": "percent",
        "coupon_discount_amount": 1,
        "coupon_duration_type": "once",
    }
    yield "partnero.38", on.ask("POST", "coupons", body).taken
    for uuid in (f"{name}-1", f"{name}-2"):
        on.ask("POST", "coupons", {**body, "uuid_code": uuid, "active": True})
        undo.callback(on.ask, "DELETE", f"coupons/{uuid}")


def _create(on: Asked, text: str, coupon: str) -> Asked:
    body = {"code": text, "coupon_uuid": coupon, "metadata": {"made_by": MARK}}
    return on.ask("POST", CODES, body)


def _delete(on: Asked, text: str, coupon: str) -> Asked:
    body = {"code": text, "coupon": {"uuid_code": coupon}}
    return on.ask("DELETE", CODES, body)


def _codes(on: Asked, name: str, undo: ExitStack) -> Found:
    yield "partnero.6", str(_create(on, name, f"{name}-1").status)
    undo.callback(_delete, on, name, f"{name}-1")
    for point, text, coupon in (
        ("partnero.8", name, f"{name}-1"),
        ("partnero.8b", name, f"{name}-2"),
        ("partnero.9", name.lower(), f"{name}-1"),
    ):
        seen = _create(on, text, coupon).taken
        if seen == "accepted":
            undo.callback(_delete, on, text, coupon)
        yield point, seen
    wish = {"expiration_date_status": True, "expiration_date_value": "2199-01-01"}
    taken = on.ask("PUT", CODES, {"code": name, **wish}).taken
    kept = on.ask("GET", f"{CODES}/{name}").row.get("expiration_date_status")
    yield "partnero.17", "applied" if kept else taken.replace("accepted", "ignored")


def _redeems(on: Asked, name: str, undo: ExitStack) -> Found:
    def redeem(key: str) -> str:
        body = {"code": name, "redeem": True, "transaction_key": key}
        taken = on.ask("PUT", CODES, body).taken
        row = on.ask("GET", f"{CODES}/{name}").row
        log = mapping(row.get("additional_info") or {}).get("redemptions") or []
        return f"{taken}, {len(list(log)) if isinstance(log, list) else 0} in the log"

    yield "partnero.20", redeem(f"{name}-unknown")
    partner = on.ask("GET", "partners", limit=10).row.get("id")
    if partner is None:
        return
    on.ask("POST", "customers", {"key": name, "partner": {"id": partner}})
    undo.callback(on.ask, "DELETE", f"customers/{name}")
    sale = {"customer": {"key": name}, "key": name, "amount": 1, "rewardable": False}
    on.ask("POST", "transactions", sale)
    undo.callback(on.ask, "DELETE", f"transactions/{name}")
    yield "partnero.31", on.ask("POST", "transactions", sale).taken
    yield "partnero.20b", redeem(name)
    yield "partnero.24", redeem(name)


def try_tolt(http: ReadOnly, program: str) -> Found:
    """Make marked codes on Tolt v2, and remove them."""
    on, name = Asked(http), f"{MARK}-{secrets.token_hex(3)}"
    partner = on.ask("GET", "partners", program_id=program, limit=1).row.get("id")
    if partner is None:
        return
    with ExitStack() as undo:

        def make(text: str) -> Asked:
            body = {"code": text, "partner_id": partner, "type": "fixed"}
            made = on.ask("POST", CODES, body | {"value": "25.50"})
            if made.row.get("id"):
                undo.callback(on.ask, "DELETE", path_to(CODES, str(made.row["id"])))
            return made

        yield "tolt.18", str(make(name).status)
        at = path_to(CODES, str(on.row.get("id") or ""))
        yield "tolt.3", str(on.row.get("value"))
        yield "tolt.8", str(on.row.get("duration"))
        yield "tolt.5", str(make(name).status)
        yield "tolt.6", str(make(name.lower()).status)
        yield "tolt.24", on.ask("PUT", at, {"ptprobe": 1}).taken
        on.ask("DELETE", at)
        yield "tolt.10", str(on.ask("GET", at).status)
        yield "tolt.10b", make(name).taken
