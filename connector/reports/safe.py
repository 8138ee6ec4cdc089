"""Text from a provider, made inert: it is shown, and it does nothing."""

import re

_ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def inert(text: str) -> str:
    """Show control characters and invisible direction marks instead of obeying them."""
    return _ACTIVE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def cell(text: str) -> str:
    """Return text for one line of a table: inert, and without line breaks."""
    return " ".join(inert(text).split())
