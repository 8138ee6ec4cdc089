"""The row of a code that a write destroys, kept as JSON so that it can come back."""

import json
from decimal import Decimal

from mappings.wire import Json, Row


def stored_row(row: Row | None) -> str:
    """Return a row as JSON, to be kept; "" for none."""

    def exact(value: Json) -> Json:
        return float(value) if isinstance(value, Decimal) else str(value)

    return "" if row is None else json.dumps(row, default=exact, sort_keys=True)


def kept_row(text: str) -> Row:
    """Return what ``stored_row`` has kept; an empty row for ""."""
    kept: Row = json.loads(text, parse_float=Decimal) if text else {}
    return kept


def coupon_of(row: Row) -> str | None:
    """Return the coupon under which a Partnero code hung."""
    coupon = row.get("coupon")
    return coupon.get("uuid_code") if isinstance(coupon, dict) else None
