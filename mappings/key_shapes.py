"""Whose key a text looks like, as far as its shape tells.

Tolt's keys begin with ``tlt_``; Partnero's, as far as they were ever shown, are signed
tokens of three parts. Nothing but a hint in a message rests on it.
"""

import re
from typing import Literal

from mappings.canonical import Both, Side

Doubt = Literal["swapped", "same", "foreign", "fitting", "unknown"]
_SHAPES = {
    Side.TOLT: re.compile(r"tlt_"),
    Side.PARTNERO: re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$"),
}


def product_of(key: str) -> Side | None:
    """Return whose key this looks like; None where its shape says nothing."""
    return next((side for side, shape in _SHAPES.items() if shape.match(key)), None)


def doubt_of(keys: Both[str], side: Side) -> Doubt:
    """Say what the shapes of both keys tell of the one that was refused."""
    left, right = map(product_of, keys)
    mine = left if side is Side.PARTNERO else right
    if keys.left == keys.right:
        return "same"
    if (left, right) == (Side.PARTNERO, Side.TOLT):
        return "fitting"
    crossed = left is Side.TOLT or right is Side.PARTNERO
    if crossed and left is not right:
        return "swapped"
    return "foreign" if mine is not None and mine is not side else "unknown"
