"""What each product can express and change: one table that everybody reads.

The planner asks it what an update may carry, the documentation prints it, the tests
walk it. Source of each line: the pages "promotion-codes/create", "update" and "delete"
of both products. A dialect is a product in one API version.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from mappings.canonical import Discount, Fixed, Percentage, Unreadable


@dataclass(frozen=True, slots=True)
class Capability:
    """What one dialect can do to a promotion code.

    A field is in ``updates``, or in ``fixed``: then only a new code can have it.
    ``code_length`` is in characters, ``percent_decimals`` in digits behind the point,
    ``largest_fixed`` in major units of any currency; None is no limit.
    """

    updates: frozenset[str]
    fixed: frozenset[str]
    code_length: int
    code_pattern: re.Pattern[str]
    code_rule: str
    percent_decimals: int
    largest_fixed: Decimal | None


_ANY_TEXT = re.compile(r".*", re.DOTALL)
_TOLT_V2 = Capability(
    updates=frozenset({"code", "discount"}),
    fixed=frozenset({"partner"}),
    code_length=255,
    code_pattern=_ANY_TEXT,
    code_rule="1 to 255 characters",
    percent_decimals=2,
    largest_fixed=Decimal(1_000_000),
)
_TOLT_V1 = Capability(
    updates=frozenset({"discount"}),
    fixed=frozenset({"code", "partner"}),
    code_length=255,
    code_pattern=_ANY_TEXT,
    code_rule="1 to 255 characters",
    percent_decimals=2,
    largest_fixed=None,
)
_PARTNERO = Capability(
    updates=frozenset({"partner"}),
    fixed=frozenset({"code", "discount"}),
    code_length=100,
    code_pattern=re.compile(r"[A-Za-z0-9_-]+"),
    code_rule="1 to 100 of the characters A-Z a-z 0-9 - _",
    percent_decimals=12,
    largest_fixed=Decimal(10**12),  # with 3 decimals, 15 digits: exact as a JSON number
)

CAPABILITIES: dict[str, Capability] = {
    "partnero": _PARTNERO,
    "tolt-v2": _TOLT_V2,
    "tolt-v1": _TOLT_V1,
}


def why_discount_inexpressible(discount: Discount | None, target: Capability) -> str:
    """Say why the target cannot hold this discount, or ""."""
    match discount:
        case None:
            return "it states no discount"
        case Unreadable(why=why, raw=raw):
            return f"its discount {raw} cannot be read: {why}"
        case Percentage(percent=percent):
            places = -int(percent.as_tuple().exponent)
            if places > target.percent_decimals:
                return f"{discount} has more than {target.percent_decimals} decimals"
        case Fixed():
            major = Decimal(str(discount).split(" ", maxsplit=1)[0])
            if target.largest_fixed is not None and major > target.largest_fixed:
                return f"{discount} is above the largest amount {target.largest_fixed}"
    return ""
