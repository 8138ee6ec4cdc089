"""Partnero's JSON to canonical values and back.

Facts: docs.partnero.com/api-reference, promotion-codes, coupons and partners. A
promotion code has no id but its text and no discount of its own: the discount
hangs on the parent coupon, which listings of codes do not name.
"""

from decimal import Decimal
from functools import lru_cache

from mappings.canonical import (
    Carried,
    Coupon,
    Discount,
    Fixed,
    Partner,
    Percentage,
    PromoCode,
    Unreadable,
    Values,
    fixed_major,
    fold,
    percentage,
    plain,
    plain_major,
    shown,
)
from mappings.wire import (
    Json,
    Malformed,
    Row,
    json_number,
    mapping,
    number,
    optional_text,
    rows,
    text,
    whole,
)

CODE_FIELDS = frozenset(
    "code first_time_order limit_to_specific_partner coupon_specific_partners "
    "limit_to_specific_customer coupon_specific_customers limit_to_specific_subscriber "
    "coupon_specific_subscribers minimum_order_status minimum_order_value "
    "expiration_date_status expiration_date_value redemption_times_status "
    "redemption_times_value metadata coupon times_redeemed additional_info".split()
)
NEEDED_FIELDS = frozenset(("limit_to_specific_partner",))
COUPON_FIELDS = frozenset(
    "name uuid_code active coupon_discount_type coupon_discount_amount "
    "coupon_duration_type coupon_duration_value redemption_specific_date_status "
    "redemption_specific_date_value redemption_times_status redemption_times_value "
    "promotion_codes metadata additional_info times_redeemed created_at updated_at "
    "deleted_at sync synchronization_enabled synchronization_successful "
    "synchronization_message".split()
)
NO_COUPON = Coupon("", Unreadable("its coupon is not known", "?"), "", Carried())
SEVERAL = " + "
UNNAMED = "a partner who is not named"


def decode_code(row: Row, coupon: Coupon | None, currency: str | None) -> PromoCode:
    """Return the code; its own ``coupon`` object wins over the one given."""
    if own := mapping(row.get("coupon") or None):
        coupon = decode_coupon(own, currency)
    coupon = coupon or NO_COUPON
    written = text(row, "code")
    values = Values(fold(written), coupon.discount, _partner(row))
    return PromoCode(written, written, values, _carried(row, coupon))


def decode_coupon(row: Row, currency: str | None) -> Coupon:
    """Return the coupon with the texts of the codes that its listing embeds."""
    return Coupon(
        uuid=text(row, "uuid_code"),
        discount=_discount(
            optional_text(row, "coupon_discount_type") or "none",
            number(row.get("coupon_discount_amount")),
            currency,
        ),
        duration=_duration(row),
        restrictions=Carried(
            expires=_switched(row, "redemption_specific_date"),
            redemption_limit=whole(_switched(row, "redemption_times")),
            switched_off=row.get("active") is False,
            reaches="a connected payment provider"
            if row.get("synchronization_enabled") is True or mapping(row.get("sync"))
            else None,
        ),
        codes=tuple(_embedded(row.get("promotion_codes"))),
    )


def decode_partner(row: Row) -> Partner:
    """Return the partner; ``full_name`` is no field of theirs, so it is built."""
    names = (optional_text(row, "name"), optional_text(row, "surname"))
    return Partner(
        id=text(row, "id"),
        email=optional_text(row, "email"),
        name=" ".join(name for name in names if name),
    )


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


def encode_partner_update(code_id: str, partner: Partner | None) -> Json:
    """Return the body of ``PUT /promotion-codes`` that moves the code."""
    unrestricted = {"limit_to_specific_partner": False}
    return {"code": code_id} | (_restriction_to(partner) if partner else unrestricted)


def encode_delete(code_id: str, coupon_uuid: str) -> Json:
    """Return the body of ``DELETE /promotion-codes``: both keys are required."""
    return {"code": code_id, "coupon": {"uuid_code": coupon_uuid}}


def encode_coupon(discount: Discount, duration: str) -> Json:
    """Return the body of ``POST /coupons``; ``sync`` is never sent."""
    kind, amount = _wire_discount(discount)
    body: dict[str, Json] = {
        "uuid_code": coupon_uuid(discount, duration),
        "name": f"{discount} off",
        "coupon_discount_type": kind,
        "coupon_discount_amount": json_number(amount),
        "coupon_duration_type": duration.partition(":")[0],
    }
    if ":" in duration:
        body["coupon_duration_value"] = int(duration.partition(":")[2])
    return body


def coupon_uuid(discount: Discount, duration: str) -> str:
    """Return the one name under which we create a coupon of this discount."""
    kind, amount = _wire_discount(discount)
    unit = f"-{discount.currency}" if isinstance(discount, Fixed) else ""
    parts = f"sync-{kind}-{plain(amount)}{unit}-{duration}"
    return parts.replace(".", "_").replace(":", "-")


def _wire_discount(discount: Discount) -> tuple[str, Decimal]:
    match discount:
        case Percentage(percent=percent):
            return "percent", percent
        case Fixed(minor=minor, currency=currency):
            return "static", Decimal(plain(Decimal(plain_major(minor, currency))))
        case Unreadable(why=why):
            raise ValueError(f"a discount that cannot be read is never written: {why}")


@lru_cache(maxsize=4096)  # one object per discount: equal ones compare by identity
def _discount(kind: str, amount: Decimal | None, currency: str | None) -> Discount:
    if amount is None:
        return Unreadable("it states no amount", kind)
    if kind == "percent":
        return percentage(amount)
    if kind == "static":
        return fixed_major(amount, currency)
    return Unreadable(
        "a kind of discount that is not documented", f"{kind} {shown(amount)}"
    )


def _duration(row: Row) -> str:
    kind = optional_text(row, "coupon_duration_type") or ""
    value = whole(row.get("coupon_duration_value"))
    return kind if value is None or kind in ("once", "lifetime") else f"{kind}:{value}"


def _partner(row: Row) -> str | None:
    if row.get("limit_to_specific_partner") is not True:
        return None
    named = row.get("coupon_specific_partners")
    if named and isinstance(named, dict):
        return text(named, "id")
    owners = rows(named) if isinstance(named, list) else [mapping(named)]
    ids = [text(owner, "id") for owner in owners if owner]
    if not ids:  # erased, perhaps: credits somebody whom nobody can match
        return UNNAMED
    return SEVERAL.join(sorted(ids))


def _carried(row: Row, coupon: Coupon) -> Carried:
    own = (
        coupon.uuid,
        coupon.duration,
        coupon.restrictions,
        _customer(row),
        *map(row.get, _RESTRICTING),
    )
    try:
        return _restricted(*own)
    except TypeError:  # [] or {} in place of a value: cannot be looked up
        return _restricted.__wrapped__(*own)


_RESTRICTING = (
    "first_time_order",
    *(
        f"{field}_{part}"
        for field in ("minimum_order", "expiration_date", "redemption_times")
        for part in ("status", "value")
    ),
    "times_redeemed",
)


# Most codes of a programme are restricted alike. Typed: True is a switch, 1 is none.
@lru_cache(maxsize=4096, typed=True)
def _restricted(  # noqa: PLR0917 (a row's fields, in the order of _RESTRICTING)
    coupon: str,
    duration: str,
    inherited: Carried,
    customer: str | None,
    first_order_only: Json,
    minimum_on: Json,
    minimum: Json,
    expires_on: Json,
    expires: Json,
    limit_on: Json,
    limit: Json,
    redeemed: Json,
) -> Carried:
    least = number(_where(minimum_on, minimum))
    own_limit = whole(_where(limit_on, limit))
    expiry = _where(expires_on, expires)
    return Carried(
        coupon=coupon or None,
        duration=duration or None,
        first_order_only=first_order_only is True,
        minimum_order=None if least is None else plain(least),
        expires=expiry[:10] if expiry else inherited.expires,
        redemption_limit=inherited.redemption_limit if own_limit is None else own_limit,
        customer=customer,
        switched_off=inherited.switched_off,
        reaches=inherited.reaches,
        redeemed=whole(redeemed),
    )


def _where(status: Json, value: Json) -> str | None:
    return str(value) if status is True and value is not None else None


def _switched(row: Row, field: str) -> str | None:
    """Return ``<field>_value`` where ``<field>_status`` is on; a date without time."""
    value = _where(row.get(f"{field}_status"), row.get(f"{field}_value"))
    return value[:10] if value and field.endswith("_date") else value


def _customer(row: Row) -> str | None:
    for switch, field in _CUSTOMERS:
        if row.get(switch) is True:
            named = mapping(row.get(field))
            return optional_text(named, "id") or "a customer who is not named"
    return None


_CUSTOMERS = tuple(
    (f"limit_to_specific_{noun}", f"coupon_specific_{noun}s")
    for noun in ("customer", "subscriber")
)


def _embedded(value: Json) -> list[str]:
    """Return the texts in ``promotion_codes``: objects, or plain strings."""
    if isinstance(value, dict):
        value = value.get("data")
    if not isinstance(value, list):
        return []
    texts = [
        item if isinstance(item, str) else mapping(item).get("code") for item in value
    ]
    return [item for item in texts if isinstance(item, str) and item]


def _restrictions(row: Row) -> dict[str, Json]:
    """Return what a replacement takes over; Malformed where it cannot be said again."""
    kept: dict[str, Json] = {}
    if _switched_on(row.get("first_time_order")):
        kept["first_time_order"] = True
    for field in ("minimum_order", "expiration_date", "redemption_times"):
        value = row.get(f"{field}_value")
        if _switched_on(row.get(f"{field}_status")) and value is not None:
            dated = field == "expiration_date"
            value = str(value)[:10] if dated else value
            kept |= {f"{field}_status": True, f"{field}_value": value}
    for noun in ("customer", "subscriber"):
        if _switched_on(row.get(f"limit_to_specific_{noun}")):
            kept[f"limit_to_specific_{noun}"] = True
            kept[f"coupon_specific_{noun}s"] = _only_one(row, noun)
    if mapping(row.get("metadata")):
        kept["metadata"] = dict(mapping(row["metadata"]))
    return kept


def _only_one(row: Row, noun: str) -> dict[str, Json]:
    """Return whom a code is for: a create takes exactly one, by id."""
    named = mapping(row.get(f"coupon_specific_{noun}s"))
    if not optional_text(named, "id"):
        raise Malformed(f"it is for one {noun} only, who is not named")
    return dict(named)


def _switched_on(value: Json) -> bool:
    """Say whether a switch is on, also where a column has no cast."""
    return value is True or str(value).strip().lower() in ("1", "true")


def _restriction_to(partner: Partner) -> dict[str, Json]:
    who = {"id": partner.id, "full_name": partner.name}
    return {"limit_to_specific_partner": True, "coupon_specific_partners": who}


def losses(code: PromoCode) -> tuple[str, ...]:
    """Name the restrictions that Tolt cannot hold."""
    carried = code.carried
    named = (
        (carried.switched_off, "its coupon is switched off"),
        (carried.expires, f"expires {carried.expires}"),
        (
            carried.redemption_limit is not None,
            f"at most {carried.redemption_limit} redemptions",
        ),
        (carried.first_order_only, "first orders only"),
        (carried.minimum_order, f"orders from {carried.minimum_order}"),
        (carried.customer, f"only for customer {carried.customer}"),
    )
    return tuple(words for holds, words in named if holds)
