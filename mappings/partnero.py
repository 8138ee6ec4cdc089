"""Partnero's JSON to canonical values and back.

Facts: docs.partnero.com/api-reference, promotion-codes, coupons and partners. A
promotion code has no id but its text and no discount of its own: the discount
hangs on the parent coupon, which listings of codes do not name.
"""

import json
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from sys import intern
from urllib.parse import parse_qs

from msgspec import UNSET

from mappings.canonical import (
    Carried,
    Coupon,
    Discount,
    Partner,
    PromoCode,
    Unreadable,
    Values,
    fixed_major,
    fold,
    inactive_status,
    percentage,
    plain,
    shown,
)
from mappings.embedded import codes_of
from mappings.limits import earlier, looser
from mappings.partnero_rows import CodeRow, CouponRow, PartnerRow
from mappings.rows import decoder
from mappings.wire import (
    Json,
    Malformed,
    Row,
    as_optional_text,
    as_text,
    flag,
    is_off,
    kind,
    mapping,
    number,
    optional_text,
    rows,
    text,
    whole,
)

NO_COUPON = Coupon("", Unreadable("its coupon is not known", "?"), "", Carried())
SEVERAL = " + "
MARK = "partnero_tolt."
"""Begins the metadata key of each state's own mark; the state's id follows."""
UNNAMED = "a partner who is not named"


@decoder(CodeRow)
def decode_code(row: CodeRow, coupon: Coupon | None, currency: str | None) -> PromoCode:
    """Return the code; its own ``coupon`` object wins over the one given."""
    if row.coupon and (own := mapping(row.coupon)):
        coupon = decode_coupon(own, currency)
    coupon = coupon or NO_COUPON
    written = as_text(row.code, "code")
    values = Values(fold(written), coupon.discount, _partner(row))
    return PromoCode(written, written, values, _carried(row, coupon))


@decoder(CouponRow)
def decode_coupon(row: CouponRow, currency: str | None) -> Coupon:
    """Return the coupon with the texts of the codes that its listing embeds."""
    return Coupon(
        uuid=intern(as_text(row.uuid_code, "uuid_code")),
        discount=_discount(
            as_optional_text(row.coupon_discount_type, "coupon_discount_type")
            or "none",
            number(row.coupon_discount_amount),
            currency,
        ),
        duration=_duration(row),
        restrictions=Carried(
            expires=_date(
                row.redemption_specific_date_status, row.redemption_specific_date_value
            ),
            redemption_limit=_limit(
                row.redemption_times_status, row.redemption_times_value
            ),
            redeemed=whole(row.times_redeemed),
            switched_off=is_off(row.active),
            reaches="a connected payment provider"
            if flag(row.synchronization_enabled) or mapping(row.sync)
            else None,
        ),
        codes=codes_of(row),
    )


@decoder(PartnerRow)
def decode_partner(row: PartnerRow) -> Partner:
    """Return the partner; ``full_name`` is no field of theirs, so it is built."""
    names = (
        as_optional_text(row.name, "name"),
        as_optional_text(row.surname, "surname"),
    )
    return Partner(
        id=as_text(row.id, "id"),
        email=as_optional_text(row.email, "email"),
        name=" ".join(name for name in names if name),
        inactive=_inactive(row),
        key=_key(row),
    )


@decoder(CodeRow)
def decode_marks(row: CodeRow) -> dict[str, Json] | None:
    """Return what states have left in a code's metadata, by the states' ids.

    None where the row does not show its metadata: that is not the same as none.
    """
    kept = row.metadata
    if kept is UNSET:
        return None
    if isinstance(kept, str):  # a column without a cast
        try:
            kept = json.loads(kept or "{}")
        except (ValueError, RecursionError):
            return None
    if kept is None or kept == []:
        return {}
    if not isinstance(kept, dict):
        return None
    return {k.removeprefix(MARK): kept[k] for k in kept if k.startswith(MARK)}


def _inactive(row: PartnerRow) -> str:
    """Return why a partner gets nothing new; a date of it outweighs a status."""
    if as_optional_text(row.deleted_at, "deleted_at"):
        return "deleted"
    if as_optional_text(row.archived_at, "archived_at"):
        return "archived"
    return inactive_status(row.status)


def _key(row: PartnerRow) -> str:
    """Return the referral key; where there is none, the one that the link carries."""
    key, link = row.key, row.referral_link
    if key and isinstance(key, str):
        return key
    if not isinstance(link, str) or "aff=" not in link:
        return ""
    query = link.partition("?")[2].partition("#")[0]
    return next(iter(parse_qs(query).get("aff", ())), "")


@lru_cache(maxsize=4096)  # one object per discount: equal ones compare by identity
def _discount(form: str, amount: Decimal | None, currency: str | None) -> Discount:
    if amount is None:
        return Unreadable("it states no amount", form)
    if form == "percent":
        return percentage(amount)
    if form == "static":
        return fixed_major(amount, currency)
    return Unreadable(
        "a kind of discount that is not documented", f"{form} {shown(amount)}"
    )


def _duration(row: CouponRow) -> str:
    form = as_optional_text(row.coupon_duration_type, "coupon_duration_type") or ""
    value = whole(row.coupon_duration_value)
    return form if value is None or form in ("once", "lifetime") else f"{form}:{value}"


def _partner(row: CodeRow) -> str | None:
    limited = row.limit_to_specific_partner
    if limited is False:
        return None
    named = row.coupon_specific_partners
    if limited is True and named and isinstance(named, dict):
        return intern(text(named, "id"))  # one text for all the codes of a partner
    named, limited = (None if v is UNSET else v for v in (named, limited))
    if limited is not True and not is_on(limited, named):
        return None
    if named and isinstance(named, dict):
        return text(named, "id")
    owners = rows(named) if isinstance(named, list) else [mapping(named)]
    ids = [text(owner, "id") for owner in owners if owner]
    if not ids:  # erased, perhaps: credits somebody whom nobody can match
        return UNNAMED
    return SEVERAL.join(sorted(ids))


def _carried(row: CodeRow, coupon: Coupon) -> Carried:
    own = (
        coupon.uuid,
        coupon.duration,
        coupon.restrictions,
        _customer(row),
        *_RESTRICTIONS(row),
    )
    try:
        return _restricted(*own)
    except TypeError:  # [] or {} in place of a value: cannot be looked up
        return _restricted.__wrapped__(*own)


_RESTRICTIONS = attrgetter(
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
def _restricted(  # noqa: PLR0917 (a row's fields, in the order of _RESTRICTIONS)
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
    own_limit = _limit(limit_on, limit)
    restricted = Carried(
        coupon=coupon or None,
        duration=duration or None,
        first_order_only=flag(first_order_only),
        minimum_order=_minimum(minimum_on, minimum),
        expires=earlier(_date(expires_on, expires), inherited.expires),
        redemption_limit=own_limit,
        customer=customer,
        switched_off=inherited.switched_off,
        reaches=inherited.reaches,
        redeemed=whole(redeemed),
        coupon_limit=inherited.redemption_limit,
        coupon_redeemed=inherited.redeemed,
    )
    limited = restricted.switched_off or bool(looser(restricted))
    return restricted._replace(limited=limited)


def is_on(status: Json, value: Json) -> bool:
    """Say whether a restriction holds; with its switch left out, what it names says."""
    return flag(status) if status is not None else bool(value)


def _limit(status: Json, value: Json) -> int | None:
    if not is_on(status, value):
        return None
    limit = whole(value)
    if limit is None:  # taken for none, it would make an unlimited code
        raise Malformed("a limit of redemptions that is on should have a number")
    return limit


def _minimum(status: Json, value: Json) -> str | None:
    if not is_on(status, value):
        return None
    least = number(value)
    return "an amount that is not told" if least is None else plain(least)


def _date(status: Json, value: Json) -> str | None:
    """Return the date of a time; one that is on and not told is no date."""
    if not is_on(status, value):
        return None
    if value and type(value) not in (str, int):
        raise Malformed(f"a date should be a text, got {kind(value)}")
    return str(value)[:10] if value else "on a day that is not told"


def both_of(row: Row, field: str) -> tuple[Json, Json]:
    return row.get(f"{field}_status"), row.get(f"{field}_value")


def _customer(row: CodeRow) -> str | None:
    served: tuple[str, ...] = ()
    for limited, named in (
        (row.limit_to_specific_customer, row.coupon_specific_customers),
        (row.limit_to_specific_subscriber, row.coupon_specific_subscribers),
    ):
        if limited is False or (limited is None and not named):
            continue
        if is_on(limited, named):
            one = optional_text(mapping(named), "id")
            served += (one or "a customer who is not named",)
    return SEVERAL.join(served) if served else None


CUSTOMERS = tuple(
    (f"limit_to_specific_{noun}", f"coupon_specific_{noun}s")
    for noun in ("customer", "subscriber")
)


def losses(code: PromoCode) -> tuple[str, ...]:
    """Name the restrictions that Tolt cannot hold."""
    carried = code.carried
    off = ("its coupon is switched off",) if carried.switched_off else ()
    return (*off, *(words for _kind, words in looser(carried)))
