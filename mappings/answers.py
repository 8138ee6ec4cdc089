"""What an answer says of itself: a refusal of the product's own, an absence, a record.

A record is believed gone only where the product itself says so about that record. What
something in between answers, and what says that it failed, says nothing about it.
"""

import re
from typing import Literal

from mappings.wire import Json, Malformed, Row, kind

Dialect = Literal["partnero", "tolt-v1", "tolt-v2"]
_OF_AN_ADDRESS = re.compile(
    r"\b(routes?|routing|endpoints?|urls?|uris?|pages?|paths?|hosts?|domain|gateway"
    r"|upstream|backend|services?|servers?|method|application)\b",
    re.IGNORECASE,
)
"""A 404 about one of these is about no record."""
_OF_THE_CALLER = re.compile(
    r"\b(unauthenticated|unauthori[sz]ed|forbidden|too many|rate limit\w*|maintenance"
    r"|cannot (get|put|post|patch|delete))\b",
    re.IGNORECASE,
)
"""Neither is one that says why nobody was asked."""
_SUCCESSES = (1, "1")
_FAILURES = ("0", "404", "error", "fail", "failed", "failure", "not_found", "not found")
_NOT_ASKED = ("api_", "auth", "permission", "rate")
"""How the errors begin that Tolt v1 names when it did not look for the record."""


def is_own(body: Json) -> bool:
    """Say whether an error is one of the products': words, in one of their shapes."""
    if not isinstance(body, dict):
        return False
    if _is_text(body.get("message")):
        return True
    error = body.get("error")
    return _is_text(error.get("message") if isinstance(error, dict) else error)


def is_absence(body: Json, dialect: Dialect, name: str) -> bool:
    """Say whether the body of a 404 is the product's own, about the record ``name``."""
    if not isinstance(body, dict) or not is_own(body) or body.get("data"):
        return False
    message = str(body.get("message") or body.get("error")).replace(name, "")
    if _OF_AN_ADDRESS.search(message) or _OF_THE_CALLER.search(message):
        return False
    if dialect == "tolt-v2":
        return body.get("success") is False and body.get("code") == "not_found"
    if dialect == "tolt-v1":
        error = body.get("error")
        success = body.get("success", None if error else False)
        named = error.get("type") if isinstance(error, dict) else None
        return (
            success is False
            and not str(named or "").startswith(_NOT_ASKED)
            and body.keys().isdisjoint(("code", "status"))
        )
    status = body.get("status")
    failed = status in (None, 0) or str(status).strip().lower() in _FAILURES
    return failed and body.keys().isdisjoint(("success", "error", "code"))


def why_failed(body: Row) -> str:
    """Say that an answer of 200 is none of success, or ""."""
    return failure(body.get("success", True), body.get("status"))


def failure(success: Json, status: Json) -> str:
    """Say that these two members are none of success, or ""."""
    if success is not True or not (status is None or status in _SUCCESSES):
        return "it answered that it failed"
    return ""


def record_in(body: Json, dialect: Dialect) -> Row:
    """Return the one object of an answer; Malformed where it holds none.

    Tolt v1 wraps it in a list of one.
    """
    if not isinstance(body, dict):
        raise Malformed(f"expected an object, got {kind(body)}")
    if why := why_failed(body):
        raise Malformed(why)
    data = body.get("data")
    if dialect == "tolt-v1" and isinstance(data, list) and len(data) == 1:
        (data,) = data
    if not isinstance(data, dict) or not data:
        raise Malformed(f"expected an object as data, got {kind(data)}")
    return data


def rows_in(body: Json) -> list[Json]:
    """Return the rows of a listing, whatever each of them is.

    Malformed where it says that it failed, or shows no list at all: that is not empty.
    """
    if not isinstance(body, dict):
        raise Malformed(f"expected an object, got {kind(body)}")
    if why := why_failed(body):
        raise Malformed(why)
    data = body.get("data")
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, list):
        raise Malformed(f"expected a list as data, got {kind(data)}")
    return data


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())
