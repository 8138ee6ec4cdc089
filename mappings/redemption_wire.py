"""Redemptions on the wire: log entries, transactions and customers, and back.

Facts: promotion-codes/update, transactions and customers of docs.partnero.com,
transactions and customers of docs.tolt.com (v1 and v2). Partnero speaks in decimals
of major units, Tolt in minor units, as numbers or as text.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mappings.canonical import (
    Discount,
    Fixed,
    fixed_major,
    fixed_minor,
    is_address,
    plain_major,
)
from mappings.redemptions import (
    MARK,
    Charge,
    Customer,
    Log,
    Logged,
    Money,
    Sale,
)
from mappings.rows import decoder
from mappings.wire import (
    Json,
    Malformed,
    Row,
    json_number,
    kind,
    mapping,
    number,
    optional_text,
    text,
    whole,
)

# -- from the wire ------------------------------------------------------------------


NEVER_USED = Log([], 0)
NO_ENTRY: Row = {"transaction_key": ["no object"]}
"""In place of an entry that is none: no decoder takes it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@decoder
def raw_log(row: Row) -> Log | None:
    """Return a code's log undecoded, or None where the row does not show it.

    ``[]`` is an empty log; a counter alone shows none. It stays raw because most logs
    are as they were; an entry that is no object says nothing that can be decoded.
    """
    counter = whole(row.get("times_redeemed"))
    info = row.get("additional_info")
    if not info and counter == 0:
        return NEVER_USED
    if info is None:
        return None
    # "Internal data", they say of it: whatever else is in there is none of ours.
    entries = mapping(info).get("redemptions")
    if not entries:
        return Log([], counter)
    if not isinstance(entries, list):
        raise Malformed(f"a log should be a list, got {kind(entries)}")
    rows = [entry if isinstance(entry, dict) else NO_ENTRY for entry in entries]
    return Log(rows, counter)


@decoder
def decode_logged(row: Row) -> Logged:
    """Return one entry of a log."""
    at = row.get("redeemed_at")
    return Logged(optional_text(row, "transaction_key") or "", moment(at))


@decoder
def decode_sale(row: Row, currency: str | None) -> Sale:
    """Return a Partnero transaction: decimals of major units, maybe with a unit.

    Whether it was archived is not known where its row does not say so.
    """
    units = (optional_text(row, "amount_units") or currency or "").upper() or None
    return Sale(
        key=optional_text(row, "key") or "",
        money=_amount(row, "amount", fixed_major, units),
        customer=_name(row.get("customer"), "key"),
        at=moment(row.get("created_at")),
        archived=(
            optional_text(row, "deleted_at") is not None
            if "deleted_at" in row
            else None
        ),
        partner=_partner(row),
        action=optional_text(row, "action") or "",
        gross=_amount(row, "gross_amount", fixed_major, units),
    )


@decoder
def decode_charge(row: Row, currency: str | None) -> Charge:
    """Return a Tolt transaction: minor units in both versions, as text or number."""
    units = (optional_text(row, "currency") or currency or "").upper() or None
    # What the buyer paid, before it became money of the programme.
    paid_in = (optional_text(row, "payment_currency") or "").upper() or None
    charge = optional_text(row, "charge_id")
    return Charge(
        id=text(row, "id"),
        # Compared exactly; Tolt takes an empty or blank one for none.
        charge_id=charge if charge and charge.strip() else "",
        money=_amount(row, "amount", fixed_minor, units),
        customer=optional_text(row, "customer_id") or "",
        code=optional_text(row, "promotion_code_id") or "",
        at=moment(row.get("created_at")),
        refunded=_refunded(row),
        partner=_owner(row),
        source=optional_text(row, "source") or "",
        others=tuple(
            amount
            for name, unit in (
                ("amount_excluding_tax", units),
                ("amount_including_tax", units),
                ("payment_amount", paid_in),
            )
            if (amount := _amount(row, name, fixed_minor, unit))
        ),
    )


@decoder
def decode_buyer(row: Row) -> Customer:
    """Return a Partnero customer: the key is the id and the merchant's number."""
    names = (optional_text(row, "name"), optional_text(row, "surname"))
    key = text(row, "key")
    return Customer(
        id=key,
        email=_mailbox(row, key),
        name=" ".join(name for name in names if name),
        external=key,
        partner=_partner(row),
    )


@decoder
def decode_customer(row: Row) -> Customer:
    """Return a Tolt customer with the code that brought them."""
    external = optional_text(row, "customer_id") or ""
    return Customer(
        id=text(row, "id"),
        email=_mailbox(row, external),
        name=optional_text(row, "name") or "",
        external=external,
        partner=_owner(row),
        code=(optional_text(row, "promotion_code_id") or "")
        if "promotion_code_id" in row
        else None,
    )


# -- to the wire --------------------------------------------------------------------


def encode_buyer(key: str, email: str, name: str, partner: str) -> Json:
    """Return the body of Partnero's ``POST /customers``."""
    first, _, last = name.partition(" ")
    stated = {"email": email, "name": first, "surname": last}
    known = {field: value for field, value in stated.items() if value}
    return {"key": key, "partner": {"id": partner}, **known}


def encode_sale(
    key: str, money: Money, buyer: str, at: str, *, rewardable: bool
) -> Json:
    """Return the body of Partnero's ``POST /transactions``; never without a key.

    ``discount_code`` is never sent: it may redeem by itself, and we redeem too.
    """
    if not key.strip():
        raise ValueError("a transaction without a key could never be found again")
    major = Decimal(plain_major(money.minor, money.currency))
    body: dict[str, Json] = {
        "key": key,
        "customer": {"key": buyer},
        "amount": json_number(major),
        "amount_units": money.currency,
        "action": MARK,
        "rewardable": rewardable,
    }
    return body | ({"created_at": unix(at)} if at else {})


def encode_redeem(code: str, key: str) -> Json:
    """Return the body of Partnero's redeem, alone; never without a key.

    Without one Partnero counts again with every repetition.
    """
    if not key.strip():
        raise ValueError("a redeem without a transaction key would count every time")
    return {"code": code, "redeem": True, "transaction_key": key}


def encode_customer(
    email: str, external: str, name: str, partner: str, code: str
) -> Json:
    """Return the body of Tolt's ``POST /customers``, with the code that was typed."""
    stated = {"email": email, "customer_id": external, "name": name}
    known = {field: value for field, value in stated.items() if value}
    return {"partner_id": partner, "promotion_code": code, **known}


def encode_charge(key: str, money: Money, customer: str, at: str) -> Json:
    """Return the body of Tolt's ``POST /transactions``; never without a charge id.

    Without one Tolt makes a new transaction, and pays, with every repetition.
    """
    if not key.strip():
        raise ValueError("a Tolt transaction without charge_id could be paid twice")
    body: dict[str, Json] = {
        "amount": money.minor,
        "customer_id": customer,
        "charge_id": key,
        "source": MARK,
    }
    return body | ({"created_at": at} if at else {})


# -- times and names ----------------------------------------------------------------


def moment(value: Json) -> str:
    """Return a time as ISO 8601 in UTC to the second; "" where none is told.

    Malformed where what is told is no time: it decides what is near another sale.
    """
    if value is None or value == "":
        return ""
    try:
        at = _parsed(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(f"expected a time, got {kind(value)}") from None
    return at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _parsed(value: Json) -> datetime:
    if not isinstance(value, str):
        return _EPOCH + timedelta(seconds=whole(value) or 0)
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def unix(at: str) -> int:
    """Return a time of ours as the whole seconds that Partnero wants."""
    return int(datetime.fromisoformat(at).timestamp())


def _refunded(row: Row) -> bool | None:
    """Say whether a sale was taken back; None where it is not told, or in part."""
    status = (optional_text(row, "status") or "").strip().lower()
    if status == "refunded":
        return True
    return None if not status or "refund" in status else False


def _exact(
    convert: Callable[[Decimal, str | None], Discount],
    amount: Decimal,
    units: str | None,
) -> Money | None:
    """Return the amount, or None where it is not exact in its currency."""
    money = convert(amount, units)
    return money if isinstance(money, Fixed) else None


def _amount(
    row: Row,
    field: str,
    convert: Callable[[Decimal, str | None], Discount],
    units: str | None,
) -> Money | None:
    amount = number(row.get(field))
    return None if amount is None else _exact(convert, amount, units)


def _partner(row: Row) -> str | None:
    """Return Partnero's partner of a row: an id or a key; None where it is not told."""
    if "partner" not in row:
        return None
    value = row["partner"]
    named = _name(value, "id") or _name(value, "key")
    return named or (None if value else "")


def _mailbox(row: Row, number: str) -> str:
    """Return a customer's e-mail, which a shop may use as their number; "" for none.

    A placeholder that several share ("n/a") is nobody's.
    """
    stated = optional_text(row, "email") or number
    return stated if is_address(stated) else ""


def _owner(row: Row) -> str | None:
    """Return Tolt's partner of a row, "" for nobody; None where it is not told."""
    if "partner_id" not in row:
        return None
    return optional_text(row, "partner_id") or ""


def _name(value: Json, field: str) -> str:
    """Return who is meant: a text in most answers, an object in some."""
    return (
        value if isinstance(value, str) else optional_text(mapping(value), field) or ""
    )
