"""Tolt's JSON, v1 and v2, to canonical values and back.

Facts: docs.tolt.com, promotion-codes (v1) and api-reference/promotioncodes (v2).
The two versions differ in units: a fixed v1 value is a number of cents, a fixed
v2 value is a text in major units. Lists of v1 do not say ``active`` at all, and
what is absent is unknown, not false.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from mappings.canonical import (
    NOTHING_CARRIED,
    Carried,
    Discount,
    Fixed,
    Partner,
    Percentage,
    PromoCode,
    Unreadable,
    Values,
    fixed_major,
    fixed_minor,
    fold,
    inactive_status,
    percentage,
    plain,
    plain_major,
    shown,
)
from mappings.rows import decoder
from mappings.wire import (
    Json,
    Row,
    json_number,
    number,
    optional_text,
    switched_off,
    text,
)

Version = Literal["v1", "v2"]

CODE_FIELDS = frozenset(
    "id code type value duration duration_in_months active entity_type external_id "
    "partner_id group_id program_id organization_id created_at updated_at partner "
    "program".split()
)


NEEDED_FIELDS = frozenset(("type", "value", "partner_id"))


_ENVELOPES: dict[Version, tuple[str, ...]] = {
    "v1": ("total_count",),
    "v2": ("next_cursor", "prev_cursor"),
}
_PREFIXES: dict[Version, str] = {"v1": "prc_", "v2": "promo_"}


def shown_version(body: Row, codes: Iterable[Row] = ()) -> tuple[Version, str] | None:
    """Return the version of the API that an answer shows, and by what it shows it.

    A list's own members say it; where it has those of neither version, or of both,
    the promotion codes in it do: a fixed amount is a number of cents in v1 and a text
    in major units in v2, and ids have prefixes. None where nothing says it for sure.
    """
    named = {
        version: [name for name in names if name in body]
        for version, names in _ENVELOPES.items()
    }
    signs: list[tuple[Version, str]]
    signs = [
        (version, " and ".join(names)) for version, names in named.items() if names
    ]
    if not signs:
        signs = [sign for row in codes for sign in _signs(row)]
    versions = {version for version, _ in signs}
    return signs[0] if len(versions) == 1 else None


def _signs(row: Row) -> Iterator[tuple[Version, str]]:
    """Yield what one promotion code shows of its version."""
    value, id_ = row.get("value"), row.get("id")
    if row.get("type") == "fixed" and value is not None:
        v2 = isinstance(value, str)
        yield (
            ("v2", "a fixed value as text") if v2 else ("v1", "a fixed value in cents")
        )
    for version, prefix in _PREFIXES.items():
        if isinstance(id_, str) and id_.startswith(prefix):
            yield version, f"an id that begins with {prefix}"


@decoder
def decode_code(row: Row, version: Version, currency: str | None) -> PromoCode | None:
    """Return the code, or None for a row without text (v2 allows null)."""
    written = optional_text(row, "code")
    if written is None:
        return None
    stated = (row.get("type"), row.get("value"), version, currency)
    try:
        discount = _discount(*stated)
    except TypeError:  # [] or {} in place of a value: cannot be looked up
        discount = _discount.__wrapped__(*stated)
    values = Values(fold(written), discount, optional_text(row, "partner_id"))
    return PromoCode(text(row, "id"), written, values, _carried(row))


@decoder
def decode_partner(row: Row) -> Partner:
    """Return the partner with both names joined."""
    names = (optional_text(row, "first_name"), optional_text(row, "last_name"))
    return Partner(
        id=text(row, "id"),
        email=optional_text(row, "email"),
        name=" ".join(name for name in names if name),
        inactive=inactive_status(row.get("status")),
    )


def encode_create(
    written: str, discount: Discount, partner_id: str, version: Version
) -> Json:
    """Return the body of ``POST /promotion-codes``; type and value always go along."""
    return {
        "code": written.strip(),
        "partner_id": partner_id,
        **encode_discount(discount, version),
    }


def encode_update(values: Values, names: Iterable[str], version: Version) -> Json:
    """Return the body of ``PUT /promotion-codes/{id}``; KeyError: a field is fixed."""
    body: dict[str, Json] = {}
    for name in sorted(names):
        body |= UPDATES[name](values, version)
    return body


def _encode_text(values: Values, _version: Version) -> dict[str, Json]:
    return {"code": values.code.strip()}


def _encode_value(values: Values, version: Version) -> dict[str, Json]:
    return encode_discount(values.discount, version) if values.discount else {}


UPDATES: dict[str, Callable[[Values, Version], dict[str, Json]]] = {
    "code": _encode_text,
    "discount": _encode_value,
}
"""How each field is written that this product can change."""


def encode_discount(discount: Discount, version: Version) -> dict[str, Json]:
    """Return ``type`` and ``value`` in the unit of the version."""
    match discount:
        case Percentage(percent=percent):
            value: Json = plain(percent) if version == "v2" else json_number(percent)
            return {"type": "percentage", "value": value}
        case Fixed(minor=minor, currency=currency):
            major = plain(Decimal(plain_major(minor, currency)))
            return {"type": "fixed", "value": major if version == "v2" else minor}
        case Unreadable(why=why):
            raise ValueError(f"a discount that cannot be read is never written: {why}")


def losses(code: PromoCode) -> tuple[str, ...]:
    """Name what Partnero cannot hold: that a code is switched off."""
    return ("switched off on Tolt",) if code.carried.switched_off else ()


# One object per discount: equal ones compare by identity. Typed: True is no number.
@lru_cache(maxsize=4096, typed=True)
def _discount(
    named: Json, stated: Json, version: Version, currency: str | None
) -> Discount | None:
    kind, value = optional_text({"type": named}, "type"), number(stated)
    if value is None:
        return None
    if kind == "percentage":
        return percentage(value)
    if kind == "fixed" and version == "v2":
        return fixed_major(value, currency)
    if kind == "fixed":
        return fixed_minor(value, currency)
    return Unreadable(
        "a kind of discount that is not documented", f"{kind} {shown(value)}"
    )


def _carried(row: Row) -> Carried:
    months = row.get("duration_in_months")
    duration = row.get("duration")
    off = row.get("active") is not True and switched_off(row)
    if duration is None and not off:
        return NOTHING_CARRIED
    shown = f"{duration}:{months}" if months is not None else duration
    return _interned(None if shown is None else str(shown), off)


@lru_cache(maxsize=1024)
def _interned(duration: str | None, off: bool) -> Carried:  # noqa: FBT001
    return Carried(duration=duration, switched_off=off, limited=off)
