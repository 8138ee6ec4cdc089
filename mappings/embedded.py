"""The codes that Partnero's listing of coupons shows inside each coupon."""

from mappings.partnero_rows import CouponRow, EmbeddedCode, EmbeddedCodes
from mappings.rows import decoder
from mappings.wire import Json


@decoder(CouponRow)
def codes_of(row: CouponRow) -> tuple[str, ...]:
    """Return the texts in ``promotion_codes``: objects, or plain strings.

    What else may stand there names no code; that one is asked for by itself.
    """
    value: Json = row.promotion_codes
    if isinstance(value, EmbeddedCodes):
        value = value.data
    if isinstance(value, dict):
        value = value.get("data")
    if not isinstance(value, list):
        return ()
    texts = (_text_of(item) for item in value)
    return tuple(item for item in texts if isinstance(item, str) and item)


def _text_of(item: Json) -> Json:
    if isinstance(item, EmbeddedCode):
        return item.code
    return item.get("code") if isinstance(item, dict) else item
