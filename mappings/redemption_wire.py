"""Redemptions on the wire: log entries, transactions and customers, and back.

Facts: promotion-codes/update, transactions and customers of docs.partnero.com,
transactions and customers of docs.tolt.com (v1 and v2). Partnero speaks in decimals
of major units, Tolt in minor units, as numbers or as text.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import UNSET

from mappings.canonical import (
    Discount,
    Fixed,
    fixed_major,
    fixed_minor,
    is_address,
    plain_major,
)
from mappings.partnero_rows import CodeRow
from mappings.redemption_rows import (
    BuyerRow,
    ChargeRow,
    CustomerRow,
    LoggedRow,
    SaleRow,
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
    as_optional_text,
    as_text,
    json_number,
    kind,
    mapping,
    number,
    optional_text,
    whole,
)

# -- from the wire ------------------------------------------------------------------


NEVER_USED = Log([], 0)
NO_ENTRY: Row = {"transaction_key": ["no object"]}
"""In place of an entry that is none: no decoder takes it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@decoder(CodeRow)
def raw_log(row: CodeRow) -> Log | None:
    """Return a code's log undecoded, or None where the row does not show it.

    ``[]`` is an empty log; a counter alone shows none. It stays raw because most logs
    are as they were; an entry that is no object says nothing that can be decoded.
    """
    counter, info = whole(row.times_redeemed), row.additional_info
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


@decoder(LoggedRow)
def decode_logged(row: LoggedRow) -> Logged:
    """Return one entry of a log."""
    key = as_optional_text(row.transaction_key, "transaction_key")
    return Logged(key or "", moment(row.redeemed_at))


@decoder(SaleRow)
def decode_sale(row: SaleRow, currency: str | None) -> Sale:
    """Return a Partnero transaction: decimals of major units, maybe with a unit.

    Whether it was archived is not known where its row does not say so.
    """
    stated = as_optional_text(row.amount_units, "amount_units")
    units = (stated or currency or "").upper() or None
    archived = None
    if row.deleted_at is not UNSET:
        archived = as_optional_text(row.deleted_at, "deleted_at") is not None
    return Sale(
        key=as_optional_text(row.key, "key") or "",
        money=_amount(row.amount, fixed_major, units),
        customer=_name(row.customer, "key"),
        at=moment(row.created_at),
        archived=archived,
        partner=_partner(row.partner),
        action=as_optional_text(row.action, "action") or "",
        gross=_amount(row.gross_amount, fixed_major, units),
    )


@decoder(ChargeRow)
def decode_charge(row: ChargeRow, currency: str | None) -> Charge:
    """Return a Tolt transaction: minor units in both versions, as text or number."""
    stated = as_optional_text(row.currency, "currency")
    units = (stated or currency or "").upper() or None
    # What the buyer paid, before it became money of the programme.
    paid = as_optional_text(row.payment_currency, "payment_currency")
    paid_in = (paid or "").upper() or None
    charge = as_optional_text(row.charge_id, "charge_id")
    others = (
        _amount(row.amount_excluding_tax, fixed_minor, units),
        _amount(row.amount_including_tax, fixed_minor, units),
        _amount(row.payment_amount, fixed_minor, paid_in),
    )
    return Charge(
        id=as_text(row.id, "id"),
        # Compared exactly; Tolt takes an empty or blank one for none.
        charge_id=charge if charge and charge.strip() else "",
        money=_amount(row.amount, fixed_minor, units),
        customer=as_optional_text(row.customer_id, "customer_id") or "",
        code=as_optional_text(row.promotion_code_id, "promotion_code_id") or "",
        at=moment(row.created_at),
        refunded=_refunded(row.status),
        partner=_owner(row.partner_id, "partner_id"),
        source=as_optional_text(row.source, "source") or "",
        others=tuple(amount for amount in others if amount),
    )


@decoder(BuyerRow)
def decode_buyer(row: BuyerRow) -> Customer:
    """Return a Partnero customer: the key is the id and the merchant's number."""
    names = (
        as_optional_text(row.name, "name"),
        as_optional_text(row.surname, "surname"),
    )
    key = as_text(row.key, "key")
    return Customer(
        id=key,
        email=_mailbox(row.email, key),
        name=" ".join(name for name in names if name),
        external=key,
        partner=_partner(row.partner),
    )


@decoder(CustomerRow)
def decode_customer(row: CustomerRow) -> Customer:
    """Return a Tolt customer with the code that brought them."""
    external = as_optional_text(row.customer_id, "customer_id") or ""
    return Customer(
        id=as_text(row.id, "id"),
        email=_mailbox(row.email, external),
        name=as_optional_text(row.name, "name") or "",
        external=external,
        partner=_owner(row.partner_id, "partner_id"),
        code=_owner(row.promotion_code_id, "promotion_code_id"),
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


def _refunded(stated: Json) -> bool | None:
    """Say whether a sale was taken back; None where it is not told, or in part."""
    status = (as_optional_text(stated, "status") or "").strip().lower()
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
    stated: Json,
    convert: Callable[[Decimal, str | None], Discount],
    units: str | None,
) -> Money | None:
    amount = number(stated)
    return None if amount is None else _exact(convert, amount, units)


def _partner(value: Json) -> str | None:
    """Return Partnero's partner of a row: an id or a key; None where it is not told."""
    if value is UNSET:
        return None
    named = _name(value, "id") or _name(value, "key")
    return named or (None if value else "")


def _mailbox(stated: Json, number: str) -> str:
    """Return a customer's e-mail, which a shop may use as their number; "" for none.

    A placeholder that several share ("n/a") is nobody's.
    """
    email = as_optional_text(stated, "email") or number
    return email if is_address(email) else ""


def _owner(value: Json, field: str) -> str | None:
    """Return whom or what Tolt names, "" for nobody; None where it is not told."""
    if value is UNSET:
        return None
    return as_optional_text(value, field) or ""


def _name(value: Json, field: str) -> str:
    """Return who is meant: a text in most answers, an object in some."""
    return (
        value if isinstance(value, str) else optional_text(mapping(value), field) or ""
    )
