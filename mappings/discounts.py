"""A discount as it is stored and shown, and two of them compared for what they mean."""

from mappings.canonical import (
    Discount,
    Fixed,
    Percentage,
    exponent,
    fixed_minor,
    percentage,
)
from mappings.wire import number


def discount_text(discount: Discount | None) -> str:
    """Return the stored form: "percentage:20", "fixed:2500:USD", or "" for none."""
    match discount:
        case Percentage(percent=percent):
            return f"percentage:{percent}"
        case Fixed(minor=minor, currency=currency):
            return f"fixed:{minor}:{currency}"
        case _:
            return ""


def parse_discount(stored: str) -> Discount | None:
    """Return the discount of its stored form; ValueError where it is none."""
    kind, _, rest = stored.partition(":")
    amount, _, currency = rest.partition(":")
    parsed = number(amount)
    if parsed is None:
        return None
    if kind == "percentage":
        return percentage(parsed)
    if kind == "fixed":
        return fixed_minor(parsed, currency)
    raise ValueError(f"{stored!r} is no stored discount")


def shown_discount(stated: Discount | None) -> str:
    """Return a discount as people read it."""
    return "no discount" if stated is None else str(stated)


def raises_discount(before: Discount | None, after: Discount | None) -> bool:
    """Say whether customers get more off than before (unknown counts as more)."""
    match before, after:
        case Percentage(percent=old), Percentage(percent=new):
            return new > old
        case Fixed(minor=old_minor, currency=was), Fixed(minor=minor, currency=now):
            return was != now or minor > old_minor
        case _:
            return before != after


def is_wrong_unit(left: Discount | None, right: Discount | None) -> bool:
    """Say whether two amounts are one amount in two units: 2500.00 against 25.00."""
    if not isinstance(left, Fixed) or not isinstance(right, Fixed):
        return False
    factor = 10 ** exponent(left.currency)
    small, large = sorted((left.minor, right.minor))
    same = left.currency == right.currency
    return same and factor > 1 and small > 0 and large == small * factor
