"""Tolt's JSON, v1 and v2, to canonical values and back.

Facts: docs.tolt.com, promotion-codes (v1) and api-reference/promotioncodes (v2).
The two versions differ in units: a fixed v1 value is a number of cents, a fixed
v2 value is a text in major units. Lists of v1 do not say ``active`` at all, and
what is absent is unknown, not false.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Literal

from msgspec import UNSET

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
from mappings.shapes import has, member
from mappings.tolt_rows import CodeRow, PartnerRow
from mappings.wire import (
    Json,
    as_optional_text,
    as_text,
    is_off,
    json_number,
    number,
)

Version = Literal["v1", "v2"]

_ENVELOPES: dict[Version, tuple[str, ...]] = {
    "v1": ("total_count",),
    "v2": ("next_cursor", "prev_cursor"),
}
_PREFIXES: dict[Version, str] = {"v1": "prc_", "v2": "promo_"}


def shown_version(
    answer: Json, codes: Iterable[Json] = ()
) -> tuple[Version, str] | None:
    """Return the version of the API that an answer shows, and by what it shows it.

    A list's own members say it; where it has those of neither version, or of both,
    the promotion codes in it do: a fixed amount is a number of cents in v1 and a text
    in major units in v2, and ids have prefixes. None where nothing says it for sure.
    """
    named = {
        version: [name for name in names if has(answer, name)]
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


def _signs(row: Json) -> Iterator[tuple[Version, str]]:
    """Yield what one promotion code shows of its version."""
    value, id_ = member(row, "value"), member(row, "id")
    if member(row, "type") == "fixed" and value is not None:
        v2 = isinstance(value, str)
        yield (
            ("v2", "a fixed value as text") if v2 else ("v1", "a fixed value in cents")
        )
    for version, prefix in _PREFIXES.items():
        if isinstance(id_, str) and id_.startswith(prefix):
            yield version, f"an id that begins with {prefix}"


@decoder(CodeRow)
def decode_code(
    row: CodeRow, version: Version, currency: str | None
) -> PromoCode | None:
    """Return the code, or None for a row without text (v2 allows null)."""
    written = as_optional_text(row.code, "code")
    if written is None:
        return None
    stated = (row.type, row.value, version, currency)
    try:
        discount = _discount(*stated)
    except TypeError:  # [] or {} in place of a value: cannot be looked up
        discount = _discount.__wrapped__(*stated)
    values = Values(fold(written), discount, _owner(row.partner_id))
    return PromoCode(as_text(row.id, "id"), written, values, _carried(row))


def _owner(partner_id: Json) -> str | None:
    if partner_id is UNSET:
        return None
    owner = as_optional_text(partner_id, "partner_id")
    return owner and intern(owner)  # one text for all the codes of a partner


@decoder(PartnerRow)
def decode_partner(row: PartnerRow) -> Partner:
    """Return the partner with both names joined."""
    names = (
        as_optional_text(row.first_name, "first_name"),
        as_optional_text(row.last_name, "last_name"),
    )
    return Partner(
        id=as_text(row.id, "id"),
        email=as_optional_text(row.email, "email"),
        name=" ".join(name for name in names if name),
        inactive=inactive_status(row.status),
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
    named, stated = (None if v is UNSET else v for v in (named, stated))
    kind, value = as_optional_text(named, "type"), number(stated)
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


def _carried(row: CodeRow) -> Carried:
    months, duration = row.duration_in_months, row.duration
    off = row.active is not True and is_off(row.active)
    if duration is None and not off:
        return NOTHING_CARRIED
    shown = f"{duration}:{months}" if months is not None else duration
    return _interned(None if shown is None else str(shown), off)


@lru_cache(maxsize=1024)
def _interned(duration: str | None, off: bool) -> Carried:  # noqa: FBT001
    return Carried(duration=duration, switched_off=off, limited=off)
