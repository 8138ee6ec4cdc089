"""What one value of the configuration may be, and the words where it may not.

A value that could be a secret is never repeated in these words.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import unquote

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from connector.config import extras
from connector.config.zones import zone_of
from connector.providers.web_addresses import (
    check_base_url,
    check_heartbeat,
    check_origin,
    normal,
)
from mappings.canonical import exponent
from mappings.discreet import HIDDEN, looks_like_key, shown
from mappings.wire import Malformed, number

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 100 * 366 * 86400
_STATES = (
    '"sqlite:///FILE" (relative to this file, or absolute with a fourth '
    'slash) and "postgresql+psycopg://USER@HOST/DATABASE"'
)
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST_SCHEDULE = 200
MOST = 10**9
"""The largest whole number that a setting takes."""
_TAKEN_HEADERS = frozenset(
    "authorization cookie host origin referer sec-fetch-site content-type "
    "content-length connection transfer-encoding".split()
)
SCHEDULES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def url(text: str) -> str:
    """Return an address that can be called; no message repeats any of it."""
    if wrong := check_heartbeat(text):
        raise ValueError(f"it {wrong}; allowed is https://HOST/PATH")
    return normal(text)


@lru_cache(maxsize=64)
def base_url(text: str) -> str:
    """Return the address of a product: a host and a path, nothing else.

    Thousands of pairs name the same few, and the same few schedules.
    """
    if wrong := check_base_url(text):
        raise ValueError(f"it {wrong}; allowed is https://HOST/PATH")
    return normal(text).rstrip("/") + "/"


def heartbeat(text: str) -> str | None:
    """Return an address that is pinged; "" says that none is."""
    return url(text) if text else None


def public_url(text: str) -> str:
    """Return the origin by which a proxy is reached: scheme, host and port."""
    wrong = check_origin(text)
    if wrong:
        raise ValueError(f"it {wrong}; allowed is https://HOST or https://HOST:PORT")
    return normal(text).rstrip("/")


def user_header(name: str) -> str:
    """Return the name of a header that a proxy may set."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,99}", name):
        raise ValueError("it is no name of a header; allowed is X-Forwarded-User")
    if name.lower() in _TAKEN_HEADERS:
        raise ValueError(
            f"{name} has another meaning; allowed is one that the proxy sets itself, "
            "like X-Forwarded-User"
        )
    return name


@lru_cache(maxsize=64)
def schedule(text: str) -> str:
    """Return the five fields of a cron expression, or of an alias for one."""
    fields = SCHEDULES.get(text, text)
    allowed = f"allowed are five cron fields or {', '.join(SCHEDULES)}"
    if len(fields) > LONGEST_SCHEDULE or len(fields.split()) != 5:
        raise ValueError(f"{shown(text)} is no cron expression; {allowed}")
    try:
        first = next(CronSim(fields, _ANY_TIME), None)
    except (CronSimError, ArithmeticError, AssertionError, ValueError, TypeError):
        raise ValueError(f"{shown(text)} is no cron expression; {allowed}") from None
    if first is None:
        raise ValueError(f"{shown(text)} never comes; {allowed}")
    return fields


def pair_name(name: str) -> str:
    """Accept what can be a pair's name: it stands in commands and file names."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        raise ValueError(
            f"{shown(name)} is no name; allowed are letters, digits, _ . -"
        )
    return name


def interval(text: str) -> str:
    """Accept how often something is done: 0 is every time."""
    if not re.fullmatch(r"0|[1-9]\d{0,5}[smhd]", text):
        raise ValueError(
            f"{shown(text)} is no interval; allowed are 0 (every time) and a number "
            'with its unit, s, m, h or d: "6h"'
        )
    return text


def zone(name: str) -> str:
    zone_of(name)
    return name


def kind_and_amount(name: str) -> tuple[str, Decimal]:
    """Split "percentage:20"; ValueError where it is no discount."""
    kind, _, amount = name.partition(":")
    try:
        parsed = number(amount)
    except Malformed:
        parsed = None
    known = kind in ("percentage", "fixed") and parsed is not None
    if parsed is None or not known or parsed < 0 or (kind[0] == "p" and parsed > 100):
        raise ValueError(
            f'{shown(name)} is no discount; allowed are "percentage:20" and '
            '"fixed:25.00" (major units of the currency)'
        )
    return kind, parsed


def mapped(name: str) -> str:
    kind_and_amount(name)
    return name


def _like(pattern: str) -> WithJsonSchema:
    """Say in the JSON Schema what a text looks like; our own words refuse another."""
    return WithJsonSchema({"type": "string", "pattern": pattern})


def no_truth(value: Any) -> Any:  # noqa: ANN401 (raw TOML)
    """Refuse true, which Python takes for the number 1."""
    if isinstance(value, bool):
        raise ValueError("a number is expected, got true or false")  # noqa: TRY004
    return value


def no_number(value: Any) -> Any:  # noqa: ANN401 (raw TOML)
    if isinstance(value, int | float):
        raise ValueError("a date is expected, like 2026-01-31")  # noqa: TRY004
    return value


def currency(value: str) -> str:
    """Return a currency in capitals, where its amounts can be compared."""
    allowed = "allowed is a currency of ISO 4217, like USD"
    if not re.fullmatch("[A-Za-z]{3}", value):
        raise ValueError(f"{shown(value)} is no currency; {allowed}")
    try:
        exponent(value.upper())
    except ValueError as error:
        raise ValueError(f"{error}; {allowed}") from None
    return value.upper()


def state_url(text: str) -> str:
    """Return a URL that can be opened; nothing of it is repeated that is secret."""
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" and (wrong := _wrong_file(rest)):
        raise ValueError(wrong)
    if scheme == "postgresql+psycopg" and rest.strip("/"):
        if not extras.is_there("postgres"):
            install = extras.install("postgres")
            raise ValueError(f"it needs the extra postgres. Type: {install}")
        from state.urls import can_be_parsed

        if not can_be_parsed(text):
            raise ValueError(
                f"its host, port or options cannot be; allowed are {_STATES}. Write "
                "% @ / : ? # in a password as %25 %40 %2F %3A %3F %23"
            )
    elif scheme != "sqlite":
        raise ValueError(f"allowed are {_STATES}")
    return text


def schema_name(name: str) -> str:
    """Accept what can be the name of a schema of ours, whatever has to be quoted."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", name):
        raise ValueError(
            f"{shown(name)} is no name of a schema; allowed are letters, digits and _, "
            "up to 63, with no digit first"
        )
    if name.lower().startswith("pg_") or name.lower() == "information_schema":
        raise ValueError(f"{name} is a schema of PostgreSQL itself; name another one")
    return name


def _wrong_file(rest: str) -> str:
    """Return why a state cannot lie there, or would lie elsewhere; else nothing."""
    name = rest.removeprefix("/")
    known = HIDDEN if looks_like_key(rest) or "@" in rest else rest
    if rest and not rest.startswith("/"):
        return (
            f'a file has three slashes: "sqlite:///{known}" (relative to this file), '
            f'or four: "sqlite:////{known}" (absolute)'
        )
    if not name.strip("/") or ":memory:" in name or "\x00" in unquote(name):
        return f"it names no file; allowed are {_STATES}"
    if name.startswith("~"):
        return "~ is no folder here: write the whole path, with four slashes"
    if "?" in name:
        return "a file takes no options; a ? in its name is written %3F"
    if name.endswith("/") or name.rsplit("/", 1)[-1] in (".", ".."):
        folder = known.rstrip("/.")
        return f"it names a folder: add a file, sqlite://{folder}/state.db"
    return ""


def span(text: str) -> str:
    """Accept a span of time: a number and its unit."""
    number, unit = text[:-1], text[-1:]
    good = number.isascii() and number.isdigit() and len(number) < 12 and unit in UNITS
    if not good or not 0 < int(number) * UNITS[unit] <= _LONGEST:
        raise ValueError(
            'allowed is a number with its unit, s, m, h, d or w, up to 100 years: "90d"'
        )
    return text


Whole = Annotated[int, BeforeValidator(no_truth), Field(le=MOST)]
Rate = Annotated[float, BeforeValidator(no_truth), Field(ge=0.01, le=10_000)]
Day = Annotated[date, BeforeValidator(no_number)]
Url = Annotated[str, AfterValidator(url), _like("^https?://")]
Heartbeat = Annotated[str, AfterValidator(heartbeat), _like("^(https?://.*)?$")]
PublicUrl = Annotated[str, AfterValidator(public_url), _like("^https?://[^/]+/?$")]
UserHeader = Annotated[
    str, AfterValidator(user_header), _like("^[A-Za-z][A-Za-z0-9-]*$")
]
BaseUrl = Annotated[str, AfterValidator(base_url), _like("^https?://")]
Span = Annotated[str, AfterValidator(span), _like("^[0-9]+[smhdw]$")]
StateUrl = Annotated[
    str, AfterValidator(state_url), _like(r"^(sqlite:///|postgresql\+psycopg://)")
]
SchemaName = Annotated[
    str, AfterValidator(schema_name), _like("^[A-Za-z_][A-Za-z0-9_]{0,62}$")
]
Schedule = Annotated[str, AfterValidator(schedule), _like(r"^(@[a-z]+|\S+( +\S+){4})$")]
Currency = Annotated[str, AfterValidator(currency), _like("^[A-Za-z]{3}$")]
PairName = Annotated[str, AfterValidator(pair_name), _like("^[A-Za-z0-9_.-]+$")]
Interval = Annotated[str, AfterValidator(interval), _like(r"^(0|[1-9]\d{0,5}[smhd])$")]
DiscountName = Annotated[str, AfterValidator(mapped)]
Zone = Annotated[str, AfterValidator(zone)]
