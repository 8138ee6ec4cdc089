"""docs/fields.md: what each product calls what, found out by asking the real mapping.

A row of each product is decoded as it is and with one member changed: the fields that
come out otherwise are what that member means. Nothing here repeats the mapping, so that
the page cannot lag behind. Run by `make pages`; a test compares the page.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from mappings import partnero, tolt
from mappings.canonical import FIELDS, Carried, Partner, Percentage, PromoCode, Values
from mappings.capability import CAPABILITIES
from mappings.partnero_bodies import encode_create, encode_update
from mappings.tolt import encode_create as encode_tolt
from mappings.tolt import encode_update as update_tolt

Row = dict[str, Any]
INTRODUCTION = """\
# Fields: what each product calls what

This page is made from the mapping itself by `make pages`: a row of each product is read
as it is and with one member changed, and what comes out otherwise is what that member
means. A test compares it.

Three fields are **merged**: CODE, DISCOUNT and PARTNER are compared, remembered, and
carried from one side to the other. Everything else is **carried by one side alone**: it
is shown, compared for what it means (a code that is dead on one side is no equal of a
living one), named where it would be lost, and never sent across.
"""
OF_V1 = """\
Tolt v1 has the same names; its fixed amounts are minor units (cents), those of v2 and
Partnero's are major ones. Both are exact decimals here.
"""
OF_REPLACEMENTS = """
A *replacement* is a new code and the end of the old one. It always waits for a person,
and says what is lost ([lost.md](lost.md)). A code of Partnero hangs on a coupon, which
holds the discount: see [policies.md](policies.md)."""
WORDS = {
    "id": "the id by which it is found again",
    "code": "**code**: the text that customers type",
    "discount": "**discount**: a percentage, or a fixed amount in a currency",
    "partner": "**partner**: who is paid",
    "coupon": "the coupon that a code on Partnero hangs on",
    "duration": "how long a customer gets the discount",
    "first_order_only": "first orders only",
    "minimum_order": "a minimum order",
    "expires": "the last day (the earlier of the code's and its coupon's)",
    "redemption_limit": "how often the code may be used",
    "customer": "the only customer who may use it",
    "switched_off": "switched off there",
    "reaches": "what else a coupon is bound to",
    "redeemed": "how often it was used",
    "coupon_limit": "how often all codes of its coupon may be used together",
    "coupon_redeemed": "how often they were used together",
}
COUPON: Row = {
    "uuid_code": "CPN",
    "coupon_discount_type": "percentage",
    "coupon_discount_amount": 20,
    "coupon_duration_type": "months",
    "coupon_duration_value": 3,
    "active": True,
    "redemption_times_status": True,
    "redemption_times_value": 100,
    "times_redeemed": 7,
    "redemption_specific_date_status": True,
    "redemption_specific_date_value": "2030-01-01",
    "synchronization_enabled": False,
}
PARTNERO: Row = {
    "code": "SAM20",
    "coupon": COUPON,
    "limit_to_specific_partner": True,
    "coupon_specific_partners": {"id": "prt_1"},
    "limit_to_specific_customer": True,
    "coupon_specific_customers": {"id": "cus_1"},
    "limit_to_specific_subscriber": True,
    "coupon_specific_subscribers": {"id": "sub_1"},
    "first_time_order": True,
    "minimum_order_status": True,
    "minimum_order_value": 50,
    "expiration_date_status": True,
    "expiration_date_value": "2029-01-01",
    "redemption_times_status": True,
    "redemption_times_value": 10,
    "times_redeemed": 3,
}
TOLT: Row = {
    "id": "pc_1",
    "code": "SAM20",
    "type": "percentage",
    "value": "20",
    "partner_id": "part_1",
    "duration": "repeating",
    "duration_in_months": 3,
    "active": True,
}
OTHER: Mapping[str, object] = {
    "uuid_code": "CPN2",
    "coupon_discount_type": "static",
    "type": "fixed",
    "coupon_duration_type": "years",
    "expiration_date_value": "2028-06-30",
    "coupon_specific_partners": {"id": "prt_2"},
    "coupon_specific_customers": {"id": "cus_2"},
    "coupon_specific_subscribers": {"id": "sub_2"},
    "redemption_specific_date_value": "2028-06-30",
    "duration": "once",
}
"""Another value of a member, where one is not made by itself."""
SOMEBODY = Partner(id="ID", email="sam@example.com", name="Sam")
TWENTY = Values("sam20", Percentage(Decimal(20)), "ID")


def reference() -> str:
    """Return the whole page."""
    return "\n".join(
        [
            INTRODUCTION.replace("CODE, DISCOUNT and PARTNER", _listed(FIELDS)),
            *_read("Partnero", PARTNERO, _partnero),
            *_read("Tolt", TOLT, partial(_tolt, version="v2")),
            OF_V1,
            *_written(),
        ]
    ).rstrip()


def _listed(names: tuple[str, ...]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"


# --- what is read ---------------------------------------------------------------------


def _read(label: str, row: Row, decode: Callable[[Row], PromoCode]) -> Iterator[str]:
    yield f"## Read from {label}\n"
    yield "| in its JSON | what it is |"
    yield "|---|---|"
    for path, before, after in _variants(row):
        meant = _differing(decode(before), decode(after))
        if not meant:
            raise ValueError(f"{label}: {path} means nothing")
        yield f"| `{path}` | {'; '.join(WORDS[name] for name in meant)} |"
    yield ""


def _variants(row: Row) -> Iterator[tuple[str, Row, Row]]:
    """Yield each member by its path, with a row as it is and with another value."""
    # The earlier of two dates counts: the coupon's shows where the code has none.
    for name, value in row.items():
        if name != "coupon":
            yield name, row, _with_another(row, name)
            continue
        unbound = {**row, "expiration_date_status": False}
        for inner in value:
            other = {**unbound, "coupon": _with_another(value, inner)}
            yield f"coupon.{inner}", unbound, other


def _with_another(row: Row, name: str) -> Row:
    return {**row, name: OTHER[name] if name in OTHER else _other(row[name])}


def _other(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str(text) if text.isdigit():
            return str(int(text) + 1)
        case str(text):
            return f"{text}2"
    raise TypeError(value)


def _differing(before: PromoCode, after: PromoCode) -> list[str]:
    names = [
        n
        for n in Values._fields
        if getattr(before.values, n) != getattr(after.values, n)
    ]
    names += [
        n
        for n in Carried._fields
        if n != "limited" and getattr(before.carried, n) != getattr(after.carried, n)
    ]
    return names or (["id"] if before.id != after.id else [])


def _partnero(row: Row) -> PromoCode:
    return partnero.decode_code(row, None, "USD")


def _tolt(row: Row, version: tolt.Version) -> PromoCode:
    code = tolt.decode_code(row, version, "USD")
    if code is None:
        raise ValueError("a row without a text is no code")
    return code


# --- what is written ------------------------------------------------------------------


def _written() -> Iterator[str]:
    made = encode_create("SAM20", "CPN", SOMEBODY, None)
    owner = encode_update("SAM20", ("partner",), SOMEBODY)
    yield "## Written\n"
    yield "| what | Partnero | Tolt v2 | Tolt v1 |"
    yield "|---|---|---|---|"
    of_tolt = [
        encode_tolt("SAM20", Percentage(Decimal(20)), "ID", v) for v in ("v2", "v1")
    ]
    yield f"| a new code | {' | '.join(_names(body) for body in (made, *of_tolt))} |"
    for name in FIELDS:
        cells = [_names(owner) if _can("partnero", name) else REPLACED]
        for version in ("v2", "v1"):
            can = _can(f"tolt-{version}", name)
            body = update_tolt(TWENTY, (name,), version) if can else {}
            cells.append(_names(body) if can else REPLACED)
        yield f"| another {name} | {' | '.join(cells)} |"
    yield OF_REPLACEMENTS


REPLACED = "a replacement"


def _can(dialect: str, name: str) -> bool:
    return name in CAPABILITIES[dialect].updates


def _names(body: object) -> str:
    """Return the members of a body, without those that only say which code it is."""
    return ", ".join(f"`{name}`" for name in _members(body) if name != "id")


def _members(body: object) -> Iterator[str]:
    if isinstance(body, dict):
        for name, value in body.items():
            inner = list(_members(value)) if isinstance(value, dict) else []
            yield from (f"{name}.{one}" for one in inner) if inner else (name,)


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
