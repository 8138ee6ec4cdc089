"""What is sent to Partnero: the bodies of the requests that write.

Source: the pages "promotion-codes" and "coupons" of its documentation (create, update,
delete).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from mappings.canonical import (
    Discount,
    Fixed,
    Partner,
    Percentage,
    Unreadable,
    plain,
    plain_major,
)
from mappings.partnero import CUSTOMERS, MARK, both_of, is_on
from mappings.wire import (
    Json,
    Malformed,
    Row,
    flag,
    json_number,
    mapping,
    number,
    optional_text,
)


def encode_mark(code_id: str, state: str, value: str) -> Json:
    """Return the body of ``PUT /promotion-codes`` that adds a state's mark, alone."""
    return {"code": code_id, "metadata": {MARK + state: value}}


def encode_create(
    written: str, coupon_uuid: str, partner: Partner | None, kept: Row | None = None
) -> Json:
    """Return the body of ``POST /promotion-codes``.

    ``kept`` is the row of a code that is being replaced: its restrictions and its
    metadata go along, so that a replacement does not quietly become unrestricted.
    """
    body = dict(_restrictions(kept or {}))
    body |= {"coupon_uuid": coupon_uuid, "code": written.strip()}
    return body | _restriction_to(partner) if partner else body


def encode_update(code_id: str, names: Iterable[str], partner: Partner | None) -> Json:
    """Return the body of ``PUT /promotion-codes``; KeyError: a field is fixed."""
    body: dict[str, Json] = {"code": code_id}
    for name in sorted(names):
        body |= UPDATES[name](partner)
    return body


def _encode_owner(partner: Partner | None) -> dict[str, Json]:
    """Move a code to a partner, or free it of any."""
    unrestricted: dict[str, Json] = {"limit_to_specific_partner": False}
    return _restriction_to(partner) if partner else unrestricted


UPDATES: dict[str, Callable[[Partner | None], dict[str, Json]]] = {
    "partner": _encode_owner
}
"""How each field is written that this product can change."""


def encode_delete(code_id: str, coupon_uuid: str) -> Json:
    """Return the body of ``DELETE /promotion-codes``: both keys are required."""
    return {"code": code_id, "coupon": {"uuid_code": coupon_uuid}}


def encode_coupon(discount: Discount, duration: str) -> Json:
    """Return the body of ``POST /coupons``; ``sync`` is never sent."""
    form, amount = _wire_discount(discount)
    body: dict[str, Json] = {
        "uuid_code": coupon_uuid(discount, duration),
        "name": f"{discount} off",
        "coupon_discount_type": form,
        "coupon_discount_amount": json_number(amount),
        "coupon_duration_type": duration.partition(":")[0],
    }
    if ":" in duration:
        body["coupon_duration_value"] = int(duration.partition(":")[2])
    return body


def coupon_uuid(discount: Discount, duration: str) -> str:
    """Return the one name under which we create a coupon of this discount."""
    form, amount = _wire_discount(discount)
    unit = f"-{discount.currency}" if isinstance(discount, Fixed) else ""
    parts = f"sync-{form}-{plain(amount)}{unit}-{duration}"
    return parts.replace(".", "_").replace(":", "-")


def _wire_discount(discount: Discount) -> tuple[str, Decimal]:
    match discount:
        case Percentage(percent=percent):
            return "percent", percent
        case Fixed(minor=minor, currency=currency):
            return "static", Decimal(plain(Decimal(plain_major(minor, currency))))
        case Unreadable(why=why):
            raise ValueError(f"a discount that cannot be read is never written: {why}")


def _restrictions(row: Row) -> dict[str, Json]:
    """Return what a replacement takes over; Malformed where it cannot be said again."""
    kept: dict[str, Json] = {}
    if flag(row.get("first_time_order")):
        kept["first_time_order"] = True
    for field in ("minimum_order", "expiration_date", "redemption_times"):
        status, value = both_of(row, field)
        if is_on(status, value) and value is not None:
            value = str(value)[:10] if field == "expiration_date" else _plain(value)
            kept |= {f"{field}_status": True, f"{field}_value": value}
    for switch, field in CUSTOMERS:
        if is_on(row.get(switch), row.get(field)):
            kept |= {switch: True, field: _only_one(row, field)}
    if mapping(row.get("metadata")):
        kept["metadata"] = dict(mapping(row["metadata"]))
    return kept


def _plain(value: Json) -> Json:
    """Return a number; "50.00" is no whole number for who takes whole ones alone."""
    if not isinstance(value, str) or value.isdecimal():
        return value
    amount = number(value)
    return None if amount is None else json_number(amount)


def _only_one(row: Row, field: str) -> dict[str, Json]:
    """Return whom a code is for: a create takes exactly one, by id."""
    named = mapping(row.get(field))
    if not optional_text(named, "id"):
        raise Malformed("it is for one customer only, who is not named")
    return dict(named)


def _restriction_to(partner: Partner) -> dict[str, Json]:
    who = {"id": partner.id, "full_name": partner.name}
    return {"limit_to_specific_partner": True, "coupon_specific_partners": who}
