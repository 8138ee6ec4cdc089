"""The codes that Partnero's listing of coupons shows inside each coupon."""

from mappings.rows import decoder
from mappings.wire import Row


@decoder
def codes_of(row: Row) -> tuple[str, ...]:
    """Return the texts in ``promotion_codes``: objects, or plain strings.

    What else may stand there names no code; that one is asked for by itself.
    """
    value = row.get("promotion_codes")
    if isinstance(value, dict):
        value = value.get("data")
    if not isinstance(value, list):
        return ()
    texts = [item.get("code") if isinstance(item, dict) else item for item in value]
    return tuple(item for item in texts if isinstance(item, str) and item)
